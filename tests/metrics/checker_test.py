"""The checker must refuse what is wrong: a good text, changed in one place each."""
from exposition import Wrong, check, never_falls

GOOD = '''# HELP duelpod_a_total Words.
# TYPE duelpod_a_total counter
duelpod_a_total{mode="normal"} 1
duelpod_a_total{mode="ranked"} 2
# HELP duelpod_b Words.
# TYPE duelpod_b gauge
duelpod_b -1.5
# HELP duelpod_c_seconds Words.
# TYPE duelpod_c_seconds histogram
duelpod_c_seconds_bucket{le="0.5"} 1
duelpod_c_seconds_bucket{le="1"} 3
duelpod_c_seconds_bucket{le="+Inf"} 4
duelpod_c_seconds_sum 5.25
duelpod_c_seconds_count 4
'''
FAULTS = {
    'a bucket that shrinks': ('le="1"} 3', 'le="1"} 0'),
    'bounds that do not ascend': ('le="1"', 'le="0.25"'),
    '+Inf that is not the count': ('_count 4', '_count 5'),
    'no +Inf': ('duelpod_c_seconds_bucket{le="+Inf"} 4\n', ''),
    'no sum': ('duelpod_c_seconds_sum 5.25\n', ''),
    'a sample twice': ('mode="ranked"', 'mode="normal"'),
    'a family in two places': ('HELP duelpod_c_seconds Words.', 'HELP duelpod_b Words.'),
    'no type': ('# TYPE duelpod_b gauge\n', ''),
    'no help': ('# HELP duelpod_b Words.\n', ''),
    'an empty help': ('HELP duelpod_b Words.', 'HELP duelpod_b '),
    'an unknown type': ('duelpod_b gauge', 'duelpod_b level'),
    'a counter without _total': ('duelpod_b gauge', 'duelpod_b counter'),
    'a gauge with _total': ('duelpod_a_total counter', 'duelpod_a_total gauge'),
    'a sample of another family': ('duelpod_b -1.5', 'duelpod_x -1.5'),
    'a negative counter': ('"normal"} 1', '"normal"} -1'),
    'a player as a label': ('mode="ranked"', 'player_id="ann"'),
    'a label that is not closed': ('mode="ranked"', 'mode="ranked'),
    'a word as a value': ('-1.5', 'many'),
    'an empty line': ('duelpod_b -1.5', 'duelpod_b -1.5\n'),
    'another unit': ('duelpod_c_seconds', 'duelpod_c_ms'),
    'no end of the last line': ('_count 4\n', '_count 4'),
    'carriage returns': ('duelpod_b -1.5\n', 'duelpod_b -1.5\r\n'),
}


def test_the_checker_takes_a_good_text():
    assert check(GOOD)['duelpod_c_seconds_bucket{le="1"}'] == 3


def test_the_checker_refuses_every_planted_fault():
    for name, (old, new) in FAULTS.items():
        assert old in GOOD, name
        try:
            check(GOOD.replace(old, new))
        except Wrong:
            continue
        raise AssertionError(f'taken: {name}')


def test_what_falls_between_two_scrapes_is_seen():
    assert not never_falls(GOOD, GOOD.replace('-1.5', '-2').replace('"normal"} 1', '"normal"} 9'))
    assert never_falls(GOOD, GOOD.replace('"ranked"} 2', '"ranked"} 1'))
    assert never_falls(GOOD, GOOD.replace('5.25', '5'))
