"""Parties: who is in one, on whatever pod, and what its members are told."""
import asyncio

from client import Refused
from harness import needs, until

NO_PARTY = '01890000-0000-7000-8000-000000000000'


def names(party):
    return [member['player_id'] for member in party.get('members', [])]


def plain(message):
    """Without what names the message, and without who is online: that is a matter of heartbeats."""
    message = {name: value for name, value in message.items() if name not in ('type', 'reply_to')}
    if 'members' in message:
        message['members'] = [{name: value for name, value in member.items() if name != 'online'}
                              for member in message['members']]
    return message


async def told(client, *members, timeout=8, **fields):
    """The next `party` with these members, in their order."""
    def fits(message):
        right = all(message.get(name) == value for name, value in fields.items())
        return message['type'] == 'party' and names(message) == list(members) and right
    return await client.wait_for(fits, f'party of {members} {fields}', timeout)


async def seen(client, *online, timeout=20):
    """The next `party` in which these members are online, and the others offline."""
    def fits(message):
        flags = [member['online'] for member in message.get('members', [])]
        return message['type'] == 'party' and flags == list(online)
    return await client.wait_for(fits, f'party, online {online}', timeout)


async def out(client, party_id, timeout=20):
    """He hears that he is in the party no more."""
    message = await client.wait_for(lambda m: m['type'] == 'party' and 'members' not in m, 'to be out', timeout)
    assert plain(message) == {'party_id': party_id}, message


async def invited(leader, guest):
    """The leader asks, the guest hears it; what the guest is told."""
    answer = await leader.ask('party_invite', player_id=guest.player_id)
    assert guest.player_id in answer['invited'], answer
    return await guest.expect('party_invitation', player_id=leader.player_id)


async def pair(leader, guest):
    """A party of two; its id."""
    party_id = (await leader.ask('party_create'))['party_id']
    await invited(leader, guest)
    answer = await guest.ask('party_accept', party_id=party_id)
    assert names(answer) == [leader.player_id, guest.player_id] and answer['leader'] == leader.player_id, answer
    await told(leader, leader.player_id, guest.player_id)
    return party_id


async def settled(*clients):
    """Nobody has anything unread left of what was sent before: everything is on its way in order."""
    for client in clients:
        await client.ask('get_state')
        client.forget()


def stored(lab):
    """Everything in Redis about parties."""
    parties = {key: lab.keys.hgetall(key) for key in lab.keys.keys('party:*')}
    players = {key: {name: value for name, value in lab.keys.hgetall(key).items() if name in ('party', 'invites')}
               for key in lab.keys.keys('player:*')}
    return parties, players


async def refused(lab, client, code, kind, field=None, **fields):
    """A named refusal, and nothing changed."""
    before = stored(lab)
    error = await client.refused(code, kind, **fields)
    assert error.get('field') == field, error
    assert stored(lab) == before
    return error


