/* The lists agree with each other, and with the protocol that clients rely on. */
#include "proto/proto.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/records.h"

enum { RECORDS = ARRAY_LENGTH(records_all), PLACE_BYTES_MAX = 96 };

static size_t record_index(const struct proto_record *record)
{
    size_t i = 0;
    while (i < RECORDS && records_all[i] != record) i++;
    assert_true(i < RECORDS);
    return i;
}

static bool is_wire_name(const char *name)
{
    if (!islower((unsigned char)name[0])) return false;
    for (const char *at = name; *at != '\0'; at++) {
        if (!islower((unsigned char)*at) && !isdigit((unsigned char)*at) && *at != '_') return false;
    }
    return true;
}

static bool is_sentence(const char *text)
{
    size_t length = strlen(text);
    return length > 1 && strchr(".?", text[length - 1]) != NULL;
}

/* ---- records -------------------------------------------------------------------------------------- */

static void names_of_records_and_fields_are_unique_and_snake_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < RECORDS; i++) {
        const struct proto_record *record = records_all[i];
        for (size_t k = 0; k < i; k++) assert_string_not_equal(record->name, records_all[k]->name);
        assert_true(is_wire_name(record->name) && is_sentence(record->sentence));
        for (size_t f = 0; f < record->field_count; f++) {
            const struct proto_field *field = &record->fields[f];
            if (!is_wire_name(field->name) || !is_sentence(field->sentence) ||
                strcmp(field->name, "type") == 0) {
                fail_msg("%s.%s", record->name, field->name);
            }
            for (size_t k = 0; k < f; k++) assert_string_not_equal(field->name, record->fields[k].name);
        }
    }
}

static size_t field_end(const struct proto_field *field)
{
    switch (field->kind) {
    case FIELD_STR: return field->offset + field->size;
    case FIELD_INT: return field->offset + sizeof(int64_t);
    case FIELD_BOOL: return field->offset + sizeof(bool);
    case FIELD_REC: return field->offset + field->record->size;
    case FIELD_LIST:
    case FIELD_IDS: return field->offset + field->count_max * field->size;
    case FIELD_RAW: return field->offset + sizeof(struct bytes);
    }
    return SIZE_MAX;
}

static void fields_lie_inside_their_record_with_possible_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < RECORDS; i++) {
        for (size_t f = 0; f < records_all[i]->field_count; f++) {
            const struct proto_field *field = &records_all[i]->fields[f];
            bool good = field_end(field) <= records_all[i]->size;
            if (field->kind == FIELD_INT) {
                good = good && field->min <= field->max && field->min >= -INTEGER_MAX &&
                       field->max <= INTEGER_MAX;
            }
            if (field->kind == FIELD_LIST || field->kind == FIELD_IDS) good = good && field->count_max > 0;
            if (field->kind == FIELD_LIST) good = good && field->size == field->record->size;
            if (!good) fail_msg("%s.%s", records_all[i]->name, field->name);
        }
    }
}

/* An optional integer that is 0 is left out: a value of 0 that must be told cannot be optional. */
static void optional_integers_have_no_meaning_for_zero(void **state)
{
    (void)state;
    for (size_t i = 0; i < RECORDS; i++) {
        for (size_t f = 0; f < records_all[i]->field_count; f++) {
            const struct proto_field *field = &records_all[i]->fields[f];
            if (field->kind == FIELD_INT && !field->required) assert_true(field->min == 0 || field->min == 1);
        }
    }
}

static void mark_reachable(const struct proto_record *record, bool *reached)
{
    reached[record_index(record)] = true;
    for (size_t f = 0; f < record->field_count; f++) {
        if (record->fields[f].record != NULL) mark_reachable(record->fields[f].record, reached);
    }
}

static void every_record_is_used_by_a_message_or_a_channel(void **state)
{
    (void)state;
    bool reached[RECORDS] = {false};
    for (size_t i = 0; i < CLIENT_MESSAGE_COUNT; i++)
        mark_reachable(proto_client_messages[i].record, reached);
    for (size_t i = 0; i < SERVER_MESSAGE_COUNT; i++)
        mark_reachable(proto_server_messages[i].record, reached);
    for (size_t i = 0; i < CHANNEL_COUNT; i++) mark_reachable(proto_channels[i].record, reached);
    mark_reachable(&proto_record_match_card, reached);       /* inside snapshot.match, which is raw */
    mark_reachable(&proto_record_maintenance_flag, reached); /* what a key holds */
    for (size_t i = 0; i < RECORDS; i++) {
        if (!reached[i]) fail_msg("%s is used by nobody", records_all[i]->name);
    }
}

