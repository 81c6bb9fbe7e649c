"""Figures of a run: how long players waited, with and without faults, and how fast all was well again."""
import collections


def percentile(values, part):
    """By nearest rank; 0 of nothing."""
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))] if values else 0.0


def spread(values):
    return {'count': len(values), 'p50_s': round(percentile(values, 0.5), 3),
            'p99_s': round(percentile(values, 0.99), 3), 'max_s': round(max(values, default=0.0), 3)}


def overlapping(waits, start, end):
    return [wait for wait in waits if wait[0] < end and wait[1] > start]


def extra(waits, baseline):
    """How much longer than usual, from the wish to play to match_found."""
    return [max(0.0, found - wished - baseline) for wished, found, _ in waits]


# While one of these lasts nobody can be matched, whatever the servers do.
WITHOUT_REDIS = ('kill_redis', 'freeze_redis', 'stall', 'refuse', 'lose_bytes', 'slow_network')


def own(waits, windows, baseline):
    """What remains of the extra waits without the time in which Redis could not be reached."""
    away = [(start, healed) for name, start, healed, _ in windows if name in WITHOUT_REDIS]

    def covered(wished, found):
        return sum(max(0.0, min(found, end) - max(wished, start)) for start, end in away)
    return [max(0.0, found - wished - baseline - covered(wished, found)) for wished, found, _ in waits]


def met_by(wished, found, windows, chaos_from):
    """The faults of a wait, with the second of the run at which each began and how long it lasted."""
    return [f'{name}@{start - chaos_from:.1f}+{healed - start:.1f}' for name, start, healed, ready in windows
            if start < found and ready > wished]


def by_kind(waits, windows, baseline):
    kinds = {}
    for kind in sorted({name for name, *_ in windows}):
        mine = [window for window in windows if window[0] == kind]
        met = {wait for _, start, _, ready in mine for wait in overlapping(waits, start, ready)}
        recovered = [ready - healed for _, _, healed, ready in mine]
        kinds[kind] = {'times': len(mine), 'extra_wait': spread(extra(met, baseline)),
                       'lasted': spread([healed - start for _, start, healed, _ in mine]),
                       'recovered': spread(recovered)}
    return kinds


def slowest(bots, windows, chaos_from, count=5):
    """[bot, seconds since the first fault when the wish began, seconds until match_found, faults met]"""
    waits = sorted((found - wished, bot['name'], wished, found)
                   for bot in bots for wished, found, _ in bot['waits'])
    return [[name, round(wished - chaos_from, 2), round(took, 2), met_by(wished, found, windows, chaos_from)]
            for took, name, wished, found in waits[-count:]]


def measure(bots, windows, calm_from, chaos_from, chaos_until):
    """Waits begun in the calm before, and those begun between the first fault and the end of the last."""
    waits = [tuple(wait) for bot in bots for wait in bot['waits']]
    calm = [wait for wait in waits if calm_from <= wait[0] and wait[1] < chaos_from]
    rough = [wait for wait in waits if chaos_from <= wait[0] < chaos_until]
    met = {wait for _, start, _, ready in windows for wait in overlapping(rough, start, ready)}
    killed = {wait for kind, start, _, ready in windows if kind.startswith('kill')
              for wait in overlapping(rough, start, ready)}
    baseline = percentile([found - wished for wished, found, _ in calm], 0.5)
    returns = [back - lost for bot in bots for lost, back in bot['returns']]
    return {
        'matches': sum(len(bot['results']) for bot in bots) // 2,
        'matches_in_chaos': len(rough) // 2,
        'cancelled_for_players': sum(bot['cancelled'] for bot in bots),
        'errors': dict(collections.Counter(code for bot in bots for code in bot['errors'])),
        'slowest': slowest(bots, windows, chaos_from),
        'calm_wait': spread([found - wished for wished, found, _ in calm]),
        'calm_result': spread([told - wished for wished, _, told in calm]),
        'extra_wait': spread(extra(rough, baseline)),
        'extra_wait_without_redis_away': spread(own(rough, windows, baseline)),
        'extra_wait_in_faults': spread(extra(met, baseline)),
        'extra_wait_in_kills': spread(extra(killed, baseline)),
        'extra_result': spread(extra([(wished, told, told) for wished, _, told in rough],
                                     percentile([told - wished for wished, _, told in calm], 0.5))),
        'reconnects': spread(returns),
        'recovered': spread([ready - healed for _, _, healed, ready in windows]),
        'by_kind': by_kind(rough, windows, baseline),
    }


def row(name, figures):
    return (f"  {name:30} {figures['count']:8} {figures['p50_s'] * 1000:9.0f} {figures['p99_s'] * 1000:9.0f} "
            f"{figures['max_s'] * 1000:9.0f}")


def as_table(figures):
    lines = [f"  {'':30} {'count':>8} {'p50 ms':>9} {'p99 ms':>9} {'max ms':>9}"]
    names = ('calm_wait', 'calm_result', 'extra_wait', 'extra_wait_without_redis_away', 'extra_wait_in_faults',
             'extra_wait_in_kills', 'extra_result', 'reconnects', 'recovered')
    lines += [row(name.replace('_', ' '), figures[name]) for name in names]
    lines += ['', f"  errors {figures['errors']}", '  slowest waits: bot, when, wait in s, faults met']
    lines += [f'    {wait}' for wait in figures['slowest']]
    lines += ['', '  extra wait of who waited during a fault; how long it lasted; servers ready again (p50, max)']
    for kind, of_kind in figures['by_kind'].items():
        lasted, ready = of_kind['lasted'], of_kind['recovered']
        lines.append(row(f"{of_kind['times']} x {kind.replace('_', ' ')}", of_kind['extra_wait'])
                     + f"    {lasted['p50_s'] * 1000:5.0f} {lasted['max_s'] * 1000:5.0f}"
                     + f"    {ready['p50_s'] * 1000:5.0f} {ready['max_s'] * 1000:5.0f}")
    return '\n'.join(lines)
