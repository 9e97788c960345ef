"""The applet through real pcscd: the stack that a client sees, vpcd's driver and the bridge included."""

import os
import statistics

import pytest

from countersign_tests import card_link, cards, envelope, handshake, smart_card

SERVER = "broker.example"
REMOVED_CARD, RESET_CARD, NO_SMARTCARD = 0x80100069, 0x80100068, 0x8010000C
CARD_GONE = {REMOVED_CARD, NO_SMARTCARD, RESET_CARD, 0x80100016, 0x8010002F, 0x80100017}


def refusal(action, *arguments):
    with pytest.raises(smart_card.CardRefused) as caught:
        action(*arguments)
    return caught.value.status


def test_card_tells_what_it_is(card_host, card_in):
    card, holder = card_in(0)
    face = card.select()
    assert face.uid.hex() == card_host.uids[0]
    assert face.life_cycle == smart_card.ACTIVE
    assert face.version == b"\x01\x00"
    assert card.read(1).decode() == holder.identity
    assert card.read(6) == face.version + bytes([face.capabilities])


def test_every_card_has_a_uid_of_its_own(card_host):
    assert len(set(card_host.uids)) == card_host.cards


def test_second_personalisation_is_refused(card_host, card_in):
    card, _ = card_in(0)
    key = bytes.fromhex(card_host.transport_keys[0])
    again = smart_card.Holder("thief")
    assert refusal(card.personalise, key, card.select().uid, again) == smart_card.NOT_ALLOWED


def test_wrong_pin_counts_down_and_the_puk_unblocks(card_in):
    card, holder = card_in(0)
    card.verify(holder.pin)
    for left in (2, 1, 0):
        assert refusal(card.verify, "0000") == smart_card.TRIES_LEFT + left
    assert refusal(card.verify, holder.pin) == smart_card.BLOCKED
    assert card.read(4) == b"\x00\x05"
    assert refusal(card.unblock, "00000000", "5555") == smart_card.TRIES_LEFT + 4
    card.unblock(holder.puk, "5555")
    card.verify("5555")


def test_handshake_key_needs_the_pin_and_is_the_one_the_server_computes(card_in):
    card, holder = card_in(0)
    assert refusal(card.handshake_key, holder.identity, SERVER) == smart_card.NOT_VERIFIED
    card.verify(holder.pin)
    last = int.from_bytes(card.read(2), "big")
    for step in range(1, 4):
        epoch, r1, hk = card.handshake_key(holder.identity, SERVER)
        assert epoch == last + step
        assert hk == handshake.handshake_key(holder.key, holder.identity, SERVER, epoch, r1)


def test_checksum_is_the_one_the_server_computes_and_its_counter_rises(card_in):
    card, holder = card_in(0)
    card.verify(holder.pin)
    digest, last = os.urandom(32), 0
    for _ in range(5):
        counter, tag = card.checksum(digest)
        assert counter > last
        assert tag == envelope.card_checksum(envelope.card_keys(holder.key, bytes(32)).cc, counter, digest)
        last = counter


def test_card_pulled_under_a_command_has_spent_the_epoch(card_host, card_in):
    card, holder = card_in(1)
    card.verify(holder.pin)
    before = int.from_bytes(card.read(2), "big")
    card_host.eject_on_next_apdu(1, ins=0x88)
    with pytest.raises(card_link.CardLinkError) as caught:
        card.handshake_key(holder.identity, SERVER)
    assert caught.value.code in CARD_GONE
    card_host.await_pulled(1)
    card_host.insert(1)
    back, _ = card_in(1)
    assert int.from_bytes(back.read(2), "big") == before + 1
    assert refusal(back.is_verified) == smart_card.TRIES_LEFT + 3


def test_card_pulled_before_a_command_has_not_seen_it(card_host, card_in):
    card, holder = card_in(1)
    card.verify(holder.pin)
    before = card.read(2)
    card_host.eject_on_next_apdu(1, ins=0x88, before=True)
    with pytest.raises(card_link.CardLinkError):
        card.handshake_key(holder.identity, SERVER)
    card_host.insert(1)
    back, _ = card_in(1)
    assert back.read(2) == before


def test_pulled_card_is_gone_for_its_client(card_host, card_in):
    card, _ = card_in(2)
    card_host.eject(2)
    with pytest.raises(card_link.CardLinkError) as caught:
        card.select()
    assert caught.value.code in CARD_GONE
    card_host.insert(2)


def test_reset_by_another_application_is_told_and_ends_the_verified_pin(card_host, card_in):
    card, holder = card_in(0)
    card.verify(holder.pin)
    card_host.reset(0)
    with pytest.raises(card_link.CardLinkError) as caught:
        card.is_verified()
    assert caught.value.code == RESET_CARD
    again, _ = card_in(0)
    assert refusal(again.is_verified) == smart_card.TRIES_LEFT + 3


def test_swapped_cards_are_found_by_their_uids(card_host, card_in):
    first, second = card_host.uids[0], card_host.uids[1]
    card_host.swap(0, 1)
    assert card_host.uids[:2] == [second, first]
    card, holder = card_in(0)
    assert card.select().uid.hex() == second
    assert card.read(1).decode() == holder.identity
    card_host.swap(0, 1)


def test_two_hosts_do_not_see_each_other(card_host):
    with cards.CardHost(cards=1) as other:
        with other.link(0) as link:
            assert link.present() == 1
        assert set(other.uids).isdisjoint(card_host.uids)


def test_sixteen_cards_share_one_daemon():
    with cards.CardHost(cards=16) as host:
        assert len(set(host.uids)) == 16
        with host.link(15) as link:
            assert link.present() == 16


def test_round_trip_is_measured_not_judged(card_in):
    card, holder = card_in(2)
    card.verify(holder.pin)
    for name, command in (
        ("HANDSHAKE KEY", smart_card.apdu(0x88, 0x0001, b"\x06broker")),
        ("CHECKSUM", smart_card.apdu(0x2A, 0x8E80, smart_card.tlv(0x80, bytes(32)))),
    ):
        taken = sorted(card.link.time(command, 500))
        print(f"\n{name}: median {statistics.median(taken):.0f} us, p99 {taken[494]:.0f} us", end="")
