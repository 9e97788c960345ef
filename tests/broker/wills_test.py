"""Wills: only what its device committed to inside the session, once, on that connection (docs/protocol.md, section 2)."""

import signal

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests import session as s
from countersign_tests.mqtt import Will
from countersign_tests.plant import Plant

RULES = [
    config.rule("plant/%d/last", wills=True, retained=True, subscribe=["anyone"]),
    config.rule("plant/%d/scored", range={"min": -40, "max": 85}, subscribe=["anyone"]),
    config.rule("plant/%d/no-wills", subscribe=["anyone"]),
    config.rule("plant/%d/no-retained", wills=True, subscribe=["anyone"]),
]


@pytest.fixture(scope="module")
def plant():
    with Plant(RULES) as plant:
        yield plant


def will_of(device, last="last", **more):
    return Will(f"plant/{device.identity}/{last}", **({"payload": b"gone"} | more))


def settle(device, will, connect=None):
    """Connects by resume with `will`, committed to."""
    device.resume(will=will, **(connect or {}))
    device.commit_will(will)
    device.connection.ping()


def cut(device):
    device.connection.abandon()


def received(reader, plant, mark, verdict="accept"):
    """The will as a subscriber saw it, after the broker has decided about it."""
    plant.broker.wait_for_audit(after=mark, event="will", verdict=verdict)
    return [(message.topic, message.payload) for message in reader.pending()]


@pytest.fixture
def assert_no_will(plant, reader):
    def check(mark, why="will"):
        line = plant.broker.wait_for_audit(after=mark, event="will", verdict="refuse")
        assert line["why"] == why
        assert reader.pending() == []
    return check


@pytest.mark.parametrize("qos", [0, 1])
@pytest.mark.parametrize("payload", [b"gone", b""], ids=["text", "empty"])
def test_a_committed_will_is_delivered_plain_when_the_socket_is_cut(plant, mote, reader, qos, payload):
    will = will_of(mote, qos=qos, payload=payload)
    mark = plant.mark()
    settle(mote, will)
    cut(mote)
    assert received(reader, plant, mark) == [(will.topic, payload)]


def test_a_will_of_a_connection_that_was_raised_is_delivered(plant, new_mote, version, reader):
    mote = new_mote(version, log_in=False)
    will = will_of(mote)
    mote.connect_auth0(will=will)
    mote.handshake()
    mote.commit_will(will)
    mote.connection.ping()
    mark = plant.mark()
    cut(mote)
    assert received(reader, plant, mark) == [(will.topic, b"gone")]


def test_a_retained_will_is_retained(plant, mote, reader):
    will = will_of(mote, retain=True)
    mark = plant.mark()
    settle(mote, will)
    cut(mote)
    assert received(reader, plant, mark)
    with plant.subscriber(will.topic) as late:
        message = late.receive()
        assert message.retain and message.payload == b"gone"
    mote.resume()
    mote.publish(will.topic, "", retain=True)


def test_a_will_is_delivered_when_its_device_takes_its_own_connection_over(plant, mote, reader):
    will = will_of(mote)
    settle(mote, will)
    half_open, mark = mote.connection, plant.mark()
    mote.resume()
    assert received(reader, plant, mark) == [(will.topic, b"gone")]
    assert half_open.wait_closed() and mote.connection.is_open()


def test_no_will_after_an_orderly_end(plant, mote, reader):
    settle(mote, will_of(mote))
    mark = plant.mark()
    mote.close()
    assert reader.pending() == [] and mote.resume().code == 0
    assert reader.pending() == []
    assert not [line for line in plant.broker.audit()[mark:] if line["event"] == "will"]


@pytest.mark.parametrize("version", [mqtt.V5], ids=["mqtt5"], indirect=True)
def test_an_mqtt5_client_may_ask_for_its_will_in_disconnect(plant, mote, reader):
    settle(mote, will_of(mote))
    mark = plant.mark()
    mote.connection.disconnect(code=4)
    assert received(reader, plant, mark) == [(will_of(mote).topic, b"gone")]


