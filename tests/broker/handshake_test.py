"""Logging in: both suites, lost, repeated, replayed, broken and foreign messages (docs/protocol.md, section 4)."""

import os
import secrets

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests import handshake as h
from countersign_tests import primitives as p
from countersign_tests import session as s
from countersign_tests.device import SoftwareKey
from countersign_tests.plant import SERVER_ID, Plant



@pytest.fixture(scope="module")
def plant():
    settings = {"connections": {"stranger_time": "30s", "handshakes_per_second": 1000, "bad_messages": 1000}}
    with Plant([config.rule("plant/%d/t", subscribe=["anyone"])], settings=settings) as plant:
        yield plant


@pytest.fixture(params=[1, 2], ids=["suite1", "suite2"])
def fresh(new_mote, version, request):
    """A registered device on an AUTH0 connection that has said nothing yet."""
    mote = new_mote(version, log_in=False, suite=request.param)
    mote.connect_auth0()
    return mote


def answers(device):
    """Everything that came on the handshake's topic up to now."""
    return [message.payload for message in device.connection.pending(device.auth_reply_topic)]


def assert_works(device):
    topic = f"plant/{device.identity}/t"
    assert device.publish(topic, "21").code < 0x80
    assert device.request_receipt().accepted(device.session.seq - 1)


def assert_ignored(plant, device, wire, *whys):
    mark = plant.mark()
    device.send_auth(wire, qos=1)
    line = plant.broker.wait_for_audit(after=mark, event="handshake", verdict="refuse")
    assert line["why"] in whys
    assert answers(device) == []


def test_a_handshake_raises_its_own_connection(plant, fresh):
    client_id = fresh.client_id
    session, receipt = fresh.handshake()
    assert fresh.client_id == client_id and receipt.kid == 0
    assert_works(fresh)
    shown = plant.show(fresh.identity)
    assert [one["kid"] for one in shown["sessions"]] == [session.kid] and shown["level"] == "AUTH2"


def test_every_session_has_its_own_kid_and_code(fresh):
    seen = set()
    for _ in range(4):
        session, _ = fresh.handshake()
        seen.add((session.kid, session.auth_code, session.sk))
    assert len(seen) == 4 and len({kid for kid, _, _ in seen}) == 4


def test_the_same_first_message_gets_the_same_answer(fresh):
    fresh.begin()
    for _ in range(3):
        fresh.send_auth(fresh.pending.m1)
    got = answers(fresh)
    assert len(got) == 3 and len(set(got)) == 1


def test_the_same_third_message_gets_the_same_finished(fresh):
    m3 = fresh.ask(fresh.begin(), lambda wire: fresh.pending.answer(wire))
    fresh.send_auth(m3)
    finished = fresh.receive_auth()
    fresh.send_auth(m3)
    assert fresh.receive_auth() == finished
    fresh.finish(finished)
    assert_works(fresh)


def test_a_lost_second_message_is_asked_for_again_on_another_connection(fresh):
    m1 = fresh.begin()
    fresh.send_auth(m1)
    fresh.receive_auth()  # lost on the way
    fresh.connection.abandon()
    fresh.connect_auth0()
    m3 = fresh.ask(m1, lambda wire: fresh.pending.answer(wire))
    fresh.ask(m3, fresh.finish)
    assert fresh.key.epoch == 1, "lost packets burn no epochs"
    assert_works(fresh)


def test_another_first_message_replaces_the_pending_one(fresh):
    old = fresh.begin()
    fresh.send_auth(old)
    fresh.receive_auth()
    fresh.handshake()
    assert_works(fresh)


def test_of_two_pending_handshakes_the_first_right_answer_wins(plant, fresh):
    other = plant.client_of(fresh.identity, version=fresh.version, suite=fresh.suite)
    other.key = fresh.key
    other.source = fresh.source
    other.connect_auth0()
    m3 = fresh.ask(fresh.begin(), lambda wire: fresh.pending.answer(wire))
    late = other.ask(other.begin(), lambda wire: other.pending.answer(wire))
    other.ask(late, other.finish)
    assert_ignored(plant, fresh, m3, "bad_handshake", "old_epoch")
    assert_works(other)


