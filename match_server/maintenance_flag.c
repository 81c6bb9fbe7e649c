#include "match_server/maintenance_flag.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec.h"

bool maintenance_flag_parse(struct bytes text, struct proto_maintenance_flag *out)
{
    struct codec_error error;
    struct codec_document *document = codec_open(text, &codec_limits_internal, &error);
    bool good = document != NULL && codec_decode(document, &proto_record_maintenance_flag, out, &error);
    codec_close(document);
    return good;
}

void maintenance_flag_append(struct buffer *out, struct bytes text)
{
    struct codec_error error;
    struct codec_document *document = codec_open(text, &codec_limits_internal, &error);
    if (document != NULL) buffer_append(out, text.data, text.length);
    else buffer_append_text(out, text.length == 0 ? "null" : "{\"by\":\"hand\"}");
    codec_close(document);
}

bool maintenance_pause_parse(struct bytes text, struct proto_pause *out)
{
    char memory[48];
    char *end;
    if (text.length == 0 || !bytes_copy(memory, sizeof memory, text)) return false;
    out->from_ms = strtoll(memory, &end, 10);
    if (*end != ':') return false;
    out->to_ms = strtoll(end + 1, &end, 10);
    return *end == '\0' && out->from_ms >= 0 && out->from_ms < out->to_ms;
}

static void call_start(struct script_call *call, struct world *world, const char *verb, const char *who)
{
    script_call_start(call, world);
    script_call_key(call, KEY_maintenance, "");
    script_call_key(call, KEY_maintenance_pauses, "");
    script_call_text(call, "");
    script_call_text(call, verb);
    script_call_text(call, who);
}

void maintenance_call_begin(struct script_call *call, struct world *world, const char *who, int64_t lasts_ms,
                            const char *reason, int64_t retry_after_ms)
{
    struct buffer quoted = {0};
    call_start(call, world, "begin", who);
    if (lasts_ms > 0) script_call_integer(call, lasts_ms);
    else script_call_text(call, "");
    buffer_append_json_text(&quoted, reason);
    script_call_bytes(call, buffer_bytes(&quoted));
    script_call_integer(call, retry_after_ms);
    buffer_free(&quoted);
}

void maintenance_call_end(struct script_call *call, struct world *world, const char *who)
{
    call_start(call, world, "end", who);
}
