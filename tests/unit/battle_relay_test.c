/* Two against two: who wins a relay, and that its timeline is the bouts' and can be verified. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "game_server/battle/relay.h"
#include "tests/support/battle_decks.h"

enum { RELAYS = 200 };

struct world {
    battle_catalog *catalog;
    battle_ctx *ctx;
    battle_snapshot players[BATTLE_RELAY_PLAYERS];
    battle_relay_result result;
    char *bytes, *other;
    size_t size;
};

static int open_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    world->catalog = decks_load_catalog();
    world->ctx = battle_ctx_new();
    world->bytes = malloc(BATTLE_RELAY_BYTES);
    world->other = malloc(BATTLE_RELAY_BYTES);
    *state = world;
    return 0;
}

static int close_world(void **state)
{
    struct world *world = *state;
    battle_catalog_free(world->catalog);
    battle_ctx_free(world->ctx);
    free(world->bytes);
    free(world->other);
    free(world);
    return 0;
}

static battle_seed seed_of(uint64_t number)
{
    return decks_seed(number * UINT64_C(0x9e3779b97f4a7c15));
}

static void gather(struct world *world, uint64_t number)
{
    static const char *const names[BATTLE_RELAY_PLAYERS] = {"ana", "ben", "cid", "dan"};
    uint64_t dice = number;
    for (int i = 0; i < BATTLE_RELAY_PLAYERS; i++) {
        int cards = 1 + (int)decks_random(&dice, BATTLE_SLOTS);
        world->players[i] = decks_random_side(world->catalog, &dice, names[i], cards);
    }
}

static void relay(struct world *world, uint64_t number)
{
    battle_seed seed = seed_of(number);
    assert_int_equal(battle_relay_run(world->ctx, world->catalog, world->players, &seed, "match-1",
                                      world->bytes, BATTLE_RELAY_BYTES, &world->size, &world->result),
                     BATTLE_OK);
    assert_true(world->size > 0);
}

static int verify(struct world *world, const char *bytes, size_t size, battle_err *err)
{
    return battle_relay_verify(world->catalog, bytes, size, err);
}

/* ---- the rule ------------------------------------------------------------------------------------ */

