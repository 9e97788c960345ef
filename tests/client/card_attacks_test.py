"""Attacks on a person who publishes with a card, on real parts: a swap in mid-session, a copy of the card, a host that hoards."""

import dataclasses

import pytest
from card_test import PIN, PUK, personalise
from countersign_tests import mqtt
from countersign_tests import envelope as e
from countersign_tests.cards import CardHost
from countersign_tests.device import Device
from countersign_tests.plant import SERVER_ID
from countersign_tests.smart_card import CardRefused, Holder, SmartCard
from probe import Probe

TOPIC = "plant/{}/t"


@pytest.fixture(scope="module")
def host():
    with CardHost(cards=2) as host:
        yield host


@pytest.fixture
def fresh_host():
    with CardHost(cards=2) as host:
        yield host


def registered(host, plant, probe, index, identity, **fields):
    plant.keys[identity] = personalise(host, probe, index, identity, **fields)
    plant.admin.register(identity, plant.keys[identity], card=host.uids[index])
    probe.card_close()


def by_hand(plant, identity, link):
    """The second implementation's device, its key in the card behind `link`, the PIN verified."""
    card = SmartCard(link)
    card.verify(PIN)
    device = Device(identity, card, SERVER_ID, port=plant.broker.port, version=mqtt.V5)
    device.timeout = 3
    return device


def test_a_card_swapped_in_mid_session_signs_nothing(fresh_host, plant, reader):
    host = fresh_host
    with Probe(host.env) as probe:
        registered(host, plant, probe, 0, "swap-1")
        registered(host, plant, probe, 1, "swap-2", pin="5678")
        assert probe.open(uid=host.uids[0], pin=PIN, port=plant.broker.port)["ok"] and probe.login()["ok"]
        topic = TOPIC.format("swap-1")
        assert probe.publish(topic=topic, payload="1", on_card=True)["accepted"]
        mine = host.uids[0]
        host.swap(0, 1)
        answer = probe.publish(topic=topic, payload="2", on_card=True)
        assert not answer.get("ok") and answer["fault"] == 3 and "another card" in answer["text"], answer
        with host.link(0) as link:
            assert SmartCard(link).select().uid.hex() == host.uids[0] != mine
            assert SmartCard(link).read(3) == bytes(4), "it was asked for nothing"
            assert SmartCard(link).read(4) == bytes([3, 5]), "and given no PIN"
        host.swap(0, 1)
        assert probe.publish(topic=topic, payload="3", on_card=True)["accepted"], "back again: it goes on"
        assert [reader.receive(topic=topic).payload for _ in range(2)] == [b"1", b"3"]


def test_another_application_that_resets_the_card_all_the_time_stops_nothing(host, plant):
    with Probe(host.env) as probe:
        registered(host, plant, probe, 0, "reset-1")
        assert probe.open(uid=host.uids[0], pin=PIN, port=plant.broker.port)["ok"] and probe.login()["ok"]
        for number in range(10):
            host.reset(0)
            answer = probe.publish(topic=TOPIC.format("reset-1"), payload=str(number), on_card=True)
            assert answer.get("accepted"), answer


def test_of_two_copies_of_a_card_none_gets_in(fresh_host, plant):
    """A memory image in another card: the same k, the same epochs."""
    host = fresh_host
    with Probe(host.env) as probe:
        registered(host, plant, probe, 0, "copied-1")
        personalised = Holder("copied-1", plant.keys["copied-1"], PIN, PUK)
    with host.link(1) as link:
        SmartCard(link).personalise(bytes.fromhex(host.transport_keys[1]), bytes.fromhex(host.uids[1]), personalised)
    with host.link(0) as first, host.link(1) as second:
        true = by_hand(plant, "copied-1", first)
        true.login()
        assert true.publish(TOPIC.format("copied-1"), "1").code < 0x80
        with pytest.raises((mqtt.TimedOut, mqtt.Closed)):
            by_hand(plant, "copied-1", second).login()
        line = plant.broker.wait_for_audit(event="handshake", why="cloned", identity="copied-1")
        assert line["verdict"] == "refuse"
        assert plant.show("copied-1")["standing"] == "cloned"
        with pytest.raises((mqtt.TimedOut, mqtt.Closed)):
            true.login()
        plant.admin.call("reinstate", identity="copied-1")
        true.login()


def test_tags_hoarded_for_a_later_session_are_refused(host, plant):
    """Malware draws tags from the card while it may, and keeps them for when the card is gone."""
    with Probe(host.env) as probe:
        registered(host, plant, probe, 1, "hoard-1")
    topic = TOPIC.format("hoard-1")
    with host.link(1) as link:
        device = by_hand(plant, "hoard-1", link)
        device.login()
        hoarded = [device.seal(topic, str(number), flags=e.ON_CARD) for number in range(5)]
        device.login()
    mark = plant.mark()
    for claim in hoarded:
        header = dataclasses.replace(claim.header, kid=device.session.kid, seq=device.session.next_seq())
        code = device.connection.publish(topic, e.as_payload(dataclasses.replace(claim, header=header)), qos=1)
        assert code >= 0x80
    assert plant.broker.wait_for_audit(event="publish", why="bad_tag", after=mark)
    with host.link(1) as link, pytest.raises(CardRefused):
        SmartCard(link).checksum(bytes(32))
