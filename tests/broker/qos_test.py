"""QoS 0, 1 and 2: a retransmission is delivered once and costs nothing (docs/protocol.md, section 1)."""

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests import session as s
from countersign_tests.plant import Plant

REFUSED = {mqtt.V311: 0, mqtt.V5: 0x87}


@pytest.fixture(scope="module")
def plant():
    rules = [
        config.rule("plant/%d/t", subscribe=["anyone"]),
        config.rule("plant/%d/scored", range={"min": -40, "max": 85}, subscribe=["anyone"]),
        config.rule("plant/%d/twice", qos2="allow", subscribe=["anyone"]),
    ]
    with Plant(rules) as plant:
        yield plant


def topic_of(device, last="t"):
    return f"plant/{device.identity}/{last}"


@pytest.mark.parametrize("qos", [0, 1])
def test_qos_0_and_1_arrive(mote, reader, qos):
    assert mote.publish(topic_of(mote), "21", qos=qos).code < 0x80
    assert reader.receive().payload == b"21"


def test_a_retransmission_is_delivered_once_and_told_as_duplicate(plant, mote, reader):
    sent = mote.publish(topic_of(mote, "scored"), "21", packet_id=9)
    before = plant.score(mote.identity)
    for _ in range(3):
        code = sent.send_from(mote.connection, dup=True, packet_id=9)
        assert code == REFUSED[mote.version]
    assert len(reader.pending()) == 1
    assert mote.wait_notice("duplicate")["seq"] == sent.seq
    assert plant.score(mote.identity) == before, "no penalty"


def test_a_retransmission_on_a_new_connection_is_delivered_once(plant, mote, reader):
    mote.resume()
    sent = mote.publish(topic_of(mote), "21", packet_id=9)
    mote.connection.abandon()
    mote.resume()
    sent.send_from(mote.connection, dup=True, packet_id=9)
    assert mote.wait_notice("duplicate")["seq"] == sent.seq
    assert len(reader.pending()) == 1


def test_a_first_copy_that_never_arrived_is_not_a_duplicate(mote, reader):
    wire = e.as_payload(mote.seal(topic_of(mote), "21"))
    mote.publish(topic_of(mote), "22")
    assert mote.connection.publish(topic_of(mote), wire, qos=1, dup=True) < 0x80
    assert sorted(message.payload for message in reader.pending()) == [b"21", b"22"]


def test_a_retransmission_of_what_was_refused_gets_the_same_refusal(mote, reader):
    sent = mote.publish(topic_of(mote), "21", short=True)
    assert mote.wait_notice("denied")["seq"] == sent.seq
    assert sent.send_from(mote.connection, dup=True) == REFUSED[mote.version]
    assert mote.wait_notice("denied")["seq"] == sent.seq
    assert reader.pending() == []


def test_duplicate_notices_are_rationed(mote):
    sent = mote.publish(topic_of(mote), "21")
    for _ in range(20):
        sent.send_from(mote.connection, dup=True)
    notices = [s.parse_notice(mote.open_down(message)) for message in mote.connection.pending()]
    assert 1 <= len(notices) <= 2 and all(notice["why"] == "duplicate" for notice in notices)


def test_a_duplicate_does_not_count_against_the_connection(mote):
    sent = mote.publish(topic_of(mote), "21")
    for _ in range(30):
        sent.send_from(mote.connection, dup=True)
    assert mote.connection.is_open()


def test_qos_2_is_refused_unless_the_rule_allows_it(mote, assert_refused):
    assert_refused(mote, "qos2", lambda: mote.publish(topic_of(mote), "21", qos=2))


def test_qos_2_is_delivered_where_the_rule_allows_it(mote, reader):
    for number in range(3):
        assert mote.publish(topic_of(mote, "twice"), str(number), qos=2).code < 0x80
    assert [message.payload for message in reader.pending()] == [b"0", b"1", b"2"]


def test_a_qos_2_resend_is_answered_with_success_and_delivered_once(mote, reader):
    sent = mote.publish(topic_of(mote, "twice"), "21", qos=2, packet_id=7, wait=False)
    assert mote.connection.wait_ack(mqtt.packets.PUBREC, 7).code < 0x80
    sent.send_from(mote.connection, dup=True, packet_id=7, wait=False)
    assert mote.connection.finish_qos2(7) == 0
    assert [message.payload for message in reader.pending()] == [b"21"]


def test_a_qos_2_message_cannot_be_resent_on_and_on(mote, reader):
    """A plugin sees no packet id: one resend under another id cannot be told from a true one, a second can."""
    sent = mote.publish(topic_of(mote, "twice"), "21", qos=2)
    assert reader.receive().payload == b"21"
    for _ in range(5):
        sent.send_from(mote.connection, packet_id=mote.connection.next_id())
    assert len(reader.pending()) <= 1


def test_a_qos_2_replay_on_another_connection_is_refused(mote, reader):
    sent = mote.publish(topic_of(mote, "twice"), "21", qos=2)
    assert reader.receive().payload == b"21"
    mote.resume("other")
    assert sent.send_from(mote.connection) == REFUSED[mote.version]
    assert reader.pending() == []


def test_qos_0_copies_are_delivered_once(mote, reader):
    sent = mote.publish(topic_of(mote), "21", qos=0)
    for _ in range(5):
        sent.send_from(mote.connection)
    mote.connection.ping()
    assert len(reader.pending()) == 1
