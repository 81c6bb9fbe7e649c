#include "common/redis_reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool redis_reply_is_error(const struct redis_reply *reply)
{
    return reply != NULL && reply->type == REDIS_ERROR;
}

bool redis_reply_equals(const struct redis_reply *reply, const char *text)
{
    return reply != NULL && (reply->type == REDIS_TEXT || reply->type == REDIS_STATUS) &&
           bytes_equal_text((struct bytes){reply->text, reply->length}, text);
}

struct bytes redis_reply_text(const struct redis_reply *reply)
{
    bool has_text = reply != NULL &&
                    (reply->type == REDIS_TEXT || reply->type == REDIS_STATUS || reply->type == REDIS_ERROR);
    return has_text ? (struct bytes){reply->text, reply->length} : (struct bytes){"", 0};
}

const struct redis_reply *redis_reply_item(const struct redis_reply *reply, size_t index)
{
    bool there = reply != NULL && reply->type == REDIS_ARRAY && index < reply->count;
    return there ? &reply->items[index] : NULL;
}

static bool parse_integer(struct bytes text, int64_t *out)
{
    char digits[24];
    if (text.length == 0 || !bytes_copy(digits, sizeof digits, text)) return false;
    bool starts_well = digits[0] == '-' || (digits[0] >= '0' && digits[0] <= '9');
    char *end;
    errno = 0;
    long long value = strtoll(digits, &end, 10);
    if (!starts_well || errno != 0 || end != digits + text.length) return false;
    *out = value;
    return true;
}

bool redis_reply_integer(const struct redis_reply *reply, int64_t *out)
{
    if (reply == NULL) return false;
    if (reply->type == REDIS_TEXT || reply->type == REDIS_STATUS)
        return parse_integer((struct bytes){reply->text, reply->length}, out);
    if (reply->type != REDIS_INTEGER) return false;
    *out = reply->integer;
    return true;
}

/* ---- copies ---- */

/* One piece of memory: all items first, which need alignment, then all bytes. */
struct room {
    struct redis_reply *items;
    char *bytes;
};

static void measure(const struct redis_reply *reply, size_t *items, size_t *bytes)
{
    if (reply->text != NULL) *bytes += reply->length + 1;
    *items += reply->count;
    for (size_t i = 0; i < reply->count; i++) measure(&reply->items[i], items, bytes);
}

static void copy_into(struct redis_reply *to, const struct redis_reply *from, struct room *room)
{
    *to = *from;
    if (from->text != NULL) {
        to->text = memcpy(room->bytes, from->text, from->length);
        room->bytes[from->length] = '\0';
        room->bytes += from->length + 1;
    }
    if (from->count == 0) return;
    to->items = room->items;
    room->items += from->count;
    for (size_t i = 0; i < from->count; i++) copy_into(&to->items[i], &from->items[i], room);
}

struct redis_reply *redis_reply_copy(const struct redis_reply *reply)
{
    size_t items = 1, bytes = 0;
    measure(reply, &items, &bytes);
    struct redis_reply *copy = memory_new(items * sizeof *copy + bytes);
    copy_into(copy, reply, &(struct room){copy + 1, (char *)(copy + items)});
    return copy;
}
