/* checker_party.c -- parties: who is in one, who may change it, and that its two are moved as one.
 *
 * Members and mates are two things: a party is what game_server keeps (party:{<id>} and the field of each member), the
 * mate is what match_server has in the queue and in the match. They may differ for a moment; each must be whole. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/checker_look.h"

enum { MEMBERSHIP_FIELDS = 3, PARTY_FIELDS = 5 };

static struct seen_party *find(struct seen_party *parties, size_t count, struct bytes party_id)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal_text(party_id, parties[i].party_id)) return &parties[i];
    }
    return NULL;
}

static void copy(struct bytes from, char *to, size_t capacity)
{
    check(from.length < capacity);
    if (from.length > 0) memcpy(to, from.data, from.length);
    to[from.length] = '\0';
}

/* ---- membership ----------------------------------------------------------------------------------------- */

/* The next of a comma list; false: there is none. */
static bool next_of(const char **list, char *out, size_t capacity)
{
    size_t length = strcspn(*list, ",");
    if (length == 0) return false;
    copy((struct bytes){*list, length}, out, capacity);
    *list += length + ((*list)[length] == ',');
    return true;
}

static void check_members(struct checker *checker, const struct seen_party *party,
                          const struct redis_reply *memberships)
{
    char id[PLAYER_ID_MAX + 1];
    size_t count = 0, agree = 0;
    for (const char *list = party->members; next_of(&list, id, sizeof id); count++) {
        int index = checker_player(checker, bytes_of_text(id));
        const struct redis_reply *fields = index < 0 ? NULL : &memberships->items[index * MEMBERSHIP_FIELDS];
        int64_t version = 0;
        if (fields == NULL || !redis_reply_equals(&fields[0], party->party_id)) continue;
        agree++;
        redis_reply_integer(&fields[2], &version);
        if (version < party->version)
            checker_refuse(checker, "party", "%s would not look again at party %s", id, party->party_id);
    }
    if (count == 0 || count > PARTY_MEMBERS_MAX || agree != count) {
        checker_refuse(checker, "party", "party %s has %zu members (%s), of whom %zu say so", party->party_id,
                       count, party->members, agree);
    }
    if (!checker_list_has(party->members, party->leader))
        checker_refuse(checker, "party", "party %s is led by \"%s\"", party->party_id, party->leader);
}

/* Each side's invitation that has not ended stands on the other one, too. One that had ended stays so for the guest,
 * who has forgotten it, also when a failover sets the clock back. */
static void check_invited(struct checker *checker, const struct seen_party *party,
                          const struct redis_reply *memberships)
{
    char guest[PLAYER_ID_MAX + 24], line[UUID_LENGTH + 32];
    for (const char *list = party->invited; next_of(&list, guest, sizeof guest);) {
        long long end_ms = 0;
        char *colon = strchr(guest, ':');
        if (colon == NULL || sscanf(colon, ":%lld", &end_ms) != 1 || end_ms <= checker->newest_ms) continue;
        *colon = '\0';
        int index = checker_player(checker, bytes_of_text(guest));
        snprintf(line, sizeof line, "%lld %s ", end_ms, party->party_id);
        struct bytes own = index < 0 ? bytes_of_text("")
                                     : redis_reply_text(&memberships->items[index * MEMBERSHIP_FIELDS + 1]);
        if (memmem(own.data, own.length, line, strlen(line)) == NULL)
            checker_refuse(checker, "party", "%s does not know of his invitation to %s", guest,
                           party->party_id);
    }
}

static void check_party_change(struct checker *checker, const struct seen_party *before,
                               const struct seen_party *after)
{
    if (before == NULL) return;
    bool changed = strcmp(before->members, after->members) != 0 || strcmp(before->leader, after->leader) != 0;
    if (after->version < before->version || (changed && after->version == before->version)) {
        checker_refuse(checker, "party", "party %s changes from version %lld to %lld", after->party_id,
                       (long long)before->version, (long long)after->version);
    }
}

void checker_look_at_parties(struct checker *checker, const struct redis_reply *parties,
                             const struct redis_reply *memberships)
{
    struct seen *seen = &checker->seen;
    struct seen_party now[CHECKER_PARTIES_MAX];
    size_t count = parties->count / PARTY_FIELDS;
    check(count <= CHECKER_PARTIES_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct redis_reply *fields = &parties->items[i * PARTY_FIELDS];
        now[i] = (struct seen_party){.version = 0};
        copy(redis_reply_text(&fields[0]), now[i].party_id, sizeof now[i].party_id);
        copy(redis_reply_text(&fields[1]), now[i].leader, sizeof now[i].leader);
        copy(redis_reply_text(&fields[2]), now[i].members, sizeof now[i].members);
        copy(redis_reply_text(&fields[3]), now[i].invited, sizeof now[i].invited);
        redis_reply_integer(&fields[4], &now[i].version);
        check_party_change(checker, find(seen->parties, seen->party_count, redis_reply_text(&fields[0])),
                           &now[i]);
        check_members(checker, &now[i], memberships);
        check_invited(checker, &now[i], memberships);
    }
    for (size_t i = 0; i < checker->id_count; i++) {
        struct bytes own = redis_reply_text(&memberships->items[i * MEMBERSHIP_FIELDS]);
        const struct seen_party *party = find(now, count, own);
        copy(own, seen->players[i].party_id, sizeof seen->players[i].party_id);
        if (own.length > 0 && (party == NULL || !checker_list_has(party->members, checker->ids[i])))
            checker_refuse(checker, "party", "%s is in party %.*s, which does not know him", checker->ids[i],
                           (int)own.length, own.data);
    }
    memcpy(seen->parties, now, count * sizeof now[0]);
    seen->party_count = count;
}

