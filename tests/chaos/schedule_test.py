"""The schedule of faults, and what is made of the times that were measured."""
from faults import FAULTS, make_schedule
from figures import measure, percentile


def test_a_schedule_is_a_function_of_its_seed():
    assert make_schedule(1, 20, 20) == make_schedule(1, 20, 20) != make_schedule(2, 20, 20)


def test_a_schedule_has_the_kills_it_should_and_every_kind():
    schedule = make_schedule(3, 100, 96)
    assert 100 <= sum(FAULTS[name] for name in schedule) <= 101
    assert sum(FAULTS[name] == 0 for name in schedule) == 96
    counts = {name: schedule.count(name) for name in FAULTS}
    assert {counts[name] for name in FAULTS if FAULTS[name] == 0} == {8}, counts
    assert {counts[name] for name in FAULTS if FAULTS[name] > 0} == {20}, counts


def test_percentiles_are_by_nearest_rank():
    assert [percentile(range(1, 101), part) for part in (0, 0.5, 0.99, 1)] == [1, 51, 100, 100]
    assert percentile([], 0.99) == 0


def test_faults_that_last_come_between_the_others():
    plain, lasting = make_schedule(4, 20, 20), make_schedule(4, 20, 20, 3)
    assert lasting.count('outlive_lease') == 3 and [name for name in lasting if name != 'outlive_lease'] == plain
    assert lasting == make_schedule(4, 20, 20, 3)


def bot(waits, partner=None, **fields):
    return {'waits': waits, 'results': {'a': 0, 'b': 0}, 'returns': [], 'cancelled': 0, 'errors': [], 'expired': 0,
            'logins': 1, 'name': 'ana', 'partner': partner, **fields}


CALM = [(float(second), second + 0.1, second + 0.2) for second in range(10)]


def test_the_extra_wait_is_what_is_above_the_calm_median():
    hit, spared, later = (20.0, 21.6, 21.7), (30.0, 30.1, 30.2), (50.0, 59.0, 59.1)
    ana = bot(CALM + [hit, spared, later], returns=[(20.0, 20.5)], errors=['internal to enqueue'])
    figures = measure([ana], [('kill_redis', 20.5, 21.0, 21.25)], 0.0, 15.0, 40.0)
    assert figures['calm_wait']['count'] == 10 and figures['extra_wait']['count'] == 2, figures
    assert figures['extra_wait_in_kills'] == {'count': 1, 'p50_s': 1.5, 'p99_s': 1.5, 'max_s': 1.5}, figures
    kind = figures['by_kind']['kill_redis']
    assert (kind['times'], kind['recovered']['max_s']) == (1, 0.25), kind
    away = figures['extra_wait_without_redis_away']
    assert (away['count'], away['max_s']) == (2, 1.0), figures  # the half second without Redis is not counted
    assert figures['slowest'][-1] == ['ana', 35.0, 9.0, []], figures
    assert figures['errors'] == {'internal to enqueue': 1}, figures
    assert figures['reconnects']['p50_s'] == 0.5, figures


def test_parties_have_a_row_and_a_baseline_of_their_own():
    slow = [(wished, wished + 0.5, wished + 0.6) for wished, _, _ in CALM]
    alone = bot(CALM + [(20.0, 20.3, 20.4)])
    mates = [bot(slow + [(20.0, 23.5, 23.6)], partner='eve'), bot(slow + [(20.0, 20.5, 20.6)], partner='ana')]
    figures = measure([alone, *mates], [('kill_redis', 20.5, 21.0, 21.25)], 0.0, 15.0, 40.0)
    assert figures['calm_wait'] == {'count': 10, 'p50_s': 0.1, 'p99_s': 0.1, 'max_s': 0.1}, figures
    assert figures['extra_wait'] == {'count': 1, 'p50_s': 0.2, 'p99_s': 0.2, 'max_s': 0.2}, figures
    assert figures['calm_wait_of_parties']['count'] == 20 and figures['calm_wait_of_parties']['p50_s'] == 0.5, figures
    assert figures['extra_wait_of_parties'] == {'count': 2, 'p50_s': 3.0, 'p99_s': 3.0, 'max_s': 3.0}, figures
    assert figures['parties_without_redis_away']['max_s'] == 2.5, figures


def test_who_meets_a_fault_that_lasts_is_counted_by_himself():
    before, within, after = (20.0, 20.4, 20.5), (21.0, 28.0, 28.1), (30.0, 30.2, 30.3)
    windows = [('outlive_lease', 20.5, 27.0, 27.5), ('kill_pod', 29.9, 30.0, 30.1)]
    for partner, row in ((None, 'extra_wait'), ('eve', 'extra_wait_of_parties')):
        figures = measure([bot(CALM + [before, within, after], partner)], windows, 0.0, 15.0, 40.0)
        assert (figures[row]['count'], figures[row]['max_s']) == (2, 0.3), figures
        lasting = figures['wait_in_lasting_faults']
        assert (lasting['count'], lasting['max_s']) == (1, 7.0), figures


def test_matches_are_counted_once_whoever_played_them():
    crowd = [bot([], results={'duel': 0}), bot([], results={'duel': 0})]
    crowd += [bot([], partner='eve', results={'relay': 0}, expired=1) for _ in range(4)]
    figures = measure(crowd, [], 0.0, 15.0, 40.0)
    assert (figures['matches'], figures['results']) == (2, 6), figures
    assert (figures['expired'], figures['expired_in_parties']) == (0, 4), figures
