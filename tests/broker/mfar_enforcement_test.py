"""Enforcement of an MFA_R device: a query rides on the notice and is answered inside the session (docs/protocol.md, 6)."""

import os
import time

import pytest
from countersign_tests import config, mfar, mqtt
from countersign_tests import envelope as e
from countersign_tests import primitives as p
from countersign_tests import session as s
from countersign_tests.plant import Plant

OK = (0, 0x10)
COUNT = 6
RULES = [
    config.rule("plant/%d/t", subscribe="anyone"),
    config.rule("plant/%d/scored", subscribe="anyone", range={"min": 0, "max": 50}),
]


@pytest.fixture(scope="module")
def plant():
    limits = {"enforce_after_messages": COUNT, "enforcement_time": "30s"}
    with Plant(RULES, settings={"limits": limits, "connections": {"bad_messages": 1000}}) as plant:
        yield plant


@pytest.fixture(scope="module")
def hasty():
    """A plant whose limit is soon over."""
    with Plant(RULES, settings={"limits": {"enforce_after_messages": COUNT, "enforcement_time": "1s"}}) as plant:
        yield plant


def send(device, payload=b"20", last="scored"):
    return device.publish(f"plant/{device.identity}/{last}", payload)


def demand(device, bad=0):
    """Publishes `bad` readings out of range, then others until enforcement is demanded. The q."""
    for _ in range(bad):
        send(device, b"99")
    for _ in range(COUNT + 1):
        send(device, last="t")
    return device.receive_demand()


@pytest.fixture
def demanded(plant, new_registered, version):
    """A device whose next messages are refused until it answers this q."""
    device = new_registered(version, log_in=True)
    return device, demand(device)


def refused(plant, device, why="enforcement"):
    """Whether its messages are refused as `why`."""
    sent = send(device)
    line = plant.broker.wait_for_audit(event="publish", identity=device.identity, kid=device.session.kid, seq=sent.seq)
    return line["why"] == why


def ended(plant, device):
    return plant.show(device.identity)["sessions"] == []


def test_a_right_answer_in_time_goes_on_in_a_new_session(plant, demanded, reader):
    device, q = demanded
    old = device.session
    session, receipt = device.answer_enforcement(q)
    assert session.kid == mfar.Question(q).kid != old.kid and receipt.kid == old.kid
    reader.pending()
    assert send(device).code in OK and reader.receive().payload == b"20"
    assert plant.score(device.identity)[0] == "AUTH2"
    assert plant.broker.wait_for_audit(event="enforcement", identity=device.identity, detail="passed")


def test_messages_are_refused_until_then(plant, demanded, reader):
    device, q = demanded
    reader.pending()
    for _ in range(3):
        assert refused(plant, device)
    assert reader.pending() == []
    device.answer_enforcement(q)
    assert send(device).code in OK


def test_the_query_comes_behind_its_notice_and_stays_the_same(plant, new_registered, version):
    device = new_registered(version, log_in=True)
    for _ in range(COUNT + 1):
        send(device)
    first, second = device.receive_notice(), device.receive_notice()
    assert first["why"] == "enforcement" and isinstance(second, mfar.Question)
    questions = [second.wire]
    begun = time.monotonic()
    while len(questions) < 3 and time.monotonic() - begun < 5:
        send(device)
        device.connection.receive_none(0.2, topic="nothing")
        while device.connection.messages:
            notice = device.receive_notice()
            questions += [notice.wire] if isinstance(notice, mfar.Question) else []
    assert len(set(questions)) == 1 and len(questions) == 3
    assert time.monotonic() - begun >= 1.5, "at most once a second"
    assert device.answer_enforcement(second.wire)


def test_a_wrong_answer_ends_the_session(plant, demanded):
    device, q = demanded
    a = device.answer(q)
    device.send_answer_inside(a[:-1] + bytes([a[-1] ^ 1]))
    assert plant.broker.wait_for_audit(event="enforcement", verdict="refuse", identity=device.identity)
    assert ended(plant, device)
    device.send_answer_inside(a)
    assert ended(plant, device), "the right one comes too late"
    with pytest.raises(mqtt.ConnectRefused):
        device.resume()
    assert device.login() and send(device).code in OK


def test_a_lock_closes_a_connection_whose_session_is_over(plant, demanded):
    device, q = demanded
    a = device.answer(q)
    device.send_answer_inside(a[:-1] + bytes([a[-1] ^ 1]))
    assert ended(plant, device) and device.connection.is_open()
    plant.admin.call("block", identity=device.identity)
    device.connection.wait_closed(2)


def test_a_wrong_answer_washes_no_score(plant, new_registered, version):
    device = new_registered(version, log_in=True)
    q = demand(device, bad=3)
    before = plant.score(device.identity)
    device.send_answer_inside(device.answer(q, k_reg=os.urandom(32)))
    device.login()
    assert before == ("AUTH2", 7) == plant.score(device.identity)


def test_a_right_answer_by_count_washes_no_score(plant, new_registered, version):
    device = new_registered(version, log_in=True)
    device.answer_enforcement(demand(device, bad=3))
    assert plant.score(device.identity) == ("AUTH2", 7)


def test_a_fall_is_answered_and_gives_the_initial_score():
    with Plant(RULES) as plant:
        device = plant.registered(version=mqtt.V5)
        device.login()
        for _ in range(11):
            send(device)
        assert plant.score(device.identity) == ("AUTH3", 21)
        for _ in range(19):
            send(device, b"99")
        assert plant.score(device.identity) == ("AUTH2", 2)
        device.answer_enforcement()
        assert plant.score(device.identity) == ("AUTH2", 10) and send(device).code in OK