static void raw_fields_stand_in_no_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < RECORDS; i++) {
        for (size_t f = 0; f < records_all[i]->field_count; f++) {
            const struct proto_field *field = &records_all[i]->fields[f];
            const struct proto_record *inner = field->kind == FIELD_LIST ? field->record : NULL;
            for (size_t k = 0; inner != NULL && k < inner->field_count; k++) {
                assert_int_not_equal(inner->fields[k].kind, FIELD_RAW);
            }
        }
    }
}

/* "cards[127].level" and its like. */
static size_t longest_place(const struct proto_record *record)
{
    size_t longest = 0;
    for (size_t f = 0; f < record->field_count; f++) {
        const struct proto_field *field = &record->fields[f];
        size_t length = strlen(field->name) + (field->count_max > 0 ? strlen("[128]") : 0);
        if (field->record != NULL) length += 1 + longest_place(field->record);
        if (length > longest) longest = length;
    }
    return longest;
}

static void every_place_fits_into_an_error(void **state)
{
    (void)state;
    assert_int_equal(sizeof(((struct proto_error *)0)->field), PLACE_BYTES_MAX + 1);
    for (size_t i = 0; i < RECORDS; i++) assert_true(longest_place(records_all[i]) < PLACE_BYTES_MAX);
}

static void client_messages_leave_id_and_server_messages_reply_to_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLIENT_MESSAGE_COUNT; i++) {
        const struct proto_record *record = proto_client_messages[i].record;
        assert_string_equal(proto_client_messages[i].name, record->name);
        for (size_t f = 0; f < record->field_count; f++)
            assert_string_not_equal(record->fields[f].name, "id");
    }
    for (size_t i = 0; i < SERVER_MESSAGE_COUNT; i++) {
        const struct proto_record *record = proto_server_messages[i].record;
        for (size_t f = 0; f < record->field_count; f++) {
            const struct proto_field *field = &record->fields[f];
            if (strcmp(field->name, "reply_to") != 0) continue;
            assert_int_equal(field->kind, FIELD_INT);
            assert_true(!field->required && field->min == 1 && field->max == INTEGER_MAX);
        }
    }
}

/* ---- the client's protocol, version 1: names that clients rely on ---------------------------------- */

struct promise {
    const char *type, *required, *optional;
};

static const struct promise to_server[] = {
    {"authenticate", "token", "device_id client timeline_encoding"},
    {"refresh_token", "token", ""},
    {"ping", "", ""},
    {"get_state", "", ""},
    {"get_profile", "", ""},
    {"set_name", "name", ""},
    {"set_loadout", "cards", "artifacts items consumables"},
    {"get_catalog", "", "version"},
    {"enqueue", "mode", ""},
    {"dequeue", "", ""},
    {"loading_complete", "match_id", ""},
    {"cancel_loading", "match_id", ""},
    {"ack_result", "match_id", ""},
    {"party_create", "", ""},
    {"party_invite", "player_id", ""},
    {"party_accept", "party_id", ""},
    {"party_decline", "party_id", ""},
    {"party_leave", "", ""},
    {"party_kick", "player_id", ""},
};

