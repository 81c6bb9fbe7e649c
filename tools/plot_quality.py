#!/usr/bin/python3
"""Draws the figures of docs/matchmaking.md from what build/bench/quality measures.

    tools/plot_quality.py [FILE]      writes docs/img/matchmaking_*.svg
    tools/plot_quality.py --tables [FILE]    prints the page's tables

FILE is the output of `quality --json`; without it the program is run (BIN: build folder, default build).
"""
import json
import math
import os
import subprocess
import sys

# Okabe and Ito: told apart by everybody.
COLORS = {'duelpod': '#0072B2', 'duelpod, narrow start': '#009E73', 'duelpod once a second': '#56B4E9',
          'both must accept': '#D55E00', 'fixed window': '#E69F00', 'duelpod, half windows': '#CC79A7',
          'random': '#777777'}
WIDTH, HEIGHT, LEFT, TOP = 430, 300, 62, 46


class Panel:
    """A chart with logarithmic axes; (0, 0) of the page is its corner."""

    def __init__(self, x, title, horizontal, vertical):
        self.x, self.title = x, title
        self.horizontal, self.vertical = horizontal, vertical  # (label, low, high, ticks)
        self.parts = []

    def at(self, x, y):
        def place(value, axis, size):
            _, low, high, _ = axis
            share = math.log(max(value, low) / low) / math.log(high / low)
            return share * size
        return (self.x + LEFT + place(x, self.horizontal, WIDTH - LEFT - 20),
                HEIGHT - 50 - place(y, self.vertical, HEIGHT - 50 - TOP))

    def line(self, points, color):
        places = [self.at(x, y) for x, y in points]
        self.parts.append(f'<polyline fill="none" stroke="{color}" stroke-width="2" points="'
                          + ' '.join(f'{x:.1f},{y:.1f}' for x, y in places) + '"/>')
        self.parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in places]

    def frame(self):
        label, low, high, ticks = self.horizontal
        bottom = self.at(low, self.vertical[1])[1]
        parts = [text(self.x + LEFT, TOP - 16, self.title, weight='bold'),
                 text(self.x + (LEFT + WIDTH - 20) / 2, HEIGHT - 10, label, anchor='middle')]
        for tick in ticks:
            x = self.at(tick, self.vertical[1])[0]
            parts += [rule(x, TOP, x, bottom), text(x, bottom + 16, number(tick), anchor='middle')]
        label, low, high, ticks = self.vertical
        for tick in ticks:
            y = self.at(self.horizontal[1], tick)[1]
            parts += [rule(self.x + LEFT, y, self.x + WIDTH - 20, y),
                      text(self.x + LEFT - 6, y + 4, number(tick), anchor='end')]
        middle = (TOP + bottom) / 2
        parts.append(f'<text transform="translate({self.x + 16},{middle}) rotate(-90)" text-anchor="middle">'
                     f'{label}</text>')
        return parts

    def draw(self):
        return '\n'.join(self.frame() + self.parts)


def number(value):
    return f'{value:g}'


def text(x, y, words, anchor='start', weight='normal'):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">{words}</text>'


def rule(x1, y1, x2, y2):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>'


def legend(names):
    parts = []
    for i, name in enumerate(names):
        x, y = 20 + i % 4 * 210, HEIGHT + 16 + i // 4 * 20
        parts.append(f'<rect x="{x}" y="{y - 9}" width="14" height="10" fill="{COLORS[name]}"/>')
        parts.append(text(x + 20, y, name))
    return '\n'.join(parts)


def write(path, panels, names):
    height = HEIGHT + 20 + 20 * ((len(names) + 3) // 4)
    width = max(panel.x for panel in panels) + WIDTH
    body = '\n'.join(panel.draw() for panel in panels)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                   f'height="{height}" font-family="sans-serif" font-size="12" fill="#222222">\n'
                   f'<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n{legend(names)}\n</svg>\n')


