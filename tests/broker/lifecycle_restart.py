"""What a stopped, restarted or killed broker remembers, and what it must never take twice (docs/protocol.md, 2)."""

import shutil

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests import session as s
from countersign_tests.plant import Plant

OK = (0, 0x10)
STATE = ("sessions.state", "sessions.key")


@pytest.fixture(scope="module")
def plant():
    with Plant([config.rule("plant/%d/t", subscribe="anyone")], version=mqtt.V5) as plant:
        yield plant


@pytest.fixture
def mote(new_mote):
    return new_mote(mqtt.V5)


def send(device, payload=b"1", **more):
    return device.publish(f"plant/{device.identity}/t", payload, **more)


def connect_again(plant, identity, password):
    """Repeats somebody's CONNECT."""
    return plant.broker.client(identity, version=mqtt.V5, username=identity, password=password)


# killed

def test_after_a_kill_nothing_recorded_is_accepted_and_devices_log_in_again(plant, mote):
    sent = send(mote)
    password = s.resume_password(mote.session.sk, mote.session.kid, 1, mote.identity)
    late = mote.seal(f"plant/{mote.identity}/t", b"never sent")
    plant.restart(kill=True)
    for proof in (password, s.resume_password(mote.session.sk, mote.session.kid, 2, mote.identity)):
        with pytest.raises(mqtt.ConnectRefused):
            connect_again(plant, mote.identity, proof)
    foreign = plant.broker.client("attacker", version=mqtt.V5)
    assert sent.send_from(foreign) == 0x87
    with plant.subscriber("plant/#") as reader:
        again = plant.log_in(mote.identity)
        assert again.session.kid != mote.session.kid
        for wire in (sent.payload, e.as_payload(late)):
            assert again.connection.publish(sent.topic, wire, qos=1) == 0x87
        assert reader.pending() == []
        assert send(again, b"alive").code in OK
        assert reader.receive().payload == b"alive"


def test_after_a_kill_a_recorded_handshake_is_worth_nothing(plant, new_mote):
    mote = new_mote(mqtt.V5, log_in=False)
    mote.connect_auth0()
    m1 = mote.begin()
    m3 = mote.ask(m1, lambda wire: mote.pending.answer(wire))
    mote.ask(m3, mote.finish)
    plant.restart(kill=True)
    thief = plant.broker.client("~" + "t" * 22, version=mqtt.V5)
    mark = plant.mark()
    for message in (m1, m3):
        thief.publish(s.AUTH_TOPIC, message)
    assert thief.pending() == []
    plant.broker.wait_for_audit(event="handshake", why="old_epoch", after=mark)
    assert plant.show(mote.identity)["sessions"] == []


def test_after_a_kill_in_the_middle_of_a_handshake_the_epoch_is_not_reused(plant, new_mote):
    mote = new_mote(mqtt.V5, log_in=False)
    mote.timeout = 1.0
    mote.connect_auth0()
    m3 = mote.ask(mote.begin(), lambda wire: mote.pending.answer(wire))
    plant.restart(kill=True)
    mote.connect_auth0()
    with pytest.raises(mqtt.TimedOut):
        mote.ask(m3, mote.finish)
    mote.handshake()
    assert send(mote).code in OK


def test_kids_go_on_after_a_kill(plant, mote):
    used = {mote.session.kid}
    for _ in range(3):
        plant.restart(kill=True)
        again = plant.log_in(mote.identity)
        assert again.session.kid not in used
        used.add(again.session.kid)


# stopped in order

def test_after_a_clean_restart_a_session_goes_on(plant, mote):
    send(mote)
    plant.restart()
    mote.resume()
    with plant.subscriber("plant/#") as reader:
        assert send(mote, b"after").code in OK
        assert reader.receive().payload == b"after"
    assert [one["kid"] for one in plant.show(mote.identity)["sessions"]] == [mote.session.kid]


