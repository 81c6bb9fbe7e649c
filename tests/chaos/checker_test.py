"""The checker finds what it is there for: every rule is broken once on purpose."""
import copy

import checker

MATCH, OTHER = '01890000-0000-7000-8000-000000000001', '01890000-0000-7000-8000-000000000002'


class Keys:
    """What the checker reads of Redis."""

    def __init__(self):
        self.hashes = {f'match:{MATCH}': {'status': 'finished', 'players': 'ana,ben'},
                       'player:{ana}': {'wins': '1'}, 'player:{ben}': {'losses': '1'},
                       'metadata:ana': {'st': 'lobby'}}

    def scan_iter(self, pattern, count):
        assert count > 0
        found = [key for key in self.hashes if key.startswith(pattern[:-1])]
        return found + (['match:deadlines'] if pattern == 'match:*' else [])

    def hmget(self, key, *fields):
        return [self.hashes.get(key, {}).get(field) for field in fields]

    def hget(self, key, field):
        return self.hashes.get(key, {}).get(field)

    def exists(self, key):
        return key in self.hashes


def bot(name, opponent, outcome, side):
    results = {MATCH: [outcome, side, 'bytes']}
    return {'name': name, 'opponents': {MATCH: [opponent]}, 'results': results, 'wrong': [], 'partner': None}


def world():
    return [bot('ana', 'ben', 'win', 0), bot('ben', 'ana', 'loss', 1)], Keys()


def finds(rule, spoil):
    bots, keys = world()
    spoil({one['name']: one for one in bots}, keys.hashes)
    broken = checker.judge(bots, keys)
    assert rule in broken, f'{rule} is not among {broken}'


def test_what_is_right_is_accepted():
    bots, keys = world()
    assert checker.judge(copy.deepcopy(bots), keys) == {}


def test_what_a_player_noticed_is_passed_on():
    finds('what players noticed', lambda bots, _: bots['ana']['wrong'].append('in two matches'))


def test_a_result_that_only_one_was_told_is_found():
    finds('both sides of a match are told the same', lambda bots, _: bots['ana']['results'].clear())


def test_two_timelines_of_one_match_are_found():
    def spoil(bots, _):
        bots['ana']['results'][MATCH][2] = 'other bytes'
    finds('both sides of a match are told the same', spoil)


def test_two_winners_are_found():
    def spoil(bots, _):
        bots['ben']['results'][MATCH][0] = 'win'
    finds('both sides of a match are told the same', spoil)


def test_players_who_do_not_name_each_other_are_found():
    bots, keys = world()
    bots.append(bot('eve', 'ana', 'draw', 0))
    assert 'opponents name each other' in checker.judge(bots, keys)


def test_a_finished_match_that_nobody_was_told_is_found():
    finds('every finished match was told and no other',
          lambda _, hashes: hashes.update({f'match:{OTHER}': {'status': 'finished', 'players': 'ana,ben'}}))


def test_a_match_that_never_ended_is_found():
    finds('every finished match was told and no other',
          lambda _, hashes: hashes[f'match:{MATCH}'].update(status='battling'))


def test_a_result_that_counted_twice_is_found():
    finds('every result counts once', lambda _, hashes: hashes['player:{ana}'].update(wins='2'))


def test_a_result_left_in_the_inbox_is_found():
    finds('every result counts once', lambda _, hashes: hashes.update({'inbox:{ben}': {MATCH: '{}'}}))


def test_a_player_left_in_a_match_is_found():
    finds('everybody is in the lobby', lambda _, hashes: hashes['metadata:ana'].update(st='loading'))


def team_world():
    """A match of four: the party of ana and ben against the party of cid and dan."""
    bots, keys = [], Keys()
    for name, partner, others, outcome, side in (('ana', 'ben', ['cid', 'dan'], 'win', 0), ('ben', 'ana', ['cid', 'dan'], 'win', 0),
                                                 ('cid', 'dan', ['ana', 'ben'], 'loss', 1), ('dan', 'cid', ['ana', 'ben'], 'loss', 1)):
        bots.append({**bot(name, None, outcome, side), 'opponents': {MATCH: others}, 'partner': partner})
        keys.hashes[f'player:{{{name}}}'] = {'wins' if side == 0 else 'losses': '1'}
    for party, members in (('one', 'ana,ben'), ('two', 'cid,dan')):
        keys.hashes[f'party:{{{party}}}'] = {'members': members, 'leader': members[:3]}
        for name in members.split(','):
            keys.hashes[f'player:{{{name}}}']['party'] = party
    keys.hashes[f'match:{MATCH}']['players'] = 'ana,ben,cid,dan'
    return {one['name']: one for one in bots}, keys


def finds_in_teams(rule, spoil):
    bots, keys = team_world()
    spoil(bots, keys.hashes)
    broken = checker.judge(list(bots.values()), keys)
    assert rule in broken, f'{rule} is not among {broken}'


def test_a_match_of_parties_is_accepted():
    bots, keys = team_world()
    assert checker.judge(list(bots.values()), keys) == {}


def test_a_party_on_two_sides_is_found():
    def swap(bots, _):
        bots['ben']['results'], bots['cid']['results'] = bots['cid']['results'], bots['ben']['results']
    finds_in_teams('parties fight on one side', swap)


def test_team_mates_with_two_outcomes_are_found():
    finds_in_teams('both sides of a match are told the same',
                   lambda bots, _: bots['ben']['results'].update({MATCH: ['loss', 0, 'bytes']}))


def test_a_member_whom_his_party_does_not_know_is_found():
    finds_in_teams('parties and members name each other',
                   lambda _, hashes: hashes['party:{one}'].update(members='ana'))


def test_a_party_that_its_member_does_not_know_is_found():
    finds_in_teams('parties and members name each other', lambda _, hashes: hashes['player:{dan}'].pop('party'))


def test_a_party_led_by_nobody_is_found():
    finds_in_teams('parties and members name each other', lambda _, hashes: hashes['party:{two}'].update(leader='ana'))
