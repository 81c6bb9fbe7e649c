/* The small pure parts of match_server: pods, tickets, seals, answers of scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "match_server/match_seal.h"
#include "match_server/match_view.h"
#include "match_server/penalty.h"
#include "match_server/player_snapshot.h"
#include "match_server/pods.h"
#include "match_server/ticket.h"

/* ---- pods ---------------------------------------------------------------------------------------- */

static struct pods make_pods(const char *const *members)
{
    struct pods pods = {.count = 0};
    for (; *members != NULL; members++) assert_true(pods_add(&pods, bytes_of_text(*members), 100));
    return pods;
}

static void a_pod_lives_until_its_deadline(void **state)
{
    (void)state;
    struct pods pods = make_pods((const char *const[]){"game:pod-a", "match:pod-a", "game:pod-b", NULL});
    assert_true(pods_is_alive(&pods, POD_GAME, "pod-a", 99));
    assert_false(pods_is_alive(&pods, POD_GAME, "pod-a", 100));
    assert_false(pods_is_alive(&pods, POD_MATCH, "pod-b", 99));
    assert_int_equal(pods_count_alive(&pods, POD_GAME, 99), 2);
    assert_null(pods_pick(&pods, POD_GAME, "ann", NULL, 100));
}

static void strange_members_are_not_pods(void **state)
{
    (void)state;
    struct pods pods = {.count = 0};
    const char *const strange[] = {
        "",         "game:",    "pod-a",     "other:pod-a",
        "game:a b", "game:a,b", "match:a:b", "game:pod-with-a-name-that-is-longer-than-32"};
    for (size_t i = 0; i < ARRAY_LENGTH(strange); i++) {
        assert_false(pods_add(&pods, bytes_of_text(strange[i]), 1));
    }
    char name[16];
    for (int i = 0; i < PODS_MAX; i++) {
        snprintf(name, sizeof name, "game:p%d", i);
        assert_true(pods_add(&pods, bytes_of_text(name), 1));
    }
    assert_false(pods_add(&pods, bytes_of_text("game:more"), 1));
}

static void a_pod_that_leaves_does_not_live_whatever_else_is_heard(void **state)
{
    (void)state;
    struct pods pods = make_pods((const char *const[]){"match:pod-a", "game:pod-a", "game:pod-b", NULL});
    pods_leave(&pods, POD_GAME, "pod-a", 60);
    assert_false(pods_is_alive(&pods, POD_GAME, "pod-a", 50));
    assert_true(pods_is_alive(&pods, POD_MATCH, "pod-a", 50));
    assert_string_equal(pods_host(&pods, "pod-a,pod-b", "m", NULL, 50), "pod-b");
    pods_touch(&pods, "pod-a", 200);
    struct pods stored = make_pods((const char *const[]){"match:pod-a", "game:pod-a", "game:pod-b", NULL});
    pods_replace(&pods, &stored, 50);
    assert_false(pods_is_alive(&pods, POD_GAME, "pod-a", 59));
    assert_true(pods_is_alive(&pods, POD_GAME, "pod-a", 60));
    pods_leave(&pods, POD_GAME, "pod-a", 90);
    pods_return(&pods, POD_GAME, "pod-a");
    assert_true(pods_is_alive(&pods, POD_GAME, "pod-a", 61));
    pods_leave(&pods, POD_MATCH, "pod-c", 90);
    assert_false(pods_is_alive(&pods, POD_MATCH, "pod-c", 61));
    pods_return(&pods, POD_MATCH, "unheard");
}