def test_after_a_clean_restart_the_window_still_knows_what_it_saw(plant, mote):
    sent = [send(mote, b"%d" % i) for i in range(40)]
    skipped = mote.session.next_seq()
    send(mote)
    plant.restart()
    mote.resume()
    with plant.subscriber("plant/#") as reader:
        for one in sent:
            assert one.send_from(mote.connection) == 0x87
        assert reader.pending() == []
        assert send(mote, b"late", seq=skipped).code in OK, "what was not seen may still come"
        assert [message.payload for message in reader.pending()] == [b"late"]
    for why in ("replayed", "duplicate"):
        assert plant.broker.wait_for_audit(event="publish", why=why)


def test_after_a_clean_restart_old_proofs_stay_spent(plant, mote):
    proofs = [s.resume_password(mote.session.sk, mote.session.kid, n, mote.identity) for n in (1, 2)]
    mote.resume()
    mote.resume()
    plant.restart()
    for proof in proofs:
        with pytest.raises(mqtt.ConnectRefused):
            connect_again(plant, mote.identity, proof)
    mote.resume()


def test_after_a_clean_restart_down_numbers_go_on(plant, mote):
    first = mote.request_receipt()
    plant.restart()
    mote.resume()
    # a number that came before would be refused by the device
    assert mote.request_receipt().kid == first.kid
    assert len(mote.session.down_seen) == 2


def test_an_enforced_device_with_a_stored_session_finds_its_messages_after_a_restart():
    extra = ["persistence true", "autosave_interval 1"]
    with Plant([config.rule("plant/%d/t", subscribe="anyone")], extra=extra) as plant:
        mote, sender = plant.device("mote-a"), plant.device("mote-b")
        mote.resume(clean=False)
        mote.connection.subscribe("plant/mote-b/t", qos=1)
        mote.connection.disconnect()
        plant.broker.client("flush").ping()
        plant.restart()
        sender.resume()
        sender.publish("plant/mote-b/t", b"queued")
        plant.reload()
        mote.resume(clean=False)
        assert [message.payload for message in mote.connection.pending()] == [b"queued"]


# the state file, once

def test_saved_sessions_are_taken_once_only(plant, mote):
    send(mote)
    plant.stop()
    for name in STATE:
        path = plant.directory / name
        assert path.stat().st_mode & 0o777 == 0o600
        shutil.copy2(path, plant.directory / f"stolen-{name}")
    plant.start()
    assert not any((plant.directory / name).exists() for name in STATE), "gone before anybody is served"
    mote.resume()
    plant.kill()
    for name in STATE:
        shutil.copy2(plant.directory / f"stolen-{name}", plant.directory / name)
    plant.start()
    plant.broker.wait_for_log("sessions of the last run are not taken up")
    with pytest.raises(mqtt.ConnectRefused):
        mote.resume()
    assert not any((plant.directory / name).exists() for name in STATE)


@pytest.mark.parametrize("spoil", [
    lambda path: path.write_bytes(path.read_bytes()[:-1]),
    lambda path: path.write_bytes(path.read_bytes()[:20] + bytes([path.read_bytes()[20] ^ 1]) + path.read_bytes()[21:]),
    lambda path: path.write_bytes(b""),
    lambda path: path.chmod(0o644),
    lambda path: path.unlink(),
], ids=["cut", "flipped", "empty", "open to all", "missing"])
@pytest.mark.parametrize("name", STATE)
def test_damaged_saved_sessions_are_not_taken_and_the_broker_serves(plant, new_mote, name, spoil):
    mote = new_mote(mqtt.V5)
    plant.stop()
    spoil(plant.directory / name)
    plant.start()
    plant.broker.wait_for_log("sessions of the last run are not taken up")
    with pytest.raises(mqtt.ConnectRefused):
        mote.resume()
    assert send(plant.log_in(mote.identity)).code in OK


def test_saved_sessions_hold_no_key_in_the_clear(plant, mote):
    plant.stop()
    state = (plant.directory / "sessions.state").read_bytes()
    assert mote.session.sk not in state and mote.identity.encode() not in state
    assert plant.keys[mote.identity] not in (plant.directory / "countersign.db").read_bytes()
    plant.start()
