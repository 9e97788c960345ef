"""The issuer's commands, presence and factory reset through real pcscd, and who tries them without being the issuer."""

import os

import pytest

from countersign_tests import card_link, card_messages, cards, smart_card
from countersign_tests.card_messages import ACTIVATE, DEACTIVATE, EXTERNAL_AUTHENTICATE, TERMINATE

SERVER = "broker.example"
ISSUER = os.urandom(32)
COMMANDS = (DEACTIVATE, ACTIVATE, TERMINATE, EXTERNAL_AUTHENTICATE)
RESET_CARD = 0x80100068


class Desk:
    """A card in a reader, with what its issuer knows of it."""

    def __init__(self, host, index):
        self.host, self.index = host, index
        self.uid = bytes.fromhex(host.uids[index])
        self.kiss = card_messages.issuer_key_of(ISSUER, self.uid)
        self.transport_key = bytes.fromhex(host.transport_keys[index])
        self.holder = smart_card.Holder(f"mote-{index}", issuer_key=self.kiss)
        self._link = None
        self.card = None

    def connect(self):
        """A connection of its own, as a new program makes it; the card is selected."""
        self.close()
        self._link = self.host.link(self.index)
        self.card = smart_card.SmartCard(self._link)
        return self.card

    def close(self):
        if self._link is not None:
            self._link.close()
            self._link = None

    def reinsert(self):
        self.close()
        self.host.eject(self.index)
        self.host.insert(self.index)
        return self.connect()

    def order(self, ins, n=None):
        """The issuer's command; without n, with the next number."""
        self.card.obey(ins, self.kiss, self.uid, self.card.admin_counter() + 1 if n is None else n)

    def personalise(self):
        self.card.personalise(self.transport_key, self.uid, self.holder)

    def proves(self, life_cycle, counter):
        challenge = os.urandom(16)
        wanted = card_messages.presence(self.holder.key, self.uid, challenge, life_cycle, counter)
        return self.card.presence(challenge) == wanted

    def life_cycle(self):
        return self.card.select().life_cycle


@pytest.fixture(scope="module")
def host():
    with cards.CardHost(cards=2) as own:
        yield own


@pytest.fixture(scope="module")
def shared(host):
    """One personalised card, for the tests that leave it as they found it."""
    desk = Desk(host, 0)
    desk.connect()
    desk.personalise()
    desk.close()
    return desk


@pytest.fixture
def desk(shared):
    shared.connect()
    yield shared
    shared.connect()
    if shared.life_cycle() == smart_card.DEACTIVATED:
        shared.order(ACTIVATE)
    shared.card.unblock(shared.holder.puk, shared.holder.pin)
    shared.close()


@pytest.fixture
def fresh():
    """A card of its own, personalised: for what cannot be undone."""
    with cards.CardHost(cards=1) as own:
        single = Desk(own, 0)
        single.connect()
        single.personalise()
        yield single
        single.close()


def refusal(action, *arguments):
    with pytest.raises(smart_card.CardRefused) as caught:
        action(*arguments)
    return caught.value.status


def test_card_proves_that_it_is_there_without_a_pin(desk):
    counter = desk.card.admin_counter()
    assert desk.proves(smart_card.ACTIVE, counter)
    desk.order(DEACTIVATE, counter + 7)
    assert desk.proves(smart_card.DEACTIVATED, counter + 7)
    desk.reinsert()
    assert desk.proves(smart_card.DEACTIVATED, counter + 7)


def test_proof_of_one_card_is_no_proof_for_another_or_for_another_challenge(host, desk):
    challenge = os.urandom(16)
    answer = desk.card.presence(challenge)
    counter = desk.card.admin_counter()
    own = (desk.holder.key, desk.uid, challenge, smart_card.ACTIVE, counter)
    assert answer == card_messages.presence(*own)
    assert answer != card_messages.presence(desk.holder.key, bytes.fromhex(host.uids[1]), *own[2:])
    assert answer != card_messages.presence(*own[:2], os.urandom(16), *own[3:])


def test_deactivated_card_serves_nobody_until_the_issuer_activates_it(desk):
    desk.card.verify(desk.holder.pin)
    desk.order(DEACTIVATE)
    for action in (lambda: desk.card.verify(desk.holder.pin), lambda: desk.card.handshake_key("", SERVER),
                   lambda: desk.card.checksum(bytes(32)), lambda: desk.card.unblock(desk.holder.puk, "5555"),
                   lambda: desk.card.change_pin(desk.holder.pin, "5555")):
        assert refusal(action) == smart_card.NOT_ALLOWED
    desk.reinsert()
    assert refusal(desk.card.verify, desk.holder.pin) == smart_card.NOT_ALLOWED
    desk.order(ACTIVATE)
    assert refusal(desk.card.handshake_key, "", SERVER) == smart_card.NOT_VERIFIED
    desk.card.verify(desk.holder.pin)
    desk.card.handshake_key("", SERVER)


