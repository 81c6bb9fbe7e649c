#include "match_server/pods.h"

#include <string.h>

static const char *const kind_names[] = {[POD_GAME] = "game:", [POD_MATCH] = "match:"};

bool pod_id_is_valid(const char *id)
{
    size_t length = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    return length > 0 && length <= POD_ID_MAX && id[length] == '\0';
}

void pods_member(enum pod_kind kind, const char *id, char out[POD_MEMBER_SIZE])
{
    size_t length = strlen(kind_names[kind]);
    memcpy(out, kind_names[kind], length);
    text_copy(out + length, POD_MEMBER_SIZE - length, id);
}

bool pods_add(struct pods *pods, struct bytes member, int64_t deadline_ms)
{
    for (int kind = POD_GAME; kind <= POD_MATCH; kind++) {
        size_t skip = strlen(kind_names[kind]);
        if (member.length <= skip || memcmp(member.data, kind_names[kind], skip) != 0) continue;
        struct pod pod = {.kind = (enum pod_kind)kind, .deadline_ms = deadline_ms};
        size_t length = member.length - skip;
        if (length > POD_ID_MAX || pods->count == PODS_MAX) return false;
        memcpy(pod.id, member.data + skip, length);
        if (!pod_id_is_valid(pod.id)) return false;
        pods->items[pods->count++] = pod;
        return true;
    }
    return false;
}

static struct pod *find(struct pods *pods, enum pod_kind kind, const char *id)
{
    for (size_t i = 0; i < pods->count; i++) {
        struct pod *pod = &pods->items[i];
        if (pod->kind == kind && strcmp(pod->id, id) == 0) return pod;
    }
    return NULL;
}

/* NULL: no room. */
static struct pod *find_or_add(struct pods *pods, enum pod_kind kind, const char *id)
{
    struct pod *pod = find(pods, kind, id);
    if (pod != NULL || pods->count == PODS_MAX) return pod;
    pod = &pods->items[pods->count++];
    *pod = (struct pod){.kind = kind};
    text_copy(pod->id, sizeof pod->id, id);
    return pod;
}

void pods_touch(struct pods *pods, const char *id, int64_t deadline_ms)
{
    struct pod *pod = find_or_add(pods, POD_GAME, id);
    if (pod != NULL && pod->deadline_ms < deadline_ms) pod->deadline_ms = deadline_ms;
}

void pods_leave(struct pods *pods, enum pod_kind kind, const char *id, int64_t until_ms)
{
    struct pod *pod = find_or_add(pods, kind, id);
    if (pod != NULL) pod->left_until_ms = until_ms;
}

void pods_return(struct pods *pods, enum pod_kind kind, const char *id)
{
    struct pod *pod = find(pods, kind, id);
    if (pod != NULL) pod->left_until_ms = 0;
}

static bool lives(const struct pod *pod, enum pod_kind kind, int64_t now_ms)
{
    return pod->kind == kind && pod->deadline_ms > now_ms && pod->left_until_ms <= now_ms;
}

bool pods_is_alive(const struct pods *pods, enum pod_kind kind, const char *id, int64_t now_ms)
{
    for (size_t i = 0; i < pods->count; i++) {
        if (lives(&pods->items[i], kind, now_ms) && strcmp(pods->items[i].id, id) == 0) return true;
    }
    return false;
}

void pods_replace(struct pods *pods, const struct pods *by, int64_t now_ms)
{
    struct pods merged = *by;
    for (size_t i = 0; i < pods->count; i++) {
        const struct pod *pod = &pods->items[i];
        if (lives(pod, POD_GAME, now_ms)) pods_touch(&merged, pod->id, pod->deadline_ms);
        if (pod->left_until_ms > now_ms) pods_leave(&merged, pod->kind, pod->id, pod->left_until_ms);
    }
    *pods = merged;
}

size_t pods_count_alive(const struct pods *pods, enum pod_kind kind, int64_t now_ms)
{
    size_t count = 0;
    for (size_t i = 0; i < pods->count; i++) count += lives(&pods->items[i], kind, now_ms);
    return count;
}

/* FNV-1a over both texts, then the finisher of MurmurHash3, because FNV mixes its last bytes badly. */
static uint64_t weight_of(const char *id, const char *key)
{
    uint64_t hash = 14695981039346656037u;
    for (; *id != '\0'; id++) hash = (hash ^ (uint8_t)*id) * 1099511628211u;
    hash = (hash ^ 0xff) * 1099511628211u;
    for (; *key != '\0'; key++) hash = (hash ^ (uint8_t)*key) * 1099511628211u;
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53u;
    return hash ^ hash >> 33;
}

const char *pods_pick(const struct pods *pods, enum pod_kind kind, const char *key, const char *except,
                      int64_t now_ms)
{
    const struct pod *best = NULL;
    uint64_t best_weight = 0;
    for (size_t i = 0; i < pods->count; i++) {
        const struct pod *pod = &pods->items[i];
        if (!lives(pod, kind, now_ms) || (except != NULL && strcmp(pod->id, except) == 0)) continue;
        uint64_t weight = weight_of(pod->id, key);
        bool better =
            best == NULL || weight > best_weight || (weight == best_weight && strcmp(pod->id, best->id) < 0);
        if (!better) continue;
        best = pod;
        best_weight = weight;
    }
    return best == NULL ? NULL : best->id;
}

/* The first living pod of the list that is not `last`. */
static const char *first_preferred(const struct pods *pods, const char *preferred, const char *last,
                                   int64_t now_ms)
{
    for (struct bytes id; text_next_item(&preferred, &id);) {
        for (size_t i = 0; i < pods->count; i++) {
            const struct pod *pod = &pods->items[i];
            if (lives(pod, POD_GAME, now_ms) && bytes_equal_text(id, pod->id) && strcmp(pod->id, last) != 0)
                return pod->id;
        }
    }
    return NULL;
}

const char *pods_host(const struct pods *pods, const char *preferred, const char *match_id, const char *last,
                      int64_t now_ms)
{
    if (last == NULL) last = "";
    const char *host = first_preferred(pods, preferred, last, now_ms);
    if (host == NULL) host = pods_pick(pods, POD_GAME, match_id, last, now_ms);
    if (host == NULL) host = pods_pick(pods, POD_GAME, match_id, NULL, now_ms);
    return host;
}
