/* A crowd of one device cannot play itself, and hides nobody behind it, in no kind of queue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "match_server/device_crowd.h"
#include "match_server/mirror.h"
#include "match_server/queue_policy.h"
#include "match_server/ranked_rules.h"

#define NOW_MS INT64_C(1700000000000)

enum { CROWD = 3000 };

struct stage {
    struct queue_policy *policy;
    struct mirror *mirror;
    int64_t waiters;
};

static struct stage open_stage(struct queue_policy *policy)
{
    return (struct stage){policy, mirror_open(policy), 0};
}

static void close_stage(struct stage *stage)
{
    mirror_close(stage->mirror);
    queue_policy_close(stage->policy);
}

/* One more at the end of the queue; with a mate he is half of a party. */
static void put(struct stage *stage, const char *player, const char *mate, const char *device)
{
    struct ticket ticket = {.q_ms = NOW_MS + stage->waiters, .version = 1, .rating = 1000};
    text_copy(ticket.player_id, sizeof ticket.player_id, player);
    text_copy(ticket.mate_id, sizeof ticket.mate_id, mate);
    ticket.player = ticket_hash(bytes_of_text(player));
    ticket.device = ticket_hash(bytes_of_text(device));
    mirror_put(stage->mirror, &ticket);
}

static void put_solo(struct stage *stage, const char *player, const char *device)
{
    put(stage, player, "", device);
    stage->waiters++;
}

static void put_party(struct stage *stage, const char *one, const char *other, const char *device)
{
    put(stage, one, other, device);
    put(stage, other, one, device);
    stage->waiters++;
}

static void put_crowd(struct stage *stage, const char *device, bool in_parties)
{
    for (int i = 0; i < CROWD; i++) {
        char one[32], other[32];
        snprintf(one, sizeof one, "%s-%04d", device, i);
        snprintf(other, sizeof other, "%s-%04d-mate", device, i);
        if (in_parties) put_party(stage, one, other, device);
        else put_solo(stage, one, device);
    }
}

/* The matches of one pass as a text; their members are gone afterwards. */
static const char *matches_of(struct stage *stage, size_t max)
{
    static char text[1024];
    struct queue_match matches[QUEUE_MATCHES_MAX];
    struct queue_view view = {stage->mirror, NOW_MS + CROWD, INT64_MAX, true};
    size_t count = queue_policy_matches(stage->policy, &view, matches, max), length = 0;
    size_t members = queue_policy_members(stage->policy);
    text[0] = '\0';
    for (size_t i = 0; i < count * members; i++) {
        struct ticket *member = matches[i / members].members[i % members];
        const char *before = i == 0 ? "" : i % members == 0 ? " " : "+";
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", before, member->player_id);
        mirror_remove(stage->mirror, member->player_id);
    }
    return text;
}

static void first_come_looks_past_the_crowd(void **state)
{
    (void)state;
    struct stage stage = open_stage(queue_policy_open_first_come());
    put_crowd(&stage, "farm", false);
    assert_string_equal(matches_of(&stage, QUEUE_MATCHES_MAX), "");
    put_solo(&stage, "ann", "phone");
    assert_string_equal(matches_of(&stage, 1), "farm-0000+ann");
    put_solo(&stage, "ben", "tablet");
    put_solo(&stage, "cy", "");
    assert_string_equal(matches_of(&stage, QUEUE_MATCHES_MAX), "farm-0001+ben farm-0002+cy");
    for (int i = 0; i < 6; i++) put_solo(&stage, (const char *[]){"a", "b", "c", "d", "e", "f"}[i], "");
    assert_string_equal(matches_of(&stage, QUEUE_MATCHES_MAX),
                        "farm-0003+a farm-0004+b farm-0005+c farm-0006+d e+f");
    close_stage(&stage);
}

static void ranked_looks_past_the_crowd(void **state)
{
    (void)state;
    struct matcher_rules rules;
    assert_null(ranked_rules_read("0:50", 0, 0, &rules));
    struct stage stage = open_stage(queue_policy_open_ranked(&rules));
    put_crowd(&stage, "farm", false);
    assert_string_equal(matches_of(&stage, QUEUE_MATCHES_MAX), "");
    put_solo(&stage, "ann", "phone");
    assert_non_null(strstr(matches_of(&stage, QUEUE_MATCHES_MAX), "+ann"));
    close_stage(&stage);
}

static void solo_players_of_the_party_queue_are_seen_behind_the_crowd(void **state)
{
    (void)state;
    struct stage stage = open_stage(queue_policy_open_party());
    put_crowd(&stage, "farm", false);
    assert_string_equal(matches_of(&stage, QUEUE_MATCHES_MAX), "");
    put_solo(&stage, "ann", "phone");
    put_solo(&stage, "ben", "tablet");
    put_solo(&stage, "cy", "");
    assert_string_equal(matches_of(&stage, 1), "farm-0000+ann+ben+cy");
    close_stage(&stage);
}

static void parties_are_seen_behind_a_crowd_of_parties(void **state)
{
    (void)state;
    struct stage stage = open_stage(queue_policy_open_party());
    put_crowd(&stage, "farm", true);
    assert_string_equal(matches_of(&stage, QUEUE_MATCHES_MAX), "");
    put_party(&stage, "ann", "ben", "phone");
    assert_string_equal(matches_of(&stage, 1), "farm-0000+farm-0000-mate+ann+ben");
    put_solo(&stage, "cy", "laptop");
    put_solo(&stage, "dee", "tablet");
    assert_string_equal(matches_of(&stage, 1), "farm-0001+farm-0001-mate+cy+dee");
    close_stage(&stage);
}

static void every_device_is_counted_for_itself_and_anew_in_every_pass(void **state)
{
    (void)state;
    struct device_crowd *crowd = memory_new(sizeof *crowd);
    for (int pass = 0; pass < 3; pass++) {
        device_crowd_start_pass(crowd);
        for (int i = 0; i < DEVICE_CROWD_MAX; i++) {
            for (uint64_t device = 1; device <= DEVICE_CROWD_DEVICES / 2; device++)
                assert_true(device_crowd_admit(crowd, device * DEVICE_CROWD_DEVICES)); /* all of one slot */
        }
        assert_false(device_crowd_admit(crowd, DEVICE_CROWD_DEVICES));
        for (int i = 0; i < 10; i++) assert_true(device_crowd_admit(crowd, 0));
        if (pass == 1) crowd->pass = UINT32_MAX; /* the next pass is number 0, were it not for the wrap */
    }
    free(crowd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_come_looks_past_the_crowd),
        cmocka_unit_test(ranked_looks_past_the_crowd),
        cmocka_unit_test(solo_players_of_the_party_queue_are_seen_behind_the_crowd),
        cmocka_unit_test(parties_are_seen_behind_a_crowd_of_parties),
        cmocka_unit_test(every_device_is_counted_for_itself_and_anew_in_every_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
