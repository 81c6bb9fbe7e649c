"""What a player owns and chooses: given at the first login, changed only as the rules allow, kept."""
import asyncio
import json
import os

from harness import make_token, needs
from processes import ROOT


def plain(message):
    return {name: value for name, value in message.items() if name not in ('type', 'reply_to')}


def catalog():
    with open(os.path.join(ROOT, 'game_server', 'catalog', 'base.json'), encoding='utf-8') as file:
        return json.load(file)


async def test_a_new_player_has_a_starter_collection_and_can_play(lab):
    ana = await lab.login('ana', await lab.pod())
    profile = ana.welcome['profile']
    assert profile['player_id'] == 'ana' and profile['name'] == 'ana' and profile['level'] == 1
    assert profile['ratings'] == {'normal': 1200, 'ranked': 1200, 'party': 1200}
    assert profile['record'] == {'wins': 0, 'losses': 0, 'draws': 0}
    owned = {card['id'] for card in profile['collection']['cards']}
    assert profile['loadout']['cards'] and {card['id'] for card in profile['loadout']['cards']} <= owned
    slots = [card['slot'] for card in profile['loadout']['cards']]
    assert slots == list(range(len(slots)))
    assert plain(await ana.ask('get_profile')) == profile
    await ana.enqueue()


async def test_a_long_player_id_gives_a_name_that_fits(lab):
    player_id = 'p' * 64
    ana = await lab.login(player_id, await lab.pod())
    assert ana.welcome['profile']['name'] == 'p' * 24


@needs(seconds=30)
async def test_changes_survive_reconnects_and_restarts(lab):
    pod = await lab.pod()
    ana = await lab.login('ana', pod)
    answer = await ana.ask('set_name', name='Ana Größe 7')
    assert answer['type'] == 'profile' and answer['name'] == 'Ana Größe 7'
    cards = list(reversed(ana.welcome['profile']['loadout']['cards']))
    cards = [{**card, 'slot': slot} for slot, card in enumerate(cards)]
    stored = await ana.ask('set_loadout', cards=cards, artifacts=[], items=[], consumables=[])
    assert stored['type'] == 'loadout' and stored['cards'] == cards, stored
    await ana.close()
    for _ in ('connection', 'pod'):
        profile = (await lab.login('ana', pod)).welcome['profile']
        assert (profile['name'], profile['loadout']['cards']) == ('Ana Größe 7', cards)
        pod.kill()
        await pod.up()


async def test_names_of_24_characters_fit_whatever_their_alphabet(lab):
    ana = await lab.login('ana', await lab.pod())
    for name in ('x' * 24, 'ü' * 24, 'Ж' * 24, 'a', '日本語の名前', '"quotes\\"', '</script>'):
        assert (await ana.ask('set_name', name=name))['name'] == name
        assert (await ana.ask('get_profile'))['name'] == name


async def test_loadouts_that_break_a_rule_are_refused_with_the_place(lab):
    ana = await lab.login('ana', await lab.pod())
    profile = ana.welcome['profile']
    cards, owned = profile['loadout']['cards'], {card['id'] for card in profile['collection']['cards']}
    foreign = next(card['id'] for card in catalog()['cards'] if card['id'] not in owned)
    first = cards[0]
    refusals = {
        'an empty deck': ([], 'cards'),
        'an unknown card': ([{**first, 'id': 'no_such_card'}], 'cards[0]'),
        'a card not owned': ([{**first, 'id': foreign}], 'cards[0]'),
        'a level not owned': ([{**first, 'level': 2}], 'cards[0]'),
        'a slot twice': ([first, {**cards[1], 'slot': first['slot']}], 'cards[1]'),
    }
    for name, (deck, place) in refusals.items():
        error = await ana.refused('invalid_loadout', 'set_loadout', cards=deck)
        assert error.get('field', '').startswith(place), (name, error)
    for extra, place in (({'artifacts': ['no_such_artifact']}, 'artifacts[0]'),
                         ({'items': [{'id': 'no_such_item', 'slot': 0}]}, 'items[0]'),
                         ({'consumables': ['no_such_thing']}, 'consumables[0]')):
        error = await ana.refused('invalid_loadout', 'set_loadout', cards=cards, **extra)
        assert error.get('field', '').startswith(place), (extra, error)
    assert plain(await ana.ask('get_profile')) == profile
    await ana.enqueue()


async def test_the_battle_uses_the_loadout_as_it_was_when_queued(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    for player in (ana, ben):
        card = player.welcome['profile']['loadout']['cards'][0]
        attempt = await player.ask('set_loadout', cards=[{**card, 'slot': 0}])
        assert len(attempt['cards']) == 1
        await player.enqueue()
    result, _ = await asyncio.gather(ana.finish(), ben.finish())
    for side in result['timeline']['sides']:
        assert [entry['id'] for entry in side['cards']] == [card['id']], side


async def test_the_catalog_is_sent_once_and_then_named(lab):
    ana = await lab.login('ana', await lab.pod())
    first = await ana.ask('get_catalog')
    assert first['catalog'] == catalog() and 'unchanged' not in first
    again = await ana.ask('get_catalog', version=first['version'])
    assert again['unchanged'] is True and again['version'] == first['version'] and 'catalog' not in again
    assert (await ana.ask('get_catalog', version='base.0.old'))['catalog'] == first['catalog']


async def test_a_damaged_profile_hurts_its_player_only(lab):
    pod = await lab.pod()
    ana, ben = await lab.logins(pod, 'ana', 'ben')
    await ana.close()
    for field, value in (('loadout', 'no json'), ('level', 'x'), ('collection', '[]'), ('wins', '-')):
        kept = lab.keys.hget('player:{ana}', field)
        lab.keys.hset('player:{ana}', field, value)
        client = await lab.connect(pod)
        await client.send('authenticate', token=make_token('ana'))
        assert (await client.expect('error'))['code'] == 'internal', field
        await client.expect_close(4000, True)
        lab.keys.hset('player:{ana}', field, kept)
    await lab.login('ana', pod)
    await ben.ask('ping')
