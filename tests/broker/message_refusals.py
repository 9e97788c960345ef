"""What the broker must not believe: forged, altered, moved, replayed, stale and unsigned messages."""

import os

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests import session as s
from countersign_tests.plant import Plant


@pytest.fixture(scope="module")
def plant():
    rules = [
        config.rule("plant/hall/t", publish=["role:operator"], subscribe=["anyone"]),
        config.rule("plant/%d/t", subscribe=["anyone"]),
        config.rule("plant/%d/scored", range={"min": -40, "max": 85}, subscribe=["anyone"]),
    ]
    with Plant(rules) as plant:
        yield plant


def topic_of(device, last="t"):
    return f"plant/{device.identity}/{last}"


def resend(device, sent, **changes):
    return sent.send_from(device.connection, **changes)


def test_a_forged_tag_is_refused(mote, assert_refused):
    wire = e.as_payload(mote.seal(topic_of(mote), "21"))
    forged = wire[:-16] + os.urandom(16)
    assert_refused(mote, "bad_tag", lambda: mote.connection.publish(topic_of(mote), forged, qos=1), notice=False)


def test_a_tag_of_another_key_is_refused(new_mote, mote, assert_refused):
    other = new_mote()
    stolen = e.seal_claim(other.session.up, e.Header(0, mote.session.kid, 7), topic_of(mote), b"", b"21")
    assert_refused(mote, "bad_tag", lambda: mote.connection.publish(topic_of(mote), e.as_payload(stolen), qos=1),
                   notice=False)