def draw_frontier(figures, path):
    panels = []
    for i, (scenario, waits) in enumerate((('evening', (0.5, 8, (0.5, 1, 2, 4, 8))),
                                           ('peak', (0.05, 1.6, (0.05, 0.1, 0.2, 0.4, 0.8, 1.6))))):
        low, high, ticks = waits
        panel = Panel(i * WIDTH, f'{scenario}: windows from a tenth to one and a half',
                      ('mean wait, seconds', low, high, ticks), ('mean gap, points', 2.5, 80, (2.5, 5, 10, 20, 40, 80)))
        names = list(dict.fromkeys(point['policy'] for point in figures['frontier']))
        for name in names:
            panel.line([(point['wait_mean_ms'] / 1000, point['gap_mean']) for point in figures['frontier']
                        if point['policy'] == name and point['scenario'] == scenario], COLORS[name])
        panels.append(panel)
    write(path, panels, names)


def draw_deciles(figures, path):
    scenario = next(one for one in figures['scenarios'] if one['name'] == 'evening')
    waits = Panel(0, 'evening: who waits', ('rating, lower end of the tenth', 900, 2000, (900, 1100, 1300, 1500, 1700, 2000)),
                  ('95 % wait at most, seconds', 0.2, 40, (0.2, 0.5, 1, 2, 5, 10, 20, 40)))
    gaps = Panel(WIDTH, 'evening: how even the matches are',
                 ('rating, lower end of the tenth', 900, 2000, (900, 1100, 1300, 1500, 1700, 2000)),
                 ('mean gap, points', 10, 640, (10, 20, 40, 80, 160, 320, 640)))
    names = [policy['name'] for policy in scenario['policies'] if policy['name'] != 'duelpod, half windows']
    for policy in scenario['policies']:
        if policy['name'] not in names:
            continue
        deciles = policy['deciles']
        waits.line([(decile['rating_low'], decile['wait_ms']['p95'] / 1000) for decile in deciles], COLORS[policy['name']])
        gaps.line([(decile['rating_low'], decile['gap']['mean']) for decile in deciles], COLORS[policy['name']])
    write(path, [waits, gaps], names)


def table(head, rows):
    print('| ' + ' | '.join(head) + ' |')
    print('|' + '|'.join('---' if i == 0 else '--:' for i in range(len(head))) + '|')
    for row in rows:
        print('| ' + ' | '.join(str(cell) for cell in row) + ' |')
    print()


def seconds(milliseconds):
    return f'{milliseconds / 1000:.2f}' if milliseconds < 10000 else f'{milliseconds / 1000:.0f}'


def print_tables(figures):
    for scenario in figures['scenarios']:
        print(f'**{scenario["name"]}**, {scenario["players"]:,} players\n')
        table(('rule', 'gap mean', 'gap 95 %', 'wait 50 % (s)', '95 %', '99 %', 'overtaken by', 'left'),
              [(policy['name'], f'{policy["gap"]["mean"]:.1f}', policy['gap']['p95'],
                *(seconds(policy['wait_ms'][key]) for key in ('p50', 'p95', 'p99')), f'{policy["overtakes"]:.1f}',
                policy['left']) for policy in scenario['policies']])
    print('**evening, by tenths of the ratings**: 95 % wait (s), mean gap\n')
    evening = next(one for one in figures['scenarios'] if one['name'] == 'evening')
    chosen = [policy for policy in evening['policies'] if policy['name'] in
              ('duelpod', 'duelpod, narrow start', 'both must accept', 'fixed window')]
    table(('from rating', *(policy['name'] for policy in chosen)),
          [(chosen[0]['deciles'][i]['rating_low'],
            *(f'{seconds(policy["deciles"][i]["wait_ms"]["p95"])}, {policy["deciles"][i]["gap"]["mean"]:.0f}'
              for policy in chosen)) for i in range(len(chosen[0]['deciles']))])
    print('**cost over the exact optimum**\n')
    table(('rule', 'ratio'), [(row['name'], f'{row["ratio"]:.2f}') for row in figures['regret']])


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != '--tables']
    if arguments:
        with open(arguments[0], encoding='utf-8') as file:
            figures = json.load(file)
    else:
        program = os.path.join(os.environ.get('BIN', 'build'), 'bench', 'quality')
        figures = json.loads(subprocess.run([program, '--json'], check=True, stdout=subprocess.PIPE).stdout)
    if '--tables' in sys.argv:
        print_tables(figures)
        return
    folder = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'docs', 'img')
    os.makedirs(folder, exist_ok=True)
    draw_frontier(figures, os.path.join(folder, 'matchmaking_frontier.svg'))
    draw_deciles(figures, os.path.join(folder, 'matchmaking_deciles.svg'))


if __name__ == '__main__':
    main()
