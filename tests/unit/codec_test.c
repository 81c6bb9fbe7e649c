/* What the codec refuses, with code and place, and what it lets through unchanged. */
#include "common/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- helpers ------------------------------------------------------------------------------------ */

struct reading {
    bool read;
    enum client_message message;
    int64_t id;
    union client_message_body body;
    struct codec_error error;
};

static struct reading reading; /* too big for some stacks */

static void read_bytes(struct bytes text)
{
    memset(&reading, 0, sizeof reading);
    struct codec_document *document = codec_open(text, &codec_limits_client, &reading.error);
    if (document == NULL) return;
    reading.read =
        codec_read_client_message(document, &reading.message, &reading.id, &reading.body, &reading.error);
    codec_close(document);
}

static void read_text(const char *text)
{
    read_bytes(bytes_of_text(text));
}

static void expect_refusal(const char *text, enum error_code code, const char *place, const char *detail)
{
    read_text(text);
    if (reading.read) fail_msg("accepted: %s", text);
    if (reading.error.code != code || strcmp(reading.error.place, place) != 0 ||
        strstr(reading.error.detail, detail) == NULL) {
        fail_msg("%s\n  got %s at \"%s\": %s", text, proto_errors[reading.error.code].name,
                 reading.error.place, reading.error.detail);
    }
}

static void expect_accepted(const char *text, enum client_message message)
{
    read_text(text);
    if (!reading.read)
        fail_msg("%s\n  refused at \"%s\": %s", text, reading.error.place, reading.error.detail);
    assert_int_equal(reading.message, message);
}

/* {"type":"set_name","name":"<inside>"} */
static const char *named(const char *inside)
{
    static char text[512];
    snprintf(text, sizeof text, "{\"type\":\"set_name\",\"name\":\"%s\"}", inside);
    return text;
}

/* ---- the whole message --------------------------------------------------------------------------- */

static void a_message_is_one_json_object(void **state)
{
    (void)state;
    expect_refusal("", ERROR_bad_message, "", "not JSON");
    expect_refusal("   ", ERROR_bad_message, "", "not JSON");
    expect_refusal("[]", ERROR_bad_message, "", "not an object");
    expect_refusal("\"ping\"", ERROR_bad_message, "", "not an object");
    expect_refusal("null", ERROR_bad_message, "", "not an object");
    expect_refusal("{\"type\":\"ping\"", ERROR_bad_message, "", "not JSON");
    expect_refusal("{\"type\":\"ping}", ERROR_bad_message, "", "not JSON");
    expect_refusal("{'type':'ping'}", ERROR_bad_message, "", "not JSON");
    expect_refusal("{\"type\":\"ping\",}", ERROR_bad_message, "", "not JSON");
    expect_refusal("{\"type\":\"ping\"]", ERROR_bad_message, "", "not JSON");
    expect_accepted(" \t\r\n{ \"type\" : \"ping\" } \n", CLIENT_ping);
}

static void bytes_behind_the_object_are_refused(void **state)
{
    (void)state;
    expect_refusal("{\"type\":\"ping\"}x", ERROR_bad_message, "", "not JSON");
    expect_refusal("{\"type\":\"ping\"}{\"type\":\"ping\"}", ERROR_bad_message, "", "not JSON");
    static const char nul[] = "{\"type\":\"ping\"}\0";
    read_bytes((struct bytes){nul, sizeof nul - 1});
    assert_false(reading.read);
    assert_int_equal(reading.error.code, ERROR_bad_message);
    assert_string_equal(reading.error.detail, "a control character at byte 15");
}

static void a_byte_order_mark_is_refused(void **state)
{
    (void)state;
    expect_refusal("\xef\xbb\xbf{\"type\":\"ping\"}", ERROR_bad_message, "", "outside of a text at byte 0");
}

