/* match_receipt.h -- why these players met: one line in the operator's log for every match that was made.
 *
 * Noted when the match is proposed, logged when it is committed. */
#ifndef DUELPOD_MATCH_RECEIPT_H
#define DUELPOD_MATCH_RECEIPT_H

#include "match_server/queue_policy.h"

struct match_receipt {
    size_t members;         /* 2 or 4; the first half against the second */
    int64_t rating_sums[2]; /* of each side */
    int64_t wait_ms[MATCH_PLAYERS_MAX];
    int64_t half_window[MATCH_PLAYERS_MAX]; /* QUEUE_NO_WINDOW where ratings do not matter */
};

void match_receipt_note(const struct queue_policy *policy, const struct queue_match *match, int64_t now_ms,
                        struct match_receipt *out);

/* How far the averages of the sides are apart, rounded down. */
int64_t match_receipt_gap(const struct match_receipt *receipt);

/* One id for each member. */
void match_receipt_log(const struct match_receipt *receipt, const char *match_id, const char *mode,
                       const char *const *player_ids);

#endif
