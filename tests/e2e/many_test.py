"""Five hundred players over two pods: everybody meets somebody, once a round, and nothing stays behind."""
from crowd import Crowd
from harness import needs


@needs(seconds=120, slots=2)
async def test_five_hundred_players_are_matched_exactly_once_a_round(lab):
    pods = await lab.two_pods()
    crowd = Crowd(list(pods), 500)
    await crowd.log_in()
    await crowd.play(3)
    crowd.check()
    await lab.drained(5)
    await crowd.check_records()
    # On a slow machine a player may ask twice for his state and so enqueue twice.
    errors = {code for player in crowd.players for code in player.errors}
    assert errors <= {'already_queued', 'already_in_match'}, errors
    assert [player.name for player in crowd.players if player.cancelled] == [], 'nobody loads late here'
    matches = [await pod.match.metric('duelpod_matches_total{mode="normal"}') for pod in pods]
    assert sum(matches) == 3 * 250, matches
    await crowd.close()


@needs(seconds=60)
async def test_what_remains_in_redis_depends_on_players_and_matches_only(lab):
    pods = await lab.two_pods()
    crowd = Crowd(list(pods), 20)
    await crowd.log_in()
    await crowd.play(3)
    crowd.check()
    await lab.drained(5)
    await crowd.close()
    kinds = {}
    for key in lab.keys.keys('*'):
        kind = key.split(':')[0]
        kinds[kind] = kinds.get(kind, 0) + 1
        forever = kind in ('player', 'pods', 'queue')
        assert forever or lab.keys.pttl(key) > 0, f'{key} stays for ever'
    assert kinds.pop('player') == 20 and kinds.pop('session') == 20 and kinds.pop('metadata') == 20, kinds
    assert kinds.pop('match') == 30 and kinds.pop('result') == 30, kinds
    assert kinds.pop('history') == 20, kinds
    assert set(kinds) <= {'queue', 'pods', 'lock', 'alive'}, kinds
