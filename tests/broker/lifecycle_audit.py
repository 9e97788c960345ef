"""The audit: one line for each refusal, with its name; gaps are told; no secret is ever written."""

import base64
import json
import re
import time

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests import session as s
from countersign_tests.plant import Plant

KEYS = ["v", "at", "event", "verdict", "why", "identity", "kid", "seq", "level", "score", "topic", "relay", "client", "address", "detail"]


def rules():
    return [
        config.rule("plant/%d/t", subscribe="anyone"),
        config.rule("plant/%d/scored", subscribe="anyone", range={"min": 0, "max": 50}),
        config.rule("plant/%d/sealed", subscribe="anyone", sealed=True),
        config.rule("plant/%d/card", subscribe="anyone", card="require"),
    ]


@pytest.fixture(scope="module")
def plant():
    with Plant(rules(), version=mqtt.V5) as plant:
        yield plant


@pytest.fixture
def mote(new_mote):
    return new_mote(mqtt.V5)


def wait_for_lines(plant, mark, count):
    plant.broker.wait_for_audit(lambda line: len(plant.broker.audit()) >= mark + count, after=0)
    plant.admin.connection.ping()
    return plant.broker.audit()[mark:]


def test_each_refusal_leaves_one_line_with_its_name(plant, mote, new_mote):
    topic = f"plant/{mote.identity}/t"
    good = mote.publish(topic, b"1")
    wire = good.payload
    plant.admin.connection.ping()
    plant.broker.wait_for_audit(event="handshake", identity=mote.identity)
    mark = plant.mark()
    mote.connection.publish(topic, b"plain", qos=1)
    mote.connection.publish(topic, wire[:-1] + bytes([wire[-1] ^ 1]), qos=1)
    mote.connection.publish(topic, wire[:6], qos=1)
    good.send_from(mote.connection)
    mote.publish(topic, b"other", seq=good.seq)
    mote.publish(f"plant/{mote.identity}/scored", b"99")
    mote.publish(f"plant/{mote.identity}/sealed", b"1")
    mote.publish(f"plant/{mote.identity}/card", b"1")
    mote.publish("plant/another/t", b"1")
    mote.publish(topic, b"1", qos=2)
    mote.publish(topic, b"1", retain=True)
    wrong_kid = e.as_payload(e.seal_claim(mote.session.up, e.Header(0, mote.session.kid % 16383 + 1, 9), topic, b"", b"1"))
    mote.connection.publish(topic, wrong_kid, qos=1)
    names = ["unsigned", "bad_tag", "malformed", "duplicate", "forked", "out_of_range", "not_sealed", "card_required", "denied",
             "qos2", "retain", "unknown_kid"]
    lines = wait_for_lines(plant, mark, len(names))
    assert [line["why"] for line in lines] == names
    assert {line["verdict"] for line in lines} == {"refuse"} and {line["event"] for line in lines} == {"publish"}
    assert {line["identity"] for line in lines} == {mote.identity}


def test_a_line_has_its_keys_in_their_order_and_is_ascii(plant, mote):
    strange = 'b\u00e9d \u2028 "quoted" \\ \U0001f642'
    foreign = plant.broker.client(strange, version=mqtt.V5)
    foreign.publish(f"plant/{mote.identity}/t", b"plain", qos=1)
    written = strange.encode().decode("latin-1")  # each byte by itself: nothing that came in is lost
    assert plant.broker.wait_for_audit(client=written)["why"] == "unsigned"
    text = plant.broker.audit_path.read_bytes()
    text.decode("ascii")
    for line in text.decode().splitlines():
        found = list(json.loads(line))
        assert found == [key for key in KEYS if key in found]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", json.loads(line)["at"])


def test_accepted_messages_are_written_only_if_asked_for(plant, mote):
    mark = plant.mark()
    mote.publish(f"plant/{mote.identity}/t", b"1")
    plant.reload(settings=plant.settings | {"audit": {"events": "all"}})
    assert not [line for line in plant.broker.audit()[mark:] if line["event"] == "publish"]
    mote.publish(f"plant/{mote.identity}/t", b"2")
    line = plant.broker.wait_for_audit(event="publish", verdict="accept", after=mark)
    assert line["identity"] == mote.identity and line["seq"] == mote.session.seq and "why" not in line
    plant.reload(settings=plant.settings | {"audit": {"events": "refusals"}})


