"""A broker that means ill, or what stands between: the board survives, loses no reading, and works once the real one is there."""

import itertools
import os
import struct

import pytest
from countersign_tests import handshake as h
from countersign_tests import mqtt_packets as packets
from countersign_tests import session as s
from countersign_tests.motes import assert_chain
from countersign_tests.proxy import CONNACK, Proxy, read_packet, welcome

pytestmark = pytest.mark.host(1)

COUNT = 60
TRIES = 3  # connections that a bad broker gets
PATIENCE_SECONDS = 15  # ten for CONNACK, and a first pause of half a second at most


@pytest.fixture
def proxy(plant):
    with Proxy(plant.broker.port) as proxy:
        yield proxy


def say(topic, payload):
    return packets.publish(topic, payload, version=packets.V311)


def survives(mote, proxy, reader, tries=TRIES):
    """Lets it come back to the bad broker some times, then gives it the real one."""
    mote.wait_for("boot")
    proxy.wait_connections(tries)
    mote.wait_waiting(20)
    proxy.become()
    mote.wait_done()
    assert_chain(reader.readings(), COUNT)
    mote.assert_sound()


def garbage(proxy, connection):
    connection.sendall(os.urandom(4096))
    proxy.wait(connection)


def garbage_after_connack(proxy, connection):
    welcome(connection)
    connection.sendall(os.urandom(4096))
    proxy.wait(connection)


def half_a_packet(proxy, connection):
    welcome(connection)
    connection.sendall(packets.packet(packets.PUBLISH, bytes(100))[:50])


def half_a_connack(proxy, connection):
    read_packet(connection)
    connection.sendall(CONNACK[:3])


def byte_by_byte(proxy, connection):
    name = welcome(connection)
    for byte in say(s.auth_reply_topic(name), os.urandom(80)) + say(s.notice_topic(name), os.urandom(60)):
        connection.sendall(bytes([byte]))


def oversize(proxy, connection):
    name = welcome(connection)
    connection.sendall(say(s.auth_reply_topic(name), bytes(200_000)))
    connection.sendall(say(s.notice_topic(name), bytes(600)))


def oversize_without_end(proxy, connection):
    welcome(connection)
    connection.sendall(bytes([packets.PUBLISH << 4]) + b"\xff\xff\xff\x7f" + bytes(50_000))


def bad_length(proxy, connection):
    welcome(connection)
    connection.sendall(b"\x30\xff\xff\xff\xff\xff\x01")


def topic_beyond_its_packet(proxy, connection):
    welcome(connection)
    connection.sendall(packets.packet(packets.PUBLISH, struct.pack(">H", 500) + b"short"))


def second_connack(proxy, connection):
    welcome(connection)
    connection.sendall(CONNACK * 50)


def acknowledges_everything(proxy, connection):
    welcome(connection)
    for packet_id in range(1, 400):
        connection.sendall(packets.packet(packets.PUBACK, struct.pack(">H", packet_id)))


def closes(proxy, connection):
    read_packet(connection)


def wrong_m2(proxy, connection):
    name = welcome(connection)
    read_packet(connection)
    for suite in (1, 2, 3):
        connection.sendall(say(s.auth_reply_topic(name), bytes([h.M2, suite]) + os.urandom(16 + 32 + 16 + 2 + 16)))
    proxy.wait_some(connection)


def forged_finished(proxy, connection):
    name = welcome(connection)
    read_packet(connection)
    connection.sendall(say(s.auth_reply_topic(name), bytes([h.FINISHED]) + s.Receipt().encode() + os.urandom(16)))
    proxy.wait_some(connection)


def other_handshake_messages(proxy, connection):
    name = welcome(connection)
    read_packet(connection)
    for kind in (0x00, h.M1, h.M3, 0x21, 0x22, 0x23, 0x24, 0x31, 0x32, 0x33, 0xFF):
        for size in (0, 1, 15, 50, 96, 250):
            connection.sendall(say(s.auth_reply_topic(name), bytes([kind]) + os.urandom(size)))
    proxy.wait_some(connection)


GROUPS = {
    "bytes": [garbage, garbage_after_connack, half_a_packet, half_a_connack, closes],
    "packets": [bad_length, topic_beyond_its_packet, second_connack, acknowledges_everything, byte_by_byte],
    "sizes": [oversize, oversize_without_end],
    "handshake": [wrong_m2, forged_finished, other_handshake_messages],
}