static void a_pod_that_was_heard_lives_although_the_set_does_not_name_it_yet(void **state)
{
    (void)state;
    struct pods pods = make_pods((const char *const[]){"match:pod-a", "game:pod-a", NULL});
    pods_touch(&pods, "pod-b", 200);
    pods_touch(&pods, "pod-a", 150);
    pods_touch(&pods, "pod-a", 50);
    struct pods read = make_pods((const char *const[]){"game:pod-a", NULL});
    pods_replace(&pods, &read, 120);
    assert_true(pods_is_alive(&pods, POD_GAME, "pod-a", 149));
    assert_true(pods_is_alive(&pods, POD_GAME, "pod-b", 199));
    assert_false(pods_is_alive(&pods, POD_MATCH, "pod-a", 1));
    pods_replace(&pods, &read, 200);
    assert_int_equal(pods.count, 1);
}

static void responsibility_is_spread_and_only_a_dead_pods_keys_move(void **state)
{
    (void)state;
    struct pods pods = make_pods((const char *const[]){"match:pod-a", "match:pod-b", "match:pod-c", NULL});
    int shares[3] = {0};
    for (int i = 0; i < 3000; i++) {
        char key[16];
        snprintf(key, sizeof key, "player%d", i);
        const char *picked = pods_pick(&pods, POD_MATCH, key, NULL, 1);
        shares[picked[4] - 'a']++;
        const char *without_c = pods_pick(&pods, POD_MATCH, key, "pod-c", 1);
        if (strcmp(picked, "pod-c") != 0) assert_string_equal(without_c, picked);
        assert_string_not_equal(without_c, "pod-c");
    }
    for (int i = 0; i < 3; i++) assert_in_range(shares[i], 850, 1150);
}

static void the_order_of_the_view_does_not_matter(void **state)
{
    (void)state;
    struct pods one = make_pods((const char *const[]){"match:pod-a", "match:pod-b", NULL});
    struct pods other = make_pods((const char *const[]){"match:pod-b", "match:pod-a", NULL});
    for (int i = 0; i < 100; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        assert_string_equal(pods_pick(&one, POD_MATCH, key, NULL, 1),
                            pods_pick(&other, POD_MATCH, key, NULL, 1));
    }
}

static void the_host_is_the_first_players_pod_or_the_next_that_lives(void **state)
{
    (void)state;
    struct pods pods = make_pods((const char *const[]){"game:pod-a", "game:pod-b", "game:pod-c", NULL});
    assert_string_equal(pods_host(&pods, "pod-b,pod-a", "m1", NULL, 1), "pod-b");
    assert_string_equal(pods_host(&pods, "gone,pod-a", "m1", NULL, 1), "pod-a");
    assert_string_equal(pods_host(&pods, "pod-b,pod-a", "m1", "pod-b", 1), "pod-a");
    assert_non_null(pods_host(&pods, "gone,pod", "m1", "", 1));
    assert_string_not_equal(pods_host(&pods, "pod-b", "m1", "pod-b", 1), "pod-b");
    assert_null(pods_host(&pods, "pod-b", "m1", NULL, 100));
    struct pods one = make_pods((const char *const[]){"game:pod-b", "match:pod-a", NULL});
    assert_string_equal(pods_host(&one, "pod-a,pod-b", "m1", "pod-b", 1), "pod-b");
}

/* ---- tickets ------------------------------------------------------------------------------------- */

static void a_waiters_line_is_read_whole(void **state)
{
    (void)state;
    struct ticket ticket;
    assert_true(
        ticket_parse(bytes_of_text("ann 1700 1800 1250 abcd pod-a ben,dee cy my old phone"), &ticket));
    assert_string_equal(ticket.player_id, "ann");
    assert_int_equal(ticket.q_ms, 1700);
    assert_int_equal(ticket.version, 1800);
    assert_int_equal(ticket.rating, 1250);
    assert_string_equal(ticket.snapshot_sha256, "abcd");
    assert_string_equal(ticket.pod_id, "pod-a");
    assert_true(ticket.player == ticket_hash(bytes_of_text("ann")));
    assert_true(ticket.opponents[0] == ticket_hash(bytes_of_text("ben")));
    assert_true(ticket.opponents[1] == ticket_hash(bytes_of_text("dee")));
    assert_string_equal(ticket.mate_id, "cy");
    assert_true(ticket.device == ticket_hash(bytes_of_text("my old phone")));
    assert_true(ticket_parse(bytes_of_text("ann 1 2 3 s p   "), &ticket));
    assert_true(ticket.opponents[0] == 0 && ticket.opponents[1] == 0 && ticket.device == 0);
    assert_string_equal(ticket.mate_id, "");
    assert_true(ticket_parse(bytes_of_text("ann 1 2 3 s p ben  "), &ticket));
    assert_true(ticket.opponents[0] == ticket_hash(bytes_of_text("ben")) && ticket.opponents[1] == 0);
    assert_true(ticket_parse(bytes_of_text("ann 1 2 3 s p a,b,c  d"), &ticket));
    assert_true(ticket.opponents[1] == ticket_hash(bytes_of_text("b")));
}