static void more_bouts_win_then_more_health_else_it_is_a_draw(void **state)
{
    (void)state;
    static const struct {
        int winners[2];
        int hp[4]; /* of a, b, c, d; everybody's maximum is 300 */
        int winner;
        enum battle_relay_why why;
    } rows[] = {
        {{0, 0}, {1, 1, 0, 0}, 0, BATTLE_RELAY_BY_BOUTS},
        {{1, 1}, {0, -5, 300, 1}, 1, BATTLE_RELAY_BY_BOUTS},
        {{0, -1}, {1, 0, 0, 0}, 0, BATTLE_RELAY_BY_BOUTS},
        {{-1, 1}, {300, 0, 300, 1}, 1, BATTLE_RELAY_BY_BOUTS},
        {{0, 1}, {200, 0, 0, 100}, 0, BATTLE_RELAY_BY_HEALTH},
        {{0, 1}, {100, -40, -1, 200}, 1, BATTLE_RELAY_BY_HEALTH},
        {{1, 0}, {0, 100, 101, 0}, 1, BATTLE_RELAY_BY_HEALTH},
        {{0, 1}, {150, -300, -1, 150}, -1, BATTLE_RELAY_EVEN},
        {{-1, -1}, {0, 0, 0, 0}, -1, BATTLE_RELAY_EVEN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        battle_relay_result result = {.winner = 7};
        for (int bout = 0; bout < 2; bout++) {
            result.bouts[bout] = (battle_result){.winner = rows[i].winners[bout],
                                                 .hp = {rows[i].hp[bout], rows[i].hp[2 + bout]},
                                                 .hp_max = {300, 300}};
        }
        battle_relay_decide(&result);
        if (result.winner != rows[i].winner || result.why != rows[i].why) fail_msg("row %zu", i);
    }
}

static void health_is_a_floored_share_of_the_own_maximum(void **state)
{
    (void)state;
    battle_relay_result result = {.bouts = {{.winner = 0, .hp = {999, -7}, .hp_max = {1060, 250}},
                                            {.winner = 1, .hp = {0, 250}, .hp_max = {300, 250}}}};
    battle_relay_decide(&result);
    assert_int_equal(result.permille[0], 942);
    assert_int_equal(result.permille[1], 0);
    assert_int_equal(result.permille[2], 0);
    assert_int_equal(result.permille[3], 1000);
    assert_int_equal(result.winner, 1);
}

static void the_first_bout_has_the_seed_of_the_match(void **state)
{
    (void)state;
    static const uint8_t second[8] = {0xbe, 0x8c, 0x33, 0x81, 0xa8, 0x8d, 0xa2, 0x26};
    battle_seed match = {{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}};
    battle_seed seed = battle_relay_seed(&match, 0);
    assert_memory_equal(seed.bytes, match.bytes, 8);
    seed = battle_relay_seed(&match, 1); /* SHA-256 of "relay:0123456789abcdef:1" */
    assert_memory_equal(seed.bytes, second, 8);
}

/* ---- the timeline -------------------------------------------------------------------------------- */

/* Written by hand: what stands around the bouts. */
static void the_timeline_is_the_bouts_and_what_follows_from_them(void **state)
{
    struct world *world = *state;
    for (uint64_t number = 1; number <= 20; number++) {
        size_t length = 0;
        gather(world, number);
        relay(world, number);
        battle_seed seed = seed_of(number);
        char hex[17], head[128];
        for (int i = 0; i < 8; i++) snprintf(hex + 2 * i, 3, "%02x", seed.bytes[i]);
        snprintf(head, sizeof head,
                 "{\"fmt\":\"relay\",\"v\":1,\"mid\":\"match-1\",\"seed\":\"%s\",\"bouts\":[", hex);
        memcpy(world->other, head, strlen(head));
        length += strlen(head);
        for (int i = 0; i < 2; i++) {
            battle_snapshot sides[2] = {world->players[i], world->players[2 + i]};
            battle_seed bout_seed = battle_relay_seed(&seed, i);
            battle_sink sink = {"match-1"};
            battle_result bout;
            if (i > 0) world->other[length++] = ',';
            battle_run(world->ctx, world->catalog, sides, &bout_seed, &sink, &bout);
            length += battle_timeline_json(world->ctx, world->other + length, BATTLE_TIMELINE_BYTES);
            assert_int_equal(bout.winner, world->result.bouts[i].winner);
        }
        assert_true(world->size > length);
        assert_memory_equal(world->bytes, world->other, length);
        static const char *const whys[] = {"", "bouts", "health", "even"};
        const int *p = world->result.permille;
        char end[256];
        snprintf(end, sizeof end,
                 "],\"end\":{\"win\":%d,\"why\":\"%s\",\"bouts\":[%d,%d],\"permille\":[%d,%d,%d,%d],"
                 "\"sum\":[%d,%d],\"hash\":\"",
                 world->result.winner, whys[world->result.why], world->result.bouts[0].winner,
                 world->result.bouts[1].winner, p[0], p[1], p[2], p[3], p[0] + p[1], p[2] + p[3]);
        assert_int_equal(world->size, length + strlen(end) + 16 + 3);
        assert_memory_equal(world->bytes + length, end, strlen(end));
        uint8_t digest[32];
        char digits[65];
        battle_sha256(world->bytes, length + strlen(end), digest);
        decks_hex(digest, digits);
        assert_memory_equal(world->bytes + length + strlen(end), digits, 16);
        assert_memory_equal(world->bytes + world->size - 3, "\"}}", 3);
    }
}

static void relays_verify_and_are_the_same_bytes_again(void **state)
{
    struct world *world = *state;
    bool seen[4] = {false};
    for (uint64_t number = 1; number <= RELAYS; number++) {
        battle_err err;
        gather(world, number);
        relay(world, number);
        seen[world->result.why] = true;
        size_t size = world->size;
        memcpy(world->other, world->bytes, size);
        relay(world, number);
        assert_int_equal(world->size, size);
        assert_memory_equal(world->bytes, world->other, size);
        if (verify(world, world->bytes, size, &err) != BATTLE_OK)
            fail_msg("relay %d: %s at %s", (int)number, err.message, err.place);
    }
    assert_true(seen[BATTLE_RELAY_BY_BOUTS] && seen[BATTLE_RELAY_BY_HEALTH]);
}

static void swapping_the_teams_swaps_the_winner(void **state)
{
    struct world *world = *state;
    for (uint64_t number = 1; number <= RELAYS; number++) {
        gather(world, number);
        relay(world, number);
        battle_relay_result one = world->result;
        for (int i = 0; i < 2; i++) {
            battle_snapshot mine = world->players[i];
            world->players[i] = world->players[2 + i];
            world->players[2 + i] = mine;
        }
        relay(world, number);
        assert_int_equal(world->result.winner, one.winner < 0 ? -1 : 1 - one.winner);
        assert_int_equal(world->result.why, one.why);
        for (int i = 0; i < 4; i++) assert_int_equal(world->result.permille[i], one.permille[(i + 2) % 4]);
    }
}

static void a_buffer_too_small_holds_no_relay(void **state)
{
    struct world *world = *state;
    battle_seed seed = seed_of(3);
    gather(world, 3);
    relay(world, 3);
    size_t whole = world->size, length;
    const size_t rooms[] = {0, 10, 90, whole / 3, whole - 300, whole - 1};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        assert_int_equal(battle_relay_run(world->ctx, world->catalog, world->players, &seed, "match-1",
                                          world->other, rooms[i], &length, &world->result),
                         BATTLE_OK);
        assert_int_equal(length, 0);
    }
    assert_int_equal(battle_relay_run(world->ctx, world->catalog, world->players, &seed, "match-1",
                                      world->other, whole, &length, &world->result),
                     BATTLE_OK);
    assert_int_equal(length, whole);
}

