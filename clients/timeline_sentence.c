#include "clients/timeline_sentence.h"

#include "clients/json_view.h"

#include <string.h>

struct sentence {
    const char *kind;
    int64_t flag;
    const char *text;
    const char *flag_words[4];
};

static const struct sentence sentences[] = {
#define SENTENCE(kind, flag, text, flag1, flag2, flag4, flag8) \
    {kind, flag, text, {flag1, flag2, flag4, flag8}},
#include "clients/timeline_sentences.def"
#undef SENTENCE
};

bool timeline_event_read(struct bytes text, struct timeline_event *event)
{
    static const char names[] = "tsdnvwxfp";
    int64_t *const places[] = {&event->t, &event->s, &event->d, &event->n, &event->v,
                               &event->w, &event->x, &event->f, &event->p};
    *event = (struct timeline_event){0};
    struct bytes key, value;
    while (json_view_next(&text, &key, &value)) {
        const char *found = key.length == 1 ? strchr(names, key.data[0]) : NULL;
        if (found != NULL) *places[found - names] = json_view_integer_or(value, 0);
        else if (bytes_equal_text(key, "k")) event->kind = value;
        else if (bytes_equal_text(key, "id")) event->id = value;
    }
    return event->kind.length > 2 && event->t >= 0;
}

static const struct sentence *sentence_of(const struct timeline_event *event)
{
    for (size_t i = 0; i < ARRAY_LENGTH(sentences); i++) {
        const struct sentence *sentence = &sentences[i];
        if (sentence->flag != 0 && sentence->flag != event->f) continue;
        if (json_view_equals(event->kind, sentence->kind)) return sentence;
    }
    return NULL;
}

static void add_stat(struct timeline_words *words, int64_t stat)
{
    static const char *const names[] = {
#define STAT(name) name,
#include "clients/timeline_sentences.def"
#undef STAT
    };
    if (stat >= 1 && stat <= (int64_t)ARRAY_LENGTH(names)) words_add(words, "%s", names[stat - 1]);
    else words_add(words, "stat %lld", (long long)stat);
}

/* Adds one value; false when the event does not carry it. */
static bool add_value(struct timeline_words *words, const struct timeline_names *names,
                      const struct timeline_event *event, char letter)
{
    switch (letter) {
    case 's': return words_add_entity(words, names, event->s), event->s != 0;
    case 'd': return words_add_entity(words, names, event->d), event->d != 0;
    case 'n': return words_add(words, "%lld", (long long)event->n), event->n != 0;
    case 'v': return words_add(words, "%lld", (long long)event->v), event->v != 0;
    case 'w': return words_add(words, "%lld", (long long)event->w), event->w != 0;
    case 'x': return words_add(words, "%lld", (long long)event->x), event->x != 0;
    case 'p': return add_stat(words, event->p), event->p != 0;
    case 'N': return words_add_seconds(words, event->n), event->n != 0;
    case 'V': return words_add_seconds(words, event->v), event->v != 0;
    default: check(false);
    }
}

static void add_sentence(struct timeline_words *words, const struct timeline_names *names,
                         const struct timeline_event *event, const char *text)
{
    size_t bracket_start = 0;
    bool bracket_whole = true;
    for (; *text != '\0'; text++) {
        if (*text == '[') {
            bracket_start = words->length;
            bracket_whole = true;
        } else if (*text == ']') {
            if (!bracket_whole) words->length = bracket_start;
            words->text[words->length] = '\0';
        } else if (*text == '%') {
            if (!add_value(words, names, event, *++text)) bracket_whole = false;
        } else {
            words_add(words, "%c", *text);
        }
    }
}

static void add_flags(struct timeline_words *words, const struct sentence *sentence, int64_t flags)
{
    const char *before = " (";
    for (size_t bit = 0; bit < ARRAY_LENGTH(sentence->flag_words); bit++) {
        if ((flags & 1 << bit) == 0 || sentence->flag_words[bit][0] == '\0') continue;
        words_add(words, "%s%s", before, sentence->flag_words[bit]);
        before = ", ";
    }
    if (strcmp(before, ", ") == 0) words_add(words, ")");
}

enum timeline_sentence_result timeline_sentence_add(struct timeline_words *words,
                                                    const struct timeline_names *names,
                                                    const struct timeline_event *event)
{
    const struct sentence *sentence = sentence_of(event);
    if (sentence == NULL) return SENTENCE_UNKNOWN;
    if (sentence->text[0] == '\0') return SENTENCE_SILENT;
    add_sentence(words, names, event, sentence->text);
    if (sentence->flag == 0) add_flags(words, sentence, event->f);
    return SENTENCE_TOLD;
}