def test_a_wrong_third_message_leaves_the_handshake_as_it_was(plant, fresh):
    m3 = fresh.ask(fresh.begin(), lambda wire: fresh.pending.answer(wire))
    for wrong in (m3[:2] + os.urandom(48), m3[:-1] + bytes([m3[-1] ^ 1]), bytes([m3[0], 3 - m3[1]]) + m3[2:]):
        assert_ignored(plant, fresh, wrong, "bad_handshake")
    fresh.ask(m3, fresh.finish)
    assert_works(fresh)


def test_a_third_message_without_a_first_is_not_answered(plant, fresh):
    assert_ignored(plant, fresh, bytes([h.M3, fresh.suite]) + os.urandom(48), "bad_handshake")


def test_messages_out_of_order_are_not_answered(plant, fresh):
    m3 = fresh.ask(fresh.begin(), lambda wire: fresh.pending.answer(wire))
    other = plant.client_of(fresh.identity, version=fresh.version, suite=fresh.suite)
    other.source = fresh.source
    other.connect_auth0()
    assert_ignored(plant, other, m3, "bad_handshake")
    fresh.ask(m3, fresh.finish)
    assert_works(fresh)


def flipped(wire):
    """`wire` with each of its bits flipped, one at a time."""
    for bit in range(8 * len(wire)):
        changed = bytearray(wire)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


def in_sevens(wires):
    """Eight mistakes close a connection and make its address wait."""
    wires = list(wires)
    return [wires[at : at + 7] for at in range(0, len(wires), 7)]


def move(device, new_address):
    """The device on another AUTH0 connection, from elsewhere."""
    device.connection.abandon()
    device.source = new_address()
    device.connect_auth0()


def test_no_bit_of_the_first_message_can_be_flipped(plant, fresh, new_address):
    m1, mark = fresh.begin(), plant.mark()
    for wires in in_sevens(flipped(m1)):
        move(fresh, new_address)
        for wire in wires:
            fresh.send_auth(wire)
        assert answers(fresh) == []
    fresh.ask(fresh.ask(m1, lambda wire: fresh.pending.answer(wire)), fresh.finish)
    assert_works(fresh)
    assert set(plant.refusals(mark)) <= {"bad_handshake", "malformed", "unknown_sender", "old_epoch"}


def test_no_bit_of_the_third_message_can_be_flipped(fresh, new_address):
    for number in range(len(in_sevens(range(8 * 50)))):
        move(fresh, new_address)
        m3 = fresh.ask(fresh.begin(), lambda wire: fresh.pending.answer(wire))
        for wire in in_sevens(flipped(m3))[number]:
            fresh.send_auth(wire)
        assert answers(fresh) == []
    fresh.ask(m3, fresh.finish)
    assert_works(fresh)


def test_truncated_oversized_and_random_messages_are_not_answered(fresh, new_address):
    m1 = fresh.begin()
    m3_like = bytes([h.M3, fresh.suite]) + bytes(48)
    broken = [m1[:size] for size in range(len(m1))] + [m1 + b"\0", m1 + bytes(100_000), m3_like[:-1], m3_like + b"\0"]
    broken += [os.urandom(secrets.randbelow(300)) for _ in range(100)]
    broken += [bytes([mark]) + os.urandom(90) for mark in (0x11, 0x12, 0x13, 0x14, 0x21, 0x30, 0x31, 0x41, 0x50, 0x60, 0xC0, 0xFF)]
    for wires in in_sevens(broken):
        move(fresh, new_address)
        for wire in wires:
            fresh.send_auth(wire)
        assert answers(fresh) == []
    fresh.ask(fresh.ask(m1, lambda wire: fresh.pending.answer(wire)), fresh.finish)
    assert_works(fresh)


def test_a_replayed_handshake_is_not_answered_and_ends_nothing(plant, fresh):
    fresh.handshake()
    m1, m3 = fresh.pending.m1, fresh.pending.m3
    attacker = plant.client_of(fresh.identity, version=fresh.version)
    attacker.source = fresh.source
    attacker.connect_auth0()
    assert_ignored(plant, attacker, m1, "old_epoch")
    assert_ignored(plant, attacker, m3, "bad_handshake")
    assert_works(fresh)


def test_an_old_epoch_is_not_answered(plant, fresh):
    fresh.handshake()
    fresh.handshake()
    fresh.key.epoch = 0
    assert_ignored(plant, fresh, fresh.begin(), "old_epoch")
    assert_works(fresh)