static void other_lines_are_refused(void **state)
{
    (void)state;
    struct ticket ticket;
    const char *const lines[] = {
        "",
        "ann",
        "ann 1 2 3 s p",
        "ann 1 2 3 s p o",
        "ann 1 2 3 s p o m",
        " 1 2 3 s p o m d",
        "ann x 2 3 s p o m d",
        "ann 1 -2 3 s p o m d",
        "ann 1 2  s p o m d",
        "ann 99999999999999999 2 3 s p o m d",
        "ann 1 2 3 s p o a-mate-with-an-id-that-is-longer-than-sixty-four-characters-of-text d",
        "ann 1 2 3 s pod-with-a-name-that-is-longer-than-32 o m d"};
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        assert_false(ticket_parse(bytes_of_text(lines[i]), &ticket));
    }
}

/* ---- seals --------------------------------------------------------------------------------------- */

static void the_commitment_is_the_hash_of_what_the_players_learn_later(void **state)
{
    (void)state;
    struct match_sealer sealer = {.key = {1, 2, 3}};
    const char *const sha256[] = {"aaaa", "bbbb"};
    struct match_seal seal = match_seal_make(&sealer, 1700000000123, sha256, 2);
    char text[256], expected[DIGEST_TEXT_SIZE];
    snprintf(text, sizeof text, "%s|%s|aaaa|bbbb", seal.seed, seal.match_id);
    digest_sha256_text(bytes_of_text(text), expected);
    assert_string_equal(seal.commitment, expected);
    assert_int_equal(strlen(seal.seed), 16);
    assert_int_equal(match_id_time_ms(seal.match_id), 1700000000123);
    struct match_seal next = match_seal_make(&sealer, 1700000000123, sha256, 2);
    assert_string_not_equal(next.match_id, seal.match_id);
    assert_string_not_equal(next.seed, seal.seed);
    struct match_sealer again = {.key = {1, 2, 3}};
    struct match_seal same = match_seal_make(&again, 1700000000123, sha256, 2);
    assert_memory_equal(&same, &seal, sizeof seal);
    assert_int_equal(match_id_time_ms("no match id"), 0);
}