static void invalid_utf8_is_refused_everywhere(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80",
                                      "\xc3",
                                      "\xc3(",
                                      "\xc0\xaf",
                                      "\xe0\x80\xaf",
                                      "\xed\xa0\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\xe2\x82"};
    char text[128];
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        expect_refusal(named(bad[i]), ERROR_bad_message, "", "not valid UTF-8 at byte 27");
        snprintf(text, sizeof text, "{\"type\":\"ping\",\"%s\":1}", bad[i]);
        expect_refusal(text, ERROR_bad_message, "", "not valid UTF-8 at byte 16");
        snprintf(text, sizeof text, "{\"type\":\"ping\"}%s", bad[i]);
        expect_refusal(text, ERROR_bad_message, "", "outside of a text");
    }
    expect_accepted(named("\xc2\xa0\xe2\x82\xac\xf0\x9f\x98\x80"), CLIENT_set_name);
}

static void surrogates_only_come_in_pairs(void **state)
{
    (void)state;
    expect_refusal(named("\\ud83d"), ERROR_bad_message, "", "not JSON");
    expect_refusal(named("\\ude00"), ERROR_bad_message, "", "not JSON");
    expect_refusal(named("\\ud83d\\u0041"), ERROR_bad_message, "", "not JSON");
    expect_accepted(named("\\ud83d\\ude00"), CLIENT_set_name);
    assert_string_equal(reading.body.set_name.name, "😀");
}

static void control_characters_are_refused_raw_and_escaped(void **state)
{
    (void)state;
    char raw[8] = "a_b", escaped[16];
    for (int character = 1; character < 0x20; character++) {
        raw[1] = (char)character;
        expect_refusal(named(raw), ERROR_bad_message, "", "control character at byte 28");
        snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)character);
        expect_refusal(named(escaped), ERROR_invalid_field, "name", "control character");
    }
    expect_refusal(named("\x7f"), ERROR_invalid_field, "name", "control character");
    expect_refusal(named("\\u007F"), ERROR_invalid_field, "name", "control character");
    expect_refusal(named("\\u0080"), ERROR_invalid_field, "name", "control character");
    expect_refusal(named("\xc2\x9f"), ERROR_invalid_field, "name", "control character");
    expect_refusal("{\"type\":\"ping\",\"a\"\v:1}", ERROR_bad_message, "", "a control character at byte 18");
    expect_refusal("{\"type\":\"ping\"}\x01", ERROR_bad_message, "", "a control character at byte 15");
}

static void a_nul_never_cuts_a_text(void **state)
{
    (void)state;
    expect_refusal(named("a\\u0000b"), ERROR_bad_message, "", "NUL character at byte 28");
    expect_refusal("{\"type\\u0000x\":\"ping\"}", ERROR_bad_message, "", "NUL character");
    expect_accepted(named("a\\\\u0000b"), CLIENT_set_name);
    assert_string_equal(reading.body.set_name.name, "a\\u0000b");
}

static void doubled_keys_are_refused_at_every_depth(void **state)
{
    (void)state;
    expect_refusal("{\"type\":\"ping\",\"type\":\"ping\"}", ERROR_bad_message, "", "doubled");
    expect_refusal("{\"type\":\"ping\",\"a\":1,\"\\u0061\":2}", ERROR_bad_message, "", "doubled");
    expect_refusal("{\"type\":\"ping\",\"x\":[{\"y\":{\"a\":1,\"a\":1}}]}", ERROR_bad_message, "", "doubled");
    expect_refusal("{\"type\":\"ping\",\"\":1,\"\":2}", ERROR_bad_message, "", "doubled");
    expect_accepted("{\"type\":\"ping\",\"a\":{\"a\":1},\"A\":2}", CLIENT_ping);
}

static void keys_are_compared_with_their_case(void **state)
{
    (void)state;
    expect_refusal("{\"Type\":\"ping\"}", ERROR_bad_message, "type", "missing");
    expect_refusal("{\"type\":\"set_name\",\"Name\":\"x\"}", ERROR_invalid_field, "name", "is missing");
    expect_accepted("{\"type\":\"set_name\",\"NAME\":\"big\",\"name\":\"small\"}", CLIENT_set_name);
    assert_string_equal(reading.body.set_name.name, "small");
}

static void an_object_with_very_many_keys_is_refused(void **state)
{
    (void)state;
    char text[2048] = "{\"type\":\"ping\"";
    for (int i = 1; i < 64; i++) sprintf(text + strlen(text), ",\"k%d\":0", i);
    char *end = text + strlen(text);
    strcpy(end, "}");
    expect_accepted(text, CLIENT_ping);
    strcpy(end, ",\"k64\":0}");
    expect_refusal(text, ERROR_bad_message, "", "too many keys");
}

