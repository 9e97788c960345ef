"""The raw MQTT client and the broker fixture, against the real broker without the plugin."""

import ssl
import subprocess

import pytest

from countersign_tests import mqtt, mqtt_packets
from countersign_tests.broker import Broker, BrokerError

VERSIONS = (mqtt.V311, mqtt.V5)


@pytest.fixture(scope="module", autouse=True)
def bare():
    """No plugin and nothing preloaded, whatever the environment says."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("COUNTERSIGN_PLUGIN", "COUNTERSIGN_PRELOAD"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def broker(bare):
    with Broker() as running:
        yield running


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("qos", (0, 1, 2))
def test_delivers_what_was_published(broker, version, qos):
    with broker.client("sub", version) as sub, broker.client("pub", version) as pub:
        assert sub.subscribe("a/#", qos=2) == (2,)
        assert pub.publish("a/b", b"\x00\xff", qos=qos) == 0
        message = sub.receive()
        assert (message.topic, message.payload, message.qos) == ("a/b", b"\x00\xff", qos)
        assert sub.pending() == []


def test_carries_properties_both_ways(broker):
    properties = {"payload_format": 1, "content_type": "text/plain", "response_topic": "r", "correlation_data": b"\0\1",
                  "user": [("cs1", "x"), ("cs1", "y"), ("other", "z")]}
    with broker.client("sub", mqtt.V5) as sub, broker.client("pub", mqtt.V5) as pub:
        sub.subscribe("p")
        pub.publish("p", b"1", qos=1, properties=properties)
        message = sub.receive()
        assert message.properties == properties
        assert message.user("cs1") == ["x", "y"]


def test_publishes_under_a_topic_alias(broker):
    with broker.client("sub") as sub, broker.client("pub", mqtt.V5) as pub:
        sub.subscribe("alias")
        pub.publish("alias", b"1", properties={"topic_alias": 1})
        pub.publish("", b"2", properties={"topic_alias": 1})
        pub.ping()
        assert [sub.receive().payload for _ in range(2)] == [b"1", b"2"]


def test_sends_a_will_when_abandoned(broker):
    with broker.client("sub") as sub:
        sub.subscribe("will")
        broker.client("dying", will=mqtt.Will("will", b"gone", qos=1)).abandon()
        assert sub.receive().payload == b"gone"


def test_sends_no_will_when_disconnected(broker):
    with broker.client("sub") as sub:
        sub.subscribe("will")
        broker.client("leaving", will=mqtt.Will("will", b"gone")).disconnect()
        broker.wait_for_log("Client leaving disconnected")
        assert sub.pending() == []


def test_sees_a_takeover(broker):
    first = broker.client("twin", mqtt.V5)
    with broker.client("twin", mqtt.V5):
        assert first.wait_closed()
        assert not first.is_open()


def test_sees_the_reason_of_a_disconnect(broker):
    client = broker.client("odd", mqtt.V5)
    client.send(mqtt_packets.packet(mqtt_packets.PUBLISH, b"\0\1a\0\1\0", flags=6))
    assert client.wait_closed().code == 0x81


def test_sees_raw_nonsense_closed(broker):
    client = broker.client("mad")
    client.send(b"\xff\xff\xff\xff\xff\xff")
    assert client.wait_closed().code is None
    assert not client.is_open()


def test_repeats_a_packet_id_with_dup(broker):
    with broker.client("sub") as sub, broker.client("pub") as pub:
        sub.subscribe("dup")
        for dup in (False, True):
            pub.publish("dup", b"x", qos=2, packet_id=9, dup=dup, wait=False)
        assert pub.wait_ack(mqtt_packets.PUBREC, 9) and pub.finish_qos2(9) == 0
        assert len(sub.pending()) == 1


def test_keeps_a_persistent_session(broker):
    with broker.client("stays", clean=False) as client:
        client.subscribe("queue", qos=1)
    with broker.client("pub") as pub:
        pub.publish("queue", b"later", qos=1)
    client = mqtt.Client(broker.port)
    assert client.connect("stays", clean=False).session_present
    assert client.receive().payload == b"later"
    client.disconnect()


@pytest.mark.parametrize("version, code", ((mqtt.V311, 5), (mqtt.V5, 0x87)))
def test_tells_a_refused_connection(version, code):
    with Broker(anonymous=False) as strict:
        with pytest.raises(mqtt.ConnectRefused) as refused:
            strict.client("nobody", version)
        assert refused.value.code == code
        assert strict.client().connect("nobody", check=False).code == 5


def test_times_out_with_words(broker):
    with broker.client("idle") as client:
        with pytest.raises(mqtt.TimedOut, match="no message on quiet"):
            client.receive(0.05, topic="quiet")
        assert client.receive_none(0.05)


def test_speaks_tls(tmp_path):
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
         "-out", cert, "-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True)
    with Broker(extra=[f"keyfile {key}", f"certfile {cert}"]) as secure:
        context = ssl.create_default_context(cafile=cert)
        with mqtt.Client(secure.port, tls=context) as client:
            client.connect("tls")
            client.subscribe("t")
            client.publish("t", b"x" * 40000, qos=1)
            assert len(client.receive().payload) == 40000


def test_broker_reloads_restarts_and_dies(broker):
    with Broker() as own:
        own.reload()
        own.restart(kill=True)
        own.client("still").disconnect()
        assert own.stop() == 0
        assert not own.running()
    assert not own.directory.exists()


def test_broker_runs_as_another_user():
    with Broker(user=None) as own:
        own.client("any").disconnect()
        own.wait_for_log("Client any disconnected")


def test_broker_that_refuses_to_start_says_why():
    broker = Broker(extra=["nonsense true"])
    with pytest.raises(BrokerError, match="nonsense"):
        broker.start()
    broker.remove()


def test_broker_reads_whole_audit_lines_only(tmp_path):
    broker = Broker(directory=tmp_path)
    broker.audit_path.write_text('{"v":1,"why":"replayed","seq":4}\n{"v":1,"why":"bad')
    assert broker.wait_for_audit(why="replayed")["seq"] == 4
    with pytest.raises(BrokerError, match="not audited"):
        broker.wait_for_audit(why="bad_tag", timeout=0.05)