def test_a_will_nobody_committed_to_is_not_delivered(plant, mote, assert_no_will):
    mote.resume(will=will_of(mote))
    mark = plant.mark()
    cut(mote)
    assert_no_will(mark)


@pytest.mark.parametrize("change", [{"payload": b"gonE"}, {"payload": b""}, {"topic": "last2"}, {"qos": 1}, {"retain": True}],
                         ids=str)
def test_a_will_altered_on_the_way_is_not_delivered(plant, mote, assert_no_will, change):
    committed = will_of(mote)
    sent = will_of(mote, **{key: value for key, value in change.items() if key != "topic"})
    if "topic" in change:
        sent.topic = f"plant/{mote.identity}/no-retained"
    mote.resume(will=sent)
    mote.commit_will(committed)
    mote.connection.ping()
    mark = plant.mark()
    cut(mote)
    assert_no_will(mark)


@pytest.mark.parametrize("version", [mqtt.V5], ids=["mqtt5"], indirect=True)
def test_a_will_committed_to_with_properties_is_refused_by_a_broker_that_does_not_show_them(plant, mote, assert_no_will):
    """Mosquitto 2.0 tells no plugin a will's properties: what cannot be checked is not delivered."""
    mark = plant.mark()
    settle(mote, will_of(mote, properties={"content_type": "text/plain"}))
    cut(mote)
    assert_no_will(mark)


def test_the_latest_commitment_wins(plant, mote, assert_no_will):
    mote.resume(will=will_of(mote))
    mote.commit_will(will_of(mote))
    mote.commit_will(will_of(mote, payload=b"something else"))
    mote.connection.ping()
    mark = plant.mark()
    cut(mote)
    assert_no_will(mark)


def test_a_commitment_cannot_be_replayed_on_the_next_connection(plant, mote, reader, assert_no_will):
    will = will_of(mote)
    mote.resume(will=will)
    commitment = mote.commit_will(will)
    mote.connection.ping()
    mark = plant.mark()
    cut(mote)
    assert received(reader, plant, mark)
    mote.resume(will=will)
    mote.send_auth(commitment.payload, qos=1)
    mark = plant.mark()
    cut(mote)
    assert_no_will(mark)


def test_a_commitment_is_for_the_connection_whose_proof_it_names(plant, mote, assert_no_will):
    will = will_of(mote)
    mote.resume(will=will)
    for n in (0, mote.resume_n - 1, mote.resume_n + 1):
        mark = plant.mark()
        mote.publish_auth(s.will_commitment(n, mote.client_id, will.topic, will.payload))
        plant.broker.wait_for_audit(after=mark, event="will", why="will")
    mark = plant.mark()
    cut(mote)
    assert_no_will(mark)


def test_a_commitment_is_for_one_client_id(plant, mote, assert_no_will):
    will = will_of(mote)
    mote.resume(will=will)
    mote.publish_auth(s.will_commitment(mote.resume_n, mote.identity + "~other", will.topic, will.payload))
    mote.connection.ping()
    mark = plant.mark()
    cut(mote)
    assert_no_will(mark)


def test_a_forged_commitment_is_not_taken(plant, mote, assert_no_will):
    will = will_of(mote)
    mote.resume(will=will)
    wire = e.as_payload(mote.seal(s.AUTH_TOPIC, s.will_commitment(mote.resume_n, mote.client_id, will.topic, will.payload)))
    mote.send_auth(wire[:-1] + bytes([wire[-1] ^ 1]), qos=1)
    mark = plant.mark()
    cut(mote)
    assert_no_will(mark)


def test_a_plain_commitment_is_not_taken(plant, mote, assert_no_will):
    will = will_of(mote)
    mote.resume(will=will)
    mote.send_auth(s.will_commitment(mote.resume_n, mote.client_id, will.topic, will.payload), qos=1)
    mark = plant.mark()
    cut(mote)
    assert_no_will(mark)


