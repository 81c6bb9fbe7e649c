#include "match_server/match_receipt.h"

#include <stdlib.h>

#include "common/log.h"

void match_receipt_note(const struct queue_policy *policy, const struct queue_match *match, int64_t now_ms,
                        struct match_receipt *out)
{
    *out = (struct match_receipt){.members = queue_policy_members(policy)};
    for (size_t i = 0; i < out->members; i++) {
        const struct ticket *ticket = match->members[i];
        out->rating_sums[2 * i / out->members] += ticket->rating;
        out->wait_ms[i] =
            now_ms > ticket->q_ms ? now_ms - ticket->q_ms : 0; /* our idea of Redis's clock lags */
        out->half_window[i] = queue_policy_half_window(policy, ticket, now_ms);
    }
}

int64_t match_receipt_gap(const struct match_receipt *receipt)
{
    return 2 * llabs(receipt->rating_sums[0] - receipt->rating_sums[1]) / (int64_t)receipt->members;
}

static int64_t average(const struct match_receipt *receipt, size_t side)
{
    return 2 * receipt->rating_sums[side] / (int64_t)receipt->members;
}

static void log_pair(const struct match_receipt *receipt, const char *match_id, const char *mode,
                     const char *const *player_ids)
{
    log_event(LOG_INFO, "match_made", LOG_TEXT("match_id", match_id), LOG_TEXT("mode", mode),
              LOG_TEXT("player_1", player_ids[0]), LOG_TEXT("player_2", player_ids[1]),
              LOG_INT("gap", match_receipt_gap(receipt)), LOG_INT("half_window_1", receipt->half_window[0]),
              LOG_INT("half_window_2", receipt->half_window[1]), LOG_INT("wait_1_ms", receipt->wait_ms[0]),
              LOG_INT("wait_2_ms", receipt->wait_ms[1]));
}

static void log_teams(const struct match_receipt *receipt, const char *match_id, const char *mode,
                      const char *const *player_ids)
{
    log_event(LOG_INFO, "match_made", LOG_TEXT("match_id", match_id), LOG_TEXT("mode", mode),
              LOG_TEXT("player_1", player_ids[0]), LOG_TEXT("player_2", player_ids[1]),
              LOG_TEXT("player_3", player_ids[2]), LOG_TEXT("player_4", player_ids[3]),
              LOG_INT("average_1", average(receipt, 0)), LOG_INT("average_2", average(receipt, 1)),
              LOG_INT("gap", match_receipt_gap(receipt)), LOG_INT("wait_1_ms", receipt->wait_ms[0]),
              LOG_INT("wait_2_ms", receipt->wait_ms[1]), LOG_INT("wait_3_ms", receipt->wait_ms[2]),
              LOG_INT("wait_4_ms", receipt->wait_ms[3]));
}

void match_receipt_log(const struct match_receipt *receipt, const char *match_id, const char *mode,
                       const char *const *player_ids)
{
    if (receipt->members == 2) {
        log_pair(receipt, match_id, mode, player_ids);
    } else {
        log_teams(receipt, match_id, mode, player_ids);
    }
}