def test_after_so_long_a_query_comes_whatever_the_count():
    with Plant(RULES, settings={"limits": {"enforce_after": "1s", "enforcement_time": "30s"}}) as plant:
        device = plant.registered(version=mqtt.V5)
        device.login()
        assert send(device).code in OK
        time.sleep(1.1)
        assert refused(plant, device)
        assert device.answer_enforcement() and send(device).code in OK
        assert plant.broker.wait_for_audit(event="enforcement", identity=device.identity, detail="passed")


@pytest.mark.parametrize("answer", ["no answer", "a late answer"])
def test_a_missed_limit_ends_the_session_and_keeps_the_score(hasty, answer):
    device = hasty.registered(version=mqtt.V5)
    device.login()
    q = demand(device, bad=3)
    hasty.broker.wait_for_audit(event="enforcement", identity=device.identity, verdict="refuse", detail="missed")
    if answer == "a late answer":
        device.send_answer_inside(device.answer(q))
        assert device.connection.pending(device.auth_reply_topic) == []
    assert ended(hasty, device) and refused(hasty, device, "expired")
    device.login()
    assert hasty.score(device.identity) == ("AUTH2", 7)


# what is no answer

def outside(device, a):
    device.send_auth(a, qos=1)


def under_another_key(device, a):
    claim = e.seal_claim(e.direction_keys(os.urandom(32), "up"), e.Header(0, device.session.kid, device.session.next_seq()),
                         s.AUTH_TOPIC, b"", a)
    device.send_auth(e.as_payload(claim), qos=1)


def on_another_topic(device, a):
    device.publish(f"plant/{device.identity}/t", a)


@pytest.mark.parametrize("way", [outside, under_another_key, on_another_topic])
def test_an_answer_that_does_not_come_inside_the_session_says_nothing(plant, demanded, way):
    device, q = demanded
    wrong = device.answer(q, k_reg=os.urandom(32))
    for a in (wrong, device.answer(q)):
        way(device, a)
    assert device.connection.pending(device.auth_reply_topic) == []
    assert not ended(plant, device) and refused(plant, device)
    assert device.answer_enforcement(q) and send(device).code in OK


def test_what_others_publish_in_its_name_draws_no_query(plant, demanded, raw):
    """A q leaves behind a notice that only the session can cause: not for forgeries, and not to strangers."""
    device, q = demanded
    device.connection.pending()
    stranger = raw(device.version)
    stranger.connect("stranger")
    wire = e.as_payload(device.seal(f"plant/{device.identity}/t", b"21"))
    for connection in (stranger, device.connection):
        for payload in (b"21", wire[:-1] + bytes([wire[-1] ^ 1])):
            connection.publish(f"plant/{device.identity}/t", payload, qos=1)
        assert connection.pending() == []
    assert device.answer_enforcement(q)


@pytest.mark.parametrize("change", [lambda a: a[:-1], lambda a: a + b"\0", lambda a: b"\x33" + a[1:]], ids=["cut", "long", "mark"])
def test_a_malformed_answer_leaves_everything(plant, demanded, change):
    device, q = demanded
    device.send_answer_inside(change(device.answer(q)))
    assert refused(plant, device) and not ended(plant, device)
    assert device.answer_enforcement(q)


def test_anothers_answer_is_not_ours(plant, demanded, new_registered, version):
    """Another device, proven and well, answers a q that it has seen on the wire."""
    device, q = demanded
    other = new_registered(version, log_in=True)
    for key in (other.registration.k_reg, device.registration.k_reg):
        other.send_answer_inside(other.answer(q, k_reg=key))
    assert not ended(plant, device) and refused(plant, device)
    assert send(other).code in OK, "and its own session goes on"
    assert device.answer_enforcement(q)


def test_the_same_answer_again_gets_the_same_finished(plant, demanded):
    device, q = demanded
    a = device.answer(q)
    for _ in range(3):
        device.send_answer_inside(a)
    got = [device.receive_auth() for _ in range(3)]
    assert len(set(got)) == 1 and device.finish(got[0]) and send(device).code in OK


def test_an_answer_that_nobody_asked_for_changes_nothing(plant, new_registered, version):
    device = new_registered(version, log_in=True)
    before = device.session.kid
    device.send_answer_inside(p.u8(mfar.A) + os.urandom(48))
    assert [one["kid"] for one in plant.show(device.identity)["sessions"]] == [before] and send(device).code in OK


def test_a_whole_new_login_answers_enforcement_too(plant, demanded):
    """A device that lost its session's end may begin again: that is the next login, in time."""
    device, _ = demanded
    assert device.login() and send(device).code in OK
    assert plant.score(device.identity)[0] == "AUTH2"


def test_a_demand_outlives_a_clean_restart(plant, demanded):
    device, _ = demanded
    plant.restart()
    device.resume()
    assert refused(plant, device)
    assert device.answer_enforcement() and send(device).code in OK


def test_a_device_behind_a_relay_is_asked_and_answers_there():
    relays = [{"identity": "gateway-1", "carries": ["d-*"]}]
    with Plant(RULES, relays=relays, settings={"limits": {"enforce_after_messages": COUNT}}) as plant:
        gateway = plant.device("gateway-1", kind="agent")
        device = plant.registered()
        device.use_relay(gateway.connection)
        device.handshake()
        q = demand(device)
        device.answer_enforcement(q)
        assert send(device).code in OK
