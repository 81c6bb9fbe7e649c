"""The party scripts: who belongs to a party, who is invited, who has to look again."""
from harness import NOW
from player_test import login

PARTY, OTHER = '01890000-0000-7000-8000-00000000000a', '01890000-0000-7000-8000-00000000000b'
KEPT, INVITED_MS, MEMBERS, PENDING, RATE = 3_600_000, 60_000, 2, 3, 20
MEMBER = ('id', 'name', 'level', 'rating', 'online', 'pod', 'epoch', 'device')


def table(flat, names):
    assert len(flat) % len(names) == 0, flat
    return [dict(zip(names, flat[i:i + len(names)])) for i in range(0, len(flat), len(names))]


class Reply:
    """A reply with its lists as dictionaries."""

    def __init__(self, reply):
        self.raw, self.status, self.detail = reply, reply[0], reply[1]
        if self.status == 'OK':
            self.ver, self.party, self.leader = reply[2:5]
            self.members = table(reply[5], MEMBER)
            self.ids, self.invited = [member['id'] for member in self.members], reply[6]
            self.news = [(one['id'], one['pod']) for one in table(reply[7], ('id', 'pod'))]
            self.invitations = table(reply[8], ('party', 'by', 'name', 'ends'))


def stored_party(realm, player):
    return realm.r.hget(realm.key('player', player), 'party') or ''


def stored_members(realm, party):
    members = realm.r.hget(realm.key('party', party), 'members')
    return members.split(',') if members else []


def once(realm, script, player, party, people, more=(), extra_keys=(), ce=None, pod='pod-a'):
    """One call that knows this party and these people."""
    ce = ce or realm.r.hget(realm.key('session', player), 'epoch') or 0
    keys = realm.keys(f'party={party}', 'pods')
    for person in people:
        keys += realm.keys(f'player={person}', f'session={person}')
    return realm.run(script, keys + list(extra_keys), ['', ce, party, KEPT, pod, ','.join(people), *more])


def call(realm, script, player, more=(), party=None, about=None, **how):
    """As the pod does it: called again with what it did not know."""
    people, reply = [player] + ([about] if about and about != player else []), ['AGAIN', '', party or '']
    for _ in range(4):
        if reply[0] == 'AGAIN':
            people += [member for member in reply[1].split(',') if member and member not in people]
            reply = once(realm, script, player, reply[2], people, more, **how)
    return Reply(reply)


def create(realm, player='ann', party=PARTY):
    return call(realm, 'party_create', player, [party], extra_keys=realm.keys(f'party={party}'))


def invite(realm, guest, player='ann', rate=RATE):
    return call(realm, 'party_invite', player, [guest, INVITED_MS, MEMBERS, PENDING, rate], about=guest)


def accept(realm, player, party=PARTY):
    return call(realm, 'party_accept', player, [MEMBERS], party=party)


def decline(realm, player, party=PARTY):
    return call(realm, 'party_decline', player, party=party)


def leave(realm, player, who=None):
    return call(realm, 'party_leave', player, [who or player], about=who)


def look(realm, player, why='', **how):
    return call(realm, 'party_look', player, [why], **how)


def people(realm, *players):
    for number, player in enumerate(players):
        login(realm, player, pod='pod-' + 'ab'[number % 2], device=f'd-{player}')


def pair(realm):
    people(realm, 'ann', 'ben', 'cid')
    for reply in (create(realm), invite(realm, 'ben'), accept(realm, 'ben')):
        assert reply.status == 'OK', reply.raw


def unchanged(realm, status, act):
    before = realm.state()
    reply = act()
    assert reply.status == status, reply.raw
    assert realm.state() == before, 'a refusal changes nothing'
    return reply


