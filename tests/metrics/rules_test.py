"""Alert rules, Alertmanager's route and the runbook: they hold together, and the rules fire when they should."""
import json
import os
import re

import yaml

from processes import ROOT
from stage import tool

FOLDER = os.path.join(ROOT, 'deploy/prometheus')
MADE_BY_PROMETHEUS = {'up', 'le'}


def load(name):
    with open(os.path.join(FOLDER, name), encoding='utf-8') as file:
        return yaml.safe_load(file)


def text(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read()


def rules(kind):
    return [rule for group in load('duelpod.rules.yaml')['groups'] for rule in group['rules'] if kind in rule]


def documented():
    """Every name that a query may use: families of docs/metrics.md, with a histogram's parts, and recorded figures."""
    names = {rule['record'] for rule in rules('record')} | MADE_BY_PROMETHEUS
    for name, kind in re.findall(r'^\| `([a-z_]+)` \| (\w+) \|', text('docs/metrics.md'), re.M):
        names |= {f'{name}_bucket', f'{name}_sum', f'{name}_count'} if kind == 'histogram' else {name}
    return names


def unknown_names(expression):
    used = re.findall(r'\b(?:duelpod|process)[a-z0-9_:]*|\bup\b', expression)
    return set(used) - documented()


def test_promtool_takes_rules_and_configuration():
    tool('/usr/bin/promtool', 'check', 'config', f'{FOLDER}/prometheus.yaml')


def test_every_alert_fires_and_is_quiet_when_it_should():
    tool('/usr/bin/promtool', 'test', 'rules', f'{FOLDER}/duelpod.test.yaml')


def test_every_alert_has_both_tests():
    tests = load('duelpod.test.yaml')['tests']
    cases = {(one['alertname'], bool(one['exp_alerts'])) for test in tests for one in test['alert_rule_test']}
    assert cases == {(rule['alert'], fires) for rule in rules('alert') for fires in (True, False)}


def test_rules_use_documented_metrics_only():
    assert unknown_names('rate(duelpod_no_such_total[5m])') == {'duelpod_no_such_total'}
    for rule in rules('expr'):
        assert not unknown_names(rule['expr']), rule


def test_every_alert_has_its_section_in_the_runbook_and_every_section_its_alert():
    sections = re.findall(r'^## (\w+)$', text('docs/runbook.md'), re.M)
    assert sections == [rule['alert'] for rule in rules('alert')]
    for rule in rules('alert'):
        assert rule['annotations']['runbook'] == f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule['labels']['severity'] in ('critical', 'warning') and rule['annotations']['summary']


def test_amtool_takes_the_route_and_it_leads_where_it_should():
    path = f'{FOLDER}/alertmanager.yaml'
    tool('/usr/bin/amtool', 'check-config', path)
    for rule in rules('alert'):
        wanted = {'critical': 'pager', 'warning': 'tickets'}[rule['labels']['severity']]
        labels = [f"alertname={rule['alert']}", f"severity={rule['labels']['severity']}"]
        tool('/usr/bin/amtool', 'config', 'routes', 'test', f'--config.file={path}', f'--verify.receivers={wanted}', *labels)


def test_what_is_inhibited_are_alerts_of_ours():
    names = {rule['alert'] for rule in rules('alert')}
    for inhibition in load('alertmanager.yaml')['inhibit_rules']:
        for matcher in inhibition['source_matchers'] + inhibition['target_matchers']:
            mentioned = set(re.findall(r'Duelpod\w+', matcher))
            assert mentioned and mentioned <= names, json.dumps(inhibition)
