"""The Compose file: known words only, and options that the servers accept."""
import os
import tempfile
import unittest

from files import SERVERS, check_options, documents, output, path, text

FILE = path('compose', 'compose.yaml')


class Compose(unittest.TestCase):
    def test_compose_accepts_it(self):
        output('docker-compose', '-f', FILE, 'config', '-q')

    def test_compose_refuses_an_unknown_word(self):
        with tempfile.TemporaryDirectory() as folder:
            wrong = os.path.join(folder, 'compose.yaml')
            with open(wrong, 'w', encoding='utf-8') as file:
                file.write(text('compose', 'compose.yaml').replace('read_only:', 'readonly:'))
            with self.assertRaisesRegex(AssertionError, 'readonly'):
                output('docker-compose', '-f', wrong, 'config', '-q')

    def test_two_pods_of_two_servers_that_accept_their_options(self):
        (compose,) = documents(text('compose', 'compose.yaml'))
        services = compose['services']
        pods = {}
        for service in services.values():
            environment = service.get('environment')
            if environment is None:
                continue
            (server,) = service['command']
            self.assertTrue(service['read_only'] and service['cap_drop'] == ['ALL'])
            check_options(server, '/dev/null', **environment)
            pods.setdefault(environment['DUELPOD_POD_ID'], []).append(server)
        self.assertEqual({name: sorted(servers) for name, servers in pods.items()},
                         {'pod-a': list(SERVERS), 'pod-b': list(SERVERS)})

    def test_ports_are_open_on_this_machine_alone(self):
        (compose,) = documents(text('compose', 'compose.yaml'))
        ports = [port for service in compose['services'].values() for port in service.get('ports', [])]
        self.assertEqual(ports, ['127.0.0.1:8081:8081', '127.0.0.1:8082:8081'])
