"""Lost connections, forgotten sessions, enforcement, wills, kept sessions: the library goes on by itself."""

import pytest
from conftest import epoch_of, topic, wait_online
from countersign_tests import config
from countersign_tests.plant import Plant
from proxy import Proxy


@pytest.fixture
def own_plant():
    """One that a test may stop."""
    with Plant([config.rule("plant/%d/t", subscribe="anyone", wills=True)]) as plant:
        yield plant


def test_a_clean_restart_is_answered_by_a_resume(own_plant, new_probe, version):
    probe = new_probe(version, plant=own_plant, repeat_ms=2000)
    first = probe.session()["kid"]
    own_plant.stop()
    own_plant.start()
    session = wait_online(probe)
    assert session["kid"] == first and epoch_of(probe.key_file) == 1
    assert session["client_id"].startswith(probe.identity + "~")
    assert probe.publish(topic=topic(probe), payload="after", confirm=True)["accepted"]


def test_a_killed_broker_is_answered_by_a_new_handshake(own_plant, new_probe, version):
    probe = new_probe(version, plant=own_plant)
    own_plant.kill()
    own_plant.start()
    session = wait_online(probe)
    assert epoch_of(probe.key_file) == 2
    with own_plant.subscriber("plant/#") as reader:
        assert probe.publish(topic=topic(probe), payload="after", confirm=True)["kid"] == session["kid"]
        assert reader.receive().payload == b"after"


def test_what_is_published_meanwhile_waits_and_arrives_once(own_plant, new_probe, version):
    probe = new_probe(version, plant=own_plant)
    own_plant.kill()
    probe.stream(topic=topic(probe), count=20, confirm=True)
    own_plant.start()
    with own_plant.subscriber("plant/#") as reader:
        assert probe.settle(ms=30000) == {"ok": True, "good": 20, "bad": 0}
        assert [int(message.payload) for message in reader.pending()] == list(range(20))


def test_a_connection_cut_under_a_stream_loses_and_doubles_nothing(plant, new_probe, reader, version):
    with Proxy(plant.broker.port) as proxy:
        probe = new_probe(version, port=proxy.port)
        kid = probe.session()["kid"]
        for _ in range(3):
            proxy.cut_after(4000)
            probe.stream(topic=topic(probe), count=200, confirm=True)
            assert probe.settle(ms=30000) == {"ok": True, "good": 200, "bad": 0}, "".join(probe.log[-20:])
            assert [int(message.payload) for message in reader.pending()] == list(range(200))
        assert proxy.cuts == 3
        assert probe.session()["kid"] == kid, "one session all the time"


def test_enforcement_is_answered_and_the_refused_message_goes_out_again(new_probe, version):
    limits = {"limits": {"enforce_after_messages": 5, "enforcement_time": "30s"}}
    with Plant([config.rule("plant/%d/t", subscribe="anyone")], settings=limits) as plant:
        probe = new_probe(version, plant=plant)
        with plant.subscriber("plant/#") as reader:
            for number in range(12):
                answer = probe.publish(topic=topic(probe), payload=str(number), confirm=True)
                assert answer.get("accepted"), answer
            assert [int(message.payload) for message in reader.pending()] == list(range(12))
        assert epoch_of(probe.key_file) >= 3
        assert probe.session()["client_id"].startswith("~"), "it never left its connection"


def test_a_stream_goes_on_through_enforcement(new_probe, version):
    limits = {"limits": {"enforce_after_messages": 40, "enforcement_time": "30s"}}
    with Plant([config.rule("plant/%d/t", subscribe="anyone")], settings=limits) as plant:
        probe = new_probe(version, plant=plant)
        with plant.subscriber("plant/#") as reader:
            probe.stream(topic=topic(probe), count=200, confirm=True)
            assert probe.settle(ms=30000) == {"ok": True, "good": 200, "bad": 0}, "".join(probe.log[-20:])
            assert sorted(int(message.payload) for message in reader.pending()) == list(range(200))


def test_an_ended_session_is_replaced(plant, new_probe, version):
    probe = new_probe(version)
    kid = probe.session()["kid"]
    plant.admin.call("end_session", identity=probe.identity, kid=kid)
    answer = probe.publish(topic=topic(probe), payload="x", confirm=True)
    assert answer.get("accepted") and answer["kid"] != kid, (answer, probe.log)


def test_a_will_is_committed_and_fires(own_plant, new_probe, version):
    with own_plant.subscriber("plant/#") as reader:
        probe = new_probe(version, plant=own_plant, will={"topic": "plant/will-mote/t", "payload": "gone"})
        probe.process.kill()
        probe.process.wait()
        probe.__exit__ = lambda *_: None
        own_plant.broker.wait_for_audit(event="resume", identity=probe.identity)
        assert reader.pending(0.5) == [], "not its own topic: refused"


def test_a_kept_session_keeps_its_messages(own_plant, new_probe, version):
    probe = new_probe(version, plant=own_plant, expiry=3600)
    assert probe.session()["client_id"] == probe.identity
    assert probe.subscribe(filter="plant/+/t")["ok"]
    own_plant.stop()
    own_plant.start()
    wait_online(probe)
    other = new_probe(version, plant=own_plant)
    assert other.publish(topic=topic(other), payload="hello")["ok"]
    assert probe.next()["payload"] == "hello"


def test_two_processes_share_a_key_file(plant, new_probe, version):
    """A user may have several sessions, and every login its own epoch."""
    first = new_probe(version, kind="user")
    second = type(first)()
    with second:
        second.open(key=str(first.key_file), port=plant.broker.port, mqtt=version)
        assert second.login()["ok"]
        assert epoch_of(first.key_file) == 2
        for probe in (first, second):
            assert probe.publish(topic=topic(first), payload="x", confirm=True)["accepted"]
