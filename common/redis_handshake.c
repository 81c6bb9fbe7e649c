#include "common/redis_handshake.h"

#include <stdio.h>

static void append(struct redis_pipeline *pipeline, const char *const *words, size_t count,
                   struct redis_pending pending)
{
    redis_pipeline_begin(pipeline, count);
    for (size_t i = 0; i < count; i++) redis_pipeline_argument(pipeline, bytes_of_text(words[i]));
    redis_pipeline_end(pipeline, pending);
}

static struct redis_pending step_for(enum redis_purpose purpose)
{
    return (struct redis_pending){.purpose = purpose, .script = REDIS_NO_SCRIPT};
}

static void append_login(struct redis_pipeline *pipeline, const struct redis_address *address)
{
    const char *with_user[] = {"AUTH", address->username, address->password};
    const char *without[] = {"AUTH", address->password};
    if (address->username[0] != '\0')
        append(pipeline, with_user, ARRAY_LENGTH(with_user), step_for(REDIS_FOR_LOGIN));
    else if (address->password[0] != '\0')
        append(pipeline, without, ARRAY_LENGTH(without), step_for(REDIS_FOR_LOGIN));
}

static void append_subscription(struct redis_pipeline *pipeline, const char *channel)
{
    const char *words[] = {"SUBSCRIBE", channel};
    append(pipeline, words, ARRAY_LENGTH(words), step_for(REDIS_FOR_SUBSCRIPTION));
}

void redis_handshake_load_script(struct redis_pipeline *pipeline, const struct script_table *scripts,
                                 unsigned script, struct redis_pending pending)
{
    pending.purpose = REDIS_FOR_SCRIPT_LOAD;
    pending.script = (int)script;
    redis_pipeline_begin(pipeline, 3);
    redis_pipeline_argument(pipeline, bytes_of_text("SCRIPT"));
    redis_pipeline_argument(pipeline, bytes_of_text("LOAD"));
    redis_pipeline_argument(pipeline, scripts->scripts[script].body);
    redis_pipeline_end(pipeline, pending);
}

void redis_handshake_begin(struct redis_pipeline *pipeline, const struct redis_link_config *config)
{
    append_login(pipeline, &config->address);
    if (config->client_name != NULL) {
        const char *words[] = {"CLIENT", "SETNAME", config->client_name};
        append(pipeline, words, ARRAY_LENGTH(words), step_for(REDIS_FOR_NAME));
    }
    if (config->endpoints.count > 0 || config->sentinels.count > 0) {
        const char *words[] = {"ROLE"};
        append(pipeline, words, ARRAY_LENGTH(words), step_for(REDIS_FOR_ROLE));
    }
    for (unsigned i = 0; config->scripts != NULL && i < config->scripts->count; i++)
        redis_handshake_load_script(pipeline, config->scripts, i, step_for(REDIS_FOR_SCRIPT_LOAD));
    for (size_t i = 0; config->channels != NULL && config->channels[i] != NULL; i++)
        append_subscription(pipeline, config->channels[i]);
    if (config->liveness_channel != NULL) append_subscription(pipeline, config->liveness_channel);
}

static const char *step_name(const struct redis_link_config *config, const struct redis_pending *step)
{
    switch (step->purpose) {
    case REDIS_FOR_LOGIN: return "login";
    case REDIS_FOR_NAME: return "client name";
    case REDIS_FOR_ROLE: return "role";
    case REDIS_FOR_SCRIPT_LOAD: return config->scripts->scripts[step->script].name;
    case REDIS_FOR_SUBSCRIPTION: return "subscription";
    case REDIS_FOR_WAIT:
    case REDIS_FOR_OWNER: break;
    }
    return "command";
}

static bool is_expected(const struct redis_link_config *config, const struct redis_pending *step,
                        const struct redis_reply *reply)
{
    switch (step->purpose) {
    case REDIS_FOR_LOGIN:
    case REDIS_FOR_NAME: return redis_reply_equals(reply, "OK");
    case REDIS_FOR_ROLE: return redis_reply_equals(redis_reply_item(reply, 0), "master");
    case REDIS_FOR_SCRIPT_LOAD: return redis_reply_equals(reply, config->scripts->scripts[step->script].sha1);
    case REDIS_FOR_SUBSCRIPTION: return redis_reply_equals(redis_reply_item(reply, 0), "subscribe");
    case REDIS_FOR_WAIT:
    case REDIS_FOR_OWNER: break;
    }
    return false;
}

bool redis_handshake_accept(const struct redis_link_config *config, const struct redis_pending *step,
                            const struct redis_reply *reply, char *reason, size_t capacity)
{
    if (is_expected(config, step, reply)) return true;
    struct bytes text = redis_reply_text(reply);
    if (redis_reply_is_error(reply))
        snprintf(reason, capacity, "%s refused: %.*s", step_name(config, step),
                 (int)(text.length < 200 ? text.length : 200), text.data);
    else if (step->purpose == REDIS_FOR_ROLE) snprintf(reason, capacity, "Redis is a replica");
    else snprintf(reason, capacity, "%s: unexpected answer", step_name(config, step));
    return false;
}
