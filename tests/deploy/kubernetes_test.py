"""The manifests, as kustomize puts them together."""
import copy
import os
import shutil
import tempfile
import unittest

from files import check_options, kustomized, path
from kinds import problems

ADMIN = {'game-server': 9100, 'match-server': 9101}


def only(manifests, kind, name='duelpod'):
    (found,) = [one for one in manifests if one['kind'] == kind and one['metadata']['name'] == name]
    return found


def pod_of(deployment):
    return deployment['spec']['template']['spec']


class Manifests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.overlays = {name: kustomized(name) for name in os.listdir(path('kubernetes', 'overlays'))}

    def test_every_field_is_known_and_of_its_type(self):
        self.assertEqual(set(self.overlays), {'development', 'production'})
        for manifests in self.overlays.values():
            self.assertGreaterEqual(len(manifests), 7)
            for manifest in manifests:
                self.assertEqual(problems(manifest), [])

    def test_the_walk_finds_what_is_planted(self):
        good = only(self.overlays['production'], 'Deployment')
        for plant in (lambda pod: pod.update(enableServiceLink=False), lambda pod: pod.pop('securityContext'),
                      lambda pod: pod['containers'][0].update(image=7),
                      lambda pod: pod['containers'][1]['livenessProbe']['httpGet'].update(paht='/health')):
            bad = copy.deepcopy(good)
            plant(pod_of(bad))
            self.assertEqual(len(problems(bad)), 1, problems(bad))

    def test_both_servers_are_one_pod_that_nobody_can_break_out_of(self):
        for manifests in self.overlays.values():
            pod = pod_of(only(manifests, 'Deployment'))
            self.assertEqual({one['name'] for one in pod['containers']}, set(ADMIN))
            self.assertIs(pod['automountServiceAccountToken'], False)
            self.assertIs(pod['enableServiceLinks'], False)
            self.assertTrue(pod['securityContext']['runAsNonRoot'] and pod['securityContext']['runAsUser'] > 0)
            for container in pod['containers']:
                context = container['securityContext']
                self.assertEqual((context['allowPrivilegeEscalation'], context['readOnlyRootFilesystem'],
                                  context['capabilities']['drop']), (False, True, ['ALL']))
                self.assertEqual(container['resources']['requests']['memory'],
                                 container['resources']['limits']['memory'])

    def test_probes_ask_the_admin_port_of_their_own_server(self):
        pod = pod_of(only(self.overlays['production'], 'Deployment'))
        for container in pod['containers']:
            ports = {port['name']: port['containerPort'] for port in container['ports']}
            for probe, page in (('startupProbe', '/health'), ('livenessProbe', '/health'),
                                ('readinessProbe', '/ready')):
                get = container[probe]['httpGet']
                self.assertEqual((get['path'], ports[get['port']]), (page, ADMIN[container['name']]))

    def test_a_roll_goes_up_before_it_goes_down_and_waits_for_the_orderly_stop(self):
        deployment = only(self.overlays['production'], 'Deployment')
        self.assertEqual(deployment['spec']['strategy']['rollingUpdate'], {'maxUnavailable': 0, 'maxSurge': 1})
        self.assertGreater(pod_of(deployment)['terminationGracePeriodSeconds'], 30)
        self.assertEqual(only(self.overlays['production'], 'PodDisruptionBudget')['spec']['maxUnavailable'], 1)

    def test_everything_selects_the_pods_by_the_same_label(self):
        manifests = self.overlays['production']
        labels = only(manifests, 'Deployment')['spec']['template']['metadata']['labels']
        for kind, place in (('Service', 'selector'), ('PodDisruptionBudget', 'selector'),
                            ('NetworkPolicy', 'podSelector'), ('Deployment', 'selector')):
            selector = only(manifests, kind)['spec'][place]
            self.assertEqual(selector.get('matchLabels', selector), labels, kind)
        target = only(manifests, 'HorizontalPodAutoscaler')['spec']['scaleTargetRef']
        self.assertEqual((target['kind'], target['name']), ('Deployment', 'duelpod'))

    def test_the_network_lets_through_what_the_servers_listen_on_and_nothing_else(self):
        manifests = self.overlays['production']
        listening = {port['containerPort'] for container in pod_of(only(manifests, 'Deployment'))['containers']
                     for port in container['ports']}
        open_ports = {port['port'] for rule in only(manifests, 'NetworkPolicy')['spec']['ingress']
                      for port in rule['ports']}
        self.assertEqual(open_ports, listening)

    def test_the_servers_accept_the_options_of_the_config_map(self):
        for overlay, manifests in self.overlays.items():
            data = only(manifests, 'ConfigMap')['data']
            with tempfile.TemporaryDirectory() as folder:
                for server, name in (('game_server', 'game.ini'), ('match_server', 'match.ini')):
                    ini = os.path.join(folder, name)
                    with open(ini, 'w', encoding='utf-8') as file:
                        file.write(self.with_secrets_in(folder, data[name]))
                    check_options(server, ini, DUELPOD_POD_ID='duelpod-7d9f8c6b5d-abcde',
                                  DUELPOD_PROFILE=overlay)

    @staticmethod
    def with_secrets_in(folder, ini):
        """The same, with the secrets' folder where this test has one."""
        shutil.copy(path('..', 'tests', 'deploy', 'jwks.json'), folder)
        for name in ('redis-game-password', 'redis-match-password'):
            with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
                file.write('a password\n')
        return ini.replace('/etc/duelpod/secrets', folder)
