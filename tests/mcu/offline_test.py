"""Readings that are taken without a link wait in flash, also without power, and come later, in order, once."""

import pytest
from countersign_tests.motes import assert_chain
from countersign_tests.proxy import Proxy

pytestmark = pytest.mark.host(1)

OFFLINE = 150  # more than two receipts speak of
BOOT = 20


@pytest.fixture
def proxy(plant):
    with Proxy(plant.broker.port) as proxy:
        yield proxy


def take_offline(mote, count):
    """Lets a board that has no link take so many readings, and cuts its power."""
    mote.start()
    mote.wait_waiting(count)
    mote.kill()
    waiting = mote.waiting()
    assert len(waiting) == count
    return waiting


def test_what_was_taken_without_a_link_outlives_the_power_and_is_sent(plant, reader, new_mote, proxy):
    proxy.close()
    mote = new_mote(plant, port=proxy.port, interval=5, readings_count=OFFLINE)
    waiting = take_offline(mote, OFFLINE)
    assert reader.readings() == []
    proxy.open()
    mote.start().wait_done()
    readings = reader.readings()
    assert_chain(readings, 2 * OFFLINE)
    assert [one["n"] for one in readings[:OFFLINE]] == waiting, "those without a link came first"
    assert mote.waiting() == []
    assert plant.refusals() == []
    mote.assert_sound()


def test_it_is_cut_off_again_and_again(plant, reader, new_mote, proxy):
    mote = new_mote(plant, port=proxy.port, interval=5, readings_count=OFFLINE).start()
    mote.wait_done()
    proxy.close()
    for boot in range(1, 4):
        mote.kill()
        mote.start()
        mote.wait_waiting(boot * OFFLINE)
    proxy.open()
    mote.wait_done(boots=2)
    assert_chain(reader.readings(), 4 * OFFLINE)
    mote.assert_sound()


def test_the_power_goes_while_the_ring_is_sent(plant, reader, new_mote, proxy):
    proxy.close()
    mote = new_mote(plant, port=proxy.port, interval=5, readings_count=OFFLINE)
    take_offline(mote, OFFLINE)
    proxy.open()
    for part in (10, 70, 130):
        mote.start()
        reader.wait_readings(part)
        mote.kill()
    mote.start().wait_done(boots=1)
    readings = reader.readings()
    assert_chain(readings)
    assert len(readings) >= 2 * OFFLINE
    mote.assert_sound()
