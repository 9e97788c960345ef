"""Notices and receipts: what a device is told of its own messages, signed and to it alone (docs/protocol.md, section 3)."""

import json

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests import primitives as p
from countersign_tests import session as s
from countersign_tests.plant import Plant


@pytest.fixture(scope="module")
def plant():
    rules = [
        config.rule("plant/%d/t", subscribe=["anyone"]),
        config.rule("plant/%d/counted", receipts=3, subscribe=["anyone"]),
    ]
    with Plant(rules) as plant:
        yield plant


def topic_of(device, last="t"):
    return f"plant/{device.identity}/{last}"


def test_a_notice_is_an_envelope_that_names_refusal_and_number(mote):
    sent = mote.publish(topic_of(mote), "1", short=True)
    message = mote.connection.receive(topic=s.notice_topic(mote.client_id))
    claim = e.parse_payload(message.payload)
    assert claim.header.kid == mote.session.kid and not message.retain and message.qos == 0
    assert json.loads(mote.open_down(message)) == {"v": 1, "why": "denied", "seq": sent.seq}


def test_notices_number_themselves(mote):
    numbers = []
    for _ in range(3):
        mote.publish(topic_of(mote), "1", short=True)
        message = mote.connection.receive(topic=s.notice_topic(mote.client_id))
        numbers.append(e.parse_payload(message.payload).header.seq)
        mote.open_down(message)
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]


def test_an_accepted_message_is_not_talked_about(mote):
    mote.publish(topic_of(mote), "1")
    assert mote.connection.pending() == []


def test_a_notice_goes_to_the_connection_that_sent(new_mote, version):
    mote = new_mote(version)
    first = mote.connection
    mote.resume("second")
    mote.publish(topic_of(mote), "1", short=True)
    assert mote.wait_notice("denied")
    assert first.pending() == []


def test_a_receipt_says_which_arrived(mote):
    for seq in (3, 5, 6, 9):
        mote.publish(topic_of(mote), "1", seq=seq)
    mote.publish(topic_of(mote), "1", seq=8, short=True)  # denied: not accepted
    mote.session.seq = 9
    receipt = mote.request_receipt()
    accepted = [seq for seq in range(12) if receipt.accepted(seq)]
    assert receipt.kid == mote.session.kid and accepted == [3, 5, 6, 9, 10], "the request itself is 10"


def test_a_receipt_of_no_messages_holds_the_request_alone(mote):
    receipt = mote.request_receipt()
    assert (receipt.edge, receipt.bitmap) == (mote.session.seq + 1, 1)


def test_a_receipt_reaches_64_back(mote):
    for _ in range(100):
        mote.publish(topic_of(mote), "1", qos=0)
    receipt = mote.request_receipt()
    assert receipt.edge == mote.session.seq + 1 == 102 and receipt.bitmap == 2**64 - 1


def test_the_rule_sends_a_receipt_every_so_many_messages(mote):
    got = []
    for _ in range(7):
        mote.publish(topic_of(mote, "counted"), "1")
        got += [s.parse_notice(mote.open_down(message)) for message in mote.connection.pending()]
    assert [receipt.edge for receipt in got] == [mote.session.seq - 3, mote.session.seq]


def test_finished_brings_the_receipt_of_the_last_session(plant, mote):
    sent = mote.publish(topic_of(mote), "1")
    kid = mote.session.kid
    again = plant.client_of(mote.identity, version=mote.version)
    _, receipt = again.login()
    assert receipt.kid == kid and receipt.accepted(sent.seq)


def test_the_first_finished_brings_no_receipt(new_mote, version):
    mote = new_mote(version, log_in=False)
    _, receipt = mote.login()
    assert receipt == s.Receipt(0, 0, 0)


def test_asking_for_the_old_kid_closes_the_old_session_and_its_receipt_is_final(plant, mote):
    sent = mote.publish(topic_of(mote), "1")
    old_connection, old = mote.connection, mote.session
    mote.login()
    late = old.sign(topic_of(mote), b"late")
    assert old_connection.publish(topic_of(mote), e.as_payload(late), qos=1) < 0x80, "the old session goes on"
    receipt = mote.request_receipt(old.kid)
    assert receipt.kid == old.kid and receipt.accepted(sent.seq) and receipt.accepted(late.header.seq)
    mark = plant.mark()
    code = mote.connection.publish(topic_of(mote), e.as_payload(old.sign(topic_of(mote), b"too late")), qos=1)
    assert code == (0x87 if mote.version == mqtt.V5 else 0)
    plant.broker.wait_for_audit(after=mark, event="publish", why="expired")


def test_a_request_for_a_session_that_never_was_is_answered_with_nothing(mote):
    mote.publish(topic_of(mote), "1")
    receipt = mote.request_receipt(mote.session.kid % 16_383 + 1)
    assert (receipt.edge, receipt.bitmap) == (0, 0)


def test_a_request_or_commitment_outside_the_handshake_topic_is_just_a_payload(plant, mote, reader):
    mote.publish(topic_of(mote), s.receipt_request(mote.session.kid))
    assert reader.receive().payload == s.receipt_request(mote.session.kid)
    assert mote.connection.pending() == []


def test_a_replayed_request_is_not_answered_twice(mote):
    mote.request_receipt()
    sent = mote.publish_auth(s.receipt_request(mote.session.kid))
    mote.receive_notice()
    mote.send_auth(sent.payload)
    answers = [s.parse_notice(mote.open_down(message)) for message in mote.connection.pending()]
    assert not any(isinstance(answer, s.Receipt) for answer in answers)


@pytest.mark.parametrize("payload", [b"", b"\x50", b"\x50\x00", b"\x50\x00\x01\x00", b"\x41" + bytes(3), b"\x41" + bytes(40),
                                     b"\x51" + bytes(14), b"x"], ids=bytes.hex)
def test_a_malformed_request_is_audited_and_answered_with_nothing(plant, mote, payload):
    mark = plant.mark()
    mote.publish_auth(payload)
    line = plant.broker.wait_for_audit(lambda line: line["event"] in ("control", "will"), after=mark, verdict="refuse")
    assert line["why"] in ("malformed", "will") and line["identity"] == mote.identity
    assert [s.parse_notice(mote.open_down(message)) for message in mote.connection.pending()] == []


def test_a_request_under_a_forged_tag_is_not_answered(plant, mote):
    mark = plant.mark()
    wire = e.as_payload(mote.seal(s.AUTH_TOPIC, s.receipt_request(mote.session.kid)))
    mote.send_auth(wire[:-1] + bytes([wire[-1] ^ 1]), qos=1)
    plant.broker.wait_for_audit(after=mark, why="bad_tag")
    assert mote.connection.pending() == []


def test_more_sequence_numbers_than_there_are_need_a_new_handshake(mote):
    mote.publish(topic_of(mote), "last", seq=p.MAX_SEQ)
    old = mote.session.kid
    mote.login()
    assert mote.session.kid != old and mote.publish(topic_of(mote), "first", seq=0).code < 0x80
