/* Replies of the party scripts, whole and damaged; and what the next attempt asks with. */
#include "game_server/party_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PARTY "01890000-0000-7000-8000-00000000000a"

static struct redis_reply text(const char *value)
{
    return (struct redis_reply){.type = REDIS_TEXT, .text = value, .length = strlen(value)};
}

enum { LISTS = 4, VALUES_MAX = 64 };

/* An OK reply of two members, one guest, one to tell and one invitation, to be damaged. */
struct sample {
    struct redis_reply reply, items[5 + LISTS], values[LISTS][VALUES_MAX];
};

static void fill(struct sample *sample, int list, const char *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++) sample->values[list][i] = text(values[i]);
    sample->items[5 + list] =
        (struct redis_reply){.type = REDIS_ARRAY, .items = sample->values[list], .count = count};
}

static void sample_make(struct sample *sample)
{
    static const char *const head[] = {"OK", "", "77", PARTY, "ann"};
    static const char *const members[] = {"ann", "Ann",   "3", "1210", "1", "pod-a", "5", "d-1",
                                          "ben", "ben K", "1", "1190", "0", "pod-b", "6", ""};
    static const char *const invited[] = {"cid"};
    static const char *const news[] = {"ben", "pod-b"};
    static const char *const invitations[] = {PARTY, "eve", "Eve E", "123456"};
    *sample = (struct sample){.reply = {.type = REDIS_ARRAY, .items = sample->items, .count = 5 + LISTS}};
    for (size_t i = 0; i < ARRAY_LENGTH(head); i++) sample->items[i] = text(head[i]);
    fill(sample, 0, members, ARRAY_LENGTH(members));
    fill(sample, 1, invited, ARRAY_LENGTH(invited));
    fill(sample, 2, news, ARRAY_LENGTH(news));
    fill(sample, 3, invitations, ARRAY_LENGTH(invitations));
}

static enum party_status status_of(const struct redis_reply *reply)
{
    struct party_answer answer;
    party_answer_read(reply, &answer);
    return answer.status;
}

static void a_whole_answer_is_read(void **state)
{
    (void)state;
    struct sample sample;
    struct party_answer answer;
    sample_make(&sample);
    party_answer_read(&sample.reply, &answer);
    assert_int_equal(answer.status, PARTY_OK);
    assert_int_equal(answer.version, 77);
    assert_string_equal(answer.party.party_id, PARTY);
    assert_string_equal(answer.party.leader, "ann");
    assert_int_equal(answer.party.members_count, 2);
    const struct party_member *ben = &answer.party.members[1];
    assert_string_equal(ben->shown.name, "ben K");
    assert_int_equal(ben->shown.level, 1);
    assert_int_equal(ben->shown.rating, 1190);
    assert_false(ben->shown.online);
    assert_string_equal(ben->pod_id, "pod-b");
    assert_int_equal(ben->connection_epoch, 6);
    assert_string_equal(ben->device_id, "");
    assert_true(answer.party.members[0].shown.online);
    assert_string_equal(answer.party.members[0].device_id, "d-1");
    assert_int_equal(answer.party.invited_count, 1);
    assert_string_equal(answer.party.invited[0], "cid");
    assert_int_equal(answer.invitations_count, 1);
    assert_string_equal(answer.invitations[0].name, "Eve E");
    assert_int_equal(answer.invitations[0].expires_at_ms, 123456);
}

static void a_damaged_answer_is_no_answer(void **state)
{
    (void)state;
    static const struct {
        int list;
        size_t value;
        const char *instead;
    } damages[] = {{0, 2, "high"},
                   {0, 3, ""},
                   {0, 4, "yes"},
                   {0, 6, "x"},
                   {0, 5, "a pod id that is longer than any can be"},
                   {3, 3, "soon"}};
    struct sample sample;
    for (size_t i = 0; i < ARRAY_LENGTH(damages); i++) {
        sample_make(&sample);
        sample.values[damages[i].list][damages[i].value] = text(damages[i].instead);
        assert_int_equal(status_of(&sample.reply), PARTY_LOST);
    }
    for (size_t list = 5; list < 5 + LISTS; list++) { /* news are read by another */
        sample_make(&sample);
        sample.items[list].count += list == 6 ? PARTY_INVITED_MAX : 1;
        assert_int_equal(status_of(&sample.reply), list == 7 ? PARTY_OK : PARTY_LOST);
    }
    for (size_t count = 0; count < 5 + LISTS; count++) {
        sample_make(&sample);
        sample.reply.count = count;
        assert_int_equal(status_of(&sample.reply), PARTY_LOST);
    }
    sample_make(&sample);
    sample.items[2] = text("");
    assert_int_equal(status_of(&sample.reply), PARTY_LOST);
}

