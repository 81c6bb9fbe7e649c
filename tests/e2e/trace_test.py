"""The logs: one match can be followed through all processes, one session by its trace; no secret is in them."""
import json

from harness import make_token, until
from processes import SECRET

TRACES = {'ana': '4bf92f3577b34da6a3ce929d0e0e4736', 'bob': '0af7651916cd43dd8448eb211c80319c'}


def lines(server):
    return [json.loads(line) for line in server.process.log().splitlines() if line.startswith('{')]


async def login(lab, pod, player_id, traceparent, **fields):
    client = await lab.connect(pod)
    client.welcome = await client.login(make_token(player_id), traceparent=traceparent, **fields)
    return client


async def played(lab):
    """Two pods, ana on one and bob on the other, one match; the pods and the match."""
    pods = await lab.two_pods()
    players = [await login(lab, pod, name, f'00-{TRACES[name]}-00f067aa0ba902b7-01')
               for pod, name in zip(pods, TRACES)]
    for player in players:
        await player.enqueue()
    found = [await player.expect('match_found') for player in players]
    match_id = found[0]['match_id']
    for player in players:
        await player.send('loading_complete', match_id=match_id)
    for player in players:
        await player.acknowledge(await player.expect('battle_result'))
    return pods, match_id


async def test_one_match_can_be_followed_by_its_id_through_both_processes_of_both_pods(lab):
    pods, match_id = await played(lab)
    match = [pod.match for pod in pods]

    def steps(servers):
        """What took effect, once each: two match_servers may both execute what a third one's pod asked."""
        return {(line['event'], line.get('request', ''), line.get('player_id', ''))
                for server in servers for line in lines(server)
                if line.get('match_id') == match_id and line.get('status') != 'DUP'}

    def of(name, *events):
        return {(event, request, name) for event, request in events}
    await until(lambda: len(steps(match)) == 6, 'all steps in the logs')
    finished = next(line for server in match for line in lines(server) if line['event'] == 'match_finished')
    host = next(pod for pod in pods if pod.name == finished['host'])
    told = (('match_told', ''), ('request_sent', 'loading_complete'), ('result_told', ''), ('request_sent', 'result_ack'))
    for pod, name in zip(pods, TRACES):
        computed = of('', ('battle_computed', '')) if pod is host else set()
        assert steps([pod.game]) == of(name, *told) | computed
        await until(lambda p=pod: any(line.get('match_id') == match_id for line in lines(p.match)),
                    'each asks its own match_server')
    done = (('request_done', 'loading_complete'), ('request_done', 'result_ack'))
    assert steps(match) == of('ana', *done) | of('bob', *done) | of('', ('match_made', ''), ('match_finished', ''))


async def test_a_clients_trace_goes_through_redis_to_match_server(lab):
    pods, match_id = await played(lab)
    for pod, (name, trace) in zip(pods, TRACES.items()):
        def steps(server, trace=trace):
            return [line for line in lines(server) if line.get('trace_id') == trace]
        requests = {'enqueue', 'loading_complete', 'result_ack'}
        await until(lambda p=pod: {line['request'] for line in steps(p.match)} == requests, f'the requests of {name}')
        assert [line['event'] for line in steps(pod.game)] == [
            'login', 'request_sent', 'match_told', 'request_sent', 'result_told', 'request_sent']
        assert {line['event'] for line in steps(pod.match)} == {'request_done'}
        assert {line['player_id'] for server in pod.servers for line in steps(server)} == {name}
        assert len({line['session_id'] for line in steps(pod.game)}) == 1
        assert any(line.get('match_id') == match_id for line in steps(pod.match))


async def test_without_a_good_traceparent_the_session_is_the_trace(lab):
    pod = await lab.pod()
    await login(lab, pod, 'ana', 'nonsense')
    plain = await lab.login('bob', pod)
    logins = {line['player_id']: line for line in pod.game.process.events('login')}
    assert all(line['trace_id'] == line['session_id'] for line in logins.values()) and len(logins) == 2
    assert logins['bob']['session_id'] == plain.welcome['session_id']


async def test_the_client_hears_a_sentence_and_the_operator_the_detail(lab):
    pod = await lab.pod(log__level='debug')
    ana = await lab.login('ana', pod)
    error = await ana.refused('invalid_field', 'enqueue', mode=7)
    assert set(error) == {'type', 'reply_to', 'code', 'message', 'field'} and error['field'] == 'mode', error
    await until(lambda: pod.game.process.events('client_refused'), 'the line, which follows the answer')
    refused, told = pod.game.process.events('message_refused')[-1], pod.game.process.events('client_refused')[-1]
    assert refused['place'] == 'mode' and refused['detail'] and refused['detail'] not in error['message']
    assert (told['code'], told['place'], told['player_id']) == ('invalid_field', 'mode', 'ana')
    assert told['session_id'] == refused['session_id'] == ana.welcome['session_id']


async def test_no_token_and_no_secret_is_logged_at_any_level(lab):
    pod = await lab.pod(log__level='debug')
    token = make_token('ana')
    ana = await lab.connect(pod)
    await ana.login(token, traceparent=f'00-{token[:40]}')
    await ana.send('refresh_token', token=make_token('somebody'))
    await ana.send_raw(json.dumps({'type': 'enqueue', 'mode': 5, 'token': token}))
    await ana.refused('already_authenticated', 'authenticate', token=token)
    for bad in (token[:-3], token + 'x', ''):
        other = await lab.connect(pod)
        await other.send('authenticate', token=bad)
        await other.expect('error')
    for server in pod.servers:
        text = server.process.log()
        assert all(secret not in text for secret in (SECRET, token, 'eyJ', *token.split('.'))), server.name