static void the_digest_is_sha256(void **state)
{
    (void)state;
    char text[DIGEST_TEXT_SIZE];
    digest_sha256_text(bytes_of_text("abc"), text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* ---- answers ------------------------------------------------------------------------------------- */

enum { HEAD = 3 };

struct made_reply {
    struct redis_reply reply;
    struct redis_reply items[HEAD + 2 * SNAPSHOT_VALUES];
};

static void set(struct redis_reply *item, const char *text)
{
    *item = (struct redis_reply){.type = REDIS_TEXT, .text = text, .length = strlen(text)};
}

static void make_reply(struct made_reply *made, size_t players)
{
    static const char *const values[] = {"ann",  "pod-a", "7",   "loading", "3",         "4",     "normal",
                                         "1700", "m1",    "why", "ann,ben", "{\"a\":1}", "5 min", "cy"};
    for (size_t i = 0; i < HEAD; i++) set(&made->items[i], i == 0 ? "OK" : "");
    for (size_t i = 0; i < players * SNAPSHOT_VALUES; i++)
        set(&made->items[HEAD + i], values[i % SNAPSHOT_VALUES]);
    made->reply = (struct redis_reply){
        .type = REDIS_ARRAY, .items = made->items, .count = HEAD + players * SNAPSHOT_VALUES};
}

static void an_answer_is_read_into_snapshots(void **state)
{
    (void)state;
    struct made_reply made;
    struct answer answer;
    struct told_player told;
    make_reply(&made, 2);
    assert_true(answer_read(&made.reply, &answer));
    assert_true(answer_is(&answer, "OK"));
    assert_int_equal(answer.player_count, 2);
    assert_true(answer_player(&answer, 1, &told));
    assert_string_equal(told.pod_id, "pod-a");
    assert_string_equal(told.snapshot.player_id, "ann");
    assert_int_equal(told.snapshot.version, 7);
    assert_string_equal(told.snapshot.state, "loading");
    assert_int_equal(told.snapshot.connection_epoch, 3);
    assert_int_equal(told.snapshot.request, 4);
    assert_int_equal(told.snapshot.enqueued_at_ms, 1700);
    assert_string_equal(told.snapshot.match_id, "m1");
    assert_string_equal(told.snapshot.reason, "why");
    assert_int_equal(told.snapshot.ready_count, 2);
    assert_string_equal(told.snapshot.ready[1], "ben");
    assert_true(bytes_equal_text(told.snapshot.match, "{\"a\":1}"));
    assert_string_equal(told.snapshot.penalty, "5 min");
    assert_string_equal(told.snapshot.mate, "cy");
    assert_int_equal(answer_players_in(&answer, STATE_loading), 2);
    assert_int_equal(answer_players_in(&answer, STATE_queued), 0);
}

static void what_is_not_stored_is_the_lobby(void **state)
{
    (void)state;
    struct made_reply made;
    struct answer answer;
    struct told_player told;
    make_reply(&made, 1);
    for (size_t i = 1; i < SNAPSHOT_VALUES; i++) set(&made.items[HEAD + i], "");
    assert_true(answer_read(&made.reply, &answer) && answer_player(&answer, 0, &told));
    assert_string_equal(told.snapshot.state, "lobby");
    assert_int_equal(told.snapshot.version, 0);
}

static void answers_of_another_shape_are_refused(void **state)
{
    (void)state;
    struct made_reply made;
    struct answer answer;
    struct told_player told;
    make_reply(&made, 1);
    assert_false(answer_read(NULL, &answer));
    made.reply.count--;
    assert_false(answer_read(&made.reply, &answer));
    made.reply.count = 2;
    assert_false(answer_read(&made.reply, &answer));
    struct redis_reply error = {.type = REDIS_ERROR, .text = "ERR", .length = 3};
    assert_false(answer_read(&error, &answer));
    static const struct {
        size_t index;
        const char *value;
    } bad[] = {{0, ""},
               {0, "an-id-that-is-much-longer-than-sixty-four-characters-and-so-cannot-be-one"},
               {1, "pod-with-a-name-that-is-longer-than-32"},
               {2, "seven"},
               {2, "-7"},
               {3, "sleeping"},
               {4, "x"},
               {7, "99999999999999999999"},
               {9, "a reason that is far too long for its field"},
               {10, "a,b,c,d,e"}};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        make_reply(&made, 1);
        set(&made.items[HEAD + bad[i].index], bad[i].value);
        assert_true(answer_read(&made.reply, &answer));
        assert_false(answer_player(&answer, 0, &told));
    }
}

static void a_match_that_does_not_exist_has_nobody_in_it(void **state)
{
    (void)state;
    struct redis_reply items[6] = {{.type = REDIS_NIL}};
    struct redis_reply reply = {.type = REDIS_ARRAY, .items = items, .count = 6};
    struct match_view match;
    assert_true(match_view_parse(&reply, &match));
    assert_string_equal(match.players, "");
    set(&items[1], "ann,ben");
    assert_true(match_view_parse(&reply, &match));
    assert_string_equal(match.players, "ann,ben");
    set(&items[3], "a-mode-with-a-long-name");
    assert_false(match_view_parse(&reply, &match));
    assert_false(match_view_parse(NULL, &match));
    assert_true(match_id_is_valid("01890000-0000-7000-8000-000000000000"));
    assert_false(match_id_is_valid("") || match_id_is_valid("a:b") || match_id_is_valid("{x}"));
}

/* ---- sanctions ----------------------------------------------------------------------------------- */

static void items_of_a_list_are_found(void **state)
{
    (void)state;
    char item[MATCH_ITEM_SIZE];
    const char *const wanted[] = {"ann", "", "ben", "", ""};
    for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++) {
        match_view_item("ann,,ben", i, item);
        assert_string_equal(item, wanted[i]);
    }
    char longer[2 * MATCH_ITEM_SIZE];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    match_view_item(longer, 0, item);
    assert_int_equal(strlen(item), MATCH_ITEM_SIZE - 1);
}