static void more_members_than_a_party_has_are_refused(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample);
    for (size_t i = 0; i < 8; i++) sample.values[0][16 + i] = sample.values[0][i];
    sample.items[5].count = 24;
    assert_int_equal(status_of(&sample.reply), PARTY_LOST);
}

static void what_is_no_answer_is_lost(void **state)
{
    (void)state;
    struct redis_reply error = {.type = REDIS_ERROR, .text = "ERR no", .length = 6};
    struct redis_reply word = text("MAYBE"), integer = {.type = REDIS_INTEGER, .integer = 1};
    struct redis_reply array = {.type = REDIS_ARRAY, .items = &word, .count = 1};
    assert_int_equal(status_of(NULL), PARTY_LOST);
    assert_int_equal(status_of(&error), PARTY_LOST);
    assert_int_equal(status_of(&integer), PARTY_LOST);
    assert_int_equal(status_of(&array), PARTY_LOST);
}

static void refusals_are_told_apart(void **state)
{
    (void)state;
    static const char *const words[] = {"AGAIN",  "FENCED", "NONE",   "BUSY",
                                        "LEADER", "FULL",   "MEMBER", "NOBODY"};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        struct redis_reply items[] = {text(words[i]), text("")};
        struct redis_reply reply = {.type = REDIS_ARRAY, .items = items, .count = 2};
        assert_int_equal(status_of(&reply), PARTY_AGAIN + (int)i);
    }
    struct redis_reply items[] = {text("MANY"), text("1500")};
    struct redis_reply reply = {.type = REDIS_ARRAY, .items = items, .count = 2};
    struct party_answer answer;
    party_answer_read(&reply, &answer);
    assert_int_equal(answer.status, PARTY_MANY);
    assert_int_equal(answer.retry_after_ms, 1500);
}

static void a_guess_takes_in_what_was_missing_and_gives_up_in_the_end(void **state)
{
    (void)state;
    struct party_guess guess;
    party_guess_start(&guess, "ann", "ben", NULL);
    assert_int_equal(guess.people_count, 2);
    assert_string_equal(guess.party_id, "");
    struct redis_reply items[] = {text("AGAIN"), text("cid,ann,no id,,ben"), text(PARTY)};
    struct redis_reply reply = {.type = REDIS_ARRAY, .items = items, .count = 3};
    assert_true(party_guess_improve(&guess, &reply));
    assert_string_equal(guess.party_id, PARTY);
    assert_int_equal(guess.people_count, 3);
    assert_string_equal(guess.people[0], "ann");
    assert_string_equal(guess.people[2], "cid");
    items[1] = text("p1,p2,p3,p4,p5,p6,p7,p8,p9");
    assert_true(party_guess_improve(&guess, &reply));
    assert_int_equal(guess.people_count, PARTY_PEOPLE_MAX);
    int attempts = 2;
    while (party_guess_improve(&guess, &reply)) attempts++;
    assert_int_equal(attempts, PARTY_ATTEMPTS_MAX - 1);
}

static void a_guess_begins_with_what_is_known(void **state)
{
    (void)state;
    struct sample sample;
    struct party_answer answer;
    struct party_guess guess;
    sample_make(&sample);
    party_answer_read(&sample.reply, &answer);
    party_guess_start(&guess, "ben", NULL, &answer.party);
    assert_string_equal(guess.party_id, PARTY);
    assert_int_equal(guess.people_count, 2);
    assert_string_equal(guess.people[0], "ben");
    assert_string_equal(guess.people[1], "ann");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_answer_is_read),
        cmocka_unit_test(a_damaged_answer_is_no_answer),
        cmocka_unit_test(more_members_than_a_party_has_are_refused),
        cmocka_unit_test(what_is_no_answer_is_lost),
        cmocka_unit_test(refusals_are_told_apart),
        cmocka_unit_test(a_guess_takes_in_what_was_missing_and_gives_up_in_the_end),
        cmocka_unit_test(a_guess_begins_with_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