def test_replayed_commands_are_refused_also_after_a_power_cut(desk):
    first = desk.card.admin_counter() + 1
    block = smart_card.apdu(DEACTIVATE, 0, card_messages.issuer_proof(desk.kiss, desk.uid, DEACTIVATE, first))
    release = smart_card.apdu(ACTIVATE, 0, card_messages.issuer_proof(desk.kiss, desk.uid, ACTIVATE, first + 1))
    for recorded in (block, release):
        assert desk.card.link.send(recorded)[1] == smart_card.OK
    for recorded in (block, release):
        assert desk.card.link.send(recorded)[1] == smart_card.WRONG_DATA
    desk.reinsert()
    for recorded in (release, block):
        assert desk.card.link.send(recorded)[1] == smart_card.WRONG_DATA
    assert desk.life_cycle() == smart_card.ACTIVE
    assert desk.card.admin_counter() == first + 1


@pytest.mark.parametrize("ins", COMMANDS)
def test_who_is_not_the_issuer_is_refused_and_spends_no_number(desk, ins):
    before = desk.card.admin_counter()
    thieves_kiss = card_messages.issuer_key_of(os.urandom(32), desk.uid)
    assert refusal(desk.card.obey, ins, thieves_kiss, desk.uid, before + 1) == smart_card.NOT_VERIFIED
    assert refusal(desk.card.obey, ins, bytes(32), desk.uid, before + 1) == smart_card.NOT_VERIFIED
    assert refusal(desk.card.obey, ins, ISSUER, desk.uid, before + 1) == smart_card.NOT_VERIFIED
    assert desk.card.admin_counter() == before
    assert desk.life_cycle() == smart_card.ACTIVE


@pytest.mark.parametrize("ins", COMMANDS)
def test_command_for_another_card_is_refused(host, desk, ins):
    other = bytes.fromhex(host.uids[1])
    next_number = desk.card.admin_counter() + 1
    others_kiss = card_messages.issuer_key_of(ISSUER, other)
    assert refusal(desk.card.obey, ins, others_kiss, other, next_number) == smart_card.NOT_VERIFIED
    assert refusal(desk.card.obey, ins, desk.kiss, other, next_number) == smart_card.NOT_VERIFIED


def test_command_turned_into_another_is_refused(desk):
    proof = card_messages.issuer_proof(desk.kiss, desk.uid, ACTIVATE, desk.card.admin_counter() + 1)
    for ins in (DEACTIVATE, TERMINATE, EXTERNAL_AUTHENTICATE):
        assert refusal(desk.card.command, ins, 0, proof) == smart_card.NOT_VERIFIED


@pytest.mark.parametrize("ins", COMMANDS)
def test_equal_and_lower_numbers_are_refused(desk, ins):
    desk.order(ACTIVATE)
    now = desk.card.admin_counter()
    for n in (now, now - 1, 0):
        assert refusal(desk.order, ins, n) == smart_card.WRONG_DATA
    assert desk.card.admin_counter() == now


def test_card_pulled_under_deactivate_is_deactivated_and_has_spent_the_number(desk):
    n = desk.card.admin_counter() + 1
    desk.host.eject_on_next_apdu(0, ins=DEACTIVATE)
    with pytest.raises(card_link.CardLinkError):
        desk.order(DEACTIVATE, n)
    desk.host.insert(0)
    desk.connect()
    assert desk.proves(smart_card.DEACTIVATED, n)


def test_pin_tries_never_come_back_by_resets_reconnects_or_power_cuts(desk):
    """Each turn guesses once more, each time after another trick."""

    def guess():
        assert refusal(desk.card.verify, "0000") >> 4 == smart_card.TRIES_LEFT >> 4

    def guess_and_pull():
        desk.host.eject_on_next_apdu(0, ins=0x20)
        with pytest.raises(card_link.CardLinkError):
            desk.card.verify("0000")
        desk.host.insert(0)
        desk.connect()

    left = desk.card.read(4)[0]
    assert left == 3
    for act in (guess, guess_and_pull, guess):
        act()
        assert desk.card.read(4)[0] == left - 1
        left -= 1
        for trick in (desk.connect, lambda: desk.card.select(), desk.reinsert, lambda: desk.host.reset(0)):
            trick()
            desk.connect()
            assert desk.card.read(4)[0] == left
    assert refusal(desk.card.verify, desk.holder.pin) == smart_card.BLOCKED
    desk.reinsert()
    assert refusal(desk.card.verify, desk.holder.pin) == smart_card.BLOCKED


