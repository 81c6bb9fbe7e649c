/* options_fields.h -- include inside a struct, before the .def files: rows become members.
 *
 * No include guard: every config struct includes it again. */
#define OPTION_TEXT(section, key, min, max, form, value, flags, sentence) char section##_##key[(max) + 1];
#define OPTION_INT(section, key, min, max, unit, value, flags, sentence) int64_t section##_##key;
#define OPTION_INT_BY_PROFILE(section, key, min, max, unit, value, production, flags, sentence) \
    int64_t section##_##key;
#define OPTION_BOOL(section, key, value, flags, sentence) bool section##_##key;
#define OPTION_CHOICE(section, key, choices, value, production, flags, sentence) int section##_##key;
