#include "match_server/enqueue_call.h"

#include "match_server/penalty.h"

/* What the script is told alike of the player and of the mate. */
struct contestant {
    const char *name, *device_id;
    int64_t level, rating;
    struct bytes snapshot;
};

static void add_contestant(struct script_call *call, const struct contestant *contestant)
{
    char sha256[DIGEST_TEXT_SIZE], device[DIGEST_TEXT_SIZE];
    digest_sha256_text(contestant->snapshot, sha256);
    penalty_device_hash(contestant->device_id, device);
    script_call_text(call, contestant->name);
    script_call_integer(call, contestant->level);
    script_call_integer(call, contestant->rating);
    script_call_text(call, contestant->device_id);
    script_call_bytes(call, contestant->snapshot);
    script_call_text(call, sha256);
    script_call_text(call, device);
}

static void add_penalty_keys(struct script_call *call, const char *player_id, const char *device_id)
{
    char device[DIGEST_TEXT_SIZE];
    penalty_device_hash(device_id, device);
    penalty_call_keys(call, player_id, device);
}

static void add_mate(struct script_call *call, const struct proto_party_mate *mate)
{
    script_call_key(call, KEY_metadata, mate->player_id);
    add_penalty_keys(call, mate->player_id, mate->device_id);
    script_call_text(call, mate->player_id);
    script_call_integer(call, mate->connection_epoch);
    script_call_text(call, mate->pod_id);
    add_contestant(
        call, &(struct contestant){mate->name, mate->device_id, mate->level, mate->rating, mate->snapshot});
}

void enqueue_call(struct request *request, const struct proto_enqueue_request *message)
{
    struct script_call *call = request_call(request);
    script_call_key(call, KEY_queue, message->mode);
    script_call_key(call, KEY_queue_log, message->mode);
    script_call_key(call, KEY_queue_leases, "");
    script_call_key(call, KEY_outbox, "");
    script_call_key(call, KEY_maintenance, "");
    add_penalty_keys(call, request->player_id, message->device_id);
    script_call_text(call, message->mode);
    add_contestant(call, &(struct contestant){message->name, message->device_id, message->level,
                                              message->rating, message->snapshot});
    if (message->has_mate) add_mate(call, &message->mate);
    request_send(request);
}
