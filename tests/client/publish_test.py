"""The client library against the real broker: what it sends arrives, what is refused is told."""

from conftest import epoch_of
from probe import Probe


def topic(probe, last="t"):
    return f"plant/{probe.identity}/{last}"


def test_logs_in_and_says_what_session_it_has(new_probe, version):
    probe = new_probe(version)
    session = probe.session()
    assert session["state"] == "online"
    assert session["client_id"].startswith("~") and len(session["client_id"]) >= 17
    assert epoch_of(probe.key_file) == 1


def test_every_form_of_a_message_arrives(new_probe, reader):
    probe = new_probe(5)
    forms = [{}, {"sealed": True}, {"property": True}, {"property": True, "sealed": True}, {"qos": 0},
             {"content_type": "text/plain"}, {"retain": False, "property": True, "content_type": "a/b"}]
    for number, form in enumerate(forms):
        answer = probe.publish(topic=topic(probe), payload=f"reading {number}", **form)
        assert answer.get("ok"), (form, answer)
        assert answer["accepted"] == (form.get("qos") != 0)
        message = reader.receive()
        assert message.payload == f"reading {number}".encode(), form
    assert probe.publish(topic=topic(probe, "short"), payload="s", short=True)["ok"]
    assert reader.receive().payload == b"s"


def test_3_1_1_knows_acceptance_by_receipt(new_probe, reader):
    probe = new_probe(4)
    assert probe.publish(topic=topic(probe), payload="1")["accepted"] is False
    for qos in (0, 1):
        assert probe.publish(topic=topic(probe), payload="2", qos=qos, confirm=True)["accepted"] is True
    assert [message.payload for message in reader.pending()] == [b"1", b"2", b"2"]
    assert probe.receipt()["edge"] >= 4


def test_a_refusal_has_its_name(new_probe, version):
    probe = new_probe(version)
    answer = probe.publish(topic="plant/mote-of-others/t", payload="x", confirm=True)
    assert (answer["fault"], answer["why"]) == (1, "denied")
    answer = probe.publish(topic=topic(probe), payload="x", retain=True, confirm=True)
    assert answer["why"] == "retain"


def test_usage_is_checked_before_anything_is_sent(new_probe):
    probe = new_probe(4)
    for wrong in ({"topic": "a/+"}, {"topic": ""}, {"topic": "a", "property": True}, {"topic": "a", "qos": 3},
                  {"topic": "a", "short": True, "sealed": True}, {"topic": "a", "on_card": True}):
        assert probe.publish(payload="x", **wrong)["fault"] == 2, wrong


def test_a_stream_keeps_its_order(new_probe, reader, version):
    probe = new_probe(version)
    probe.stream(topic=topic(probe), count=300)
    assert probe.settle() == {"ok": True, "good": 300, "bad": 0}
    assert [int(message.payload) for message in reader.pending()] == list(range(300))


def test_a_subscriber_learns_who_signed(new_probe):
    probe = new_probe(5)
    assert probe.subscribe(filter="plant/+/t")["ok"]
    probe.publish(topic=topic(probe), payload="21.5")
    message = probe.next()
    assert (message["payload"], message["signer"], message["level"]) == ("21.5", probe.identity, "AUTH2")
    assert message["score"] == 10 and message["on_card"] is False


def test_an_administrator_asks_and_is_answered(new_probe, version):
    device = new_probe(version)
    answer = device.admin(command={"command": "listDevices"})
    assert answer["fault"] == 1, "a device is no administrator"
    admin = new_probe(version, kind="admin", roles=["admin"])
    for _ in range(3):
        shown = admin.admin(command={"command": "getDevice", "identity": device.identity})
        assert shown["data"]["identity"] == device.identity
    assert admin.admin(command={"command": "getDevice", "identity": "nobody"})["fault"] == 1


def test_a_wrong_key_and_no_broker_are_told_apart(plant, new_probe):
    probe = new_probe(log_in=False, server_id="another-broker", login_ms=1500)
    answer = probe.login()
    assert (answer["fault"], answer["why"]) == (1, "bad_handshake") and "server_id" in answer["hint"]
    with Probe() as lonely:
        lonely.open(key=str(probe.key_file), port=1)
        assert lonely.login()["fault"] == 4
    with Probe() as keyless:
        assert keyless.open(key=str(probe.key_file) + "x", port=1)["fault"] == 5
