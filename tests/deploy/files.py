"""Where the deployment files are, and how they are read: strictly."""
import os
import re
import subprocess

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.join(ROOT, os.environ.get('BIN', 'build'))
DEPLOY = os.path.join(ROOT, 'deploy')
SERVERS = ('game_server', 'match_server')


class StrictLoader(yaml.SafeLoader):
    """Refuses what YAML silently takes: a key written twice."""

    def construct_mapping(self, node, deep=False):
        names = [key.value for key, _ in node.value if key.tag != 'tag:yaml.org,2002:merge']
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise yaml.YAMLError(f'{node.start_mark}: written twice: {sorted(doubled)}')
        return super().construct_mapping(node, deep)


def path(*parts):
    return os.path.join(DEPLOY, *parts)


def text(*parts):
    with open(path(*parts), encoding='utf-8') as file:
        return file.read()


def documents(source):
    return [document for document in yaml.load_all(source, StrictLoader) if document is not None]


def runtime_packages():
    """The packages that the image is made of."""
    return re.search(r'^ARG RUNTIME_PACKAGES="([^"]+)"', text('docker', 'Dockerfile'), re.M).group(1).split()


def output(*command, **options):
    """What a command says, both streams; an exit code other than 0 is an error that shows it."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          **options)
    if done.returncode != 0:
        raise AssertionError(f'{command} ended with {done.returncode}: {done.stdout}')
    return done.stdout


def kustomized(overlay):
    """The manifests of an overlay; kubectl's warnings about old words that Debian's own version needs go unheard."""
    done = subprocess.run(['kubectl', 'kustomize', path('kubernetes', 'overlays', overlay)], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return documents(done.stdout)


def check_options(server, ini, **environment):
    """Lets the server itself judge a configuration, without starting anything."""
    return output(os.path.join(BIN, server), '--check-config', f'--config={ini}', env=environment)
