"""MFA_R through the library: user and password, then the query; demands answered inside the session."""

import pytest
from conftest import topic, wait_online, write_registration
from countersign_tests import config
from countersign_tests.broker import wait_until
from countersign_tests.plant import Plant

RULE = config.rule("plant/%d/t", subscribe="anyone")


@pytest.fixture
def own_plant():
    """One that a test may stop."""
    with Plant([RULE]) as plant:
        yield plant


def count(plant, after=0, **fields):
    return sum(all(line.get(name) == value for name, value in fields.items()) for line in plant.broker.audit()[after:])


@pytest.mark.parametrize("step1", ["connect", "topic"])
def test_a_registered_device_logs_in_and_publishes(plant, new_registered, reader, version, step1):
    probe = new_registered(version, step1=step1)
    assert probe.session()["client_id"].startswith("~")
    assert probe.publish(topic=topic(probe), payload="21.5", confirm=True)["accepted"]
    assert reader.receive(topic=topic(probe)).payload == b"21.5"
    assert plant.show(probe.identity)["method"] == "mfar"


def test_either_suite_will_do_if_the_broker_wants_it(plant, new_registered):
    registration = plant.register_data(suites=[2])
    probe = new_registered(log_in=False)
    write_registration(probe.key_file, registration, suite=2)
    assert probe.open(key=str(probe.key_file), port=plant.broker.port, server_id="", suite=2) == {"ok": True}
    assert probe.login()["ok"], (probe.log, plant.refusals())


def test_a_suite_that_its_policy_forbids_is_not_answered(plant, new_registered):
    probe = new_registered(log_in=False, suite=2, login_ms=2000)
    answer = probe.login()
    assert (answer["fault"], answer["why"]) == (1, "bad_handshake")
    assert "what the registration gave" in answer["hint"]


def test_a_wrong_password_is_refused_at_once_by_connect(plant, new_registered, version):
    probe = new_registered(version, log_in=False, credentials={"password": "wrong"})
    mark = plant.mark()
    answer = probe.login()
    assert (answer["fault"], answer["why"]) == (1, "bad_handshake")
    assert "user and password" in answer["text"] and "locked out" in answer["hint"]
    assert plant.refusals(mark) == ["bad_handshake"]


def test_a_wrong_password_is_answered_by_silence_by_topic(plant, new_registered, version):
    probe = new_registered(version, log_in=False, step1="topic", login_ms=1500, credentials={"password": "wrong"})
    answer = probe.login()
    assert answer["fault"] == 1 and "no answer" in answer["text"]


def test_a_wrong_k_reg_logs_nobody_in(plant, new_registered, version):
    probe = new_registered(version, log_in=False, login_ms=2500, credentials={"k_reg": bytes(32)})
    mark = plant.mark()
    answer = probe.login()
    assert plant.refusals(mark) == ["bad_handshake"], "one answer to one question"
    assert answer["why"] == "bad_handshake", "silence; a closed connection where others have failed before"
    assert plant.show(probe.identity)["sessions"] == []


def test_a_clean_restart_is_answered_by_a_resume(own_plant, new_registered, version):
    probe = new_registered(version, plant=own_plant, repeat_ms=2000)
    first = probe.session()["kid"]
    own_plant.stop()
    own_plant.start()
    session = wait_online(probe)
    assert session["kid"] == first, "".join(probe.log)
    assert session["client_id"].startswith(probe.identity + "~")
    assert probe.publish(topic=topic(probe), payload="after", confirm=True)["accepted"]


@pytest.mark.parametrize("step1", ["connect", "topic"])
def test_a_killed_broker_is_answered_by_both_steps_anew(own_plant, new_registered, version, step1):
    probe = new_registered(version, plant=own_plant, step1=step1)
    own_plant.kill()
    own_plant.start()
    session = wait_online(probe)
    with own_plant.subscriber("plant/#") as reader:
        assert probe.publish(topic=topic(probe), payload="after", confirm=True)["kid"] == session["kid"]
        assert reader.receive().payload == b"after"


def test_enforcement_is_answered_inside_the_session(new_registered, version):
    limits = {"limits": {"enforce_after_messages": 5, "enforcement_time": "30s"}}
    with Plant([RULE], settings=limits) as plant:
        probe = new_registered(version, plant=plant)
        mark = plant.mark()
        with plant.subscriber("plant/#") as reader:
            for number in range(12):
                answer = probe.publish(topic=topic(probe), payload=str(number), confirm=True)
                assert answer.get("accepted"), (answer, probe.log)
            assert [int(message.payload) for message in reader.pending()] == list(range(12))
        assert probe.session()["client_id"].startswith("~"), "it never left its connection"
        wait_until(lambda: count(plant, mark, event="handshake", identity=probe.identity) >= 2, 5, "not audited twice")
        assert set(plant.refusals(mark)) == {"enforcement"}, "and was asked for no password"


def test_a_stream_goes_on_through_enforcement(new_registered, version):
    limits = {"limits": {"enforce_after_messages": 40, "enforcement_time": "30s"}}
    with Plant([RULE], settings=limits) as plant:
        probe = new_registered(version, plant=plant)
        with plant.subscriber("plant/#") as reader:
            probe.stream(topic=topic(probe), count=200, confirm=True)
            assert probe.settle(ms=30000) == {"ok": True, "good": 200, "bad": 0}, "".join(probe.log[-20:])
            assert sorted(int(message.payload) for message in reader.pending()) == list(range(200))


def test_an_ended_session_is_replaced(plant, new_registered, version):
    probe = new_registered(version)
    kid = probe.session()["kid"]
    plant.admin.call("end_session", identity=probe.identity, kid=kid)
    answer = probe.publish(topic=topic(probe), payload="x", confirm=True)
    assert answer.get("accepted") and answer["kid"] != kid, (answer, probe.log)


def test_a_will_wants_a_connection_of_its_own(own_plant, new_registered, version):
    probe = new_registered(version, plant=own_plant, will={"topic": "plant/will-mote/t", "payload": "gone"})
    assert probe.session()["client_id"] == probe.identity
    own_plant.broker.wait_for_audit(event="resume", identity=probe.identity)
