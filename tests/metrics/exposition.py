"""A reader of the Prometheus text format 0.0.4 that refuses what Prometheus would, and what a careful person would.

check(text) returns the samples by name and labels, or raises Wrong with the line. Beyond the format: HELP and TYPE before
the samples of their family, a family in one place, no sample twice, counters end in _total and nothing else does, base
units, buckets that ascend and never shrink, +Inf equal to the count, no label that could be a person or a match.
"""
import re

NAME = r'[a-z][a-z0-9_]*'
LABELS = re.compile(rf'({NAME})="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
SAMPLE = re.compile(rf'({NAME})(?:\{{(.+)\}})? (-?[0-9]+(?:\.[0-9]+)?)')
KINDS = ('counter', 'gauge', 'histogram')
LABEL_NAMES = {'le', 'mode', 'state', 'result', 'reason', 'outcome', 'server', 'level', 'kind', 'script', 'code',
               'version', 'by'}
NOT_BASE_UNITS = ('_ms', '_us', '_millis', '_milliseconds', '_kb', '_mb', '_percent')
LABEL_BYTES_MAX = 40


class Wrong(Exception):
    pass


def labels_of(text):
    labels, at = {}, 0
    while at < len(text or ''):
        match = LABELS.match(text, at)
        if not match or match[1] in labels:
            raise Wrong('bad labels')
        labels[match[1]] = match[2]
        at = match.end()
    return labels


class Family:
    def __init__(self, name):
        self.name, self.kind = name, None
        self.series = {}  # of a histogram: labels without le -> [(bound, count)], sum, count

    def check_name(self):
        if (self.kind == 'counter') != self.name.endswith('_total'):
            raise Wrong('_total is for counters, and for all of them')
        if self.name.removesuffix('_total').endswith(NOT_BASE_UNITS):
            raise Wrong('not a base unit')

    def take(self, name, labels, value):
        if self.kind != 'histogram':
            if name != self.name or 'le' in labels:
                raise Wrong('not of this family')
            if self.kind == 'counter' and value < 0:
                raise Wrong('a counter below 0')
            return
        part = name.removeprefix(self.name)
        key = tuple(sorted((key, text) for key, text in labels.items() if key != 'le'))
        histogram = self.series.setdefault(key, {'buckets': []})
        if part == '_bucket' and 'le' in labels and '_sum' not in histogram:
            bound = float(labels['le'].replace('+Inf', 'inf'))
            before = histogram['buckets'][-1] if histogram['buckets'] else (float('-inf'), 0)
            if bound <= before[0] or value < before[1]:
                raise Wrong('buckets must ascend and never shrink')
            histogram['buckets'].append((bound, value))
        elif part in ('_sum', '_count') and 'le' not in labels and part not in histogram:
            histogram[part] = value
        else:
            raise Wrong('not of this histogram')

    def end(self):
        if self.kind is None:
            raise Wrong(f'{self.name} has no TYPE')
        for histogram in self.series.values():
            bound, count = histogram['buckets'][-1] if histogram['buckets'] else (0, 0)
            if bound != float('inf') or histogram.get('_count') != count or '_sum' not in histogram:
                raise Wrong(f'{self.name}: +Inf, sum or count is missing or differs')
            if count == 0 and histogram['_sum'] != 0:
                raise Wrong(f'{self.name}: a sum of nothing')


class Reader:
    def __init__(self):
        self.family, self.families, self.samples, self.known = None, {}, {}, set()

    def line(self, line):
        if line.startswith('# HELP '):
            self.end_family()
            name, _, words = line[7:].partition(' ')
            if not re.fullmatch(NAME, name) or not words.strip() or name in self.families:
                raise Wrong('bad HELP, or a family in two places')
            self.family = self.families[name] = Family(name)
        elif line.startswith('# TYPE '):
            name, _, kind = line[7:].partition(' ')
            if self.family is None or self.family.name != name or self.family.kind or kind not in KINDS:
                raise Wrong('TYPE does not follow its HELP')
            self.family.kind = kind
            self.family.check_name()
        else:
            self.sample(line)

    def sample(self, line):
        match = SAMPLE.fullmatch(line)
        if not match or self.family is None or self.family.kind is None:
            raise Wrong('not a sample of a family')
        labels, value = labels_of(match[2]), float(match[3])
        if not set(labels) <= LABEL_NAMES or any(len(text) > LABEL_BYTES_MAX for text in labels.values()):
            raise Wrong('a label that is not one of ours')
        key = match[1] + ('{' + match[2] + '}' if match[2] else '')
        same = (match[1], tuple(sorted(labels.items())))
        if same in self.known:
            raise Wrong('a sample twice')
        self.known.add(same)
        self.samples[key] = value
        self.family.take(match[1], labels, value)

    def end_family(self):
        if self.family is not None:
            self.family.end()


def read(text):
    """The families by name, and the value of every sample by its name with labels."""
    if not text.endswith('\n') or '\r' in text:
        raise Wrong('lines end with \\n, the last too')
    reader = Reader()
    for number, line in enumerate(text[:-1].split('\n'), 1):
        try:
            reader.line(line)
        except Wrong as wrong:
            raise Wrong(f'line {number}: {wrong}: {line}') from None
    reader.end_family()
    return reader.families, reader.samples


def check(text):
    return read(text)[1]


def never_falls(before, after):
    """Counters and histograms of two scrapes of one process: names that fell or went away."""
    families, old = read(before)
    _, new = read(after)
    levels = {name for name, family in families.items() if family.kind == 'gauge'}
    return [key for key, value in old.items() if key not in new or
            (key.partition('{')[0] not in levels and new[key] < value)]
