"""A device from power on to readings that are delivered: it logs in with A+, and each reading names the one before it."""

import re

import pytest
from countersign_tests import config
from countersign_tests.motes import Reader, assert_chain

pytestmark = pytest.mark.host(1)

COUNT = 40
READING = re.compile(rb'\{"n":\d+,"prev":\d+,"temperature":-?\d+\.\d\d,"humidity":-?\d+\.\d\d\}')


@pytest.mark.host(1, 2)
def test_it_boots_logs_in_and_its_readings_are_delivered_plain(plant, reader, new_mote):
    mote = new_mote(plant, interval=10, readings_count=COUNT).start()
    assert mote.wait_done()["taken"] == str(COUNT)
    assert_chain(reader.readings(), COUNT)
    for message in reader.messages:
        assert message.topic == mote.topic
        assert READING.fullmatch(message.payload), message.payload
    (login,) = mote.audited(event="handshake")
    assert (login["verdict"], login["level"]) == ("accept", "AUTH2")
    assert plant.score(mote.identity) == ("AUTH2", 10)
    assert plant.refusals() == []
    mote.assert_sound()


def test_the_secrets_leave_the_provisioning_page(plant, new_mote):
    mote = new_mote(plant, readings_count=1)
    key = plant.keys[mote.identity]
    assert key in mote.flash.read_bytes()[:4096]
    mote.start().wait_done()
    assert key not in mote.flash.read_bytes()[:4096]


@pytest.mark.host(1, 2)
def test_what_another_key_signs_gets_nowhere(plant, reader, new_mote):
    plant.register("genuine")
    mote = new_mote(plant, "genuine", key=b"k" * 32, interval=10, readings_count=COUNT).start()
    plant.broker.wait_for_audit(timeout=30, event="handshake", verdict="refuse", why="bad_handshake", detail=mote.identity)
    assert reader.readings() == []
    assert not mote.lines("online")
    mote.assert_sound()


def test_a_board_that_nobody_registered_gets_nowhere(plant, reader, new_mote):
    mote = new_mote(plant, "stranger", key=b"k" * 32, interval=10, readings_count=COUNT).start()
    plant.broker.wait_for_audit(timeout=30, event="handshake", verdict="refuse", why="unknown_sender")
    assert reader.readings() == []
    mote.assert_sound()


@pytest.mark.host(1, 2)
def test_it_begins_where_it_ended(plant, reader, new_mote):
    mote = new_mote(plant, interval=10, readings_count=COUNT).start()
    mote.wait_done()
    mote.stop()
    mote.start().wait_done(boots=2)
    assert_chain(reader.readings(), 2 * COUNT)
    assert len(mote.audited(event="handshake", verdict="accept")) == 2
    assert plant.show(mote.identity)["epoch"] > 1


@pytest.mark.parametrize("interval", [10, 50])
def test_live_readings_go_out_with_qos_0(plant, reader, new_mote, interval):
    mote = new_mote(plant, interval=interval, readings_count=COUNT, live=True).start()
    mote.wait_done()
    assert_chain(reader.readings(), COUNT)
    assert f"Received PUBLISH from {plant_client(mote)} (d0, q0" in plant.broker.log()
    mote.assert_sound()


def plant_client(mote):
    """The client id it logged in with."""
    return mote.audited(event="handshake", verdict="accept")[0]["client"]


def test_sealed_readings_pass_where_nothing_else_does(new_plant, new_mote):
    plant = new_plant([config.rule("plant/%d/sealed", subscribe="anyone", sealed=True)])
    with Reader(plant) as reader:
        sealed = new_mote(plant, "sealed-1", topic="plant/sealed-1/sealed", interval=10, readings_count=COUNT, sealed=True)
        plain = new_mote(plant, "plain-1", topic="plant/plain-1/sealed", interval=10, readings_count=COUNT)
        sealed.start().wait_done()
        plain.start().wait_for("discarded", timeout=60, why="not_sealed")
        assert_chain(reader.readings("plant/sealed-1/sealed"), COUNT)
        assert reader.readings("plant/plain-1/sealed") == []
    sealed.assert_sound()


def test_its_will_is_delivered_when_the_power_goes(new_plant, new_mote):
    plant = new_plant([config.rule("plant/%d/last", subscribe="anyone", wills=True)])
    with Reader(plant, "plant/+/last") as reader:
        mote = new_mote(plant, "will-1", will_topic="plant/will-1/last", will_payload="gone", interval=10, readings_count=COUNT)
        mote.start().wait_done()
        mote.kill()
        mote.wait_audit(event="will", verdict="accept")
        assert [one.payload for one in reader.collect()] == [b"gone"]


@pytest.mark.host(1, 2)
def test_a_registered_device_logs_in_with_mfa_r(plant, reader, new_mote, suite):
    registration = plant.register_data(suites=[suite])
    mote = new_mote(plant, registration=registration, interval=10, readings_count=COUNT).start()
    mote.wait_done()
    assert_chain(reader.readings(), COUNT)
    assert mote.audited(event="handshake", verdict="accept")
    assert plant.show(mote.identity)["method"] == "mfar"
    mote.stop()
    mote.start().wait_done(boots=2)
    assert_chain(reader.readings(), 2 * COUNT)
