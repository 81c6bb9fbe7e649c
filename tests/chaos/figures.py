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


# While one of these lasts whoever it meets waits for its end and no longer: the extra wait is counted by itself.
LASTING = ('outlive_lease',)


def of_lasting(waits, windows):
    return {wait for name, start, _, ready in windows if name in LASTING for wait in overlapping(waits, start, ready)}


def slowest(bots, windows, chaos_from, count=5):
    """[bot, seconds since the first fault when the wish began, seconds until match_found, faults met]"""
    waits = sorted((found - wished, bot['name'], wished, found)
                   for bot in bots for wished, found, _ in bot['waits'])
    return [[name, round(wished - chaos_from, 2), round(took, 2), met_by(wished, found, windows, chaos_from)]
            for took, name, wished, found in waits[-count:]]


def waits_of(bots, windows, calm_from, chaos_from, chaos_until):
    """(in the calm before, begun between the first fault and the end of the last, of those who met a lasting fault)"""
    waits = [tuple(wait) for bot in bots for wait in bot['waits']]
    calm = [wait for wait in waits if calm_from <= wait[0] and wait[1] < chaos_from]
    rough = [wait for wait in waits if chaos_from <= wait[0] < chaos_until]
    lasting = of_lasting(rough, windows)
    return calm, [wait for wait in rough if wait not in lasting], [wait for wait in rough if wait in lasting]


def of_players(calm, rough, windows):
    """Of those who play alone."""
    met = {wait for _, start, _, ready in windows for wait in overlapping(rough, start, ready)}
    killed = {wait for kind, start, _, ready in windows if kind.startswith('kill')
              for wait in overlapping(rough, start, ready)}
    baseline = percentile([found - wished for wished, found, _ in calm], 0.5)
    return {
        'calm_wait': spread([found - wished for wished, found, _ in calm]),
        'calm_result': spread([told - wished for wished, _, told in calm]),
        'extra_wait': spread(extra(rough, baseline)),
        'extra_wait_without_redis_away': spread(own(rough, windows, baseline)),
        'extra_wait_in_faults': spread(extra(met, baseline)),
        'extra_wait_in_kills': spread(extra(killed, baseline)),
        'extra_result': spread(extra([(wished, told, told) for wished, _, told in rough],
                                     percentile([told - wished for wished, _, told in calm], 0.5))),
        'by_kind': by_kind(rough, windows, baseline),
    }


def of_parties(calm, rough, windows):
    """Of each of their members; the baseline is their own, for a party waits until there is another."""
    baseline = percentile([found - wished for wished, found, _ in calm], 0.5)
    return {
        'calm_wait_of_parties': spread([found - wished for wished, found, _ in calm]),
        'extra_wait_of_parties': spread(extra(rough, baseline)),
        'parties_without_redis_away': spread(own(rough, windows, baseline)),
    }


def measure(bots, windows, calm_from, chaos_from, chaos_until):
    """All figures of what everybody saw; windows are (kind, start, healed, ready) of every fault."""
    span = windows, calm_from, chaos_from, chaos_until
    calm, rough, lasting = waits_of([bot for bot in bots if not bot['partner']], *span)
    calm_party, rough_party, lasting_party = waits_of([bot for bot in bots if bot['partner']], *span)
    errors = collections.Counter(code for bot in bots for code in bot['errors'])
    return {
        'matches': len({match_id for bot in bots for match_id in bot['results']}),
        'results': sum(len(bot['results']) for bot in bots),
        'logins': sum(bot['logins'] for bot in bots),
        'cancelled_for_players': sum(bot['cancelled'] for bot in bots),
        'expired': sum(bot['expired'] for bot in bots if not bot['partner']),
        'expired_in_parties': sum(bot['expired'] for bot in bots if bot['partner']),
        'errors': dict(errors.most_common()),
        'slowest': slowest(bots, windows, chaos_from),
        **of_players(calm, rough, windows),
        **of_parties(calm_party, rough_party, windows),
        'wait_in_lasting_faults': spread([found - wished for wished, found, _ in lasting + lasting_party]),
        'reconnects': spread([back - lost for bot in bots for lost, back in bot['returns']]),
        'recovered': spread([ready - healed for _, _, healed, ready in windows]),
    }


def row(name, figures):
    return (f"  {name:30} {figures['count']:8} {figures['p50_s'] * 1000:9.0f} {figures['p99_s'] * 1000:9.0f} "
            f"{figures['max_s'] * 1000:9.0f}")


def as_table(figures):
    lines = [f"  {'':30} {'count':>8} {'p50 ms':>9} {'p99 ms':>9} {'max ms':>9}"]
    names = ('calm_wait', 'calm_result', 'extra_wait', 'extra_wait_without_redis_away', 'extra_wait_in_faults',
             'extra_wait_in_kills', 'extra_result', 'calm_wait_of_parties', 'extra_wait_of_parties',
             'parties_without_redis_away', 'wait_in_lasting_faults', 'reconnects', 'recovered')
    lines += [row(name.replace('_', ' '), figures[name]) for name in names]
    lines += ['', f"  {figures['results']} results, {figures['logins']} logins, {figures['expired']} places in the queue "
              f"expired and {figures['expired_in_parties']} of members of parties"]
    lines += ['  errors'] + [f'    {count:6} {error}' for error, count in figures['errors'].items()]
    lines += ['', '  slowest waits: bot, when, wait in s, faults met']
    lines += [f'    {wait}' for wait in figures['slowest']]
    lines += ['', '  extra wait of who waited during a fault; how long it lasted; servers ready again (p50, max)']
    for kind, of_kind in figures['by_kind'].items():
        lasted, ready = of_kind['lasted'], of_kind['recovered']
        lines.append(row(f"{of_kind['times']} x {kind.replace('_', ' ')}", of_kind['extra_wait'])
                     + f"    {lasted['p50_s'] * 1000:5.0f} {lasted['max_s'] * 1000:5.0f}"
                     + f"    {ready['p50_s'] * 1000:5.0f} {ready['max_s'] * 1000:5.0f}")
    return '\n'.join(lines)