static void a_player_cannot_meet_himself(void **state)
{
    struct world *world = *state;
    battle_seed seed = seed_of(3);
    size_t length = 7;
    gather(world, 3);
    world->players[3] = world->players[1];
    assert_int_equal(battle_relay_run(world->ctx, world->catalog, world->players, &seed, "match-1",
                                      world->bytes, BATTLE_RELAY_BYTES, &length, &world->result),
                     BATTLE_E_PLAYER);
    assert_int_equal(length, 0);
}

/* ---- what is no relay ---------------------------------------------------------------------------- */

static void changing_any_byte_is_noticed(void **state)
{
    struct world *world = *state;
    battle_err err;
    for (uint64_t number = 1;; number++) {
        gather(world, number);
        relay(world, number);
        if (world->size < 16000) break;
    }
    size_t first_bout = 80, end = world->size - 200;
    for (size_t at = 0; at < world->size; at += at < first_bout || at > end ? 1 : 13) {
        char before = world->bytes[at];
        world->bytes[at] = (char)(before ^ (1 << at % 7));
        if (verify(world, world->bytes, world->size, &err) == BATTLE_OK) fail_msg("byte %zu", at);
        world->bytes[at] = before;
    }
    for (size_t cut = 0; cut < world->size; cut += 31)
        assert_int_not_equal(verify(world, world->bytes, cut, &err), BATTLE_OK);
    assert_int_equal(verify(world, world->bytes, world->size, &err), BATTLE_OK);
}

/* Puts a relay together from parts of world->bytes: `head` as it is, then these bouts. */
static size_t assemble(struct world *world, const char *const bouts[], const size_t sizes[], int count)
{
    const char *start = strstr(world->bytes, "\"bouts\":[") + 9;
    const char *end = strstr(world->bytes, "],\"end\":{\"win\":");
    for (const char *next = end; next != NULL; next = strstr(next + 1, "],\"end\":{\"win\":")) end = next;
    size_t length = (size_t)(start - world->bytes);
    memcpy(world->other, world->bytes, length);
    for (int i = 0; i < count; i++) {
        if (i > 0) world->other[length++] = ',';
        memcpy(world->other + length, bouts[i], sizes[i]);
        length += sizes[i];
    }
    memcpy(world->other + length, end, strlen(end));
    return length + strlen(end);
}

