"""The servers as processes: options, exit codes, admin pages, an orderly end."""
import asyncio
import json
import os
import socket
import subprocess

import websockets

from harness import needs
from processes import BUILD, ROOT, SECRET

BINARIES = ('game_server', 'match_server')


def run(binary, *arguments, **environment):
    """(exit code, standard output, standard error) of a start that ends by itself."""
    done = subprocess.run([os.path.join(BUILD, binary), *arguments], cwd=ROOT, timeout=10, check=False,
                          env={'DUELPOD_AUTH_HS256_SECRET': SECRET, **environment},
                          capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def write(lab, text):
    path = os.path.join(lab.folder, 'server.ini')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


async def test_help_version_and_print_config(_):
    for binary in BINARIES:
        code, out, err = run(binary, '--help')
        assert code == 0 and err == '' and '--redis.url' in out and '--pod.id' in out, (binary, code, err)
        code, out, _ = run(binary, '--version')
        assert code == 0 and out.startswith(binary)
        code, out, _ = run(binary, '--print-config')
        assert code == 0 and '[redis]' in out and SECRET not in out, out


async def test_the_sample_names_every_option_with_the_profiles_default(lab):
    for binary in BINARIES:
        for profile in ('development', 'production'):
            code, sample, err = run(binary, '--print-sample', '--profile', profile)
            assert (code, err) == (0, ''), err
            lines = [line.lstrip(';') if line.startswith(';') and line[1] != ' ' else line
                     for line in sample.splitlines()]
            path = write(lab, '\n'.join(lines) + '\n')
            printed = [run(binary, '--print-config', '--profile', profile, *arguments)[1:]
                       for arguments in ((), ('--config', path))]
            assert printed[0] == printed[1] and printed[0][1] == '', printed[1][1]


async def test_the_reference_has_a_row_for_every_option(_):
    for binary in BINARIES:
        options = [line.split()[0][2:] for line in run(binary, '--help')[1].splitlines()
                   if line.startswith('  --') and '.' in line.split()[0]]
        reference = run(binary, '--print-reference')[1]
        assert len(options) > 20 and all(f'| `{option}` | ' in reference for option in options)
        assert all(line.replace('\\|', '').count('|') == 6 for line in reference.splitlines() if line.startswith('|'))


async def test_a_good_configuration_is_said_to_be_good(lab):
    path = write(lab, '[pod]\nid = pod-x\n\n; a comment\n[redis]\nurl = redis://127.0.0.1:1\n'
                      '[log]\nlevel = error\n')
    for binary in BINARIES:
        code, out, err = run(binary, '--check-config', '--config', path)
        assert (code, err) == (0, '') and 'valid' in out


async def test_every_bad_line_is_named_with_file_and_line(lab):
    path = write(lab, '[pod]\nid = Not Allowed\nnonsense\n[nowhere]\nx = 1\n[redis]\nurl = http://x\n'
                      'unknown = 1\ncommand_timeout_ms = 5\ncommand_timeout_ms = 500\n')
    for binary in BINARIES:
        code, _, err = run(binary, '--check-config', '--config', path)
        assert code == 2, (binary, code)
        for line in (2, 3, 4, 7, 8, 9):
            assert f'{path}:{line}:' in err, f'{binary}: line {line} is not named in\n{err}'
        assert f'{path}:5:' not in err and f'{path}:1:' not in err


async def test_bad_flags_and_environment_are_refused(_):
    for binary in BINARIES:
        for arguments, text in (('--nonsense', '--nonsense'), ('--pod.id', '--pod.id'),
                                ('--pod.id=A B', 'pod.id'),
                                ('--admin.port=70000', 'admin.port'), ('word', 'word'),
                                ('--config=/nowhere', '/nowhere'), ('--redis.password=x', 'password'),
                                ('--pod.id=a\0--pod.id=b', 'twice')):
            code, out, err = run(binary, '--check-config', *arguments.split('\0'))
            assert code == 2 and text in err and out == '', (binary, arguments, code, out, err)
        code, _, err = run(binary, '--check-config', DUELPOD_POD_ID='Not Allowed')
        assert code == 2 and 'DUELPOD_POD_ID' in err
    code, _, err = run('game_server', '--check-config', DUELPOD_AUTH_HS256_SECRET='tiny-secret')
    assert code == 2 and 'hs256_secret' in err and 'tiny' not in err, err
    code, _, err = run('game_server', '--check-config', f'--auth.hs256_secret={SECRET}')
    assert code == 2 and SECRET not in err


async def test_production_refuses_development_tokens(_):
    code, _, err = run('game_server', '--check-config', '--profile=production', '--auth.dev_tokens=on')
    assert code == 2 and 'auth.dev_tokens' in err


async def test_what_cannot_start_says_why(lab):
    taken = socket.socket()
    taken.bind(('127.0.0.1', 0))
    taken.listen()
    port = taken.getsockname()[1]
    url = f'--redis.url={lab.redis.url}'
    for binary in BINARIES:
        client_port = ['--client.port=0'] if binary == 'game_server' else []
        code, _, err = run(binary, url, f'--admin.port={port}', *client_port)
        assert code == 3 and 'admin_port' in err, (binary, code, err)
    code, _, err = run('game_server', url, '--admin.port=0', f'--client.port={port}')
    assert code == 3 and 'client_port' in err, (code, err)
    free = (url, '--admin.port=0', '--client.port=0')
    code, _, err = run('game_server', *free, '--game.catalog_file=/nowhere.json')
    assert code == 3 and '/nowhere.json' in err, (code, err)
    path = write(lab, '{"no": "catalog"}')
    code, _, err = run('game_server', *free, f'--game.catalog_file={path}')
    assert code == 3 and path in err, (code, err)
    with open(os.path.join(ROOT, 'game_server', 'catalog', 'base.json'), encoding='utf-8') as file:
        catalog = file.read()
    loops = catalog.replace('"on": "burned", "icd": 1000', '"on": "burned", "icd": 0, "max": 9')
    for changed, where in ((catalog.replace('"op": "shield"', '"op": "sheild"', 1), 'shield_smith'),
                           (loops, 'furnace_heart.abilities[1]')):
        path = write(lab, changed)
        code, _, err = run('game_server', *free, f'--game.catalog_file={path}')
        assert code == 3 and path in err and where in err, (code, err)
    taken.close()


@needs(seconds=30)
async def test_game_server_ends_in_order(lab):
    """Clients are told and may come back; the process ends with 0."""
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_a)
    place = (await ana.enqueue())['enqueued_at_ms']
    fresh = await lab.connect(pod_a)
    pod_a.game.process.signal(15)
    for client in (ana, ben):
        notice = await client.expect('notice')
        assert notice['code'] == 'server_draining' and notice.get('reconnect_after_ms', 0) >= 0, notice
        await client.expect_close(1001, True)
    await fresh.socket.wait_closed()
    assert await pod_a.game.process.ended() == 0
    again = await lab.login('ana', pod_b)
    assert again.welcome['state'] == {'state': 'queued', 'mode': 'normal', 'enqueued_at_ms': place}


