/* options_rows.h -- include inside an array of struct option, before the .def files. No include guard.
 *
 * OPTIONS_STRUCT is the config struct; OPTIONS_PREFIX the path to the member that holds these rows' fields,
 * with its dot (`common.`), or empty. */
#define OPTION_ROW(section_, key_, type_, flags_, sentence_)                                       \
    .section = #section_, .key = #key_, .type = (type_), .flags = (flags_), .sentence = sentence_, \
    .offset = offsetof(OPTIONS_STRUCT, OPTIONS_PREFIX section_##_##key_)

#define OPTION_TEXT(section_, key_, min_, max_, form_, default_, flags_, sentence_)                 \
    {OPTION_ROW(section_, key_, OPTION_IS_TEXT, flags_, sentence_), .form = (form_), .min = (min_), \
     .max = (max_), .defaults = {default_, default_}},

#define OPTION_INT(section_, key_, min_, max_, unit_, default_, flags_, sentence_)               \
    {OPTION_ROW(section_, key_, OPTION_IS_INT, flags_, sentence_), .min = (min_), .max = (max_), \
     .unit = unit_, .defaults = {#default_, #default_}},

#define OPTION_INT_BY_PROFILE(section_, key_, min_, max_, unit_, default_, production_, flags_, sentence_) \
    {OPTION_ROW(section_, key_, OPTION_IS_INT, flags_, sentence_), .min = (min_), .max = (max_),           \
     .unit = unit_, .defaults = {#default_, #production_}},

#define OPTION_BOOL(section_, key_, default_, flags_, sentence_) \
    {OPTION_ROW(section_, key_, OPTION_IS_BOOL, flags_, sentence_), .defaults = {#default_, #default_}},

#define OPTION_CHOICE(section_, key_, choices_, default_, production_, flags_, sentence_)  \
    {OPTION_ROW(section_, key_, OPTION_IS_CHOICE, flags_, sentence_), .choices = choices_, \
     .defaults = {default_, production_}},
