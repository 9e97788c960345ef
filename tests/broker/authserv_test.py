"""MFA_R's two steps: user and password, then a query; by CONNECT and by topic (docs/protocol.md, section 6)."""

import os

import pytest
from countersign_tests import config, mfar
from countersign_tests import primitives as p
from countersign_tests.broker import wait_until
from countersign_tests.plant import Plant, device_data


@pytest.fixture(scope="module")
def plant():
    settings = {"connections": {"handshakes_per_second": 1000, "bad_messages": 1000, "strangers_per_address": 1000}}
    with Plant([config.rule("plant/%d/t", subscribe="anyone")], settings=settings) as plant:
        yield plant


@pytest.fixture(params=[True, False], ids=["by CONNECT", "by topic"])
def asked(registered, request):
    """A device that has taken step 1, with the q it was given."""
    if not request.param:
        registered.connect_auth0()
    return registered, registered.ask_step1(connect=request.param)


def works(device):
    return device.publish(f"plant/{device.identity}/t", "21").code < 0x80 and device.request_receipt().edge


def answers(device):
    """Everything that came on the handshake's topic up to now."""
    return [message.payload for message in device.connection.pending(device.auth_reply_topic)]


def ignored(plant, device, a):
    """Why the audit says an `a` was refused; nothing may come back."""
    mark = plant.mark()
    device.send_auth(a, qos=1)
    line = plant.broker.wait_for_audit(after=mark, verdict="refuse")
    assert answers(device) == []
    return line["why"]


def flipped(a):
    return a[:-1] + bytes([a[-1] ^ 1])


# both steps

def test_a_device_logs_in_and_publishes(plant, asked, reader):
    device, q = asked
    session, receipt = device.send_answer(q)
    assert receipt.kid == 0 and works(device)
    assert reader.receive().user("cs-id") == [device.identity]
    shown = plant.show(device.identity)
    assert (shown["method"], shown["kind"], shown["level"], shown["score"]) == ("mfar", "device", "AUTH2", 10)
    assert [one["kid"] for one in shown["sessions"]] == [session.kid]


def test_a_session_made_so_is_resumed_and_made_again(registered):
    first, _ = registered.login()
    assert registered.resume().code == 0 and works(registered)
    again, receipt = registered.handshake()
    assert again.kid != first.kid and receipt.kid == first.kid and works(registered)


def test_after_step_1_the_connection_may_still_do_nothing_but_shake_hands(plant, asked, reader):
    device, q = asked
    topic = f"plant/{device.identity}/t"
    assert all(code >= 0x80 for code in device.connection.subscribe(topic))
    device.connection.publish(topic, b"plain", qos=1)
    assert reader.pending() == []
    shown = plant.show(device.identity)
    assert (shown["level"], shown["score"], shown["sessions"]) == ("AUTH0", 10, []), "AUTH1 is the connection's, not the device's"


def test_who_stops_after_step_1_is_put_out():
    settings = {"connections": {"stranger_time": "1s"}}
    with Plant([config.rule("plant/%d/t", subscribe="anyone")], settings=settings) as plant:
        device = plant.registered()
        device.ask_step1()
        assert device.connection.wait_closed()


@pytest.mark.parametrize("suite", [1, 2])
def test_a_registration_chooses_the_suite(plant, new_registered, version, suite):
    device = plant.registered(plant.register_data(suites=[suite]), version=version)
    q = device.ask_step1()
    assert mfar.Question(q).suite == suite
    device.send_answer(q)
    assert works(device)


def test_the_configuration_chooses_the_suite_too():
    with Plant([config.rule("plant/%d/t", subscribe="anyone")], settings={"suites": {"device": [2]}}) as plant:
        device = plant.registered()
        assert mfar.Question(device.ask_step1()).suite == 2
        assert device.send_answer(device.ask_step1()) and works(device)


# step 1

def test_the_same_step_1_gets_the_same_q_while_it_is_pending(asked):
    device, q = asked
    for _ in range(3):
        device.send_step1()
    assert answers(device) == [q] * 3
    device.send_answer(q)
    device.send_step1()
    assert device.receive_q() != q


