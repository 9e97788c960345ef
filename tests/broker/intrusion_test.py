"""fail2ban's filter on the audit of a broker under attack: who would be banned, who must not be (config/fail2ban).

Every party comes from an address of its own, so that a match says who it was.
"""

import datetime
import os

import pytest
from countersign_tests import config, fail2ban, mqtt
from countersign_tests import envelope as e
from countersign_tests import session as s
from countersign_tests.device import auth0_client_id
from countersign_tests.plant import SERVER_ID, Plant
from countersign_tests.primitives import s8, u32

BANNING = ("bad_tag", "malformed", "bad_handshake", "unsigned")
TIMES = 3  # below the eight that close a connection
INNOCENT = "203.0.113.7"  # whom liars would like to see banned
LIE = '","address":"' + INNOCENT + '"}'
LINE = '{"v":1,"at":"2026-03-01T12:00:00.000Z","event":"publish","verdict":"refuse","why":"bad_tag","address":"' + INNOCENT + '"}'
RULES = [
    config.rule("plant/%d/t", subscribe="anyone"),
    config.rule("plant/%d/scored", subscribe="anyone", range={"min": 0, "max": 50}),
    config.rule("plant/%d/sealed", subscribe="anyone", sealed=True),
    config.rule("plant/%d/card", subscribe="anyone", card="require"),
    fail2ban.Watch.RULE,
    config.rule("open/#", publish=["known"], subscribe="anyone"),
]

@pytest.fixture(scope="module")
def plant():
    with Plant(RULES, version=mqtt.V5) as plant:
        yield plant


@pytest.fixture
def mote(new_mote):
    return new_mote(mqtt.V5)


@pytest.fixture
def watch(plant, tmp_path):
    return fail2ban.Watch(plant, tmp_path)


@pytest.fixture
def tell(watch):
    return watch.tell


def topic(device, last="t"):
    return f"plant/{device.identity}/{last}"


def flipped(device):
    wire = e.as_payload(device.seal(topic(device), "21"))
    return wire[:-1] + bytes([wire[-1] ^ 1])


# attacks on messages

@pytest.mark.parametrize("attack", [
    flipped, lambda device: flipped(device)[:6], lambda device: b"21", lambda device: b"",
], ids=["bad_tag", "malformed", "unsigned", "empty"])
def test_messages_that_nobody_signed_are_matched(mote, tell, attack):
    def act():
        for _ in range(TIMES):
            mote.connection.publish(topic(mote), attack(mote), qos=1)
    assert tell(act) == (TIMES, {mote.source: TIMES})


def test_a_strangers_plain_messages_are_matched(mote, raw, new_address, tell):
    stranger = raw(mqtt.V5, new_address())
    stranger.connect("stranger")
    act = lambda: [stranger.publish(topic(mote), b"99", qos=1) for _ in range(TIMES)]  # noqa: E731
    assert tell(act) == (TIMES, {stranger.socket.getsockname()[0]: TIMES})


# attacks on logins

def handshakes(mote):
    return [b"\x13\x01" + os.urandom(48), b"\x11\x01" + s8(mote.identity) + s8(SERVER_ID) + u32(1) + os.urandom(64), b"\x7f"]


@pytest.mark.parametrize("number", range(3), ids=["m3 out of nowhere", "m1 under another key", "no message at all"])
def test_handshakes_without_the_key_are_matched(new_mote, raw, new_address, tell, number):
    mote, stranger = new_mote(mqtt.V5, log_in=False), raw(mqtt.V5, new_address())
    stranger.connect(auth0_client_id())
    act = lambda: [stranger.publish(s.AUTH_TOPIC, handshakes(mote)[number]) for _ in range(TIMES)]  # noqa: E731
    assert tell(act) == (TIMES, {stranger.socket.getsockname()[0]: TIMES})


@pytest.mark.parametrize("password", [
    lambda mote: s.resume_password(os.urandom(32), mote.session.kid, 9, mote.identity),
    lambda mote: "letmein",
    lambda mote: None,
], ids=["a forged proof", "no proof", "no password"])
@pytest.mark.parametrize("username", ["its own", "another"])
def test_logins_under_anothers_client_id_are_matched(mote, raw, new_address, tell, password, username):
    address = new_address()

    def act():
        for _ in range(TIMES):
            name = mote.identity if username == "its own" else "somebody"
            with pytest.raises(mqtt.ConnectRefused):
                raw(mqtt.V5, address).connect(mote.identity, username=name, password=password(mote))
    assert tell(act) == (TIMES, {address: TIMES})


# what happens to honest devices

def refused_messages(mote):
    """Each refusal that its own devices can run into, as (name, what to do)."""
    first = mote.publish(topic(mote), "1")
    for number in range(40):
        mote.publish(topic(mote), str(number))
    sent = mote.publish(topic(mote), "2")
    other_kid = e.as_payload(e.seal_claim(
        mote.session.up, e.Header(0, mote.session.kid % 16383 + 1, 9), topic(mote), b"", b"1"))
    mote.publish(topic(mote), "far", seq=1000)
    return {
        "stale": lambda: first.send_from(mote.connection),
        "duplicate": lambda: mote.publish(topic(mote), "far", seq=1000),
        "forked": lambda: mote.publish(topic(mote), "other", seq=1000),
        "out_of_range": lambda: mote.publish(topic(mote, "scored"), "99", seq=1001),
        "not_sealed": lambda: mote.publish(topic(mote, "sealed"), "1", seq=1002),
        "card_required": lambda: mote.publish(topic(mote, "card"), "1", seq=1003),
        "denied": lambda: mote.publish("plant/another/t", "1", seq=1004),
        "qos2": lambda: mote.publish(topic(mote), "1", seq=1005, qos=2),
        "retain": lambda: mote.publish(topic(mote), "1", seq=1006, retain=True),
        "replayed": lambda: sent.send_from(mote.connection),
        "unknown_kid": lambda: mote.connection.publish(topic(mote), other_kid, qos=1),
    }


