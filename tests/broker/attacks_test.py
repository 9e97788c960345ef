"""Floods beside honest devices on the same address, and what they cost the one who floods (docs/protocol.md, section 1)."""

import os

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests import session as s
from countersign_tests.broker import wait_until
from countersign_tests.device import auth0_client_id
from countersign_tests.plant import SERVER_ID, Plant
from countersign_tests.primitives import s8, u32

BAD_MESSAGES = 8


@pytest.fixture(scope="module")
def plant():
    with Plant([config.rule("plant/%d/t", subscribe=["anyone"])], settings={"connections": {"back_off_max": "60s"}}) as plant:
        yield plant


def nonsense_m1(identity):
    return b"\x11\x01" + s8(identity) + s8(SERVER_ID) + u32(1) + os.urandom(16 + 48)


def at(device, address):
    device.source = address
    device.connection.abandon()
    device.login()
    return device


def works(device):
    return device.publish(f"plant/{device.identity}/t", "21").code < 0x80 and device.request_receipt().edge


def forged(device):
    wire = e.as_payload(device.seal(f"plant/{device.identity}/t", "21"))
    return wire[:-1] + bytes([wire[-1] ^ 1])


def test_the_eighth_bad_tag_closes_the_connection(plant, mote):
    topic = f"plant/{mote.identity}/t"
    for _ in range(BAD_MESSAGES - 1):
        mote.connection.publish(topic, forged(mote), qos=1)
    assert mote.connection.is_open()
    mote.connection.publish(topic, forged(mote), qos=0)
    assert mote.connection.wait_closed()
    assert plant.show(mote.identity)["standing"] == "active", "it says nothing about the device"
    assert mote.resume().code == 0 and works(mote)


@pytest.mark.parametrize("wire", [b"21", b"", b"\xcf" + bytes(30), b"\xc0\xff"], ids=["unsigned", "empty", "flags", "cut"])
def test_so_does_the_eighth_unsigned_or_malformed_message(mote, wire):
    for _ in range(BAD_MESSAGES):
        mote.connection.publish(f"plant/{mote.identity}/t", wire, qos=0)
    assert mote.connection.wait_closed()


def test_so_does_the_eighth_nonsense_handshake(raw, version):
    stranger = raw(version)
    stranger.connect(auth0_client_id())
    for _ in range(BAD_MESSAGES):
        stranger.publish(s.AUTH_TOPIC, b"\x13\x01" + os.urandom(48))
    assert stranger.wait_closed()


def test_what_says_nothing_about_the_holder_closes_nothing(new_mote, mote):
    other = new_mote()
    for number in range(3 * BAD_MESSAGES):
        mote.publish(f"plant/{mote.identity}/t", "1", seq=1)  # forked or duplicate
        mote.publish(f"plant/{other.identity}/t", "1")  # denied
        header = e.Header(0, mote.session.kid % 16_383 + 1, number)
        unknown = e.seal_claim(mote.session.up, header, f"plant/{mote.identity}/t", b"", b"21")
        mote.connection.publish(f"plant/{mote.identity}/t", e.as_payload(unknown), qos=1)
    mote.connection.pending()  # notices, and hints that nothing can sign
    assert works(mote)


def test_an_address_that_goes_on_has_less_and_less_patience(plant, raw, new_address, version):
    address, counts = new_address(), []
    for _ in range(6):
        stranger = raw(version, address)
        stranger.connect(auth0_client_id())
        count = 0
        try:
            for count in range(1, 3 * BAD_MESSAGES):
                stranger.publish(s.AUTH_TOPIC, b"\x13\x01" + os.urandom(48), qos=1)
                stranger.ping()
        except mqtt.Closed:
            pass
        counts.append(count)
    assert counts[0] >= BAD_MESSAGES and counts[-1] < counts[0], counts


def test_a_flood_of_first_messages_leaves_honest_devices_on_its_address_alone(new_mote, raw, new_address, version):
    address = new_address()
    steady, newcomers = at(new_mote(version), address), [new_mote(version) for _ in range(4)]
    flooders = [raw(version, address) for _ in range(20)]
    for flooder in flooders:
        flooder.connect(auth0_client_id())

    def flood():
        for flooder in [one for one in flooders if not one.closed]:
            try:
                for _ in range(10):
                    flooder.publish(s.AUTH_TOPIC, nonsense_m1(steady.identity))
                flooder.ping()
            except mqtt.Closed:
                pass
        assert works(steady)
        if newcomers:
            assert works(at(newcomers.pop(), address)), "an m1 that opens is always answered"
        return all(flooder.closed for flooder in flooders)

    wait_until(flood, 10, "a flooder is still connected")
    assert works(steady)
    assert steady.resume().code == 0, "and a valid proof is always let in"


def test_a_flood_of_bad_tags_leaves_honest_devices_on_its_address_alone(plant, new_mote, new_address, version, reader):
    address = new_address()
    honest, rogue = at(new_mote(version), address), at(new_mote(version), address)
    for _ in range(10):
        try:
            for _ in range(50):
                rogue.connection.publish(f"plant/{rogue.identity}/t", forged(rogue))
        except mqtt.Closed:
            pass
        assert rogue.connection.wait_closed()
        assert works(honest)
        assert rogue.resume().code == 0
    assert honest.connection.is_open()
    reader.pending()
    honest.publish(f"plant/{honest.identity}/t", "still here")
    assert [message.payload for message in reader.pending()] == [b"still here"]


def test_first_messages_on_one_connection_are_rationed(plant, new_mote, version):
    mote = new_mote(version, log_in=False)
    mote.connect_auth0()
    m1, mark = mote.begin(), plant.mark()
    for _ in range(30):
        mote.send_auth(m1)
    got = mote.connection.pending(mote.auth_reply_topic)
    assert 1 <= len(got) < 30
    plant.broker.wait_for_audit(after=mark, event="handshake", why="busy")
    assert mote.connection.is_open(), "haste alone is no offence"


def test_garbage_on_every_topic_kills_nothing(plant, mote, raw, version):
    topics = [f"plant/{mote.identity}/t", s.AUTH_TOPIC, s.ADMIN_TOPIC, "x", "$CONTROL/countersign", "$CONTROL/countersign/"]
    for number in range(60):
        client = raw(version)
        client.connect(auth0_client_id() if number % 2 else f"garbage-{number}")
        try:
            for topic in topics:
                for size in (0, 1, 2, 15, 16, 17, 40, 200):
                    client.publish(topic, os.urandom(size))
            client.ping()
        except mqtt.Closed:
            pass
        client.abandon()
    assert works(mote)


def test_a_device_cannot_administer(plant, mote):
    mark = plant.mark()
    mote.publish(s.ADMIN_TOPIC, '{"commands":[{"command":"listDevices"}]}', sealed=True)
    plant.broker.wait_for_audit(after=mark, event="admin", verdict="refuse", why="denied")
    assert not [m for m in mote.connection.pending() if b"devices" in m.payload]