async def test_a_party_comes_together_on_two_pods(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    party = await ana.ask('party_create')
    assert party['leader'] == 'ana' and 'invited' not in party, party
    assert party['members'] == [{'player_id': 'ana', 'name': 'ana', 'level': 1, 'rating': 1200, 'online': True}]
    invitation = await invited(ana, ben)
    assert invitation['party_id'] == party['party_id'] and invitation['name'] == 'ana'
    server_time_ms = (await ben.ask('ping'))['server_time_ms']
    assert 0 < invitation['expires_at_ms'] - server_time_ms <= 60000
    answer = await ben.ask('party_accept', party_id=party['party_id'])
    news = await told(ana, 'ana', 'ben')
    assert plain(news) == plain(answer) and 'invited' not in news
    for client in (ana, ben):
        assert plain((await client.state())['party']) == plain(answer)


async def test_declining_is_told_to_the_leader(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    party_id = (await ana.ask('party_create'))['party_id']
    await invited(ana, ben)
    assert plain(await ben.ask('party_decline', party_id=party_id)) == {'party_id': party_id}
    await told(ana, 'ana', invited=None)
    await refused(lab, ben, 'no_such_party', 'party_accept', 'party_id', party_id=party_id)


async def test_who_declines_stays_in_his_own_party(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    own = (await ben.ask('party_create'))['party_id']
    theirs = (await ana.ask('party_create'))['party_id']
    await invited(ana, ben)
    assert plain(await ben.ask('party_decline', party_id=theirs)) == {'party_id': theirs}
    state = await ben.state()
    assert state['party']['party_id'] == own and names(state['party']) == ['ben'], state
    await invited(ben, ana)


async def test_leaving_hands_over_the_lead_and_ends_the_party(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    party_id = await pair(ana, ben)
    assert plain(await ana.ask('party_leave')) == {'party_id': party_id}
    await told(ben, 'ben', leader='ben')
    assert 'party' not in await ana.state()
    assert plain(await ben.ask('party_leave')) == {'party_id': party_id}
    assert stored(lab) == ({}, {'player:{ana}': {}, 'player:{ben}': {}}), 'nothing is left behind'
    for client in (ana, ben):
        await refused(lab, client, 'no_such_party', 'party_leave')


async def test_the_leader_sends_away_and_takes_back(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    party_id = await pair(ana, ben)
    assert names(await ana.ask('party_kick', player_id='ben')) == ['ana']
    await out(ben, party_id)
    await invited(ana, ben)
    answer = await ana.ask('party_kick', player_id='ben')
    assert 'invited' not in answer
    await refused(lab, ben, 'no_such_party', 'party_accept', 'party_id', party_id=party_id)


async def test_what_does_not_fit_is_refused_by_name(lab):
    """And disturbs nobody: neither the state nor the others hear of it."""
    pod_a, pod_b = await lab.two_pods()
    ana, ben, cid = await lab.login('ana', pod_a), await lab.login('ben', pod_b), await lab.login('cid', pod_b)
    for kind, fields, field in (('party_invite', {'player_id': 'ben'}, None), ('party_leave', {}, None),
                                ('party_kick', {'player_id': 'ben'}, None),
                                ('party_accept', {'party_id': NO_PARTY}, 'party_id'),
                                ('party_accept', {'party_id': 'nonsense'}, 'party_id'),
                                ('party_decline', {'party_id': NO_PARTY}, 'party_id')):
        await refused(lab, ana, 'no_such_party', kind, field, **fields)
    party_id = await pair(ana, ben)
    await settled(ana, ben, cid)
    await refused(lab, ana, 'wrong_state', 'party_create')
    await refused(lab, ana, 'party_full', 'party_invite', player_id='cid')
    await refused(lab, ana, 'invalid_field', 'party_invite', 'player_id', player_id='ana')
    await refused(lab, ana, 'invalid_field', 'party_invite', 'player_id', player_id='ben')
    await refused(lab, ana, 'invalid_field', 'party_kick', 'player_id', player_id='ana')
    for nobody in ('nobody', 'no body', '}{', 'ünknown'):
        await refused(lab, ana, 'not_found', 'party_kick', 'player_id', player_id=nobody)
    await refused(lab, ana, 'not_found', 'party_kick', 'player_id', player_id='cid')
    await refused(lab, ben, 'not_party_leader', 'party_invite', player_id='cid')
    await refused(lab, ben, 'not_party_leader', 'party_kick', player_id='ana')
    await refused(lab, ben, 'wrong_state', 'party_accept', party_id=party_id)
    await refused(lab, ben, 'no_such_party', 'party_decline', 'party_id', party_id=party_id)
    await refused(lab, cid, 'no_such_party', 'party_accept', 'party_id', party_id=party_id)
    for fields, field in (({}, 'player_id'), ({'player_id': 7}, 'player_id'), ({'player_id': 'x' * 65}, 'player_id')):
        await refused(lab, ana, 'invalid_field', 'party_invite', field, **fields)
    await refused(lab, ana, 'invalid_field', 'party_accept', 'party_id', party_id='x' * 37)
    for client in (ana, ben, cid):
        await client.ask('get_state')
        assert not client.unread('party') and not client.unread('party_invitation')
    await ana.ask('party_leave')
    await ana.ask('party_create')
    for nobody in ('nobody', 'no body'):
        await refused(lab, ana, 'not_found', 'party_invite', 'player_id', player_id=nobody)


async def test_of_two_guests_at_once_one_finds_the_party_full(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben, cid = await lab.login('ana', pod_a), await lab.login('ben', pod_b), await lab.login('cid', pod_a)
    party_id = (await ana.ask('party_create'))['party_id']
    await invited(ana, ben)
    await invited(ana, cid)
    answers = await asyncio.gather(*(client.ask('party_accept', party_id=party_id) for client in (ben, cid)),
                                   return_exceptions=True)
    codes = [answer.code for answer in answers if isinstance(answer, Refused)]
    joined = [answer for answer in answers if not isinstance(answer, Exception)]
    assert codes == ['party_full'] and len(joined) == 1, answers
    await told(ana, *names(joined[0]))


async def test_an_invitation_ends_after_its_time(lab):
    pod_a, pod_b = await lab.two_pods(party__invite_ttl_s=2, session__heartbeat_ms=100)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    party_id = (await ana.ask('party_create'))['party_id']
    await invited(ana, ben)
    await told(ana, 'ana', timeout=20, invited=None)  # seen when the leader's pod looks again
    for kind in ('party_accept', 'party_decline'):
        await ben.refused('no_such_party', kind, party_id=party_id)
    assert names((await ana.state())['party']) == ['ana'] and await ben.state() == {'state': 'lobby'}


async def test_an_invitation_waits_until_its_player_comes(lab):
    pod_a, pod_b = await lab.two_pods()
    ana = await lab.login('ana', pod_a)
    await (await lab.login('ben', pod_b)).close()
    party_id = (await ana.ask('party_create'))['party_id']
    await ana.ask('party_invite', player_id='ben')
    ben = await lab.login('ben', pod_b)
    assert (await ben.expect('party_invitation'))['party_id'] == party_id
    assert names(await ben.ask('party_accept', party_id=party_id)) == ['ana', 'ben']


async def test_who_fights_hears_of_an_invitation_afterwards(lab):
    pod = await lab.pod()
    ana, ben, cid = await lab.logins(pod, 'ana', 'ben', 'cid')
    await ben.enqueue()
    await cid.enqueue()
    found = await ben.expect('match_found')
    party_id = (await ana.ask('party_create'))['party_id']
    await ana.ask('party_invite', player_id='ben')
    await until(lambda: lab.keys.hget('player:{ben}', 'invites'), 'the invitation')
    await ben.refused('wrong_state', 'party_accept', party_id=party_id)
    assert not ben.unread('party_invitation')
    await asyncio.gather(ben.finish(found), cid.finish())
    assert (await ben.expect('party_invitation'))['party_id'] == party_id
    assert names(await ben.ask('party_accept', party_id=party_id)) == ['ana', 'ben']


async def test_invitations_have_a_limit_and_a_rate(lab):
    pod = await lab.pod(party__invites_per_minute=9)
    ana, *guests = await lab.logins(pod, 'ana', *(f'guest-{number}' for number in range(9)))
    await ana.ask('party_create')
    for guest in guests[:8]:
        await invited(ana, guest)
    error = await refused(lab, ana, 'rate_limited', 'party_invite', player_id='guest-8')
    assert 0 < error['retry_after_ms'] <= 60000, error
    await ana.ask('party_kick', player_id='guest-0')
    await invited(ana, guests[8])
    await ana.ask('party_kick', player_id='guest-8')
    error = await refused(lab, ana, 'rate_limited', 'party_invite', player_id='guest-0')
    assert 0 < error['retry_after_ms'] <= 60000, error


async def test_wishes_without_waiting_are_taken_in_their_order(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    for number, (kind, fields) in enumerate((('party_create', {}), ('party_invite', {'player_id': 'ben'}),
                                             ('party_kick', {'player_id': 'ben'}), ('party_leave', {}),
                                             ('party_create', {}), ('party_create', {}))):
        await ana.send(kind, id=100 + number, **fields)
    answers = [await ana.wait_for(lambda m, n=number: m.get('reply_to') == 100 + n, str(number)) for number in range(6)]
    assert [answer['type'] for answer in answers] == ['party'] * 5 + ['error'], answers
    assert answers[1]['invited'] == ['ben'] and 'invited' not in answers[2] and 'members' not in answers[3]
    assert answers[4]['party_id'] != answers[0]['party_id'] and answers[5]['code'] == 'wrong_state'
    for number in range(60):
        await ana.send('party_invite', player_id='ben', id=200 + number)
    answers = [await ana.wait_for(lambda m, n=number: m.get('reply_to') == 200 + n, str(number)) for number in range(60)]
    assert all(answer['type'] == 'party' or answer['code'] == 'rate_limited' for answer in answers)
    state = await ana.state()
    assert state['state'] == 'lobby' and names(state['party']) == ['ana'] and state['party']['invited'] == ['ben']


async def test_a_takeover_on_another_pod_keeps_the_party(lab):
    pod_a, pod_b = await lab.two_pods()
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_a)
    party_id = await pair(ana, ben)
    again = await lab.login('ben', pod_b)
    await ben.expect_close(4009, False)
    party = again.welcome['state']['party']
    assert party['party_id'] == party_id and names(party) == ['ana', 'ben'] and party['members'][1]['online']
    assert names(await ana.ask('party_kick', player_id='ben')) == ['ana']
    await out(again, party_id)


@needs(seconds=30)
async def test_who_does_not_come_back_is_out_of_the_party(lab):
    pod_a, pod_b = await lab.two_pods(session__disconnect_grace_ms=3000)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    await pair(ana, ben)
    await ben.cut()
    await seen(ana, True, False)
    ben = await lab.login('ben', pod_b)  # within the grace
    assert names(ben.welcome['state']['party']) == ['ana', 'ben']
    await seen(ana, True, True)
    await ana.close()
    await told(ben, 'ben', leader='ben', timeout=20)
    ana = await lab.login('ana', pod_a)
    assert ana.welcome['state'] == {'state': 'lobby'}
    await ben.close()
    await until(lambda: not stored(lab)[0], 'the end of the party', 10)


@needs(seconds=40)
async def test_a_party_survives_the_death_of_a_pod(lab):
    pod_a, pod_b = await lab.two_pods(session__heartbeat_ms=100, pods__heartbeat_ttl_ms=1500)
    ana, ben = await lab.login('ana', pod_a), await lab.login('ben', pod_b)
    party_id = await pair(ana, ben)
    pod_b.game.kill()
    await seen(ana, True, False)  # at the next look
    ben = await lab.login('ben', pod_a)
    assert ben.welcome['state']['party']['party_id'] == party_id
    await seen(ana, True, True)
    pod_a.game.kill()
    await pod_b.game.up()
    ben = await lab.login('ben', pod_b)
    assert names(ben.welcome['state']['party']) == ['ana', 'ben']
    await ben.ask('party_leave')
    ana = await lab.login('ana', pod_b)
    assert ana.welcome['state']['party']['leader'] == 'ana'


async def test_news_that_were_lost_are_made_good(lab):
    """The channel of the pod is silent: an operator's hand in Redis looks the same."""
    pod = await lab.pod(session__heartbeat_ms=100)
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    party_id = await pair(ana, ben)
    lab.keys.hdel('player:{ben}', 'party')
    lab.keys.hset(f'party:{{{party_id}}}', mapping={'members': 'ana'})
    await out(ben, party_id)
    await told(ana, 'ana', timeout=20)


async def test_an_invitation_whose_news_were_lost_is_found(lab):
    """What the script leaves, without the message: the version says that there is something to look for."""
    ben = await lab.login('ben', await lab.pod(session__heartbeat_ms=100))
    now_ms = (await ben.ask('ping'))['server_time_ms']
    lab.keys.hset('player:{ben}', 'invites', f'{now_ms + 60000} {NO_PARTY} ana Ana A')
    lab.keys.hset('session:{ben}', 'party_ver', now_ms)
    told_ben = await ben.expect('party_invitation', timeout=20)
    assert plain(told_ben) == {'party_id': NO_PARTY, 'player_id': 'ana', 'name': 'Ana A', 'expires_at_ms': now_ms + 60000}
    await ben.refused('no_such_party', 'party_accept', party_id=NO_PARTY)


async def test_a_login_that_redis_has_lost_is_closed(lab):
    """A failover may take back the last logins; everything of parties would be refused to such a connection."""
    pod = await lab.pod(session__heartbeat_ms=100)
    ana = await lab.login('ana', pod)
    party_id = (await ana.ask('party_create'))['party_id']
    lab.keys.hincrby('session:{ana}', 'epoch', -5)
    await ana.expect_close(4000, True, timeout=20)
    ana = await lab.login('ana', pod)
    assert plain(await ana.ask('party_leave')) == {'party_id': party_id}


async def test_a_damaged_party_is_no_party(lab):
    pod = await lab.pod(session__heartbeat_ms=100)
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    party_id = await pair(ana, ben)
    lab.keys.set(f'party:{{{party_id}}}', 'garbage')
    await out(ana, party_id)
    await out(ben, party_id)
    assert names(await ana.ask('party_create')) == ['ana']


@needs(seconds=40, durable=True)
async def test_a_party_outlives_an_outage_of_redis(lab):
    """Wishes are refused meanwhile; who has left for good meanwhile is out afterwards."""
    pod = await lab.pod(session__disconnect_grace_ms=100)
    ana, ben, cid = await lab.logins(pod, 'ana', 'ben', 'cid')
    await pair(ana, ben)
    lab.redis.kill()
    error = await cid.refused('internal', 'party_create')
    assert error['retry_after_ms'] > 0
    await ben.cut()
    await asyncio.sleep(0.5)  # the grace passes, and first attempts to leave fail
    lab.redis.start()
    await pod.game.until_ready()
    await told(ana, 'ana', timeout=15)
    assert names(await cid.ask('party_create')) == ['cid']
    assert not lab.keys.hget('player:{ben}', 'party')


async def test_parties_are_counted(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    await pair(ana, ben)
    await ana.refused('wrong_state', 'party_create')
    assert await pod.game.metric('duelpod_party_steps_total{result="done"}') == 3
    assert await pod.game.metric('duelpod_party_steps_total{result="refused"}') == 1