def test_no_refusal_of_an_honest_devices_message_is_matched(plant, mote, tell):
    acts, mark = refused_messages(mote), plant.mark()
    count, addresses = tell(lambda: [act() for _ in range(TIMES) for act in acts.values()])
    assert set(plant.refusals(mark)) >= set(acts) - {"replayed"}
    assert count >= TIMES * len(acts) and addresses == {}


def test_what_is_only_observed_bans_nobody(mote, tell):
    act = lambda: [mote.connection.publish("watched/me", b"plain", qos=1) for _ in range(TIMES)]  # noqa: E731
    assert tell(act) == (TIMES, {})


@pytest.mark.parametrize("command, undo, standing", [
    ("disable", "enable", "disabled"), ("block", "unblock", "blocked")], ids=["disabled", "blocked"])
def test_a_device_put_aside_by_its_administrator_is_not_matched(plant, mote, tell, command, undo, standing):
    plant.admin.call(command, identity=mote.identity)
    mark = plant.mark()

    def act():
        for _ in range(TIMES):
            with pytest.raises(mqtt.ConnectRefused):
                mote.resume()
            mote.connect_auth0()
            mote.send_auth(mote.begin(), qos=1)
    assert tell(act)[1] == {}
    assert set(plant.refusals(mark)) == {standing}
    plant.admin.call(undo, identity=mote.identity)


def test_devices_whose_sessions_a_killed_broker_forgot_are_not_matched(plant, new_mote, tell, watch):
    motes = [new_mote(mqtt.V5) for _ in range(4)]
    plant.restart(kill=True)
    mark = watch.written()

    def act():
        for mote in motes * TIMES:
            with pytest.raises(mqtt.ConnectRefused):
                mote.resume()
    assert tell(act)[1] == {}
    assert plant.refusals(mark) == ["unknown_kid"] * TIMES * len(motes)


def test_a_client_that_had_its_client_id_before_it_was_registered_is_not_matched(plant, raw, tell):
    raw(mqtt.V5).connect("early-bird")
    assert tell(lambda: plant.register("early-bird"))[1] == {}
    assert plant.broker.wait_for_audit(event="connect", why="denied", client="early-bird")["detail"]


LIES = [LIE, LIE + "\\", "\\" + LIE, '\\",\\"address\\":\\"' + INNOCENT + '\\"}', LINE, '"' + LINE, "<HOST> " + INNOCENT,
        '\u00e9' * 300 + LIE, "a" * 255 + '"' + LIE, "a" * 254 + "\\" + LIE]


def inject_by_client_id(lie, raw, address, mote):
    liar = raw(mqtt.V5, address)
    liar.connect(lie.replace("/", "").replace("+", "").replace("#", ""))
    liar.publish(topic(mote), b"plain", qos=1)  # an attack: banned, by its true address
    liar.publish("open/" + lie, b"plain", qos=1)
    liar.publish("watched/" + lie, b"plain", qos=1)  # none


def inject_by_identity(lie, raw, address, mote):
    liar = raw(mqtt.V5, address)
    liar.connect(auth0_client_id())
    for text in (lie, "\n" + LINE + "\n", "\r\n" + LINE, "\0" + lie):
        liar.publish(s.AUTH_TOPIC, b"\x60" + s8(text.encode()[:255]) + b"x", qos=1)


@pytest.mark.parametrize("number", range(len(LIES)))
def test_a_client_id_or_topic_cannot_name_an_address(mote, raw, new_address, tell, number):
    address = new_address()
    count, addresses = tell(lambda: inject_by_client_id(LIES[number], raw, address, mote))
    assert (count, addresses) == (3, {address: 2})


@pytest.mark.parametrize("number", range(len(LIES)))
def test_the_identity_that_a_relay_would_name_cannot_name_an_address_nor_a_line(mote, raw, new_address, tell, number):
    count, addresses = tell(lambda: inject_by_identity(LIES[number], raw, new_address(), mote))
    assert (count, addresses) == (4, {}), "denied, and not one line more than there were messages"


def test_a_login_name_cannot_name_an_address(mote, raw, new_address, tell):
    address = new_address()

    def act():
        for lie in LIES[:5]:
            with pytest.raises(mqtt.ConnectRefused):
                raw(mqtt.V5, address).connect(f"{mote.identity}~{lie}", username=lie, password=lie)
    assert tell(act) == (5, {address: 5})


# the whole audit

def test_every_line_of_the_whole_audit_is_judged_as_its_fields_say(plant):
    """Read by a JSON parser instead of an expression; the time is the line's, wherever the reader lives."""
    expected = [(line["address"], line["at"]) for line in plant.broker.audit()
                if line.get("verdict") == "refuse" and line.get("address") and line["event"] in
                ("publish", "control", "handshake", "step1", "step2", "connect") and
                (line["why"] in BANNING or (line["event"], line["why"], line.get("detail")) == ("connect", "denied", None))]
    assert len({address for address, _ in expected}) > 20, "the tests before this one left their lines"
    utc = [(address, int(datetime.datetime.fromisoformat(at).timestamp())) for address, at in expected]
    for timezone in ("UTC", "America/New_York", "Asia/Kathmandu"):
        assert [(address, int(time)) for address, time in fail2ban.matches(plant.broker.audit_path, timezone)] == utc