/* ---- who may ------------------------------------------------------------------------------------------------ */

/* A former connection does nothing. */
static void check_login(struct checker *checker, const char *name, const char *acting, struct bytes epoch)
{
    struct redis_name key = proto_key_name(KEY_session, "", acting);
    struct bytes words[] = {bytes_of_text("HGET"), {key.text, key.length}, bytes_of_text("epoch")};
    struct bytes newest = redis_reply_text(store_command(checker->store, words, ARRAY_LENGTH(words)));
    if (newest.length != epoch.length || memcmp(newest.data, epoch.data, epoch.length) != 0)
        checker_refuse(checker, "fence", "%s obeys a former connection of %s", name, acting);
}

static bool is_invited(const struct seen_party *party, const char *id, int64_t now_ms)
{
    char guest[PLAYER_ID_MAX + 24];
    for (const char *list = party->invited; next_of(&list, guest, sizeof guest);) {
        long long end_ms = 0;
        char *colon = strchr(guest, ':');
        if (colon == NULL || sscanf(colon, ":%lld", &end_ms) != 1) continue;
        *colon = '\0';
        if (strcmp(guest, id) == 0 && end_ms > now_ms) return true;
    }
    return false;
}

/* Arguments 2, 3, 6 and 7: connection epoch, party, people (who acts is the first), whom it is about. */
void checker_party_script(struct checker *checker, enum script_id script, const struct bytes *arguments,
                          int64_t now_ms)
{
    char people[256], acting[PLAYER_ID_MAX + 1];
    copy(arguments[5], people, sizeof people);
    const char *list = people, *name = script_name(script);
    check(next_of(&list, acting, sizeof acting));
    check_login(checker, name, acting, arguments[1]);
    int index = checker_player(checker, bytes_of_text(acting));
    check(index >= 0);
    const struct seen_party *party = find(checker->seen.parties, checker->seen.party_count, arguments[2]);
    bool leads = party != NULL && strcmp(party->leader, acting) == 0;
    bool member = checker->seen.players[index].party_id[0] != '\0';
    bool may = true;
    if (script == SCRIPT_party_create) may = !member;
    if (script == SCRIPT_party_accept) may = !member && party != NULL && is_invited(party, acting, now_ms);
    if (script == SCRIPT_party_decline) may = party != NULL && is_invited(party, acting, now_ms);
    if (script == SCRIPT_party_invite) may = leads;
    if (script == SCRIPT_party_leave) may = leads || (member && bytes_equal_text(arguments[6], acting));
    if (!may) checker_refuse(checker, "party", "%s obeys %s, who may not", name, acting);
}

/* ---- mates ---------------------------------------------------------------------------------------------------- */

void checker_mate_change(struct checker *checker, size_t index, const struct seen_player *before,
                         const struct seen_player *after)
{
    if (strcmp(before->mate, after->mate) == 0) return;
    bool begins = before->state == STATE_lobby && after->state == STATE_queued;
    bool ends = after->state == STATE_lobby && after->mate[0] == '\0';
    if (!begins && !ends)
        checker_refuse(checker, "mates", "%s, who is \"%s\", had the mate \"%s\" and has \"%s\"",
                       checker->ids[index], proto_state_names[after->state], before->mate, after->mate);
}

static bool are_together(struct checker *checker, const struct seen_player *player, const char *id)
{
    int index = checker_player(checker, bytes_of_text(player->mate));
    if (index < 0) return false;
    const struct seen_player *mate = &checker->seen.players[index];
    if (mate->state != player->state || strcmp(mate->mate, id) != 0 || mate->q_ms != player->q_ms)
        return false;
    if (player->state == STATE_queued) return true;
    const struct seen_match *match = checker_match(checker, bytes_of_text(player->match_id));
    return match != NULL && strcmp(mate->match_id, player->match_id) == 0 &&
           checker_side_of(match, id) == checker_side_of(match, player->mate);
}

/* The two wait at one place, or load and fight on one side; afterwards each sees the result when he likes. */
void checker_look_at_mates(struct checker *checker, const char *script)
{
    for (size_t i = 0; i < checker->id_count; i++) {
        const struct seen_player *player = &checker->seen.players[i];
        if (player->mate[0] == '\0' || player->state == STATE_result) continue;
        if (player->state != STATE_lobby && are_together(checker, player, checker->ids[i])) continue;
        checker_refuse(checker, "mates", "%s parts %s, who is \"%s\", from %s", script, checker->ids[i],
                       proto_state_names[player->state], player->mate);
    }
}

/* Arguments 5 and 17: player and mate. The keys have been looked at since. */
void checker_party_queued(struct checker *checker, const struct bytes *arguments)
{
    int player = checker_player(checker, arguments[4]), mate = checker_player(checker, arguments[16]);
    check(player >= 0 && mate >= 0);
    if (strcmp(checker->seen.players[player].mate, checker->ids[mate]) != 0 ||
        strcmp(checker->seen.players[mate].mate, checker->ids[player]) != 0)
        checker_refuse(checker, "mates", "%s queued with %s, and they do not wait together",
                       checker->ids[player], checker->ids[mate]);
}