@pytest.mark.parametrize("flags", [0, e.SEALED], ids=["plain", "sealed"])
def test_no_bit_of_an_envelope_can_be_flipped(plant, new_mote, new_address, reader, flags):
    mote, per_address = new_mote(mqtt.V5), 7
    wire = e.as_payload(mote.seal(topic_of(mote), "21", flags=flags))
    mark = plant.mark()
    for bit in range(8 * len(wire)):
        if bit % per_address == 0:  # eight mistakes close a connection and make its address wait
            mote.close()
            mote.source = new_address()
            mote.resume()
        flipped = bytearray(wire)
        flipped[bit // 8] ^= 1 << bit % 8
        assert mote.connection.publish(topic_of(mote), bytes(flipped), qos=1) == 0x87, f"bit {bit} was accepted"
    assert reader.pending() == []
    refused = set(plant.refusals(mark))
    assert {"bad_tag", "unknown_kid", "unsigned"} <= refused <= {"bad_tag", "unknown_kid", "unsigned", "malformed"}
    assert mote.connection.publish(topic_of(mote), wire, qos=1) == 0, "nothing was spent by forgeries"
    assert reader.receive().payload == b"21"


def test_a_truncated_envelope_is_refused_at_every_length(plant, new_mote, new_address, reader):
    mote = new_mote(mqtt.V5)
    wire = e.as_payload(mote.seal(topic_of(mote), "21"))
    for size in range(len(wire)):
        if size % 7 == 0:
            mote.close()
            mote.source = new_address()
            mote.resume()
        assert mote.connection.publish(topic_of(mote), wire[:size], qos=1) == 0x87
    assert reader.pending() == []


def test_a_reading_moved_to_another_devices_topic_is_refused(new_mote, mote, assert_refused):
    claim = e.as_payload(mote.seal(topic_of(mote), "21"))
    other = topic_of(new_mote())
    assert_refused(mote, "bad_tag", lambda: mote.connection.publish(other, claim, qos=1), notice=False)


def test_a_reading_moved_between_a_devices_own_topics_is_refused(mote, assert_refused):
    claim = e.as_payload(mote.seal(topic_of(mote, "scored"), "21"))
    assert_refused(mote, "bad_tag", lambda: mote.connection.publish(topic_of(mote), claim, qos=1), notice=False)


def test_a_byte_moved_from_topic_to_body_is_refused(mote, assert_refused):
    claim = mote.seal(topic_of(mote) + "1", "2")
    moved = e.Claim(claim.header, b"12", claim.tag)
    assert_refused(mote, "bad_tag", lambda: mote.connection.publish(topic_of(mote), e.as_payload(moved), qos=1),
                   notice=False)


def test_a_replay_on_the_same_connection_is_refused(mote, reader, assert_refused):
    sent = mote.publish(topic_of(mote), "21")
    for number in range(40):
        mote.publish(topic_of(mote), str(number))
    assert len(reader.pending()) == 41
    assert_refused(mote, "replayed", lambda: resend(mote, sent))


def test_a_replay_on_another_connection_of_the_device_is_refused(mote, reader, assert_refused):
    sent = mote.publish(topic_of(mote), "21")
    for number in range(40):
        mote.publish(topic_of(mote), str(number))
    reader.pending()
    mote.close()
    mote.resume()
    assert_refused(mote, "replayed", lambda: resend(mote, sent))


def test_a_message_behind_the_window_is_stale_even_if_it_never_arrived(mote, reader, assert_refused):
    mote.publish(topic_of(mote), "newest", seq=1000)
    mote.publish(topic_of(mote), "oldest that may still come", seq=936)
    assert len(reader.pending()) == 2
    assert_refused(mote, "stale", lambda: mote.publish(topic_of(mote), "too late", seq=900))


def test_messages_may_overtake_each_other_inside_the_window(mote, reader):
    for seq in (70, 10, 69, 30, 11, 71):
        assert mote.publish(topic_of(mote), str(seq), seq=seq).code == 0
    assert [int(message.payload) for message in reader.pending()] == [70, 10, 69, 30, 11, 71]


def test_the_same_number_with_another_valid_tag_is_forked(mote, reader, assert_refused):
    mote.publish(topic_of(mote), "21", seq=5)
    reader.receive()
    assert_refused(mote, "forked", lambda: mote.publish(topic_of(mote), "22", seq=5))


def test_none_of_these_costs_the_device_its_score(plant, mote, reader):
    mote.publish(topic_of(mote, "scored"), "20")
    before = plant.score(mote.identity)
    sent = mote.publish(topic_of(mote, "scored"), "20", seq=50)
    resend(mote, sent)
    mote.publish(topic_of(mote, "scored"), "21", seq=50)
    forged = sent.payload[:-1] + bytes([sent.payload[-1] ^ 1])
    mote.connection.publish(topic_of(mote, "scored"), forged, qos=1)
    assert plant.score(mote.identity) == (before[0], before[1] + 1), "one good reading, and nothing else"


def test_an_unsigned_message_is_refused(mote, assert_refused):
    assert_refused(mote, "unsigned", lambda: mote.connection.publish(topic_of(mote), "21", qos=1), notice=False)


def test_a_message_of_nobody_is_refused(plant, raw, version, new_mote, reader):
    mote, mark = new_mote(), plant.mark()
    stranger = raw(version)
    stranger.connect("somebody")
    wire = e.as_payload(mote.seal(topic_of(mote), "21"))
    assert stranger.publish(topic_of(mote), wire, qos=1) == (0x87 if version == mqtt.V5 else 0)
    plant.broker.wait_for_audit(after=mark, event="publish", why="unknown_sender")
    assert reader.pending() == []
    assert mote.connection.publish(topic_of(mote), wire, qos=1) == 0, "and it was not spent by that"
    assert reader.receive().payload == b"21"


def test_an_unknown_kid_is_hinted_at_without_a_signature(plant, mote, reader):
    header = e.Header(0, mote.session.kid % 16_383 + 1, 1)
    claim = e.seal_claim(mote.session.up, header, topic_of(mote), b"", b"21")
    mark = plant.mark()
    mote.connection.publish(topic_of(mote), e.as_payload(claim), qos=1)
    assert reader.pending() == []
    hint = mote.connection.receive(topic=s.notice_topic(mote.client_id))
    assert hint.payload.startswith(b"{"), "nothing can sign it: it changes nothing at the client"
    assert s.parse_notice(hint.payload)["why"] == "unknown_kid"
    plant.broker.wait_for_audit(after=mark, event="publish", why="unknown_kid")


def test_another_devices_session_is_of_no_use(new_mote, mote, reader):
    other = new_mote()
    wire = e.as_payload(other.seal(topic_of(other), "21"))
    mote.connection.publish(topic_of(other), wire, qos=1)
    assert reader.pending() == []
    assert other.connection.publish(topic_of(other), wire, qos=1) == 0
    assert reader.receive().user("cs-id") == [other.identity]


def test_a_device_may_not_write_another_devices_topic(new_mote, mote, assert_refused):
    other = new_mote()
    assert_refused(mote, "denied", lambda: mote.publish(topic_of(other), "21"))


def test_a_topic_for_a_role_takes_nobody_without_it(plant, new_mote, mote, reader, assert_refused):
    assert_refused(mote, "denied", lambda: mote.publish("plant/hall/t", "21"))
    operator = new_mote(mote.version, roles=["operator"])
    operator.publish("plant/hall/t", "22")
    assert reader.receive().user("cs-id") == [operator.identity]


def test_a_down_message_cannot_be_sent_up(plant, mote, assert_refused):
    mote.publish(topic_of(mote), "1", short=True)  # denied, which is told in a signed notice
    message = mote.connection.receive(topic=s.notice_topic(mote.client_id))
    assert_refused(mote, "bad_tag", lambda: mote.connection.publish(topic_of(mote), message.payload, qos=1),
                   notice=False)


def test_nobody_writes_our_topics(plant, mote, raw, version):
    somebody = raw(version)
    somebody.connect("somebody")
    for client in (somebody, mote.connection):
        with plant.subscriber("other") as witness:
            for topic in (s.notice_topic(mote.client_id), s.auth_reply_topic(mote.client_id),
                          s.admin_reply_topic(mote.client_id), s.notice_topic("x")):
                code = client.publish(topic, b'{"v":1,"why":"expired"}', qos=1)
                assert code == (0x87 if version == mqtt.V5 else 0)
            witness.ping()
    assert mote.connection.pending() == []


@pytest.mark.parametrize("topic", ["countersign/notice/#", "countersign/#", "#", "+/notice/+", "countersign/auth/x",
                                   "countersign/admin/+", "$CONTROL/countersign/auth", "$CONTROL/#",
                                   "$share/group/countersign/#"])
def test_nobody_subscribes_to_our_topics_and_hears_anything(plant, mote, raw, version, topic):
    spy = raw(version)
    spy.connect("spy")
    spy.subscribe(topic)
    mote.publish(topic_of(mote), "1", short=True)
    assert mote.wait_notice("denied")
    heard = [message.topic for message in spy.pending()]
    assert not [one for one in heard if one.startswith(("countersign/", "$CONTROL"))], heard
