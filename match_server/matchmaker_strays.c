#include "match_server/expiry.h"
#include "match_server/matchmaker_internal.h"

void matchmaker_put_strays_out(struct matchmaker *matchmaker)
{
    struct ticket *strays[STRAYS_MAX];
    size_t count = mirror_strays(matchmaker->mirror, strays, STRAYS_MAX);
    if (count == 0) return;
    expiry_begin(matchmaker->server);
    for (size_t i = 0; i < count; i++) {
        expiry_add(matchmaker->server, strays[i]->player_id, strays[i]->mate_id);
    }
    expiry_send(matchmaker->server);
}
