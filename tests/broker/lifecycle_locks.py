"""Disabled, blocked and removed identities: they are out within a tick, and stay out."""

import pytest
from countersign_tests import config, mqtt
from countersign_tests.plant import Plant


@pytest.fixture(scope="module")
def plant():
    with Plant([config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        yield plant


@pytest.fixture(params=[("block", "unblock", "blocked"), ("disable", "enable", "disabled")], ids=["block", "disable"])
def lock(request):
    return request.param


def assert_cannot_log_in(plant, identity, why):
    mark = plant.mark()
    late = plant.client_of(identity)
    late.timeout = 0.6
    with pytest.raises(mqtt.TimedOut):
        late.login()
    plant.broker.wait_for_audit(event="handshake", verdict="refuse", why=why, after=mark)


def test_a_locked_device_is_out_at_once_and_cannot_come_back(plant, new_mote, lock):
    name, undo, why = lock
    mote = new_mote()
    second = plant.client_of(mote.identity)
    second.session = mote.session
    second.resume()
    plant.admin.call(name, identity=mote.identity, reason="lost in the field")
    for connection in (mote.connection, second.connection):
        connection.wait_closed(2)
    shown = plant.show(mote.identity)
    assert shown["standing"] == why and shown["sessions"] == [] and shown["reason"] == "lost in the field"
    mark = plant.mark()
    with pytest.raises(mqtt.ConnectRefused):
        second.resume()
    plant.broker.wait_for_audit(event="connect", verdict="refuse", why=why, after=mark)
    assert_cannot_log_in(plant, mote.identity, why)
    plant.admin.call(undo, identity=mote.identity)
    shown = plant.show(mote.identity)
    assert shown["standing"] == "active" and "reason" not in shown
    with pytest.raises(mqtt.ConnectRefused):
        second.resume()
    again = plant.log_in(mote.identity)
    assert again.publish("plant/%s/t" % mote.identity, b"1")


def test_a_lock_survives_a_restart_of_either_kind(plant, new_mote, lock):
    name, undo, why = lock
    mote = new_mote()
    plant.admin.call(name, identity=mote.identity)
    for kill in (False, True):
        plant.restart(kill=kill)
        assert plant.show(mote.identity)["standing"] == why
        assert_cannot_log_in(plant, mote.identity, why)
        with pytest.raises(mqtt.ConnectRefused):
            mote.resume()
    plant.admin.call(undo, identity=mote.identity)


def test_a_lock_in_the_middle_of_a_handshake_ends_it(plant, new_mote, lock):
    name, undo, why = lock
    mote = new_mote(log_in=False)
    mote.timeout = 1.0
    mote.connect_auth0()
    m3 = mote.ask(mote.begin(), lambda wire: mote.pending.answer(wire))
    plant.admin.call(name, identity=mote.identity)
    with pytest.raises(mqtt.MqttError):
        mote.ask(m3, mote.finish)
    plant.admin.call(undo, identity=mote.identity)
    assert plant.show(mote.identity)["sessions"] == []


def test_a_removed_device_is_out_at_once(plant, new_mote):
    mote = new_mote()
    plant.admin.call("remove", identity=mote.identity)
    mote.connection.wait_closed(2)
    # the name is free: the old proof lets nobody speak for it
    with plant.subscriber("plant/#") as reader:
        try:
            mote.resume()
            mote.publish(f"plant/{mote.identity}/t", b"ghost")
        except mqtt.MqttError:
            pass
        assert reader.pending() == []


def test_a_blocked_devices_will_does_not_fire(plant, new_mote):
    mote = new_mote()
    with plant.subscriber("plant/#") as reader:
        will = mqtt.Will(f"plant/{mote.identity}/t", b"gone")
        mote.resume(will=will)
        mote.commit_will(will)
        mote.connection.ping()
        plant.admin.call("block", identity=mote.identity)
        mote.connection.wait_closed(2)
        assert reader.pending() == []


def test_what_is_queued_for_a_blocked_device_is_not_given_to_it(plant, new_mote):
    mote, sender = new_mote(), new_mote()
    mote.resume(clean=False)
    mote.connection.subscribe(f"plant/{sender.identity}/t", qos=1)
    mote.connection.abandon()
    sender.publish(f"plant/{sender.identity}/t", b"for later")
    plant.admin.call("block", identity=mote.identity)
    with pytest.raises(mqtt.ConnectRefused):
        mote.resume(clean=False)
    plant.admin.call("unblock", identity=mote.identity)
    mote = plant.log_in(mote.identity)
    mote.resume(clean=False)
    assert [message.payload for message in mote.connection.pending()] == [b"for later"]