def test_deactivating_and_activating_gives_no_pin_try_back(desk):
    assert refusal(desk.card.verify, "0000") == smart_card.TRIES_LEFT + 2
    desk.order(DEACTIVATE)
    desk.order(ACTIVATE)
    assert desk.card.read(4)[0] == 2


def test_terminated_card_answers_nothing_more(fresh):
    fresh.card.verify(fresh.holder.pin)
    n = fresh.card.admin_counter() + 1
    fresh.order(TERMINATE, n)
    for come_back in (lambda: fresh.card, fresh.reinsert):
        card = come_back()
        for action in (lambda: card.verify(fresh.holder.pin), lambda: card.handshake_key("", SERVER),
                       lambda: card.checksum(bytes(32)), lambda: card.presence(bytes(16)), card.reset_to_factory,
                       lambda: card.personalise(fresh.transport_key, fresh.uid, fresh.holder),
                       lambda: card.unblock(fresh.holder.puk, "5555")):
            assert refusal(action) == smart_card.NOT_ALLOWED
        for ins in COMMANDS:
            assert refusal(card.obey, ins, fresh.kiss, fresh.uid, n + 1) == smart_card.NOT_ALLOWED
        assert card.select() == smart_card.CardFace(b"\x01\x00", 0x07, fresh.uid, smart_card.TERMINATED)
        assert refusal(card.read, 1) == smart_card.NOT_FOUND
        assert card.admin_counter() == n


def test_reset_card_is_personalised_again_by_its_issuer_alone(fresh):
    fresh.card.verify(fresh.holder.pin)
    epoch, _, _ = fresh.card.handshake_key("", SERVER)
    assert refusal(fresh.card.reset_to_factory) == smart_card.NOT_VERIFIED
    fresh.order(EXTERNAL_AUTHENTICATE)
    fresh.card.reset_to_factory()
    assert fresh.life_cycle() == smart_card.CREATED
    assert refusal(fresh.card.read, 1) == smart_card.NOT_FOUND
    assert refusal(fresh.personalise) == smart_card.NOT_VERIFIED
    thief = card_messages.reset_transport_key(os.urandom(32), fresh.uid)
    next_holder = smart_card.Holder("mote-9", issuer_key=fresh.kiss, pin="8642")
    assert refusal(fresh.card.personalise, thief, fresh.uid, next_holder) == smart_card.NOT_VERIFIED

    computed = card_messages.reset_transport_key(fresh.kiss, fresh.uid)
    fresh.card.personalise(computed, fresh.uid, next_holder)
    fresh.holder = next_holder
    assert fresh.proves(smart_card.ACTIVE, fresh.card.admin_counter())
    fresh.card.verify("8642")
    assert fresh.card.handshake_key("", SERVER)[0] == epoch + 1


def test_authentication_does_not_outlive_a_reset_by_another_application(fresh):
    fresh.order(EXTERNAL_AUTHENTICATE)
    fresh.host.reset(0)
    with pytest.raises(card_link.CardLinkError) as caught:
        fresh.card.reset_to_factory()
    assert caught.value.code == RESET_CARD
    fresh.connect()
    assert refusal(fresh.card.reset_to_factory) == smart_card.NOT_VERIFIED
    fresh.order(EXTERNAL_AUTHENTICATE)
    fresh.reinsert()
    assert refusal(fresh.card.reset_to_factory) == smart_card.NOT_VERIFIED
    assert fresh.life_cycle() == smart_card.ACTIVE


def test_card_pulled_under_a_factory_reset_is_not_lost(fresh):
    fresh.order(EXTERNAL_AUTHENTICATE)
    fresh.host.eject_on_next_apdu(0, ins=0xDB)
    with pytest.raises(card_link.CardLinkError):
        fresh.card.reset_to_factory()
    fresh.host.insert(0)
    fresh.connect()
    assert fresh.life_cycle() == smart_card.CREATED
    computed = card_messages.reset_transport_key(fresh.kiss, fresh.uid)
    fresh.card.personalise(computed, fresh.uid, fresh.holder)
    assert fresh.proves(smart_card.ACTIVE, fresh.card.admin_counter())