static void bouts_of_another_match_seed_or_player_are_noticed(void **state)
{
    struct world *world = *state;
    battle_err err;
    battle_seed seed = seed_of(5);
    gather(world, 5);
    relay(world, 5);
    world->bytes[world->size] = '\0';
    char *bouts[2];
    size_t sizes[2];
    for (int i = 0; i < 2; i++) {
        battle_snapshot sides[2] = {world->players[i], world->players[2 + i]};
        battle_seed bout_seed = battle_relay_seed(&seed, i);
        battle_sink sink = {"match-1"};
        battle_result bout;
        bouts[i] = malloc(BATTLE_TIMELINE_BYTES);
        battle_run(world->ctx, world->catalog, sides, &bout_seed, &sink, &bout);
        sizes[i] = battle_timeline_json(world->ctx, bouts[i], BATTLE_TIMELINE_BYTES);
    }
    const char *const same[] = {bouts[0], bouts[1], bouts[1]}, *const swapped[] = {bouts[1], bouts[0]},
                      *const doubled[] = {bouts[0], bouts[0]};
    const size_t same_sizes[] = {sizes[0], sizes[1], sizes[1]}, swapped_sizes[] = {sizes[1], sizes[0]},
                 doubled_sizes[] = {sizes[0], sizes[0]};
    assert_int_equal(verify(world, world->other, assemble(world, same, same_sizes, 2), &err), BATTLE_OK);

    assert_int_equal(verify(world, world->other, assemble(world, same, same_sizes, 1), &err), BATTLE_E_SIZE);
    assert_int_equal(verify(world, world->other, assemble(world, same, same_sizes, 3), &err), BATTLE_E_SIZE);
    assert_string_equal(err.place, "bouts[2]");
    assert_int_equal(verify(world, world->other, assemble(world, swapped, swapped_sizes, 2), &err),
                     BATTLE_E_VERIFY);
    assert_int_equal(verify(world, world->other, assemble(world, doubled, doubled_sizes, 2), &err),
                     BATTLE_E_VERIFY);
    assert_string_equal(err.place, "bouts[1]");
    bouts[1][sizes[1] - 5] ^= 1;
    assert_int_equal(verify(world, world->other, assemble(world, same, same_sizes, 2), &err),
                     BATTLE_E_VERIFY);
    assert_string_equal(err.place, "bouts[1].end");
    free(bouts[0]);
    free(bouts[1]);
}

static void one_who_fights_twice_is_noticed(void **state)
{
    struct world *world = *state;
    battle_err err;
    gather(world, 6);
    memcpy(world->players[3].player_id, "ana", 4);
    relay(world, 6);
    assert_int_equal(verify(world, world->bytes, world->size, &err), BATTLE_E_PLAYER);
}

static void other_documents_are_refused_with_their_place(void **state)
{
    struct world *world = *state;
    battle_err err;
    static const struct {
        const char *text, *place;
    } rows[] = {
        {"", ""},
        {"{}", "fmt"},
        {"[]", ""},
        {"{\"fmt\":\"bt\",\"v\":1}", "fmt"},
        {"{\"fmt\":\"relay\",\"v\":2}", "v"},
        {"{\"fmt\":\"relay\",\"v\":1,\"mid\":\"m\",\"seed\":\"\",\"bouts\":{},\"end\":{}}", "bouts"},
        {"{\"fmt\":\"relay\",\"v\":1,\"mid\":\"m\",\"seed\":\"\",\"bouts\":[],\"end\":{}}", ""},
        {"{\"fmt\":\"relay\",\"v\":1,\"mid\":\"m\",\"seed\":\"\",\"bouts\":[1,2],\"end\":{}}", "bouts[0]"},
        {"{\"fmt\":\"relay\",\"v\":1,\"extra\":1}", "extra"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int code = verify(world, rows[i].text, strlen(rows[i].text), &err);
        if (code == BATTLE_OK || strcmp(err.place, rows[i].place) != 0)
            fail_msg("%s: %d at \"%s\"", rows[i].text, code, err.place);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_bouts_win_then_more_health_else_it_is_a_draw),
        cmocka_unit_test(health_is_a_floored_share_of_the_own_maximum),
        cmocka_unit_test(the_first_bout_has_the_seed_of_the_match),
        cmocka_unit_test(the_timeline_is_the_bouts_and_what_follows_from_them),
        cmocka_unit_test(relays_verify_and_are_the_same_bytes_again),
        cmocka_unit_test(swapping_the_teams_swaps_the_winner),
        cmocka_unit_test(a_buffer_too_small_holds_no_relay),
        cmocka_unit_test(a_player_cannot_meet_himself),
        cmocka_unit_test(changing_any_byte_is_noticed),
        cmocka_unit_test(bouts_of_another_match_seed_or_player_are_noticed),
        cmocka_unit_test(one_who_fights_twice_is_noticed),
        cmocka_unit_test(other_documents_are_refused_with_their_place),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