static const struct promise to_client[] = {
    {"welcome", "player_id session_id protocol server_time_ms profile state", ""},
    {"token_refreshed", "", ""},
    {"pong", "server_time_ms", ""},
    {"state", "state", "mode enqueued_at_ms match_id loading_deadline_ms party"},
    {"profile", "player_id name", ""},
    {"loadout", "cards artifacts items consumables", ""},
    {"catalog", "version", "unchanged catalog"},
    {"enqueued", "mode position queue_size estimated_wait_ms enqueued_at_ms", ""},
    {"queue_status", "mode position queue_size estimated_wait_ms enqueued_at_ms", "window next_window_at_ms"},
    {"dequeued", "mode reason", ""},
    {"match_found", "match_id mode opponents teammates seed_commitment", "opponent_id loading_deadline_ms"},
    {"loading_progress", "match_id ready", ""},
    {"match_cancelled", "match_id reason requeued", "penalty"},
    {"battle_result", "match_id mode you outcome", "rating timeline timeline_encoding"},
    {"result_acked", "match_id", ""},
    {"party", "party_id", "reply_to leader members invited"},
    {"party_invitation", "party_id player_id name expires_at_ms", ""},
    {"error", "code message", "reply_to field retry_after_ms"},
    {"notice", "code message", "reconnect_after_ms"},
    {"closing", "code reason reconnect retry_after_ms", ""},
};

static void expect_fields(const struct proto_record *record, const char *names, bool required)
{
    char copy[256], *rest = copy;
    assert_true(text_copy(copy, sizeof copy, names));
    for (char *name = strtok_r(copy, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest)) {
        size_t f = 0;
        while (f < record->field_count && strcmp(record->fields[f].name, name) != 0) f++;
        if (f == record->field_count || record->fields[f].required != required) {
            fail_msg("%s.%s is missing, or not %s", record->name, name, required ? "required" : "optional");
        }
    }
}

static void every_promised_client_message_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(to_server); i++) {
        size_t m = 0;
        while (m < CLIENT_MESSAGE_COUNT && strcmp(proto_client_messages[m].name, to_server[i].type) != 0) m++;
        if (m == CLIENT_MESSAGE_COUNT) fail_msg("no client message %s", to_server[i].type);
        expect_fields(proto_client_messages[m].record, to_server[i].required, true);
        expect_fields(proto_client_messages[m].record, to_server[i].optional, false);
    }
}

static void every_promised_server_message_has_its_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(to_client); i++) {
        size_t m = 0;
        while (m < SERVER_MESSAGE_COUNT && strcmp(proto_server_messages[m].name, to_client[i].type) != 0) m++;
        if (m == SERVER_MESSAGE_COUNT) fail_msg("no server message %s", to_client[i].type);
        expect_fields(proto_server_messages[m].record, to_client[i].required, true);
        expect_fields(proto_server_messages[m].record, to_client[i].optional, false);
    }
}

static void every_promised_error_code_exists(void **state)
{
    (void)state;
    char promised[] = "bad_message unknown_type invalid_field message_too_big unauthenticated auth_timeout "
                      "invalid_token token_expired already_authenticated rate_limited wrong_state "
                      "unknown_mode not_ready_for_pvp invalid_loadout already_queued not_queued "
                      "already_in_match no_such_match loading_closed banned maintenance "
                      "matchmaking_unavailable no_such_party party_full not_party_leader unknown_stage "
                      "stage_locked not_found internal";
    char *rest = promised;
    int count = 0;
    for (char *name = strtok_r(promised, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest)) {
        if (proto_error_named(name) == ERROR_none) fail_msg("no error %s", name);
        count++;
    }
    assert_int_equal(count, ERROR_COUNT - 1);
}

static void every_promised_close_code_tells_whether_to_come_back(void **state)
{
    (void)state;
    static const struct {
        int code;
        bool reconnect;
    } promised[] = {{1000, false}, {1001, true},  {1008, false}, {1009, false}, {4000, true},
                    {4001, false}, {4002, false}, {4003, false}, {4004, false}, {4005, false},
                    {4008, true},  {4009, false}, {4011, true},  {4012, true}};
    assert_int_equal(ARRAY_LENGTH(promised), proto_close_count);
    for (size_t i = 0; i < ARRAY_LENGTH(promised); i++) {
        const struct proto_close_info *row = proto_close((enum close_code)promised[i].code);
        assert_int_equal(row->code, promised[i].code);
        assert_int_equal(row->reconnect, promised[i].reconnect);
        assert_true(strlen(row->reason) <= 64);
    }
}