static void a_member_has_the_device_he_queued_with(void **state)
{
    (void)state;
    char hash[DIGEST_TEXT_SIZE], found[DIGEST_TEXT_SIZE];
    struct match_view match = {.players = "ann,ben"};
    penalty_device_hash("phone", hash);
    assert_int_equal(strlen(hash), 64);
    snprintf(match.devices, sizeof match.devices, "-,%s", hash);
    penalty_device_of(&match, "ben", found);
    assert_string_equal(found, hash);
    penalty_device_of(&match, "ann", found);
    assert_string_equal(found, "-");
    penalty_device_of(&match, "cy", found);
    assert_string_equal(found, "-");
    penalty_device_hash("", hash);
    assert_string_equal(hash, "-");
    match.devices[0] = '\0'; /* a match of an older server */
    penalty_device_of(&match, "ben", found);
    assert_string_equal(found, "-");
}

static void steps_of_sanctions_must_rise(void **state)
{
    (void)state;
    const char *const good[] = {"0", "60", "0,60,300,1800,86400",
                                "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,2592000"};
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) assert_null(penalty_steps_problem(good[i]));
    const char *const bad[] = {"",
                               ",",
                               "0,",
                               "0,,1",
                               "0,0",
                               "60,30",
                               "a",
                               "0,1s",
                               "-1",
                               "0;1",
                               "2592001",
                               "99999999999",
                               "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) assert_non_null(penalty_steps_problem(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pod_lives_until_its_deadline),
        cmocka_unit_test(strange_members_are_not_pods),
        cmocka_unit_test(a_pod_that_was_heard_lives_although_the_set_does_not_name_it_yet),
        cmocka_unit_test(a_pod_that_leaves_does_not_live_whatever_else_is_heard),
        cmocka_unit_test(responsibility_is_spread_and_only_a_dead_pods_keys_move),
        cmocka_unit_test(the_order_of_the_view_does_not_matter),
        cmocka_unit_test(the_host_is_the_first_players_pod_or_the_next_that_lives),
        cmocka_unit_test(items_of_a_list_are_found),
        cmocka_unit_test(a_member_has_the_device_he_queued_with),
        cmocka_unit_test(steps_of_sanctions_must_rise),
        cmocka_unit_test(a_waiters_line_is_read_whole),
        cmocka_unit_test(other_lines_are_refused),
        cmocka_unit_test(the_commitment_is_the_hash_of_what_the_players_learn_later),
        cmocka_unit_test(the_digest_is_sha256),
        cmocka_unit_test(an_answer_is_read_into_snapshots),
        cmocka_unit_test(what_is_not_stored_is_the_lobby),
        cmocka_unit_test(answers_of_another_shape_are_refused),
        cmocka_unit_test(a_match_that_does_not_exist_has_nobody_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
