"""The client's side, against T's side in memory."""

import json

import pytest

from countersign_tests import envelope as e
from countersign_tests import mqtt
from countersign_tests import primitives as p
from countersign_tests import session as s
from countersign_tests.admin import Admin, AdminError
from countersign_tests.device import Device, auth0_client_id

from loopback import Loopback

K = b"k" * 32


def connected(suite=1, lose=(), kind=Device):
    device = kind("mote-3", K, "broker", suite)
    device.connection = Loopback(K, "broker", auth0_client_id(), lose)
    return device


@pytest.mark.parametrize("suite", (1, 2))
@pytest.mark.parametrize("lose", ((), ("m1",), ("m2",), ("m3",), ("finished",), ("m1", "m2", "m3", "finished")))
def test_logs_in_although_messages_are_lost(suite, lose):
    device = connected(suite, lose)
    session, _ = device.handshake()
    assert session.sk == device.connection.session.sk
    assert device.key.epoch == 1, "lost packets burn no epochs"


def test_gives_up_without_answers():
    with pytest.raises(mqtt.TimedOut):
        connected(lose=["m1"] * 3).handshake()


def test_ignores_answers_that_do_not_open():
    device = connected()
    for nonsense in (b"", b"\x12\x01" + bytes(98), b"\x14" + bytes(30)):
        device.connection.deliver(s.auth_reply_topic(device.client_id), nonsense)
    device.handshake()
    assert device.session.kid == 1


def test_answers_enforcement_in_the_session():
    device = connected()
    first, _ = device.handshake()
    device.connection.notify(b'{"v":1,"why":"enforcement"}')
    assert device.wait_notice("enforcement")
    second, _ = device.answer_enforcement()
    assert second.kid != first.kid and device.previous_session is first and device.key.epoch == 2


def test_takes_a_notice_once():
    device = connected()
    device.handshake()
    device.connection.notify(b'{"v":1,"why":"replayed","seq":41}')
    message = device.connection.receive()
    device.connection.queue.extend([message, message])
    assert device.receive_notice() == {"v": 1, "why": "replayed", "seq": 41}
    with pytest.raises(p.Refused, match="replayed"):
        device.receive_notice()


def test_refuses_a_notice_moved_to_another_client():
    device = connected()
    device.handshake()
    device.connection.down(s.notice_topic("somebody"), b'{"v":1,"why":"expired"}')
    message = device.connection.receive()
    device.connection.deliver(s.notice_topic(device.client_id), message.payload)
    with pytest.raises(p.Refused, match="bad_tag"):
        device.receive_notice()


def test_asks_for_a_receipt():
    device = connected()
    device.handshake()
    receipt = device.request_receipt()
    assert receipt.kid == device.session.kid and receipt.accepted(device.session.seq)


@pytest.mark.parametrize("options", (
    {}, {"sealed": True}, {"short": True}, {"on_card": True}, {"retain": True}, {"sealed": True, "retain": True},
    {"on_card": True, "retain": True}, {"short": True, "retain": True},
))
def test_signs_what_t_verifies(options):
    device = connected()
    device.handshake()
    sent = device.publish("plant/a", b"21.5", **options)
    assert device.connection.open_up("plant/a", sent.payload) == b"21.5"
    with pytest.raises(p.Refused, match="bad_tag"):
        device.connection.open_up("plant/b", sent.payload)


def test_signs_in_the_user_property():
    device = connected()
    device.handshake()
    device.version = mqtt.V5
    properties = {"content_type": "text/plain", "user": [("a", "b")]}
    sent = device.publish("t", b"1", form="property", sealed=True, properties=properties)
    cs1 = dict(sent.properties["user"])["cs1"]
    claim = e.parse_property(cs1, sent.payload)
    props = e.encode_props(content_type="text/plain")
    assert e.open_claim(device.connection.session.up, claim, "t", props) == b"1"
    assert properties["user"] == [("a", "b")], "the caller's properties stay as they were"


def test_commits_to_a_will_under_its_connection():
    device = connected()
    device.handshake()
    device.resume_n = 4
    sent = device.commit_will(mqtt.Will("t", b"gone", qos=1, retain=True))
    payload = device.connection.open_up(s.AUTH_TOPIC, sent.payload)
    assert payload == s.will_commitment(4, device.client_id, "t", b"gone", qos=1, retain=True)


def test_shakes_hands_through_a_relay():
    device = connected()
    device.use_relay(device.connection)
    device.handshake()
    assert s.parse_relayed(device.connection.published[0][1]) == ("mote-3", device.pending.m1)


def test_admin_seals_commands_and_opens_replies():
    admin = connected(kind=Admin)
    admin.handshake()
    data = admin.register("mote-9", b"\x01" * 32)
    assert data["command"] == "registerDevice" and data["identity"] == "mote-9"
    assert b"mote-9" not in admin.connection.published[-1][1]
    with pytest.raises(AdminError, match="Unknown command"):
        admin.call("nonsense")


def test_admin_refuses_a_reply_in_the_clear():
    admin = connected(kind=Admin)
    admin.handshake()
    admin.connection.down(s.admin_reply_topic(admin.client_id), json.dumps({"responses": []}).encode())
    with pytest.raises(p.Refused, match="not_sealed"):
        admin.receive_responses()


def test_client_ids_of_auth0_are_long_and_fresh():
    ids = {auth0_client_id() for _ in range(100)}
    assert len(ids) == 100 and all(len(one) == 23 and one[0] == "~" for one in ids)