def test_a_login_that_fails_says_why_in_the_audit_alone(plant, new_mote):
    unknown = new_mote(mqtt.V5, log_in=False)
    unknown.identity, unknown.timeout = "nobody-there", 0.6
    mark = plant.mark()
    with pytest.raises(mqtt.TimedOut):
        unknown.login()
    assert unknown.connection.pending() == []
    plant.broker.wait_for_audit(event="handshake", verdict="refuse", why="unknown_sender", after=mark)


@pytest.mark.parametrize("rate, told", [(0, 0), (1, 1), (1000, 3)])
def test_duplicates_are_told_as_often_as_the_configuration_says(plant, mote, rate, told):
    plant.reload(settings=plant.settings | {"connections": {"duplicate_notices_per_second": rate}})
    sent = mote.publish(f"plant/{mote.identity}/t", b"1")
    for _ in range(3):
        sent.send_from(mote.connection)
        time.sleep(0.01)
    notices = mote.connection.pending(s.notice_topic(mote.client_id))
    assert len(notices) == told


def test_lost_lines_are_counted_and_told():
    settings = {"audit": {"queue": 64}}
    with Plant(rules(), version=mqtt.V311, settings=settings) as plant:
        mote = plant.device("flood-1")
        sent = mote.publish("plant/flood-1/t", b"1")
        count = 20_000
        one = mqtt.packets.publish(sent.topic, sent.payload, version=mqtt.V311)
        for _ in range(count // 500):
            mote.connection.send(one * 500)
        mote.connection.ping()
        dropped = plant.admin.call("metrics")["auditLinesDropped"]
        assert dropped > 0
        plant.broker.wait_for_audit(event="gap", timeout=10)
        plant.stop()
        lines = plant.broker.audit()
        told = sum(int(line["detail"].split()[0]) for line in lines if line["event"] == "gap")
        written = sum(line.get("why") == "duplicate" for line in lines)
        assert written + told >= count and written < count


def spellings(secret):
    return [secret, secret.hex().encode(), secret.hex().upper().encode(), base64.b64encode(secret).rstrip(b"="),
            base64.urlsafe_b64encode(secret).rstrip(b"=")]


def test_no_secret_is_in_audit_log_or_output(plant, new_mote, mote):
    secrets = list(plant.keys.values())
    for device in (mote, new_mote(mqtt.V5), plant.admin):
        secrets += [device.session.sk, device.session.up.mac, device.session.down.mac, device.key.k]
    carded = new_mote(mqtt.V5, card="0011223344556677")
    plant.admin.call("rekey", identity=carded.identity, key="5a" * 32)
    plant.admin.publish(s.ADMIN_TOPIC, b'{"commands":[{"command":"registerDevice","identity":"x y","key":"' + b"a5" * 32 + b'"}]}', sealed=True)
    plant.admin.receive_responses()
    mote.resume()
    mote.connection.publish(f"plant/{mote.identity}/t", b"plain", qos=1)
    plant.restart(kill=False)
    secrets += [bytes.fromhex("5a" * 32), bytes.fromhex("a5" * 32)]
    written = plant.broker.audit_path.read_bytes() + plant.broker.output().encode()
    assert b"registerDevice" in written
    for secret in secrets:
        for spelling in spellings(secret):
            assert spelling not in written
    for path in plant.directory.iterdir():
        if path.name.startswith("countersign.db"):
            content = path.read_bytes()
            assert not any(spelling in content for secret in secrets for spelling in spellings(secret)), path


def test_only_the_brokers_user_reads_what_it_writes(plant):
    modes = {path.name: path.stat().st_mode & 0o777 for path in plant.directory.iterdir()}
    assert modes["audit.jsonl"] & 0o007 == 0 and modes["wrap.key"] == 0o600
    assert all(mode & 0o077 == 0 for name, mode in modes.items() if name.startswith("countersign.db"))