/* {"type":"ping","a":[[...]]} with `depth` levels, the object included. */
static void nested(char *out, int depth)
{
    strcpy(out, "{\"type\":\"ping\",\"a\":");
    for (int i = 1; i < depth; i++) strcat(out, "[");
    for (int i = 1; i < depth; i++) strcat(out, "]");
    strcat(out, "}");
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    static char text[CLIENT_MESSAGE_BYTES_MAX + 64];
    nested(text, CLIENT_MESSAGE_DEPTH_MAX);
    expect_accepted(text, CLIENT_ping);
    nested(text, CLIENT_MESSAGE_DEPTH_MAX + 1);
    expect_refusal(text, ERROR_bad_message, "", "nested too deep at byte 26");
    nested(text, 2000);
    expect_refusal(text, ERROR_bad_message, "", "nested too deep");
    expect_accepted("{\"type\":\"set_name\",\"name\":\"[[[[[[[[[[{{{{{{{{{{\"}", CLIENT_set_name);
}

static void size_has_a_limit(void **state)
{
    (void)state;
    static char text[CLIENT_MESSAGE_BYTES_MAX + 1];
    memset(text, ' ', sizeof text);
    memcpy(text, "{\"type\":\"ping\"}", 15);
    read_bytes((struct bytes){text, CLIENT_MESSAGE_BYTES_MAX});
    assert_true(reading.read);
    read_bytes((struct bytes){text, CLIENT_MESSAGE_BYTES_MAX + 1});
    assert_false(reading.read);
    assert_int_equal(reading.error.code, ERROR_message_too_big);
}

/* ---- type and id ---------------------------------------------------------------------------------- */

static void the_type_is_a_known_text(void **state)
{
    (void)state;
    expect_refusal("{}", ERROR_bad_message, "type", "missing");
    expect_refusal("{\"type\":1}", ERROR_bad_message, "type", "no text");
    expect_refusal("{\"type\":null}", ERROR_bad_message, "type", "no text");
    expect_refusal("{\"type\":\"\"}", ERROR_unknown_type, "type", "no such");
    expect_refusal("{\"type\":\"welcome\"}", ERROR_unknown_type, "type", "no such");
    expect_refusal("{\"type\":\"PING\"}", ERROR_unknown_type, "type", "no such");
}

static void the_id_is_an_exact_positive_integer(void **state)
{
    (void)state;
    static const char *const bad[] = {"0",    "-1",    "1.5",    "\"1\"",
                                      "null", "true",  "[]",     "9007199254740992",
                                      "1e16", "1e999", "-1e999", "1e-1"};
    char text[96];
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        snprintf(text, sizeof text, "{\"type\":\"ping\",\"id\":%s}", bad[i]);
        expect_refusal(text, ERROR_invalid_field, "id", "integer");
        assert_int_equal(reading.id, 0);
    }
    expect_accepted("{\"type\":\"ping\",\"id\":9007199254740991}", CLIENT_ping);
    assert_true(reading.id == INTEGER_MAX);
    expect_accepted("{\"type\":\"ping\",\"id\":1e3}", CLIENT_ping);
    assert_int_equal(reading.id, 1000);
    expect_accepted("{\"type\":\"ping\"}", CLIENT_ping);
    assert_int_equal(reading.id, 0);
}

static void a_refusal_still_knows_the_id(void **state)
{
    (void)state;
    expect_refusal("{\"type\":\"nonsense\",\"id\":7}", ERROR_unknown_type, "type", "");
    assert_int_equal(reading.id, 7);
    expect_refusal("{\"type\":\"enqueue\",\"id\":8}", ERROR_invalid_field, "mode", "is missing");
    assert_int_equal(reading.id, 8);
}