@needs(seconds=40)
async def test_a_stop_sends_the_players_away_one_after_the_other_and_takes_no_waiters(lab):
    pod = await lab.pod(session__drain_ms=5000)
    players = await lab.logins(pod, *(f'player-{number}' for number in range(12)))
    pod.game.process.signal(15)
    notices = [await player.expect('notice', code='server_draining') for player in players]
    moments = [notice.get('reconnect_after_ms', 0) for notice in notices]
    assert all(0 <= moment <= 5000 for moment in moments) and max(moments) - min(moments) > 500, moments
    status, body = await pod.game.get('/ready')
    assert status == 503 and '"draining","ok":false' in body, body
    last = players[moments.index(max(moments))]
    assert (await last.refused('matchmaking_unavailable', 'enqueue', mode='normal'))['retry_after_ms'] > 0
    await asyncio.gather(*(player.expect_close(1001, True, 15) for player in players))
    assert await pod.game.process.ended(20) == 0
    seconds, microseconds = lab.keys.time()
    assert lab.keys.zscore('pods', 'game:pod-a') <= seconds * 1000 + microseconds / 1000, 'it gets no battle'


@needs(seconds=30)
async def test_match_server_ends_in_order_and_another_takes_over_at_once(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_a)
    assert await pod_a.match.process.terminate() == 0
    await ana.enqueue()
    await ben.enqueue()
    found = await ana.expect('match_found', timeout=5)
    assert found['opponent_id'] == 'ben'
    assert await pod_b.match.process.terminate() == 0
    assert lab.keys.get('lock:matchmaker:normal') is None, 'the lease is given back'


