"""Enforcement: after so many messages, after so long, after a fall from AUTH3 (docs/protocol.md, section 6)."""

import time

import pytest
from countersign_tests import config, mqtt
from countersign_tests.plant import Plant

COUNT = 6
LIMITS = {"enforce_after_messages": COUNT, "enforcement_time": "1s"}
RULES = [
    config.rule("plant/%d/t", subscribe="anyone"),
    config.rule("plant/%d/scored", subscribe="anyone", range={"min": 0, "max": 50}),
]


@pytest.fixture(scope="module")
def plant():
    with Plant(RULES, settings={"limits": LIMITS}) as plant:
        yield plant


@pytest.fixture
def patient():
    """A plant whose limit leaves time to answer."""
    with Plant(RULES, settings={"limits": LIMITS | {"enforcement_time": "30s"}}) as plant:
        yield plant


def topic(device, last="t"):
    return f"plant/{device.identity}/{last}"


def use_up(device, count=COUNT):
    """As many messages as a session may have."""
    for i in range(count):
        device.publish(topic(device), b"%d" % i)


def demanded(plant, device, after=0):
    return plant.broker.wait_for_audit(event="enforcement", identity=device.identity, detail="demanded", after=after)


def test_after_so_many_messages_nothing_passes_until_the_handshake_is_repeated(patient):
    mote = patient.device("count-1", version=mqtt.V5)
    with patient.subscriber("plant/#") as reader:
        use_up(mote)
        assert len(reader.pending()) == COUNT
        for _ in range(3):
            assert mote.publish(topic(mote), b"meanwhile").code == 0x87
        assert reader.pending() == []
        assert mote.wait_notice("enforcement")["seq"] == COUNT + 1
        assert demanded(patient, mote)
        assert patient.broker.wait_for_audit(event="publish", verdict="refuse", why="enforcement")
        mote.answer_enforcement()
        assert mote.publish(topic(mote), b"after").code in (0, 0x10)
        assert reader.receive().payload == b"after"
    assert patient.score("count-1") == ("AUTH2", 10)
    assert mote.connection.is_open()


def test_enforcement_by_count_washes_no_score(patient):
    mote = patient.device("renewed-1")
    for _ in range(COUNT):
        mote.publish(topic(mote, "scored"), b"99")
    assert patient.score("renewed-1") == ("AUTH2", 4)
    for _ in range(COUNT + 1):
        mote.publish(topic(mote), b"x")
    demanded(patient, mote)
    mote.answer_enforcement()
    assert patient.score("renewed-1") == ("AUTH2", 4)
    assert patient.broker.wait_for_audit(event="enforcement", identity="renewed-1", detail="passed")


def test_a_login_that_nobody_demanded_gives_no_new_score(patient):
    mote = patient.device("unasked-1")
    for _ in range(3):
        mote.publish(topic(mote, "scored"), b"99")
    mote.handshake()
    assert patient.score("unasked-1") == ("AUTH2", 7)


def test_messages_of_the_old_session_demand_nothing_from_the_new_one(patient):
    # what a busy publisher had sent before it knew of its new session
    mote = patient.device("busy-1", version=mqtt.V5)
    use_up(mote)
    mote.publish(topic(mote), b"demands")
    mote.answer_enforcement()
    late = mote.publish(topic(mote), b"late", session=mote.previous_session)
    assert late.code == 0x87
    assert mote.publish(topic(mote), b"new").code in (0, 0x10)
    assert mote.publish(topic(mote), b"newer").code in (0, 0x10)


def test_a_missed_enforcement_ends_the_session_and_keeps_the_score(plant):
    mote = plant.device("missed-1", version=mqtt.V5)
    for _ in range(3):
        mote.publish(topic(mote, "scored"), b"99")
    mark = plant.mark()
    use_up(mote)
    mote.publish(topic(mote), b"demands")
    demanded(plant, mote, mark)
    missed = plant.broker.wait_for_audit(event="enforcement", identity="missed-1", verdict="refuse", after=mark)
    assert missed["why"] == "enforcement" and missed["detail"] == "missed"
    assert plant.show("missed-1")["sessions"] == []
    assert mote.publish(topic(mote), b"too late").code == 0x87
    assert mote.wait_notice("expired")
    with pytest.raises(mqtt.ConnectRefused):
        mote.resume()
    again = plant.log_in("missed-1")
    assert plant.score("missed-1") == ("AUTH2", 7), "nobody washes a score by missing a limit"
    assert again.publish(topic(again), b"x")


def test_enforcement_comes_after_so_long_too():
    limits = {"enforce_after": "1s", "enforcement_time": "30s"}
    with Plant(RULES, settings={"limits": limits}) as plant:
        mote = plant.device("time-1", version=mqtt.V5)
        assert mote.publish(topic(mote), b"1").code in (0, 0x10)
        time.sleep(1.1)
        assert mote.publish(topic(mote), b"2").code == 0x87
        assert mote.wait_notice("enforcement")
        mote.answer_enforcement()
        assert mote.publish(topic(mote), b"3").code in (0, 0x10)


def test_a_session_ends_at_its_age_whatever_it_does():
    limits = {"session_age": "2s", "enforcement_time": "1s"}
    with Plant(RULES, settings={"limits": limits}) as plant:
        mote = plant.device("age-1", version=mqtt.V5)
        plant.broker.wait_for_audit(event="session", identity="age-1", detail="ended")
        assert mote.publish(topic(mote), b"1").code == 0x87
        assert mote.wait_notice("expired")
        mote.handshake()
        assert mote.publish(topic(mote), b"2").code in (0, 0x10)


def test_a_fall_from_auth3_demands_enforcement():
    with Plant(RULES) as plant:
        mote = plant.device("fall-1", version=mqtt.V5)
        for _ in range(11):
            mote.publish(topic(mote, "scored"), b"20")
        assert plant.score("fall-1") == ("AUTH3", 21)
        for _ in range(18):
            mote.publish(topic(mote, "scored"), b"99")
        assert plant.score("fall-1") == ("AUTH3", 3)
        mote.publish(topic(mote, "scored"), b"99")
        assert plant.score("fall-1") == ("AUTH2", 2)
        assert plant.broker.wait_for_audit(event="level", identity="fall-1", detail="fell")
        demanded(plant, mote)
        assert mote.publish(topic(mote), b"meanwhile").code == 0x87
        assert plant.show("fall-1")["standing"] == "active", "at most one change of level for one message"
        mote.answer_enforcement()
        assert plant.score("fall-1") == ("AUTH2", 10)
        assert mote.publish(topic(mote), b"after").code in (0, 0x10)


def test_a_pending_enforcement_outlives_a_clean_restart():
    limits = {"enforce_after_messages": COUNT, "enforcement_time": "30s"}
    with Plant(RULES, settings={"limits": limits}) as plant:
        mote = plant.device("restart-1", version=mqtt.V5)
        use_up(mote)
        mote.publish(topic(mote), b"demands")
        plant.restart()
        mote.resume()
        assert mote.publish(topic(mote), b"meanwhile").code == 0x87
        mote.answer_enforcement()
        assert mote.publish(topic(mote), b"after").code in (0, 0x10)
