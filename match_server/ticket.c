#include "match_server/ticket.h"

#include <string.h>

uint64_t ticket_hash(struct bytes text)
{
    if (text.length == 0) return 0;
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < text.length; i++) hash = (hash ^ (uint8_t)text.data[i]) * 1099511628211u;
    return hash == 0 ? 1 : hash;
}

void ticket_set_opponents(struct ticket *ticket, struct bytes list)
{
    for (size_t i = 0; i < ARRAY_LENGTH(ticket->opponents); i++) {
        const char *comma = list.length == 0 ? NULL : memchr(list.data, ',', list.length);
        size_t length = comma == NULL ? list.length : (size_t)(comma - list.data);
        ticket->opponents[i] = ticket_hash((struct bytes){list.data, length});
        list.length -= comma == NULL ? length : length + 1;
        list.data = comma == NULL ? NULL : comma + 1;
    }
}

static bool has_met(const struct ticket *a, const struct ticket *b)
{
    return a->opponents[0] == b->player || a->opponents[1] == b->player;
}

bool ticket_is_rematch(const struct ticket *a, const struct ticket *b)
{
    return has_met(a, b) || has_met(b, a);
}

bool ticket_same_device(const struct ticket *a, const struct ticket *b)
{
    return a->device != 0 && a->device == b->device;
}

/* Cuts the text before the next space off the line; false without a space. */
static bool next_word(struct bytes *line, struct bytes *word)
{
    const char *space = line->length == 0 ? NULL : memchr(line->data, ' ', line->length);
    if (space == NULL) return false;
    *word = (struct bytes){line->data, (size_t)(space - line->data)};
    line->length -= word->length + 1;
    line->data = space + 1;
    return true;
}

static bool copy_word(struct bytes *line, char *out, size_t capacity)
{
    struct bytes word;
    return next_word(line, &word) && bytes_copy(out, capacity, word);
}

static bool read_number(struct bytes *line, int64_t *out)
{
    struct bytes word;
    if (!next_word(line, &word) || word.length == 0 || word.length > 16) return false;
    int64_t number = 0;
    for (size_t i = 0; i < word.length; i++) {
        if (word.data[i] < '0' || word.data[i] > '9') return false;
        number = number * 10 + (word.data[i] - '0');
    }
    *out = number;
    return true;
}

bool ticket_parse(struct bytes line, struct ticket *out)
{
    *out = (struct ticket){.state = TICKET_FREE};
    struct bytes opponents;
    if (!copy_word(&line, out->player_id, sizeof out->player_id) || out->player_id[0] == '\0') return false;
    if (!read_number(&line, &out->q_ms) || !read_number(&line, &out->version)) return false;
    if (!read_number(&line, &out->rating)) return false;
    if (!copy_word(&line, out->snapshot_sha256, sizeof out->snapshot_sha256)) return false;
    if (!copy_word(&line, out->pod_id, sizeof out->pod_id) || !next_word(&line, &opponents)) return false;
    if (!copy_word(&line, out->mate_id, sizeof out->mate_id)) return false;
    out->player = ticket_hash(bytes_of_text(out->player_id));
    ticket_set_opponents(out, opponents);
    out->device = ticket_hash(line);
    return true;
}