static void errors_are_found_by_their_name(void **state)
{
    (void)state;
    for (int code = 1; code < ERROR_COUNT; code++) {
        assert_int_equal(proto_error_named(proto_errors[code].name), code);
        assert_true(strlen(proto_errors[code].name) <= 32 && strlen(proto_errors[code].sentence) <= 200);
        assert_true(is_sentence(proto_errors[code].sentence));
    }
    assert_int_equal(proto_error_named("none"), ERROR_none);
    assert_int_equal(proto_error_named("nonsense"), ERROR_none);
}

/* ---- states ---------------------------------------------------------------------------------------- */

static void states_are_found_by_their_name(void **state)
{
    (void)state;
    for (int i = 0; i < STATE_COUNT; i++) {
        assert_int_equal(proto_state_named(proto_state_names[i]), i);
        assert_true(is_sentence(proto_state_sentences[i]));
    }
    assert_int_equal(proto_state_named("nonsense"), STATE_COUNT);
    assert_int_equal(proto_state_named(""), STATE_COUNT);
}

static size_t states_reached_from(enum player_state start)
{
    bool reached[STATE_COUNT] = {false};
    reached[start] = true;
    for (int round = 0; round < STATE_COUNT; round++) {
        for (int from = 0; from < STATE_COUNT; from++) {
            for (int to = 0; reached[from] && to < STATE_COUNT; to++) {
                if (proto_transition_allowed((enum player_state)from, (enum player_state)to))
                    reached[to] = true;
            }
        }
    }
    size_t count = 0;
    for (int i = 0; i < STATE_COUNT; i++) count += reached[i];
    return count;
}

static void nobody_is_stuck_in_a_state(void **state)
{
    (void)state;
    for (int from = 0; from < STATE_COUNT; from++) {
        assert_int_equal(states_reached_from((enum player_state)from), STATE_COUNT);
        assert_true(proto_transition_allowed((enum player_state)from, (enum player_state)from));
    }
}

static void no_step_of_a_match_is_left_out(void **state)
{
    (void)state;
    static const enum player_state impossible[][2] = {
        {STATE_lobby, STATE_loading},    {STATE_lobby, STATE_battling}, {STATE_lobby, STATE_result},
        {STATE_queued, STATE_queueing},  {STATE_queued, STATE_result},  {STATE_loading, STATE_result},
        {STATE_loading, STATE_queueing}, {STATE_result, STATE_queued},  {STATE_result, STATE_battling},
        {STATE_battling, STATE_loading}, {STATE_loading, STATE_result}};
    for (size_t i = 0; i < ARRAY_LENGTH(impossible); i++) {
        assert_false(proto_transition_allowed(impossible[i][0], impossible[i][1]));
    }
}

static void a_message_out_of_place_gets_the_error_that_explains_it(void **state)
{
    (void)state;
    static const struct {
        enum client_message message;
        const char *answers[STATE_COUNT]; /* lobby queueing queued loading battling result; NULL = accepted */
    } rows[] = {
        {CLIENT_ping, {NULL}},
        {CLIENT_get_state, {NULL}},
        {CLIENT_get_profile, {NULL}},
        {CLIENT_get_catalog, {NULL}},
        {CLIENT_refresh_token, {NULL}},
        {CLIENT_set_name, {NULL, "wrong_state", "wrong_state", "wrong_state", "wrong_state", "wrong_state"}},
        {CLIENT_set_loadout,
         {NULL, "wrong_state", "wrong_state", "wrong_state", "wrong_state", "wrong_state"}},
        {CLIENT_enqueue,
         {NULL, "already_queued", "already_queued", "already_in_match", "already_in_match", "wrong_state"}},
        {CLIENT_dequeue, {"not_queued", NULL, NULL, "already_in_match", "already_in_match", "not_queued"}},
        {CLIENT_loading_complete,
         {"no_such_match", "no_such_match", "no_such_match", NULL, "loading_closed", "loading_closed"}},
        {CLIENT_cancel_loading,
         {"no_such_match", "no_such_match", "no_such_match", NULL, "loading_closed", "loading_closed"}},
        {CLIENT_ack_result,
         {"no_such_match", "no_such_match", "no_such_match", "wrong_state", "wrong_state", NULL}},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        for (int at = 0; at < STATE_COUNT; at++) {
            enum error_code got = proto_message_refusal(rows[i].message, (enum player_state)at);
            const char *expected = rows[i].answers[at] == NULL ? "none" : rows[i].answers[at];
            if (strcmp(proto_errors[got].name, expected) != 0) {
                fail_msg("%s in %s: %s instead of %s", proto_client_messages[rows[i].message].name,
                         proto_state_names[at], proto_errors[got].name, expected);
            }
        }
    }
}