static void numbers_are_written_as_json_writes_them(void **state)
{
    (void)state;
    static const char *const bad[] = {"01",    "-01", "00",       "1.",        "1.e5", "1e",
                                      "1e+",   "-",   "--1",      ".5",        "+1",   "0x10",
                                      "1_000", "NaN", "Infinity", "-Infinity", "1,5"};
    char text[96];
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        snprintf(text, sizeof text, "{\"type\":\"ping\",\"id\":%s}", bad[i]);
        read_text(text);
        if (reading.read) fail_msg("accepted: %s", text);
        assert_int_equal(reading.error.code, ERROR_bad_message);
    }
    expect_accepted("{\"type\":\"ping\",\"x\":[0,-0,0.5,-1.25e-3,1E+2,12e0]}", CLIENT_ping);
    expect_accepted("{\"type\":\"set_name\",\"name\":\"007 1. -\"}", CLIENT_set_name);
}

/* ---- fields --------------------------------------------------------------------------------------- */

static void a_field_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *cards, *place, *detail;
    } cases[] = {
        {"{}", "cards", "must be a list"},
        {"[7]", "cards[0]", "must be an object"},
        {"[{\"id\":\"a\",\"level\":1,\"slot\":0},{\"id\":\"a\",\"level\":6,\"slot\":1}]", "cards[1].level",
         "outside 1..5"},
        {"[{\"id\":\"a\",\"level\":0,\"slot\":0}]", "cards[0].level", "outside 1..5"},
        {"[{\"id\":\"a\",\"level\":1.5,\"slot\":0}]", "cards[0].level", "outside 1..5"},
        {"[{\"id\":\"a\",\"level\":\"1\",\"slot\":0}]", "cards[0].level", "must be an integer"},
        {"[{\"id\":\"a\",\"level\":1}]", "cards[0].slot", "is missing"},
        {"[{\"id\":\"\",\"level\":1,\"slot\":0}]", "cards[0].id", "must not be empty"},
        {"[{\"id\":5,\"level\":1,\"slot\":0}]", "cards[0].id", "must be a text"},
        {"[{\"id\":null,\"level\":1,\"slot\":0}]", "cards[0].id", "must be a text"},
        {"[{\"id\":\"0123456789012345678901234567890123\",\"level\":1,\"slot\":0}]", "cards[0].id",
         "longer than 32 bytes"},
    };
    char text[512];
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        snprintf(text, sizeof text, "{\"type\":\"set_loadout\",\"cards\":%s}", cases[i].cards);
        expect_refusal(text, ERROR_invalid_field, cases[i].place, cases[i].detail);
    }
    expect_refusal("{\"type\":\"set_loadout\"}", ERROR_invalid_field, "cards", "is missing");
}

static void lists_have_their_limits(void **state)
{
    (void)state;
    expect_accepted("{\"type\":\"set_loadout\",\"cards\":[],\"artifacts\":[\"a\",\"b\",\"c\"]}",
                    CLIENT_set_loadout);
    assert_int_equal(reading.body.set_loadout.artifacts_count, 3);
    assert_string_equal(reading.body.set_loadout.artifacts[2], "c");
    expect_refusal("{\"type\":\"set_loadout\",\"cards\":[],\"artifacts\":[\"a\",\"b\",\"c\",\"d\"]}",
                   ERROR_invalid_field, "artifacts", "more than 3 elements");
    expect_refusal("{\"type\":\"set_loadout\",\"cards\":[],\"artifacts\":[\"a\",2]}", ERROR_invalid_field,
                   "artifacts[1]", "must be a text");
    expect_refusal("{\"type\":\"set_loadout\",\"cards\":[],\"consumables\":\"a\"}", ERROR_invalid_field,
                   "consumables", "must be a list");
}

static void a_text_may_be_exactly_as_long_as_its_limit(void **state)
{
    (void)state;
    char name[NAME_BYTES_MAX + 2];
    memset(name, 'n', sizeof name);
    name[NAME_BYTES_MAX] = '\0';
    expect_accepted(named(name), CLIENT_set_name);
    assert_string_equal(reading.body.set_name.name, name);
    name[NAME_BYTES_MAX] = 'n';
    name[NAME_BYTES_MAX + 1] = '\0';
    expect_refusal(named(name), ERROR_invalid_field, "name", "longer than 64 bytes");
}

