"""The broker demands a new proof after so many messages or so long: the board gives it, and its readings go on."""

import pytest
from countersign_tests.motes import Reader, assert_chain

pytestmark = pytest.mark.host(1)

COUNT = 100
PATIENT = {"enforcement_time": "30s"}


def by(new_plant, **limits):
    return new_plant(settings={"limits": PATIENT | limits})


@pytest.mark.host(1, 2)
@pytest.mark.parametrize("limits", [{"enforce_after_messages": 30}, {"enforce_after": "1s"}], ids=["count", "time"])
def test_enforcement_is_answered_and_no_reading_is_lost_or_comes_twice(new_plant, new_mote, limits):
    plant = by(new_plant, **limits)
    with Reader(plant) as reader:
        mote = new_mote(plant, interval=30, readings_count=COUNT).start()
        mote.wait_done()
        assert_chain(reader.readings(), COUNT)
    assert len(mote.audited(event="enforcement", detail="demanded")) >= 2
    assert len(mote.audited(event="enforcement", detail="passed")) >= 2
    assert not mote.audited(event="enforcement", detail="missed")
    mote.assert_sound()


@pytest.mark.host(1, 2)
def test_mfa_r_answers_the_query_of_enforcement(new_plant, new_mote, suite):
    plant = by(new_plant, enforce_after_messages=30)
    with Reader(plant) as reader:
        mote = new_mote(plant, registration=plant.register_data(suites=[suite]), interval=30, readings_count=COUNT)
        mote.start().wait_done()
        assert_chain(reader.readings(), COUNT)
    assert len(mote.audited(event="enforcement", detail="passed")) >= 2
    assert not mote.audited(event="enforcement", detail="missed")
    mote.assert_sound()


def test_a_session_that_ended_is_made_anew(new_plant, new_mote):
    plant = by(new_plant, session_age="4s", enforcement_time="1s")
    with Reader(plant) as reader:
        mote = new_mote(plant, interval=80, readings_count=COUNT).start()
        mote.wait_done()
        assert_chain(reader.readings(), COUNT)
    assert len(mote.audited(event="handshake", verdict="accept")) >= 2
    mote.assert_sound()


@pytest.mark.host()  # it may wait for half a minute
def test_a_session_that_an_administrator_ended_is_made_anew(plant, reader, new_mote):
    mote = new_mote(plant, interval=30, readings_count=COUNT).start()
    reader.wait_readings(20)
    plant.admin.call("end_session", identity=mote.identity)
    mote.wait_done()
    assert_chain(reader.readings(), COUNT)
    assert len(mote.audited(event="handshake", verdict="accept")) == 2
    mote.assert_sound()