@pytest.mark.parametrize("last, retain", [("no-wills", False), ("no-retained", True)])
def test_the_rule_may_forbid_a_will(plant, mote, assert_no_will, last, retain):
    mark = plant.mark()
    settle(mote, will_of(mote, last, retain=retain))
    cut(mote)
    assert_no_will(mark, "denied")


def test_a_device_cannot_will_on_another_devices_topic(plant, new_mote, mote, assert_no_will):
    other = new_mote()
    mark = plant.mark()
    settle(mote, will_of(other))
    cut(mote)
    assert_no_will(mark, "denied")


@pytest.mark.parametrize("topic", ["countersign/notice/x", "countersign/auth/x", "countersign/admin/x"])
def test_nobody_wills_on_our_topics(plant, mote, assert_no_will, topic):
    mark = plant.mark()
    settle(mote, Will(topic, b'{"v":1,"why":"expired"}'))
    cut(mote)
    assert_no_will(mark, "denied")


def test_a_stranger_has_no_will(plant, mote, raw, version, assert_no_will):
    client = raw(version)
    client.connect("somebody", will=will_of(mote))
    mark = plant.mark()
    client.abandon()
    assert_no_will(mark)


def test_a_connection_that_never_shook_hands_has_no_will_anywhere(plant, new_mote, version, assert_no_will):
    mote = new_mote(version, log_in=False)
    mote.connect_auth0(will=Will("plant/where/no/rule/is", b"gone"))
    mote.connection.ping()
    mark = plant.mark()
    cut(mote)
    assert_no_will(mark, "denied")


@pytest.mark.parametrize("name", ["disable", "block", "remove", "end_session"])
def test_no_will_after_rights_were_taken_away(plant, mote, reader, name):
    settle(mote, will_of(mote))
    plant.admin.call(name, identity=mote.identity)
    assert mote.connection.wait_closed()
    assert reader.pending() == []


def test_no_will_after_an_expulsion(plant, mote, reader):
    settle(mote, will_of(mote))
    for _ in range(8):
        mote.publish(f"plant/{mote.identity}/scored", "999")
    assert mote.connection.wait_closed()
    assert plant.show(mote.identity)["standing"] == "expelled"
    assert [message.payload for message in reader.pending()].count(b"gone") == 0


def test_no_will_of_a_session_that_was_replaced(plant, mote, reader):
    settle(mote, will_of(mote))
    old = mote.connection
    mote.login()
    mote.publish(f"plant/{mote.identity}/no-wills", "new session")
    assert old.wait_closed()
    assert [message.payload for message in reader.pending()] == [b"new session"]


def test_a_commitment_of_the_old_session_dies_with_it_on_its_own_connection_too(plant, mote, reader, assert_no_will):
    settle(mote, will_of(mote))
    mote.handshake()
    mote.publish(f"plant/{mote.identity}/no-wills", "new session")
    assert reader.receive().payload == b"new session"
    mark = plant.mark()
    cut(mote)
    assert_no_will(mark)


@pytest.mark.parametrize("committed", [True, False], ids=["committed", "uncommitted"])
def test_a_broker_that_stops_sends_committed_wills_alone(version, committed):
    with Plant(RULES) as plant:
        mote = plant.device("mote-1", version=version)
        will = Will("plant/mote-1/last", b"gone")
        mote.resume(will=will)
        if committed:
            mote.commit_will(will)
        mote.connection.ping()
        with plant.subscriber("plant/#") as reader:
            mark = plant.mark()
            plant.broker.process.send_signal(signal.SIGTERM)
            assert plant.broker.wait_exit() == 0
            lines = [line["verdict"] for line in plant.broker.audit()[mark:] if line["event"] == "will"]
            assert lines == (["accept"] if committed else ["refuse"])
            got = []
            try:
                while True:
                    got.append(reader.receive(1).payload)
            except mqtt.MqttError:
                assert got == ([b"gone"] if committed else [])