def test_a_party_of_one_is_led_by_its_maker(realm):
    people(realm, 'ann')
    reply = create(realm)
    assert (reply.status, reply.party, reply.leader, reply.ids, reply.invited) == ('OK', PARTY, 'ann', ['ann'], [])
    assert reply.members[0] == {'id': 'ann', 'name': 'ann', 'level': '1', 'rating': '1200', 'online': '1', 'pod': 'pod-a',
                                'epoch': str(NOW), 'device': 'd-ann'}
    state = realm.state()
    assert state[f'party:{{{PARTY}}}'] == {'ver': str(NOW), 'leader': 'ann', 'members': 'ann', 'invited': ''}
    assert state['player:{ann}']['party'] == PARTY and state['session:{ann}']['party_ver'] == str(NOW)
    assert 0 < realm.ttl('party', PARTY) <= KEPT
    unchanged(realm, 'BUSY', lambda: create(realm, party=OTHER))


def test_who_is_invited_accepts_and_everybody_has_to_look_again(realm):
    people(realm, 'ann', 'ben')
    create(realm)
    reply = invite(realm, 'ben')
    assert (reply.invited, reply.news) == (['ben'], [('ben', 'pod-b')])
    asked = look(realm, 'ben')
    assert asked.party == '' and asked.invitations == [{'party': PARTY, 'by': 'ann', 'name': 'ann',
                                                        'ends': str(NOW + INVITED_MS)}]
    reply = accept(realm, 'ben')
    assert (reply.leader, reply.ids, reply.invited, reply.news) == ('ann', ['ann', 'ben'], [], [('ann', 'pod-a')])
    assert reply.invitations == [] and 'invites' not in realm.state()['player:{ben}']
    assert int(look(realm, 'ann').ver) == int(reply.ver) > NOW


def test_a_caller_that_knows_too_little_is_told_what_to_ask_with(realm):
    pair(realm)
    for known, people_known, answer in (('', ['ann'], ['AGAIN', '', PARTY]), (OTHER, ['ann', 'ben'], ['AGAIN', '', PARTY]),
                                        (PARTY, ['ann'], ['AGAIN', 'ann,ben', PARTY])):
        before = realm.state()
        for script, more in (('party_look', ['']), ('party_gone', []), ('party_leave', ['ann'])):
            assert once(realm, script, 'ann', known, people_known, more) == answer
        assert realm.state() == before


def test_an_older_login_can_do_nothing(realm):
    pair(realm)
    login(realm, 'ben', pod='pod-a')
    for script, more in (('party_look', ['']), ('party_leave', ['ben']), ('party_gone', [])):
        unchanged(realm, 'FENCED', lambda s=script, m=more: call(realm, s, 'ben', m, ce=NOW))


def test_only_the_leader_invites_and_only_players_and_strangers(realm):
    pair(realm)
    unchanged(realm, 'NONE', lambda: invite(realm, 'ann', player='cid'))
    unchanged(realm, 'LEADER', lambda: invite(realm, 'cid', player='ben'))
    unchanged(realm, 'MEMBER', lambda: invite(realm, 'ben'))
    unchanged(realm, 'MEMBER', lambda: invite(realm, 'ann'))
    unchanged(realm, 'NOBODY', lambda: invite(realm, 'nobody'))
    unchanged(realm, 'FULL', lambda: invite(realm, 'cid'))


def test_of_two_invited_at_once_one_finds_the_party_full(realm):
    people(realm, 'ann', 'ben', 'cid')
    create(realm)
    invite(realm, 'ben')
    assert invite(realm, 'cid').invited == ['ben', 'cid']
    assert accept(realm, 'cid').ids == ['ann', 'cid']
    unchanged(realm, 'FULL', lambda: accept(realm, 'ben'))
    leave(realm, 'cid')
    assert accept(realm, 'ben').ids == ['ann', 'ben'], 'the invitation still stands'


def test_only_who_is_invited_accepts_or_declines(realm):
    pair(realm)
    for act in (accept, decline):
        unchanged(realm, 'NONE', lambda a=act: a(realm, 'cid'))
        unchanged(realm, 'NONE', lambda a=act: a(realm, 'cid', party=OTHER))
    unchanged(realm, 'BUSY', lambda: accept(realm, 'ben'))
    leave(realm, 'ben')
    create(realm, 'cid', OTHER)
    invite(realm, 'cid')
    unchanged(realm, 'BUSY', lambda: accept(realm, 'cid'))
    assert decline(realm, 'cid').party == '', 'he may be in another party'
    assert stored_party(realm, 'cid') == OTHER


