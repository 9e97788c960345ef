"""Scores and levels: what raises, lowers and expels a device, and what must leave it alone (docs/protocol.md, 6)."""

import sqlite3
import time

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests.plant import Plant

GOOD, BAD = b"20", b"9999"


@pytest.fixture(scope="module")
def plant():
    rules = [
        config.rule("plant/%d/t", subscribe="anyone", range={"min": -40, "max": 85}),
        config.rule("plant/%d/loose", subscribe="anyone", range={"min": -40, "max": 85}, out_of_range="deliver"),
        config.rule("plant/%d/free", subscribe="anyone"),
        config.rule("plant/%d/trusted", subscribe="anyone", level="AUTH3"),
        config.rule("trial/%d", mode="observe", range={"min": -40, "max": 85}),
    ]
    with Plant(rules) as plant:
        yield plant


def send(device, payload, times=1, last="t"):
    return [device.publish(f"plant/{device.identity}/{last}", payload) for _ in range(times)]


def notices(device):
    """Every notice up to now, by name."""
    device.connection.ping()
    found = []
    while device.connection.messages:
        found.append(device.receive_notice()["why"])
    return found


def test_a_new_device_starts_at_the_initial_score(new_mote, plant):
    mote = new_mote()
    assert plant.score(mote.identity) == ("AUTH2", 10)


def test_what_is_in_range_raises_and_what_is_not_lowers(new_mote, plant):
    mote = new_mote()
    send(mote, GOOD, 3)
    assert plant.score(mote.identity) == ("AUTH2", 13)
    send(mote, BAD, 2)
    assert plant.score(mote.identity) == ("AUTH2", 11)
    assert notices(mote) == ["out_of_range"] * 2


@pytest.mark.parametrize("payload", [b"", b"hot", b"nan", b"inf", b"1e999", b"20 C", b"\xff", b"86", b"-40.5"])
def test_a_payload_without_an_acceptable_number_is_out_of_range(new_mote, plant, payload):
    mote = new_mote()
    send(mote, payload)
    assert plant.score(mote.identity) == ("AUTH2", 9)


def test_enough_good_readings_lead_to_auth3_and_to_what_it_may_do(new_mote, plant):
    mote = new_mote(mqtt.V5)
    send(mote, GOOD, 10)
    assert plant.score(mote.identity) == ("AUTH2", 20)
    assert send(mote, b"x", last="trusted")[0].code == 0x87
    send(mote, GOOD)
    assert plant.score(mote.identity) == ("AUTH3", 21)
    assert send(mote, b"x", last="trusted")[0].code in (0, 0x10)
    send(mote, GOOD, 5)
    assert plant.score(mote.identity) == ("AUTH3", 21), "the score has a ceiling"
    line = plant.broker.wait_for_audit(event="level", identity=mote.identity)
    assert line["detail"] == "raised" and line["level"] == "AUTH3" and line["score"] == 21


def test_subscribers_see_identity_level_and_score_after_each_message(new_mote, plant):
    mote = new_mote()
    with plant.subscriber(f"plant/{mote.identity}/#", version=mqtt.V5) as reader:
        send(mote, GOOD, 11)
        seen = [dict(reader.receive().properties["user"]) for _ in range(11)]
        assert [one["cs-score"] for one in seen] == [str(score) for score in range(11, 22)]
        assert [one["cs-level"] for one in seen] == ["AUTH2"] * 10 + ["AUTH3"]
        assert {one["cs-id"] for one in seen} == {mote.identity}


def test_a_message_without_a_range_moves_no_score(new_mote, plant):
    mote = new_mote()
    send(mote, BAD, 5, last="free")
    assert plant.score(mote.identity) == ("AUTH2", 10)


def test_an_observed_topic_demotes_nobody(new_mote, plant):
    mote = new_mote()
    for _ in range(12):
        mote.publish(f"trial/{mote.identity}", BAD)
    assert plant.score(mote.identity) == ("AUTH2", 10)
    assert mote.connection.is_open()


def test_out_of_range_may_be_delivered_and_still_lowers(new_mote, plant):
    mote = new_mote()
    with plant.subscriber(f"plant/{mote.identity}/#") as reader:
        send(mote, BAD, last="loose")
        assert reader.receive().payload == BAD
        send(mote, BAD)
        assert reader.pending() == []
    assert plant.score(mote.identity) == ("AUTH2", 8)


# what says nothing about a device

def test_a_retransmission_moves_the_score_once(new_mote, plant):
    mote = new_mote()
    good, bad = send(mote, GOOD)[0], send(mote, BAD)[0]
    for sent in (good, good, bad, bad, bad):
        sent.send_from(mote.connection)
    assert plant.score(mote.identity) == ("AUTH2", 10)
    assert notices(mote).count("out_of_range") == 4, "the same refusal each time"


def test_outsiders_cannot_move_a_score(new_mote, plant, raw):
    mote, other = new_mote(), new_mote()
    sent = send(mote, BAD)[0]
    forged = sent.payload[:-1] + bytes([sent.payload[-1] ^ 1])
    for attacker in (raw(), other.connection):
        if attacker.client_id is None:
            attacker.connect("attacker")
        for wire in (sent.payload, forged, BAD, e.as_payload(other.seal(sent.topic, BAD))):
            attacker.publish(sent.topic, wire, qos=1)
    mote.connection.publish(sent.topic, forged, qos=1)
    assert plant.score(mote.identity) == ("AUTH2", 9)
    assert plant.score(other.identity) == ("AUTH2", 10)


