"""A real Prometheus scrapes two pods under load: it takes every line, every rule works, no panel is empty."""
import asyncio
import json
import math
import os

from processes import ROOT
from rules_test import unknown_names
from stage import tool

RATE_INTERVAL = '5s'  # ten scrapes


def dashboard():
    with open(os.path.join(ROOT, 'deploy/grafana/duelpod.json'), encoding='utf-8') as file:
        return json.load(file)


def panels():
    return [panel for panel in dashboard()['panels'] if panel['type'] != 'row']


def filled_in(expression):
    """As Grafana asks when every realm is chosen."""
    return expression.replace('$__rate_interval', RATE_INTERVAL).replace('$realm', '.*')


async def test_all_four_servers_are_scraped(stage):
    rows = await stage.prometheus.until('up == 1', lambda rows: len(rows) == 4)
    assert sorted(labels['job'] for labels, _ in rows) == ['game_server'] * 2 + ['match_server'] * 2


async def test_no_line_of_a_scrape_is_refused_or_doubled(stage):
    targets = await stage.prometheus.get('/api/v1/targets')
    assert [target['lastError'] for target in targets['activeTargets']] == [''] * 4
    for server in stage.servers():
        lines = [line for line in (await server.get('/metrics'))[1].splitlines() if not line.startswith('#')]
        instance = f"127.0.0.1:{server.ports['admin_port']}"
        for what in ('scrape_samples_scraped', 'scrape_samples_post_metric_relabeling'):
            ((_, samples),) = await stage.prometheus.query(f'{what}{{instance="{instance}"}}')
            assert samples == len(lines), (server.name, what)


async def test_what_prometheus_sums_is_what_the_servers_say(stage):
    await stage.played(2)
    async with stage.quiet():
        for mode in ('normal', 'ranked'):
            name = f'duelpod_matches_total{{mode="{mode}"}}'
            said = sum([await server.metric(name) for server in stage.servers('match_server')])
            assert said > 0
            await stage.prometheus.until(f'sum({name})', lambda rows, said=said: rows and rows[0][1] == said)


async def test_every_rule_is_evaluated_without_an_error(stage):
    def states(groups):
        return {rule['name']: (rule['health'], rule.get('lastError')) for group in groups for rule in group['rules']}

    for _ in range(300):
        rules = states((await stage.prometheus.get('/api/v1/rules'))['groups'])
        if rules and all(health != 'unknown' for health, _ in rules.values()):
            break
        await asyncio.sleep(0.1)
    assert len(rules) > 20 and set(rules.values()) <= {('ok', None), ('ok', '')}, rules


async def test_no_critical_alert_fires_while_all_is_well(stage):
    assert await stage.prometheus.query('ALERTS{severity="critical",alertstate="firing"}') == []


def has_a_number(rows):
    """NaN is the quantile of nothing."""
    return any(not math.isnan(value) for _, value in rows)


async def test_no_panel_of_the_dashboard_is_empty(stage):
    await stage.played(2)
    count = 0
    for panel in panels():
        for target in panel['targets']:
            count += 1
            await stage.prometheus.until(filled_in(target['expr']), has_a_number)
    assert count > 40


def test_the_dashboard_uses_documented_metrics_only():
    for panel in panels():
        for target in panel['targets']:
            assert not unknown_names(target['expr']), panel['title']


def test_the_dashboard_is_in_order():
    shown = panels()
    assert len({panel['title'] for panel in shown}) == len(shown) == len({panel['id'] for panel in shown})
    for panel in shown:
        assert panel['datasource']['uid'] == '${source}' and panel['fieldConfig']['defaults']['unit'], panel['title']
        for target in panel['targets']:
            assert 'realm=~"$realm"' in target['expr'] and target['legendFormat'], panel['title']


async def test_promtool_finds_nothing_to_say(stage):
    for server in stage.servers():
        page = os.path.join(stage.lab.folder, f'{server.name}.metrics')
        with open(page, 'w', encoding='utf-8') as file:
            file.write((await server.get('/metrics'))[1])
        tool('/bin/sh', '-c', f'/usr/bin/promtool check metrics < {page}')