def test_an_invitation_ends(realm):
    people(realm, 'ann', 'ben')
    create(realm)
    invite(realm, 'ben')
    realm.now += INVITED_MS - 1
    assert look(realm, 'ann').invited == ['ben'] and len(look(realm, 'ben').invitations) == 1
    realm.now += 1
    unchanged(realm, 'NONE', lambda: accept(realm, 'ben'))
    unchanged(realm, 'NONE', lambda: decline(realm, 'ben'))
    assert look(realm, 'ann').invited == [] and look(realm, 'ben').invitations == []
    assert 'invites' not in realm.state()['player:{ben}'], 'nothing stays behind'
    invite(realm, 'ben')
    assert accept(realm, 'ben').status == 'OK'


def test_inviting_again_begins_the_time_anew(realm):
    people(realm, 'ann', 'ben')
    create(realm)
    invite(realm, 'ben')
    realm.now += 30_000
    assert invite(realm, 'ben').invited == ['ben']
    assert [one['ends'] for one in look(realm, 'ben').invitations] == [str(NOW + 30_000 + INVITED_MS)]


def test_the_invitations_of_a_party_are_bounded(realm):
    people(realm, 'ann', 'ben', 'cid', 'dan', 'eve')
    create(realm)
    for guest in ('ben', 'cid', 'dan'):
        realm.now += 10
        assert invite(realm, guest).status == 'OK'
    realm.now += 10
    refused = unchanged(realm, 'MANY', lambda: invite(realm, 'eve'))
    assert int(refused.detail) == INVITED_MS - 30, 'until the first one ends'
    decline(realm, 'cid')
    assert invite(realm, 'eve').status == 'OK'


def test_the_invitations_of_a_player_are_bounded(realm):
    people(realm, 'eve', *(f'p{number}' for number in range(PENDING + 1)))
    for number in range(PENDING + 1):
        leader = f'p{number}'
        create(realm, leader, f'{PARTY[:-2]}{number:02}')
        if number < PENDING:
            assert invite(realm, 'eve', leader).status == 'OK'
    assert unchanged(realm, 'MANY', lambda: invite(realm, 'eve', f'p{PENDING}')).detail == str(INVITED_MS)
    assert [one['by'] for one in look(realm, 'eve').invitations] == ['p0', 'p1', 'p2']


def test_invitations_have_a_rate(realm):
    people(realm, 'ann', 'ben')
    create(realm)
    for _ in range(2):
        assert invite(realm, 'ben', rate=2).status == 'OK'
    realm.now += 59_000
    assert unchanged(realm, 'MANY', lambda: invite(realm, 'ben', rate=2)).detail == '1000'
    leave(realm, 'ann')
    create(realm, party=OTHER)
    unchanged(realm, 'MANY', lambda: invite(realm, 'ben', rate=2))
    realm.now += 1000
    assert invite(realm, 'ben', rate=2).status == 'OK'


def test_declining_is_told_to_the_members(realm):
    people(realm, 'ann', 'ben')
    create(realm)
    invite(realm, 'ben')
    reply = decline(realm, 'ben')
    assert (reply.party, reply.news, reply.invitations) == ('', [('ann', 'pod-a')], [])
    assert look(realm, 'ann').invited == []
    unchanged(realm, 'NONE', lambda: decline(realm, 'ben'))


def test_the_lead_goes_to_who_stays_and_the_last_one_ends_the_party(realm):
    pair(realm)
    reply = leave(realm, 'ann')
    assert (reply.party, reply.news) == ('', [('ben', 'pod-b')])
    assert look(realm, 'ben').leader == 'ben' and stored_party(realm, 'ann') == ''
    unchanged(realm, 'NONE', lambda: leave(realm, 'ann'))
    assert leave(realm, 'ben').party == ''
    state = realm.state()
    assert f'party:{{{PARTY}}}' not in state and 'party' not in state['player:{ben}']


