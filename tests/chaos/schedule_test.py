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


def test_the_extra_wait_is_what_is_above_the_calm_median():
    calm = [(float(second), second + 0.1, second + 0.2) for second in range(10)]
    hit, spared, later = (20.0, 21.6, 21.7), (30.0, 30.1, 30.2), (50.0, 59.0, 59.1)
    bot = {'waits': calm + [hit, spared, later], 'results': {'a': 0, 'b': 0}, 'returns': [(20.0, 20.5)],
           'cancelled': 0, 'errors': ['internal'], 'name': 'ana'}
    figures = measure([bot], [('kill_redis', 20.5, 21.0, 21.25)], 0.0, 15.0, 40.0)
    assert figures['calm_wait']['count'] == 10 and figures['extra_wait']['count'] == 2, figures
    assert figures['extra_wait_in_kills'] == {'count': 1, 'p50_s': 1.5, 'p99_s': 1.5, 'max_s': 1.5}, figures
    kind = figures['by_kind']['kill_redis']
    assert (kind['times'], kind['recovered']['max_s']) == (1, 0.25), kind
    away = figures['extra_wait_without_redis_away']
    assert (away['count'], away['max_s']) == (2, 1.0), figures  # the half second without Redis is not counted
    assert figures['slowest'][-1] == ['ana', 35.0, 9.0, []] and figures['errors'] == {'internal': 1}, figures
    assert figures['reconnects']['p50_s'] == 0.5, figures