def test_a_replay_on_a_later_connection_moves_no_score(new_mote, plant):
    mote = new_mote()
    sent = send(mote, BAD, 3)
    mote.resume()
    for one in sent:
        one.send_from(mote.connection)
    assert plant.score(mote.identity) == ("AUTH2", 7)


# falling, expulsion, washing

def test_nobody_washes_a_bad_score_by_logging_in_again(new_mote, plant):
    mote = new_mote()
    send(mote, BAD, 4)
    for _ in range(3):
        mote = plant.log_in(mote.identity)
        assert plant.score(mote.identity) == ("AUTH2", 6)
    plant.admin.call("end_session", identity=mote.identity)
    mote = plant.log_in(mote.identity)
    assert plant.score(mote.identity) == ("AUTH2", 6)


def test_a_login_without_a_live_session_keeps_no_more_than_the_initial_score(new_mote, plant):
    mote = new_mote()
    send(mote, GOOD, 11)
    again = plant.log_in(mote.identity)
    assert plant.score(mote.identity) == ("AUTH3", 21), "a live session: nothing changes"
    again.close()
    plant.admin.call("end_session", identity=mote.identity)
    plant.log_in(mote.identity)
    assert plant.score(mote.identity) == ("AUTH2", 10)


def test_a_bad_score_survives_the_broker_being_killed(new_mote, plant):
    mote = new_mote()
    send(mote, BAD, 5)
    time.sleep(1.3)  # scores are written within a second
    plant.restart(kill=True)
    plant.log_in(mote.identity)
    assert plant.score(mote.identity) == ("AUTH2", 5)


def expel(new_mote, plant):
    mote = new_mote()
    mark = plant.mark()
    send(mote, BAD, 8)
    plant.broker.wait_for_audit(event="level", identity=mote.identity, detail="expelled", after=mark)
    return mote


def test_a_device_that_keeps_sending_nonsense_is_expelled(new_mote, plant):
    mote = expel(new_mote, plant)
    mote.connection.wait_closed()
    shown = plant.show(mote.identity)
    assert shown["standing"] == "expelled" and (shown["level"], shown["score"]) == ("AUTH0", 2)
    assert shown["expulsions"] == 1 and shown["sessions"] == []
    assert 50_000 < shown["expelledUntil"] - time.time() * 1000 <= 60_000
    with pytest.raises(mqtt.ConnectRefused):
        mote.resume()
    late = plant.client_of(mote.identity)
    late.timeout = 0.9
    with pytest.raises(mqtt.TimedOut):
        late.login()
    plant.broker.wait_for_audit(event="handshake", why="expelled")


def test_the_last_message_before_an_expulsion_is_answered(new_mote, plant):
    mote = expel(new_mote, plant)
    with pytest.raises(mqtt.Closed):
        while True:
            mote.connection.receive(2, topic="nothing")
    assert len(mote.connection.messages) == 8


def test_an_expulsion_survives_the_broker_being_killed(new_mote, plant):
    mote = expel(new_mote, plant)
    plant.register(f"after-{mote.identity}")  # is answered when it is durable, and so is what came before
    plant.restart(kill=True)
    assert plant.show(mote.identity)["standing"] == "expelled"


def test_a_reinstated_device_starts_again_at_once(new_mote, plant):
    mote = expel(new_mote, plant)
    plant.admin.call("reinstate", identity=mote.identity)
    again = plant.log_in(mote.identity)
    assert plant.score(mote.identity) == ("AUTH2", 10)
    send(again, GOOD)
    assert plant.score(mote.identity) == ("AUTH2", 11)


def let_time_pass(plant, identity, milliseconds):
    """As if the broker had been stopped for so long: moves the device's past in the database."""
    plant.stop()
    with sqlite3.connect(plant.directory / "countersign.db") as database:
        database.execute("UPDATE identities SET expelled_until = expelled_until - ?, last_strike = last_strike - ? WHERE identity = ?",
                         (milliseconds, milliseconds, identity))
    database.close()
    plant.start()


def set_strikes(plant, identity, strikes):
    plant.stop()
    with sqlite3.connect(plant.directory / "countersign.db") as database:
        database.execute("UPDATE identities SET strikes = ?, expelled_until = 1 WHERE identity = ?", (strikes, identity))
    database.close()
    plant.start()


def test_no_expulsion_lasts_longer_than_a_day_however_many_there_were(new_mote, plant):
    mote = expel(new_mote, plant)
    for strikes in (11, 13, 255):
        set_strikes(plant, mote.identity, strikes)
        send(plant.log_in(mote.identity), BAD, 8)
        shown = plant.show(mote.identity)
        assert round((shown["expelledUntil"] - time.time() * 1000) / 60_000) == 24 * 60


def test_each_further_expulsion_lasts_twice_as_long_until_clean_days_forgive(new_mote, plant):
    mote = expel(new_mote, plant)
    minute, day = 60_000, 24 * 60 * 60_000

    def again(pause):
        let_time_pass(plant, mote.identity, pause)
        late = plant.log_in(mote.identity)
        assert plant.score(mote.identity) == ("AUTH2", 10), "after an expulsion: INIT"
        send(late, BAD, 8)
        shown = plant.show(mote.identity)
        return shown["expulsions"], round((shown["expelledUntil"] - time.time() * 1000) / minute)

    assert again(minute) == (2, 2)
    assert again(2 * minute) == (3, 4)
    assert again(2 * day + minute) == (2, 2), "two clean days forgive two steps"