/* ---- channels and keys ------------------------------------------------------------------------------ */

static void names_of_channels_and_keys_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHANNEL_COUNT; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(proto_channels[i].pattern, proto_channels[k].pattern);
        }
    }
    for (size_t i = 0; i < KEY_COUNT; i++) {
        for (size_t k = 0; k < i; k++) assert_string_not_equal(proto_keys[i].pattern, proto_keys[k].pattern);
        bool one_writer = strcmp(proto_keys[i].writer, "match_server") == 0 ||
                          strcmp(proto_keys[i].writer, "game_server") == 0;
        assert_true(one_writer);
    }
}

static void expect_name(struct redis_name name, const char *expected)
{
    assert_string_equal(name.text, expected);
    assert_int_equal(name.length, strlen(expected));
}

static void names_carry_prefix_and_id(void **state)
{
    (void)state;
    expect_name(proto_key_name(KEY_queue, "", "ranked"), "queue:ranked");
    expect_name(proto_key_name(KEY_queue_log, "{eu}:", "ranked"), "{eu}:queue:log:ranked");
    expect_name(proto_key_name(KEY_outbox, "{eu}:", ""), "{eu}:outbox");
    expect_name(proto_key_name(KEY_player, "", "ann"), "player:{ann}");
    expect_name(proto_key_name(KEY_player, "r:", "<id>"), "r:player:{<id>}");
    expect_name(proto_channel_name(CHANNEL_enqueue_request, "{eu}:", ""), "{eu}:match:enqueue:request");
    expect_name(proto_channel_name(CHANNEL_match_result, "", "pod-a"), "pod:pod-a:match_result");
    expect_name(proto_channel_name(CHANNEL_battle_result, "{eu}:", "pod-a"), "{eu}:pod:pod-a:battle_result");
}

static void the_longest_names_fit(void **state)
{
    (void)state;
    char prefix[REDIS_KEY_PREFIX_MAX + 1] = "", id[PLAYER_ID_MAX + 1] = "";
    memset(prefix, 'p', REDIS_KEY_PREFIX_MAX);
    memset(id, 'i', PLAYER_ID_MAX);
    for (int i = 0; i < KEY_COUNT; i++) {
        assert_true(proto_key_name((enum redis_key)i, prefix, id).length < REDIS_KEY_BYTES_MAX);
    }
    for (int i = 0; i < CHANNEL_COUNT; i++) {
        assert_true(proto_channel_name((enum channel)i, prefix, id).length < REDIS_KEY_BYTES_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_records_and_fields_are_unique_and_snake_case),
        cmocka_unit_test(fields_lie_inside_their_record_with_possible_bounds),
        cmocka_unit_test(optional_integers_have_no_meaning_for_zero),
        cmocka_unit_test(every_record_is_used_by_a_message_or_a_channel),
        cmocka_unit_test(raw_fields_stand_in_no_list),
        cmocka_unit_test(every_place_fits_into_an_error),
        cmocka_unit_test(client_messages_leave_id_and_server_messages_reply_to_alone),
        cmocka_unit_test(every_promised_client_message_is_understood),
        cmocka_unit_test(every_promised_server_message_has_its_fields),
        cmocka_unit_test(every_promised_error_code_exists),
        cmocka_unit_test(every_promised_close_code_tells_whether_to_come_back),
        cmocka_unit_test(errors_are_found_by_their_name),
        cmocka_unit_test(states_are_found_by_their_name),
        cmocka_unit_test(nobody_is_stuck_in_a_state),
        cmocka_unit_test(no_step_of_a_match_is_left_out),
        cmocka_unit_test(a_message_out_of_place_gets_the_error_that_explains_it),
        cmocka_unit_test(names_of_channels_and_keys_are_unique),
        cmocka_unit_test(names_carry_prefix_and_id),
        cmocka_unit_test(the_longest_names_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
