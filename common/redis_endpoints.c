#include "common/redis_endpoints.h"

#include <string.h>

enum { ENTRY_BYTES = REDIS_HOST_BYTES + 32 };

static const char *add(struct redis_endpoints *out, struct bytes entry)
{
    char text[ENTRY_BYTES];
    const char *error = NULL;
    while (entry.length > 0 && entry.data[0] == ' ') entry.data++, entry.length--;
    while (entry.length > 0 && entry.data[entry.length - 1] == ' ') entry.length--;
    if (entry.length == 0) return "redis endpoints: an entry is empty";
    if (!bytes_copy(text, sizeof text, entry)) return "redis endpoints: an entry is too long";
    if (out->count == REDIS_ENDPOINTS_MAX) return "redis endpoints: more than 8";
    if (strchr(text, '@') != NULL) return "redis endpoints: no place for a user or password";
    return redis_address_parse(text, &out->list[out->count], &error) ? (out->count++, NULL) : error;
}

bool redis_endpoints_parse(const char *text, struct redis_endpoints *out, const char **error)
{
    struct redis_endpoints endpoints = {.count = 0};
    const char *problem = NULL;
    for (bool more = text[strspn(text, " ")] != '\0'; more && problem == NULL;) {
        size_t length = strcspn(text, ",");
        problem = add(&endpoints, (struct bytes){text, length});
        more = text[length] == ',';
        text += length + more;
    }
    if (problem != NULL) {
        *error = problem;
        return false;
    }
    *out = endpoints;
    return true;
}