@pytest.mark.parametrize("group", GROUPS)
def test_a_broker_that_means_ill(plant, reader, new_mote, proxy, group):
    """Each connection meets the next of the group."""
    turns = itertools.cycle(GROUPS[group])
    proxy.become(lambda connection: next(turns)(proxy, connection))
    mote = new_mote(plant, port=proxy.port, interval=10, readings_count=COUNT).start()
    survives(mote, proxy, reader, tries=len(GROUPS[group]))


@pytest.mark.parametrize("code", [3, 5, 255])
def test_a_broker_that_refuses(plant, reader, new_mote, proxy, code):
    def refuse(connection):
        read_packet(connection)
        connection.sendall(packets.packet(packets.CONNACK, bytes([0, code])))

    proxy.become(refuse)
    mote = new_mote(plant, port=proxy.port, interval=10, readings_count=COUNT).start()
    survives(mote, proxy, reader)


def test_a_broker_that_never_answers_is_left_alone(plant, reader, new_mote, proxy):
    """The connection stays open as long as the board wants it. What is silent later is in outage_test.py."""
    proxy.become(proxy.wait)
    mote = new_mote(plant, port=proxy.port, interval=10, readings_count=COUNT).start()
    proxy.wait_connections(1)
    proxy.wait_connections(2, timeout=PATIENCE_SECONDS)
    survives(mote, proxy, reader, tries=2)


# in a session that is sound


def in_between(change):
    """A behaviour: relays, and has each PUBLISH that goes down changed."""
    def behaviour(proxy):
        def changed(kind, flags, body):
            if kind != packets.PUBLISH:
                return None
            message = packets.parse_publish(flags, body, packets.V311)
            payloads = change(message)
            return None if payloads is None else b"".join(say(message.topic, one) for one in payloads)
        return lambda connection: proxy.relay(connection, changed)
    return behaviour


def flipped(payload):
    return payload[:-1] + bytes([payload[-1] ^ 1])


def forged_notices_too(message):
    """A real notice comes, behind others that nobody signed, and once more behind it."""
    if not message.topic.startswith("countersign/notice/"):
        return None
    hint = [b'{"v":1,"why":"%s","seq":%d}' % (why, seq) for why in (b"duplicate", b"malformed", b"forked") for seq in range(1, 40)]
    everything = bytes([s.RECEIPT]) + s.Receipt(1, 1_000_000, 2**64 - 1).encode()
    return [*hint, everything, flipped(message.payload), message.payload, message.payload]


def m2_changed_and_then_right(message):
    if not message.topic.startswith("countersign/auth/"):
        return None
    return [flipped(message.payload), message.payload, message.payload]


def everything_twice(message):
    return [message.payload, message.payload]


@pytest.mark.parametrize("change", [forged_notices_too, m2_changed_and_then_right, everything_twice], ids=lambda one: one.__name__)
def test_what_is_forged_on_the_way_down_changes_nothing(plant, reader, new_mote, proxy, change):
    proxy.become(in_between(change)(proxy))
    mote = new_mote(plant, port=proxy.port, interval=10, readings_count=COUNT).start()
    mote.wait_done()
    assert_chain(reader.readings(), COUNT)
    assert plant.refusals() == []
    mote.assert_sound()


def test_a_last_message_of_the_handshake_that_is_lost_is_asked_for_again(plant, reader, new_mote, proxy):
    withheld = []

    def without_the_first_finished(message):
        if withheld or message.payload[:1] != bytes([h.FINISHED]) or not message.topic.startswith("countersign/auth/"):
            return None
        withheld.append(message.payload)
        return []

    proxy.become(in_between(without_the_first_finished)(proxy))
    mote = new_mote(plant, port=proxy.port, interval=10, readings_count=COUNT).start()
    mote.wait_for("online", timeout=PATIENCE_SECONDS + 10)
    assert withheld
    mote.wait_done()
    assert_chain(reader.readings(), COUNT)
    assert len(mote.audited(event="handshake", verdict="accept")) == 1, "m3 came again, byte for byte"
    mote.assert_sound()


def test_receipts_that_are_forged_take_nothing_out_of_the_ring(plant, reader, new_mote, proxy):
    def only_forged(message):
        if not message.topic.startswith("countersign/notice/"):
            return None
        return [flipped(message.payload), bytes([s.RECEIPT]) + s.Receipt(1, 1_000_000, 2**64 - 1).encode()]

    proxy.become(in_between(only_forged)(proxy))
    mote = new_mote(plant, port=proxy.port, interval=10, readings_count=COUNT).start()
    reader.wait_readings(40)
    mote.wait_waiting(COUNT)
    assert not mote.lines("done") and not mote.lines("discarded")
    proxy.become()
    mote.wait_done()
    assert_chain(reader.readings(), COUNT)
    mote.assert_sound()