static void unknown_fields_are_ignored(void **state)
{
    (void)state;
    expect_accepted("{\"type\":\"enqueue\",\"mode\":\"ranked\",\"new\":{\"mode\":[1e999,null]},\"id\":3}",
                    CLIENT_enqueue);
    assert_string_equal(reading.body.enqueue.mode, "ranked");
}

static void a_large_integer_is_kept_exactly(void **state)
{
    (void)state;
    struct proto_pong pong = {.server_time_ms = 1000000000000000}, back;
    struct buffer text = {0};
    codec_encode(&text, "pong", &proto_record_pong, &pong);
    assert_true(
        bytes_equal_text(buffer_bytes(&text), "{\"type\":\"pong\",\"server_time_ms\":1000000000000000}"));
    struct codec_error error;
    struct codec_document *document = codec_open(buffer_bytes(&text), &codec_limits_internal, &error);
    assert_non_null(document);
    assert_true(codec_decode(document, &proto_record_pong, &back, &error));
    assert_true(back.server_time_ms == pong.server_time_ms);
    codec_close(document);
    buffer_free(&text);
}

static void a_raw_field_keeps_its_bytes(void **state)
{
    (void)state;
    static const char *const raw[] = {"{}", "{ \"a\" : 1e15 }", "{\"x\":1000000000000000,\"y\":1.10}",
                                      "{\"text\":\"}{\\\",:\\\\\",\"l\":[{},{}]}",
                                      "{\"\\u0061\":\"\\/\\u00e9é\"}"};
    char text[512];
    for (size_t i = 0; i < ARRAY_LENGTH(raw); i++) {
        struct proto_snapshot snapshot;
        struct codec_error error;
        snprintf(text, sizeof text,
                 "{\"player_id\":\"p:,}\",\"version\":1,\"state\":\"lobby\",\"connection_epoch\":1,"
                 "\"other\":{\"match\":{\"no\":1}},\"m\\u0061tch\": \t%s\n,\"request\":0,\"ready\":[\"a\"]}",
                 raw[i]);
        struct codec_document *document = codec_open(bytes_of_text(text), &codec_limits_internal, &error);
        assert_non_null(document);
        assert_true(codec_decode(document, &proto_record_snapshot, &snapshot, &error));
        assert_true(bytes_equal_text(snapshot.match, raw[i]));
        codec_close(document);
    }
}

/* A record inside a record has raw fields too; what stands around and inside them misleads nobody. */
static void a_raw_field_of_a_nested_record_keeps_its_bytes(void **state)
{
    (void)state;
    static const char request[] =
        "{\"snapshot\":{\"x\":1.0},\"other\":[{\"mate\":{\"snapshot\":{}}}],\"player_id\":\"a:{,\\\"\","
        "\"pod_id\":\"p\",\"connection_epoch\":1,\"request\":1,\"attempt\":1,\"mode\":\"party\",\"name\":\"A\","
        "\"level\":1,\"rating\":1,\"m\\u0061te\" : { \"deep\":{\"snapshot\":{\"no\":1}},\"name\":\"B}\","
        "\"snapshot\" : %s ,\"pod_id\":\"q\",\"connection_epoch\":2,\"level\":2,\"rating\":2,\"player_id\":\"b\"}}";
    static const char *const raw[] = {"{}", "{ \"a\" : 1e15 }", "{\"text\":\"}{\\\",:\\\\\",\"l\":[{},{}]}"};
    char text[1024];
    for (size_t i = 0; i < ARRAY_LENGTH(raw); i++) {
        struct proto_enqueue_request message;
        struct codec_error error;
        snprintf(text, sizeof text, request, raw[i]);
        struct codec_document *document = codec_open(bytes_of_text(text), &codec_limits_internal, &error);
        assert_non_null(document);
        assert_true(codec_decode(document, &proto_record_enqueue_request, &message, &error));
        assert_true(message.has_mate);
        assert_true(bytes_equal_text(message.mate.snapshot, raw[i]));
        assert_true(bytes_equal_text(message.snapshot, "{\"x\":1.0}"));
        assert_string_equal(message.mate.name, "B}");
        codec_close(document);
    }
    snprintf(text, sizeof text, request, "[]");
    struct proto_enqueue_request message;
    struct codec_error error;
    struct codec_document *document = codec_open(bytes_of_text(text), &codec_limits_internal, &error);
    assert_false(codec_decode(document, &proto_record_enqueue_request, &message, &error));
    assert_string_equal(error.place, "mate.snapshot");
    codec_close(document);
}

