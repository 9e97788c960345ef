"""Readers asked side by side, on real pcscd: cards located, blocked and unblocked, whatever one reader does."""

import os
import time

import pytest
from countersign_tests import card_messages
from countersign_tests.cards import MAX_CARDS, CardHost
from countersign_tests.smart_card import Holder, SmartCard, apdu
from probe import FleetProbe

CARDS = 4
DEACTIVATE, ACTIVATE, TERMINATE = 0x04, 0x44, 0xE6
DEACTIVATED, ACTIVE = 4, 5
HELD_SECONDS = 1.5  # the time limit of an order


class Fleet:
    """A host with personalised cards, and a pool over its readers."""

    def __init__(self, cards):
        self.host = CardHost(cards=cards)
        self.holders = {}

    def __enter__(self):
        self.host.__enter__()
        for index, uid in enumerate(self.host.uids):
            with self.host.link(index) as link:
                holder = Holder(f"mote-{index}")
                SmartCard(link).personalise(bytes.fromhex(self.host.transport_keys[index]), bytes.fromhex(uid), holder)
                self.holders[uid] = holder
        with self.host.link(0) as link:
            readers = link.readers()
        self.probe = FleetProbe(self.host.env)
        for reader in readers:
            self.probe.add(reader=reader)
        self.readers = {self.probe.identify(reader=reader)["uid"]: reader for reader in readers}
        assert set(self.readers) == set(self.host.uids)
        return self

    def __exit__(self, *error):
        self.probe.__exit__(*error)
        self.host.__exit__(*error)

    def ask(self, uid, ins=0, number=0, kiss=None):
        """Carries an order; checks the proof that comes back."""
        holder, challenge, raw = self.holders[uid], os.urandom(16), bytes.fromhex(uid)
        order = {"uid": uid, "challenge": challenge.hex()}
        if ins:
            proof = card_messages.issuer_proof(kiss or holder.issuer_key, raw, ins, number)
            order |= {"ins": ins, "n": number, "tag": proof[4:].hex()}
        answer = self.probe.carry(**order)
        if answer["ok"]:
            said = card_messages.presence(holder.key, raw, challenge, answer["life_cycle"], answer["admin_counter"])
            assert answer["proof"] == said[5:].hex()
        return answer


@pytest.fixture
def fleet():
    with Fleet(CARDS) as fleet:
        yield fleet


def test_finds_every_card_where_it_is(fleet):
    for uid, reader in fleet.readers.items():
        answer = fleet.ask(uid)
        assert (answer["status"], answer["reader"], answer["life_cycle"]) == (0x9000, reader, ACTIVE)


def test_finds_a_card_that_moved(fleet):
    first, second = fleet.host.uids[:2]
    fleet.host.swap(0, 1)
    for uid in (first, second):
        fleet.probe.forget(reader=fleet.readers[uid])  # as an agent does when its watch says so
    assert fleet.ask(first)["reader"] == fleet.readers[second]
    assert fleet.ask(second)["reader"] == fleet.readers[first]


def test_a_card_that_is_away_is_not_here(fleet):
    fleet.host.eject(2)
    answer = fleet.ask(fleet.host.uids[2])
    assert not answer["ok"] and answer["status"] == 0x6A82
    fleet.host.insert(2)
    assert fleet.ask(fleet.host.uids[2])["ok"]


def test_blocks_and_unblocks_a_card_by_its_issuers_word_alone(fleet):
    uid = fleet.host.uids[0]
    blocked = fleet.ask(uid, DEACTIVATE, 5)
    assert (blocked["status"], blocked["life_cycle"], blocked["admin_counter"]) == (0x9000, DEACTIVATED, 5)
    for refused, order in ((0x6A80, (ACTIVATE, 5)), (0x6982, (ACTIVATE, 6, bytes(32)))):
        answer = fleet.ask(uid, *order)
        assert (answer["status"], answer["life_cycle"]) == (refused, DEACTIVATED)
    assert fleet.ask(uid, ACTIVATE, 6)["life_cycle"] == ACTIVE


def test_a_terminated_card_gives_no_proof(fleet):
    uid, raw = fleet.host.uids[0], bytes.fromhex(fleet.host.uids[0])
    with fleet.host.link(0) as link:
        proof = card_messages.issuer_proof(fleet.holders[uid].issuer_key, raw, TERMINATE, 1)
        assert link.send(apdu(TERMINATE, 0, proof))[1] == 0x9000
    answer = fleet.probe.carry(uid=uid, challenge="00" * 16)
    assert answer["ok"] and answer["status"] == 0x6985
    assert (answer["life_cycle"], answer["admin_counter"], answer["proof"]) == (0, 0, "00" * 16)


def test_a_card_pulled_by_the_command_is_not_here_and_obeyed_all_the_same(fleet):
    uid = fleet.host.uids[0]
    fleet.host.eject_on_next_apdu(0, ins=DEACTIVATE)
    assert not fleet.ask(uid, DEACTIVATE, 5)["ok"]
    fleet.host.await_pulled(0)
    fleet.host.insert(0)
    again = fleet.ask(uid, DEACTIVATE, 5)
    assert (again["status"], again["life_cycle"], again["admin_counter"]) == (0x6A80, DEACTIVATED, 5)


def test_another_applications_reset_stops_nobody(fleet):
    fleet.host.reset(0)
    assert fleet.ask(fleet.host.uids[0])["ok"]


def test_a_card_that_another_application_holds_stops_only_itself(fleet):
    held, free = fleet.host.uids[:2]
    with fleet.host.link(0) as link:
        link.hold()
        begun = time.monotonic()
        assert fleet.ask(free)["ok"]
        assert time.monotonic() - begun < HELD_SECONDS / 3
        answer = fleet.ask(held, DEACTIVATE, 5)
        assert not answer["ok"] and HELD_SECONDS <= time.monotonic() - begun < 2 * HELD_SECONDS + 1
        link.let_go()
    answer = fleet.ask(held)
    assert answer["ok"] and answer["life_cycle"] == ACTIVE, "what nobody waited for was not done late"


def test_outlives_the_service(fleet):
    fleet.host.kill_service()
    assert not fleet.ask(fleet.host.uids[0])["ok"]
    fleet.host.start_service()
    for uid in fleet.host.uids:
        assert fleet.ask(uid)["ok"]


def test_locating_among_sixteen_readers_is_measured_not_judged():
    with Fleet(MAX_CARDS) as fleet:
        for index in (0, MAX_CARDS - 1):
            taken = fleet.probe.measure(uid=fleet.host.uids[index], challenge="00" * 16, count=300)
            print(f"\nlocate: median {taken['median_us']:.0f} us, p99 {taken['p99_us']:.0f} us", end="")
        with fleet.host.link(1) as link:
            link.hold()
            taken = fleet.probe.measure(uid=fleet.host.uids[0], challenge="00" * 16, count=20)
            print(f"\nlocate, one reader held: median {taken['median_us']:.0f} us", end="")
            link.let_go()
