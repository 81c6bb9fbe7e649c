#include "clients/timeline_line.h"

#include <stdarg.h>
#include <stdio.h>

void words_add(struct timeline_words *words, const char *format, ...)
{
    size_t room = sizeof words->text - words->length;
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(words->text + words->length, room, format, arguments);
    va_end(arguments);
    check(wanted >= 0);
    words->length += (size_t)wanted < room ? (size_t)wanted : room - 1;
}

void words_add_seconds(struct timeline_words *words, int64_t ms)
{
    words_add(words, "%lld.%02llds", (long long)(ms / 1000), (long long)(ms % 1000 / 10));
}

bool names_introduce(struct timeline_names *names, int64_t entity, int side, const char *name)
{
    if (entity <= 0 || entity >= TIMELINE_ENTITY_MAX) return false;
    struct timeline_entity *place = &names->entities[entity];
    place->known = true;
    place->side = side;
    text_copy(place->name, sizeof place->name, name);
    return true;
}

static const struct timeline_entity *find(const struct timeline_names *names, int64_t entity)
{
    bool known = entity > 0 && entity < TIMELINE_ENTITY_MAX && names->entities[entity].known;
    return known ? &names->entities[entity] : NULL;
}

int names_side(const struct timeline_names *names, int64_t entity)
{
    const struct timeline_entity *found = find(names, entity);
    return found == NULL ? -1 : found->side;
}

void words_add_entity(struct timeline_words *words, const struct timeline_names *names, int64_t entity)
{
    const struct timeline_entity *found = find(names, entity);
    bool hero = entity == 1 || entity == 2;
    if (entity == 0) words_add(words, "nobody");
    else if (found == NULL) words_add(words, "entity %lld", (long long)entity);
    else if (hero) words_add(words, "%s", found->name);
    else words_add(words, "%s (%s)", found->name, names->players[found->side]);
}
