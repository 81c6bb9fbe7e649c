/* intake_pod.h -- what pods report on their own: that they live, what they know, who has seen, who won.
 * Messages have been decoded and their ids checked. */
#ifndef DUELPOD_INTAKE_POD_H
#define DUELPOD_INTAKE_POD_H

#include "proto/proto.h"

struct match_server;

void intake_heartbeat(struct match_server *server, const struct proto_heartbeat *message);
void intake_prompt_seen(struct match_server *server, const struct proto_prompt_seen *message);
void intake_snapshot_ack(struct match_server *server, const struct proto_snapshot_ack *message);
void intake_battle_report(struct match_server *server, const struct proto_battle_report *message);

#endif