def test_the_leader_sends_away_a_member_or_takes_an_invitation_back(realm):
    pair(realm)
    unchanged(realm, 'LEADER', lambda: leave(realm, 'ben', 'ann'))
    unchanged(realm, 'NOBODY', lambda: leave(realm, 'ann', 'cid'))
    unchanged(realm, 'NOBODY', lambda: leave(realm, 'ann', 'nobody'))
    reply = leave(realm, 'ann', 'ben')
    assert (reply.party, reply.ids, reply.news) == (PARTY, ['ann'], [('ben', 'pod-b')])
    assert look(realm, 'ben').party == ''
    invite(realm, 'cid')
    reply = leave(realm, 'ann', 'cid')
    assert (reply.invited, reply.news) == ([], [('cid', 'pod-a')])
    assert look(realm, 'cid').invitations == []


def test_half_a_membership_is_none(realm):
    """What a failover may leave: the party without the player's word, or the other way round."""
    pair(realm)
    realm.r.hdel(realm.key('player', 'ben'), 'party')
    assert look(realm, 'ann').ids == ['ann']
    assert stored_members(realm, PARTY) == ['ann']
    realm.r.hset(realm.key('player', 'ben'), 'party', PARTY)
    assert look(realm, 'ben').party == '' and stored_party(realm, 'ben') == ''
    realm.r.delete(realm.key('party', PARTY))
    assert look(realm, 'ann').party == '' and stored_party(realm, 'ann') == ''
    assert create(realm).status == 'OK'


def test_a_lost_leader_is_followed_by_a_member(realm):
    pair(realm)
    realm.r.hdel(realm.key('player', 'ann'), 'party')
    assert look(realm, 'ben').leader == 'ben'


def test_keys_that_are_no_hash_are_no_party(realm):
    pair(realm)
    realm.r.set(realm.key('party', PARTY), 'garbage')
    assert look(realm, 'ben').party == '' and f'party:{{{PARTY}}}' not in realm.state()


def test_a_lost_connection_and_a_login_are_seen_by_the_others(realm):
    pair(realm)
    reply = call(realm, 'party_gone', 'ben', pod='pod-b')
    assert [member['online'] for member in reply.members] == ['1', '0'] and reply.news == [('ann', 'pod-a')]
    login(realm, 'ben', pod='pod-a')
    reply = look(realm, 'ben', 'login')
    assert [member['online'] for member in reply.members] == ['1', '1'] and reply.news == [('ann', 'pod-a')]
    assert look(realm, 'ann').members[1]['pod'] == 'pod-a'
    unchanged(realm, 'NONE', lambda: call(realm, 'party_gone', 'cid'))


def test_players_of_a_dead_pod_are_offline_if_heartbeats_count(realm):
    pair(realm)
    assert look(realm, 'ann').members[1]['online'] == '1', 'nobody counts'
    realm.r.zadd(realm.key('pods'), {'game:pod-a': NOW + 9000})
    realm.now = NOW + 4999
    assert look(realm, 'ann').members[1]['online'] == '1', 'he has just come, and his pod too'
    realm.now = NOW + 5000
    assert look(realm, 'ann').members[1]['online'] == '0'
    realm.r.zadd(realm.key('pods'), {'game:pod-b': NOW + 5001})
    assert look(realm, 'ann').members[1]['online'] == '1'


def test_looking_keeps_a_party_that_somebody_uses(realm):
    pair(realm)
    realm.r.pexpire(realm.key('party', PARTY), 100_000)
    look(realm, 'ben')
    assert realm.ttl('party', PARTY) > 100_000


def test_players_without_a_session_are_told_nothing(realm):
    people(realm, 'ann', 'ben')
    create(realm)
    realm.r.delete(realm.key('session', 'ben'))
    assert invite(realm, 'ben').news == []
    assert 'session:{ben}' not in realm.state(), 'it would stay for ever'
    login(realm, 'ben', pod='pod-b')
    assert len(look(realm, 'ben', 'login').invitations) == 1


def test_a_login_says_whether_there_is_something_to_look_for(realm):
    pair(realm)
    assert login(realm, 'ben')[20:] == [PARTY, '']
    leave(realm, 'ben')
    invite(realm, 'ben')
    assert login(realm, 'ben')[20] == '' and PARTY in login(realm, 'ben')[21]
