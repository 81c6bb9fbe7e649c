"""Judges a run by what every player saw and what Redis holds when all is quiet.

Each rule gives sentences; none means that it holds. The players' reports are those of bots.py.
"""
COUNTERS = {'win': 'wins', 'loss': 'losses', 'draw': 'draws'}
OVER = ('finished', 'cancelled', 'timed_out')


def told(bots):
    """match -> player -> [outcome, side, digest of the timeline]"""
    matches = {}
    for bot in bots:
        for match_id, result in bot['results'].items():
            matches.setdefault(match_id, {})[bot['name']] = result
    return matches


def what_players_noticed(bots, _):
    """In two matches, a result told twice and differently, a match that begins again."""
    return [text for bot in bots for text in bot['wrong']]


def both_sides_of_a_match_are_told_the_same(bots, _):
    for match_id, results in told(bots).items():
        if len(results) not in (2, 4):
            yield f'{match_id}: the result was told to {sorted(results)}'
            continue
        sides = [[outcome for outcome, side, _ in results.values() if side == number] for number in (0, 1)]
        if len({digest for _, _, digest in results.values()}) != 1:
            yield f'{match_id}: two timelines'
        if len(sides[0]) != len(sides[1]) or any(len(set(side)) != 1 for side in sides) or \
                {sides[0][0], sides[1][0]} not in ({'win', 'loss'}, {'draw'}):
            yield f'{match_id}: {results}'


def opponents_name_each_other(bots, _):
    opponents = {bot['name']: bot['opponents'] for bot in bots}
    for name, met in opponents.items():
        for match_id, others in met.items():
            for other in others:
                if name not in opponents[other].get(match_id, [name]):
                    yield f'{match_id}: {name} met {other}, who met {opponents[other][match_id]}'


def parties_fight_on_one_side(bots, _):
    results = {bot['name']: bot['results'] for bot in bots}
    for bot in bots:
        for match_id, mine in bot['results'].items() if bot['partner'] else ():
            mates = results[bot['partner']].get(match_id)
            if mates is None or mates[1] != mine[1]:
                yield f"{match_id}: {bot['name']} was told {mine}, {bot['partner']} of his party {mates}"


def parties_and_members_name_each_other(bots, keys):
    named = {}
    for key in keys.scan_iter('party:*', count=1000):
        members = (keys.hget(key, 'members') or '').split(',')
        named.update((member, key) for member in members)
        if len(members) > 2 or keys.hget(key, 'leader') not in members:
            yield f"{key}: {members}, led by {keys.hget(key, 'leader')}"
    for bot in bots:
        party = keys.hget(f"player:{{{bot['name']}}}", 'party')
        if named.get(bot['name']) != (f'party:{{{party}}}' if party else None):
            yield f"{bot['name']}: says {party}, listed in {named.get(bot['name'])}"


def every_finished_match_was_told_and_no_other(bots, keys):
    """Nothing lost: a match that Redis calls finished was seen by its players; nothing invented."""
    matches, finished = told(bots), set()
    for key in keys.scan_iter('match:*', count=1000):
        if key == 'match:deadlines':
            continue
        status, players = keys.hmget(key, 'status', 'players')
        match_id = key.partition(':')[2]
        if status not in OVER:
            yield f'{match_id}: {status} although all is quiet'
        if status == 'finished':
            finished.add(match_id)
            if set(matches.get(match_id, {})) != set(players.split(',')):
                yield f'{match_id}: {players} played, told were {sorted(matches.get(match_id, {}))}'
    for match_id in set(matches) - finished:
        yield f'{match_id}: a result was told of a match that Redis does not call finished'


def every_result_counts_once(bots, keys):
    for bot in bots:
        outcomes = [outcome for outcome, _, _ in bot['results'].values()]
        stored = keys.hmget(f"player:{{{bot['name']}}}", *COUNTERS.values())
        record = [int(value or 0) for value in stored]
        if record != [outcomes.count(outcome) for outcome in COUNTERS]:
            yield f"{bot['name']}: the record says {record}, told were {len(outcomes)} results"
        if keys.exists(f"inbox:{{{bot['name']}}}"):
            yield f"{bot['name']}: a result waits although all were acknowledged"


def everybody_is_in_the_lobby(bots, keys):
    for bot in bots:
        state = keys.hget(f"metadata:{bot['name']}", 'st')
        if state not in (None, 'lobby'):
            yield f"{bot['name']}: {state} although all is quiet"


RULES = (what_players_noticed, both_sides_of_a_match_are_told_the_same, opponents_name_each_other,
         parties_fight_on_one_side, parties_and_members_name_each_other,
         every_finished_match_was_told_and_no_other, every_result_counts_once, everybody_is_in_the_lobby)


def judge(bots, keys):
    """{rule in words: [sentences]}, of the rules that are broken only."""
    broken = {}
    for rule in RULES:
        if sentences := list(rule(bots, keys)):
            broken[rule.__name__.replace('_', ' ')] = sentences
    return broken
