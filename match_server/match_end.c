#include "match_server/match_end.h"

void match_end_count(struct match_server *server, enum match_end end, const struct answer *answer)
{
    static const struct {
        size_t outcome, requeues;
    } rows[] = {
        [MATCH_END_CANCELLED] = {METRIC_matches_cancelled, METRIC_requeues_cancelled},
        [MATCH_END_TIMED_OUT] = {METRIC_matches_timed_out, METRIC_requeues_timed_out},
        [MATCH_END_HOST_LOST] = {METRIC_matches_cancelled, METRIC_requeues_host_lost},
        [MATCH_END_POISONED] = {METRIC_matches_cancelled, METRIC_requeues_poisoned},
    };
    metrics_add(server->metrics, rows[end].outcome, 1);
    metrics_add(server->metrics, rows[end].requeues, answer_players_in(answer, STATE_queued));
}
