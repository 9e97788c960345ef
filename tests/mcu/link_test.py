"""The cable is pulled, the broker restarts, is killed, or is not there: readings wait, and come in order, once."""

import json

import pytest
from countersign_tests.motes import assert_chain
from countersign_tests.proxy import Proxy

pytestmark = pytest.mark.host(1)

COUNT = 100
MAX_UNRECEIPTED = 48
HINT_SECONDS = 30


@pytest.fixture
def proxy(plant):
    with Proxy(plant.broker.port) as proxy:
        yield proxy


@pytest.mark.host()
def test_the_cable_is_pulled_while_readings_are_taken(plant, reader, new_mote):
    mote = new_mote(plant, interval=20, readings_count=COUNT).start()
    reader.wait_readings(10)
    for _ in range(2):
        mote.set_link(False)
        mote.wait_waiting(20)
        seen = len(reader.readings())
        mote.set_link(True)
        reader.wait_readings(seen + 10)
    mote.wait_done()
    assert_chain(reader.readings(), COUNT)
    assert plant.refusals() == []
    assert not mote.lines("offline"), "so short that TCP outlives it"
    mote.assert_sound()


@pytest.mark.host()
def test_the_connection_breaks_while_the_cable_is_out(plant, reader, new_mote, proxy):
    """How a device notices by itself, a minute later, is in outage_test.py."""
    mote = new_mote(plant, port=proxy.port, interval=20, readings_count=COUNT).start()
    reader.wait_readings(10)
    mote.set_link(False)
    proxy.cut()
    mote.wait_waiting(50)
    assert not mote.lines("offline"), "nobody could tell it"
    mote.set_link(True)
    mote.wait_for("offline")
    mote.wait_done()
    assert_chain(reader.readings(), COUNT)
    assert len(mote.audited(event="resume", verdict="accept")) == 1
    assert len(mote.audited(event="handshake", verdict="accept")) == 1
    mote.assert_sound()


def test_connections_that_break_are_resumed(plant, reader, new_mote, proxy):
    mote = new_mote(plant, port=proxy.port, interval=20, readings_count=COUNT).start()
    for count in (10, 30, 50):
        reader.wait_readings(count)
        proxy.cut()
    mote.wait_done()
    assert_chain(reader.readings(), COUNT)
    assert len(mote.audited(event="resume", verdict="accept")) == 3
    assert len(mote.audited(event="handshake", verdict="accept")) == 1
    mote.assert_sound()


def test_after_a_clean_restart_of_the_broker_the_session_is_resumed(plant, reader, new_mote, proxy):
    mote = new_mote(plant, port=proxy.port, interval=20, readings_count=2 * COUNT).start()
    reader.wait_readings(20)
    proxy.close()
    mote.wait_waiting(120)  # in this time it tries to connect several times, in vain
    plant.stop()
    reader.drain()
    plant.start()
    reader.connect()
    proxy.open()
    mote.wait_done()
    assert_chain(reader.readings(), 2 * COUNT)
    assert mote.audited(event="resume", verdict="accept")
    assert len(mote.audited(event="handshake", verdict="accept")) == 1
    mote.assert_sound()


def test_after_the_broker_was_killed_it_logs_in_anew(plant, reader, new_mote, proxy):
    # the broker has forgotten the session, and with it what came of its last readings: only here one may come twice
    mote = new_mote(plant, port=proxy.port, interval=20, readings_count=COUNT).start()
    reader.wait_readings(20)
    proxy.close()
    mote.wait_waiting(20)
    plant.kill()
    before = [json.loads(one.payload)["n"] for one in reader.drain()]
    plant.start()
    reader.connect()
    proxy.open()
    mote.wait_for("done", timeout=HINT_SECONDS + 60)
    readings = reader.readings()
    # what was delivered before, once more
    again = [one for one in readings[len(before):] if one["n"] in before]
    assert len(again) <= MAX_UNRECEIPTED
    assert readings[len(before):][:len(again)] == again, "they come first, and in order"
    assert [one["n"] for one in again] == before[len(before) - len(again):], "and they are the last that came before"
    assert_chain(readings[:len(before)] + readings[len(before) + len(again):], COUNT)
    assert len(mote.audited(event="handshake", verdict="accept")) == 2
    mote.assert_sound()


def test_a_broker_that_is_not_there_at_boot(plant, reader, new_mote, proxy):
    proxy.close()
    mote = new_mote(plant, port=proxy.port, interval=20, readings_count=COUNT).start()
    mote.wait_for("boot")
    mote.wait_waiting(20)
    proxy.open()
    mote.wait_done()
    assert_chain(reader.readings(), COUNT)
    mote.assert_sound()