def test_the_greatest_epoch_is_taken_and_nothing_after_it(plant, fresh):
    fresh.key.epoch = p.MAX_EPOCH - 1
    fresh.handshake()
    assert_works(fresh)
    with pytest.raises(OverflowError):
        fresh.begin()
    assert plant.show(fresh.identity)["epoch"] == p.MAX_EPOCH


def test_an_unknown_identity_is_not_answered(plant, fresh):
    fresh.identity = "nobody-knows-me"
    assert_ignored(plant, fresh, fresh.begin(), "unknown_sender")


def test_a_wrong_key_is_not_answered(plant, fresh):
    fresh.key = SoftwareKey(secrets.token_bytes(32))
    assert_ignored(plant, fresh, fresh.begin(), "bad_handshake")


def test_another_server_is_not_answered(plant, fresh):
    fresh.server_id = SERVER_ID + "2"
    assert_ignored(plant, fresh, fresh.begin(), "bad_handshake")


@pytest.mark.parametrize("allowed, asked", [([1], 2), ([2], 1)])
def test_a_suite_that_is_not_allowed_is_not_answered(plant, new_mote, version, allowed, asked):
    mote = new_mote(version, log_in=False, suite=asked, suites=allowed)
    mote.connect_auth0()
    assert_ignored(plant, mote, mote.begin(), "bad_handshake")
    mote.suite = allowed[0]
    mote.handshake()
    assert_works(mote)


def test_a_connection_with_an_identity_shakes_hands_for_it_alone(plant, new_mote, fresh):
    fresh.handshake()
    other = new_mote(fresh.version, log_in=False)
    other.connection = fresh.connection
    assert_ignored(plant, other, other.begin(), "denied")
    assert_works(fresh)


def test_a_foreign_connection_cannot_shake_hands(plant, new_mote, raw, version):
    mote = new_mote(version, log_in=False)
    mote.connection = raw(version)
    mote.connection.connect("somebody")
    mark = plant.mark()
    mote.send_auth(mote.begin(), qos=1)
    plant.broker.wait_for_audit(after=mark, verdict="refuse", why="denied")
    assert mote.connection.pending() == []


def test_two_copies_of_a_key_lock_each_other_out(plant, fresh):
    copy = plant.client_of(fresh.identity, version=fresh.version, suite=fresh.suite)
    copy.source = fresh.source
    fresh.handshake()
    copy.key.epoch = fresh.key.epoch - 1
    copy.connect_auth0()
    m3 = copy.ask(copy.begin(), lambda wire: copy.pending.answer(wire))
    assert_ignored(plant, copy, m3, "cloned")
    assert fresh.connection.wait_closed()
    assert plant.show(fresh.identity)["standing"] == "cloned"
    for device in (fresh, copy):
        device.key.epoch += 5
        device.connect_auth0()
        assert_ignored(plant, device, device.begin(), "cloned")
    plant.admin.call("reinstate", identity=fresh.identity)
    fresh.connect_auth0()
    fresh.handshake()
    assert_works(fresh)


def test_an_old_copy_that_never_finishes_locks_nobody(plant, fresh):
    """Whoever has only seen an m1 go by can send it again, but has no m3 for another."""
    fresh.handshake()
    copy = plant.client_of(fresh.identity, version=fresh.version, suite=fresh.suite, epoch=fresh.key.epoch - 1)
    copy.source = fresh.source
    copy.connect_auth0()
    copy.ask(copy.begin(), lambda wire: copy.pending.answer(wire))
    copy.connection.abandon()
    assert_works(fresh)
    assert plant.show(fresh.identity)["standing"] == "active"


def test_a_new_session_leaves_the_old_one_its_last_words(plant, fresh, reader):
    fresh.handshake()
    old_connection, old = fresh.connection, fresh.session
    fresh.connect_auth0()
    fresh.handshake()
    topic = f"plant/{fresh.identity}/t"
    assert old_connection.publish(topic, e.as_payload(old.sign(topic, b"old")), qos=1) < 0x80
    fresh.publish(topic, "new")
    assert [message.payload for message in reader.pending()] == [b"old", b"new"]
    assert old_connection.wait_closed(), "the first valid message of the new session ends the old one"


def test_only_the_handshake_brings_messages_to_its_topic(plant, fresh):
    """Nobody else can answer in the broker's place: neither write the topic nor read it."""
    with plant.subscriber("plant/#", version=mqtt.V5) as other:
        assert other.publish(s.auth_reply_topic(fresh.client_id), b"\x12" + bytes(83), qos=1) == 0x87
    assert answers(fresh) == []