static void a_raw_field_is_an_object_of_limited_size(void **state)
{
    (void)state;
    static char text[MATCH_CARD_BYTES_MAX + 256];
    struct proto_snapshot snapshot;
    struct codec_error error;
    static const char head[] =
        "{\"player_id\":\"p\",\"version\":1,\"state\":\"lobby\",\"connection_epoch\":1,"
        "\"request\":0,\"match\":";
    for (int over = 0; over < 2; over++) {
        snprintf(text, sizeof text, "%s{\"a\":\"%0*d\"}}", head, MATCH_CARD_BYTES_MAX - 8 + over, 0);
        struct codec_document *document = codec_open(bytes_of_text(text), &codec_limits_internal, &error);
        assert_int_equal(codec_decode(document, &proto_record_snapshot, &snapshot, &error), over == 0);
        codec_close(document);
    }
    assert_string_equal(error.place, "match");
    assert_string_equal(error.detail, "too big");
    snprintf(text, sizeof text, "%s[]}", head);
    struct codec_document *document = codec_open(bytes_of_text(text), &codec_limits_internal, &error);
    assert_false(codec_decode(document, &proto_record_snapshot, &snapshot, &error));
    assert_string_equal(error.detail, "must be an object");
    codec_close(document);
}

static void single_fields_can_be_asked_for(void **state)
{
    (void)state;
    struct codec_error error;
    struct codec_document *document =
        codec_open(bytes_of_text("{\"type\":\"pong\",\"n\":5,\"half\":0.5}"), &codec_limits_client, &error);
    char text[5] = "old";
    int64_t number = 1;
    assert_true(codec_text(document, "type", text, sizeof text));
    assert_string_equal(text, "pong");
    assert_false(codec_text(document, "type", text, 4));
    assert_false(codec_text(document, "n", text, sizeof text));
    assert_false(codec_text(document, "absent", text, sizeof text));
    assert_string_equal(text, "pong");
    assert_false(codec_integer(document, "half", &number));
    assert_false(codec_integer(document, "type", &number));
    assert_int_equal(number, 1);
    assert_true(codec_integer(document, "n", &number));
    assert_int_equal(number, 5);
    assert_true(codec_has(document, "half"));
    assert_false(codec_has(document, "absent"));
    codec_close(document);
    codec_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_one_json_object),
        cmocka_unit_test(bytes_behind_the_object_are_refused),
        cmocka_unit_test(a_byte_order_mark_is_refused),
        cmocka_unit_test(invalid_utf8_is_refused_everywhere),
        cmocka_unit_test(surrogates_only_come_in_pairs),
        cmocka_unit_test(control_characters_are_refused_raw_and_escaped),
        cmocka_unit_test(a_nul_never_cuts_a_text),
        cmocka_unit_test(doubled_keys_are_refused_at_every_depth),
        cmocka_unit_test(keys_are_compared_with_their_case),
        cmocka_unit_test(an_object_with_very_many_keys_is_refused),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(size_has_a_limit),
        cmocka_unit_test(the_type_is_a_known_text),
        cmocka_unit_test(the_id_is_an_exact_positive_integer),
        cmocka_unit_test(a_refusal_still_knows_the_id),
        cmocka_unit_test(numbers_are_written_as_json_writes_them),
        cmocka_unit_test(a_field_is_refused_with_its_place),
        cmocka_unit_test(lists_have_their_limits),
        cmocka_unit_test(a_text_may_be_exactly_as_long_as_its_limit),
        cmocka_unit_test(unknown_fields_are_ignored),
        cmocka_unit_test(a_large_integer_is_kept_exactly),
        cmocka_unit_test(a_raw_field_keeps_its_bytes),
        cmocka_unit_test(a_raw_field_of_a_nested_record_keeps_its_bytes),
        cmocka_unit_test(a_raw_field_is_an_object_of_limited_size),
        cmocka_unit_test(single_fields_can_be_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