def test_step_1_on_one_connection_is_rationed():
    with Plant([config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        device = plant.registered()
        q = device.ask_step1()
        for _ in range(20):
            device.send_step1()
        got = answers(device)
        assert 1 <= len(got) <= 4 and set(got) == {q}
        assert plant.broker.wait_for_audit(event="step1", why="busy") and device.connection.is_open()


@pytest.mark.parametrize("wire", [b"\x30", b"\x30\x00\x00\x01x", b"\x30\x01", b"\x30\x02d-\x00\x00", b"\x30\x04d/#x\x00\x01y",
                                  b"\x31" + bytes(60)],
                         ids=["mark alone", "no user", "cut", "no password", "no identity", "a q"])
def test_a_malformed_step_1_is_ignored(plant, registered, wire):
    registered.connect_auth0()
    assert ignored(plant, registered, wire) == "malformed"
    registered.send_step1()
    assert registered.send_answer(registered.receive_q())


# step 2

def test_a_wrong_answer_spends_its_query(plant, asked):
    device, q = asked
    a = device.answer(q)
    assert ignored(plant, device, flipped(a)) == "bad_handshake"
    assert ignored(plant, device, a) == "bad_handshake", "the right one comes too late"
    assert plant.show(device.identity)["sessions"] == []
    device.send_step1()
    fresh = device.receive_q()
    assert mfar.Question(fresh).auth_code != mfar.Question(q).auth_code
    assert device.send_answer(fresh) and works(device)


@pytest.mark.parametrize("wrong", [
    {"k_reg": bytes(32)},
    {"fields": (("uuid", b"x" * 32), ("model", b"x" * 32), ("vendor", b"x" * 32), ("serial", b"x" * 32))},
], ids=["without the key", "without the device data"])
def test_both_the_key_and_the_device_data_are_needed(plant, asked, wrong):
    device, q = asked
    assert ignored(plant, device, device.answer(q, **wrong)) == "bad_handshake"


@pytest.mark.parametrize("change", [
    lambda a: a[:-1], lambda a: a + b"\0", lambda a: a[:1], lambda a: b"\x33" + a[1:], lambda a: b"\x32" + bytes(47)],
    ids=["cut", "long", "mark alone", "another mark", "48 bytes"])
def test_a_malformed_answer_leaves_its_query(plant, asked, change):
    device, q = asked
    assert ignored(plant, device, change(device.answer(q))) == "malformed"
    assert device.send_answer(q) and works(device)


def test_a_point_that_gives_zeros_is_a_wrong_answer(plant, new_registered):
    device = plant.registered(plant.register_data(suites=[1]))
    q = device.ask_step1()
    n1 = bytes(32)
    tag = mfar.answer_tag(device.registration.k_reg, mfar.Question(q), n1, device.registration.fields)
    assert ignored(plant, device, p.u8(mfar.A) + n1 + tag) == "bad_handshake"
    assert ignored(plant, device, device.answer(q)) == "bad_handshake"


def test_the_same_answer_again_gets_the_same_finished_and_another_nothing(plant, asked):
    device, q = asked
    a, other = device.answer(q), device.answer(q, n1_secret=os.urandom(32))
    for _ in range(3):
        device.send_auth(a)
    got = [device.receive_auth() for _ in range(3)]
    assert len(set(got)) == 1 and device.finish(got[0])
    device.send_auth(other)
    assert answers(device) == [] and works(device)
    assert len(plant.show(device.identity)["sessions"]) == 1


def test_of_two_queries_the_first_right_answer_wins(plant, asked, new_address):
    device, q = asked
    other = plant.registered(device.registration, version=device.version, source=new_address())
    second = other.ask_step1()
    assert other.send_answer(second) and works(other)
    assert ignored(plant, device, device.answer(q)) == "bad_handshake"
    assert [one["kid"] for one in plant.show(device.identity)["sessions"]] == [other.session.kid]


def test_a_query_is_of_its_connection(plant, asked, new_address):
    device, q = asked
    thief = plant.registered(device.registration, version=device.version, source=new_address())
    own = thief.ask_step1()
    assert ignored(plant, thief, device.answer(q)) == "bad_handshake", "and its own is spent by it"
    assert ignored(plant, thief, thief.answer(own)) == "bad_handshake"
    stranger = plant.registered(device.registration, source=new_address())
    stranger.connect_auth0()
    assert ignored(plant, stranger, device.answer(q)) == "bad_handshake"
    assert device.send_answer(q) and works(device)


def test_a_query_lives_so_long():
    settings = {"connections": {"handshake_time": "1s", "handshakes_per_second": 1000}}
    with Plant([config.rule("plant/%d/t", subscribe="anyone")], settings=settings) as plant:
        device = plant.registered()
        q = device.ask_step1()

        def renewed():
            device.send_step1()
            return device.receive_q() != q
        wait_until(renewed, 5, "the same q for ever")
        assert ignored(plant, device, device.answer(q)) == "bad_handshake"


# a session in use

def test_a_session_is_replaced_by_a_right_answer_only(plant, registered, new_address):
    registered.login()
    session, second = registered.session, plant.registered(registered.registration, source=new_address())
    q = second.ask_step1()
    assert works(registered), "a login under way changes nothing"
    second.send_auth(flipped(second.answer(q)), qos=1)
    assert works(registered) and plant.show(registered.identity)["sessions"][0]["kid"] == session.kid
    registered.resume()
    second.send_answer(second.ask_step1())
    assert works(registered), "until its successor has spoken"
    assert works(second) and registered.connection.wait_closed()


# queries

def test_no_query_comes_twice_and_each_gives_eight_bytes_or_more(plant, new_address):
    data = device_data(room="short", note="a longer note")
    device = plant.registered(plant.register_data(data), source=new_address())
    device.connect_auth0()
    queries, parts, kinds = [], set(), set()
    for _ in range(300):
        device.send_step1()
        question = mfar.Question(device.receive_q())
        field, ops = mfar.parse_query(question.query)
        queries.append(question.query)
        parts.add((question.auth_code, question.n2))
        kinds |= {field} | {name for name, _ in ops}
        assert 1 <= len(ops) <= 4 and len(mfar.apply_query(question.query, device.registration.fields)) >= 8
        device.send_answer(question.wire)
    assert len(set(queries)) == len(parts) == 300
    assert {"uuid", "vendor", "serial", "note", "slice", "rotate", "flip", "mask"} <= kinds
    assert not {"model", "room"} & kinds, "of fields of eight bytes or more"