@needs(seconds=30)
async def test_a_match_in_its_last_moments_survives_the_end_of_its_pod(lab):
    pod_a, pod_b = await lab.two_pods(battle__deadline_ms=1000, pods__heartbeat_ttl_ms=2500)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await ana.enqueue()
    await ben.enqueue()
    found = await ana.expect('match_found')
    await ben.expect('match_found')
    await ana.ask('loading_complete', match_id=found['match_id'])
    await ben.send('loading_complete', match_id=found['match_id'])
    for server in pod_a.servers:
        server.process.signal(15)
    result = await ben.expect('battle_result', timeout=10)
    again = await lab.login('ana', pod_b)
    assert (await again.expect('battle_result'))['timeline_text'] == result['timeline_text']
    for server in pod_a.servers:
        assert await server.process.ended() == 0


async def test_a_second_signal_ends_at_once(lab):
    pod = await lab.pod()
    for server in pod.servers:
        server.process.pause()
        server.process.signal(15)
        server.process.signal(2)
        server.process.resume()
        assert await server.process.ended(5) in (0, 130, 143, -2, -15), server.name


async def test_admin_pages(lab):
    pod = await lab.pod()
    for server in pod.servers:
        for path in ('/health', '/ready'):
            status, body = await server.get(path)
            assert status == 200 and '"status":"ok"' in body, (server.name, path, body)
        status, text = await server.get('/metrics')
        assert status == 200 and '# TYPE' in text and 'process_cpu_seconds_total' in text, server.name
        assert (await server.get('/nothing'))[0] == 404
    ana = await lab.login('ana', pod)
    assert await pod.game.metric('duelpod_logins_total') == 1
    assert await pod.game.metric('duelpod_connections') == 1
    await ana.enqueue()
    assert await pod.match.metric('duelpod_enqueue_requests_total{result="accepted"}') == 1


def listening_ports(pid):
    """Ports that a process listens on."""
    inodes = set()
    for name in os.listdir(f'/proc/{pid}/fd'):
        try:
            inodes.add(os.readlink(f'/proc/{pid}/fd/{name}'))
        except FileNotFoundError:
            pass
    ports = set()
    for table in ('tcp', 'tcp6'):
        with open(f'/proc/{pid}/net/{table}', encoding='ascii') as file:
            for line in list(file)[1:]:
                fields = line.split()
                if fields[3] == '0A' and f'socket:[{fields[9]}]' in inodes:
                    ports.add(int(fields[1].rsplit(':', 1)[1], 16))
    return ports


async def test_match_server_has_no_door_for_clients(lab):
    pod = await lab.pod()
    assert listening_ports(pod.match.process.pid) == {pod.match.ports['admin_port']}
    game = pod.game.ports
    assert listening_ports(pod.game.process.pid) == {game['admin_port'], game['client_port']}
    try:
        await websockets.connect(f"ws://127.0.0.1:{pod.match.ports['admin_port']}/v1/ws")
        raise AssertionError('match_server took a WebSocket')
    except websockets.InvalidHandshake:
        pass


async def test_a_server_started_before_redis_becomes_ready_when_it_comes(lab):
    lab.redis.kill()
    pod = lab.prepare('a')
    for server in pod.servers:
        server.start()
        await server.until_listening()
        assert (await server.get('/ready'))[0] == 503
        assert (await server.get('/health'))[0] == 200
    lab.redis.start()
    for server in pod.servers:
        await server.until_ready(5)
    await lab.login('ana', pod)


async def test_logs_are_lines_of_json_and_hold_no_secret(lab):
    pod = await lab.pod()
    await lab.login('ana', pod)
    for server in pod.servers:
        for line in server.process.log().splitlines():
            event = json.loads(line)
            assert {'ts', 'level', 'event', 'component'} <= set(event), line
        assert SECRET not in server.process.log() and 'eyJ' not in server.process.log()
