"""Attacks on MFA_R by who owns no key, or a part of one; each test is named for its attack (docs/threat-model.md).

Attacks by owners, who lie about what they measure, are in reputation_attacks_test.py.
"""

import os

import pytest
from countersign_tests import config, mfar, mqtt
from countersign_tests import envelope as e
from countersign_tests import handshake as h
from countersign_tests import primitives as p
from countersign_tests import session as s
from countersign_tests.admin import AdminError
from countersign_tests.plant import Plant, device_data
from countersign_tests.registered import RegisteredDevice, Registration

OK = (0, 0x10)
GOOD, BAD = b"20", b"9999"


@pytest.fixture(scope="module")
def plant():
    with Plant([config.rule("plant/%d/t", subscribe="anyone", range={"min": -40, "max": 85})]) as plant:
        yield plant


@pytest.fixture
def victim(new_registered, version):
    """A device that has logged in and sent a few readings."""
    device = new_registered(version, log_in=True)
    for _ in range(3):
        assert device.publish(topic(device), GOOD).code in OK
    return device


def topic(device):
    return f"plant/{device.identity}/t"


@pytest.fixture
def unharmed(plant, reader):
    """Asserts that an attack on a device had no effect at all: nothing delivered, same score, same session, still works."""
    def check(device, act):
        reader.pending()
        before = plant.score(device.identity), [one["kid"] for one in plant.show(device.identity)["sessions"]]
        act()
        assert reader.pending() == [], "the attacker's data was delivered"
        assert (plant.score(device.identity), [one["kid"] for one in plant.show(device.identity)["sessions"]]) == before
        assert device.publish(topic(device), GOOD).code in OK
        assert [one.payload for one in reader.pending()] == [GOOD]
        assert plant.score(device.identity)[1] == before[0][1] + 1
    return check


@pytest.fixture
def thief(plant, new_address):
    """Makes a device out of what was stolen of a registration; what was not stolen is made up."""
    def make(victim, **stolen):
        made_up = {"user": victim.identity, "password": "guess", "k_reg": os.urandom(32),
                   "fields": tuple((name, os.urandom(32)) for name, _ in victim.registration.fields)}
        registration = Registration(**(made_up | stolen))
        return RegisteredDevice(registration, port=plant.broker.port, version=victim.version, source=new_address())
    return make


# what may be stolen

def test_a_stolen_auth_code_without_keys(victim, unharmed, raw):
    """In the paper it is all that a message needs. Here it names a session and authorises nothing."""
    code, kid = victim.session.auth_code, victim.session.kid

    def act():
        attacker = raw(victim.version)
        attacker.connect("attacker")
        for key in (code, code + code, p.sha256(code)):
            claim = e.seal_claim(e.direction_keys(key.ljust(32, b"\0"), "up"), e.Header(0, kid, 100), topic(victim), b"", BAD)
            attacker.publish(topic(victim), e.as_payload(claim), qos=1)
        for payload in (code + BAD, BAD + code, b'{"auth_code":"' + code.hex().encode() + b'","data":20}'):
            attacker.publish(topic(victim), payload, qos=1)
        for password in (p.base64url(code), code.hex(), s.resume_password(code.ljust(32, b"\0"), kid, 99, victim.identity)):
            with pytest.raises(mqtt.ConnectRefused):
                raw(victim.version).connect(victim.identity, username=victim.identity, password=password)
    unharmed(victim, act)


def test_a_stolen_password(victim, unharmed, thief):
    """It opens step 1 and nothing else: no session, no data, and the device is not put out."""
    attacker = thief(victim, password=victim.registration.password)

    def act():
        q = attacker.ask_step1()
        for message in (attacker.answer(q), p.u8(h.FINISHED) + os.urandom(30), q):
            attacker.send_auth(message, qos=1)
        attacker.connection.publish(topic(victim), BAD, qos=1)
        assert attacker.connection.pending(attacker.auth_reply_topic) == []
    unharmed(victim, act)


def test_a_stolen_key_without_the_password(victim, unharmed, thief):
    attacker = thief(victim, k_reg=victim.registration.k_reg, fields=victim.registration.fields)

    def act():
        with pytest.raises(mqtt.ConnectRefused):
            attacker.connect_step1()
    unharmed(victim, act)


def test_stolen_device_data(victim, unharmed, thief):
    """In the paper user and password follow from it. Here it registers nobody twice and answers no query by itself."""
    attacker = thief(victim, password=victim.registration.password, fields=victim.registration.fields)
    unharmed(victim, lambda: attacker.send_auth(attacker.answer(attacker.ask_step1()), qos=1))


def test_a_cloned_registration(plant, new_address):
    """Somebody registers once more what a device says of itself."""
    data = device_data()
    device = plant.registered(plant.register_data(data), source=new_address())
    device.login()
    for _ in range(5):
        device.publish(topic(device), BAD)
    for clone in (data, data | {"room": "another"}):
        with pytest.raises(AdminError, match="Device data is known"):
            plant.register_data(clone)
    assert plant.score(device.identity) == ("AUTH2", 5) and len(plant.show(device.identity)["sessions"]) == 1


def test_a_cloned_device(plant, victim, new_address):
    """With all secrets copied it is the device: one session at a time, one score, and both see it."""
    clone = plant.registered(victim.registration, version=victim.version, source=new_address())
    for _ in range(5):
        victim.publish(topic(victim), BAD)
    before = plant.score(victim.identity)
    clone.login()
    clone.publish(topic(clone), GOOD)
    assert plant.score(victim.identity) == (before[0], before[1] + 1), "no score of its own"
    assert victim.connection.wait_closed(), "the owner sees that somebody else is in"
    assert len(plant.show(victim.identity)["sessions"]) == 1


# the query

def guesses(attacker, q):
    """Answers of who knows the password: at random, of nothing, of the query's bare result, of another key."""
    n1 = h.public_nonce(mfar.Question(q).suite, os.urandom(32))
    result = mfar.apply_query(mfar.Question(q).query, attacker.registration.fields)
    tags = [os.urandom(16), bytes(16), result[:16].ljust(16, b"\0"), p.sha256(result)[:16],
            mfar.answer_tag(bytes(32), mfar.Question(q), n1, attacker.registration.fields)]
    return [p.u8(mfar.A) + n1 + tag for tag in tags]


def test_guessing_the_query_answer(plant, victim, unharmed, thief):
    """One guess for each query, eight for each connection, then the address waits: 2^-128 each."""
    attacker = thief(victim, password=victim.registration.password, fields=victim.registration.fields)

    def act():
        queries, tried = set(), 0
        for _ in range(4):
            attacker.connect_step1(check=False)
            try:
                while True:
                    q = attacker.receive_q(1)
                    queries.add(q)
                    attacker.send_auth(guesses(attacker, q)[tried % 5], qos=1)
                    tried += 1
                    assert attacker.connection.pending() == []
                    attacker.connection.receive_none(0.3)  # at most four step 1 a second
                    attacker.send_step1()
            except (mqtt.Closed, mqtt.TimedOut):
                pass
            if tried >= 10:
                break
        assert len(queries) == tried >= 10, "no query is asked again after a guess"
    unharmed(victim, act)


def test_a_query_of_ones_own_making(victim, unharmed, thief):
    """A guesser who sends T the q that he would like to be asked."""
    attacker = thief(victim, password=victim.registration.password)

    def act():
        question = mfar.Question(attacker.ask_step1())
        own = (p.u8(mfar.Q) + p.u8(question.suite) + question.auth_code + question.n2 + p.u16(question.kid) +
               p.s16(b"uuid;mask(00)"))
        attacker.send_auth(own, qos=1)
        attacker.send_auth(attacker.answer(own), qos=1)
        assert attacker.connection.pending(attacker.auth_reply_topic) == []
    unharmed(victim, act)


class FakeBroker:
    """Asks a device what it likes, as T would, and keeps the answers."""

    def __init__(self, device):
        self.device, self.harvest = device, []

    def ask(self, query, suite=h.SUITE_RANDOM):
        server = mfar.MfarServer(identity=self.device.identity, k_reg=bytes(32), fields=self.device.registration.fields,
                                 suite=suite, auth_code=os.urandom(16), kid=1, n2_secret=os.urandom(32), query=query)
        self.harvest.append((server.q, self.device.answer(server.q)))
        return self.harvest[-1]


def test_a_fake_broker_harvesting_answers(plant, victim, unharmed, thief):
    """It asks for every byte of every field. An answer is good for its own q, which T did not make."""
    fake = FakeBroker(victim)
    for name, value in victim.registration.fields:
        for at in range(len(value)):
            fake.ask(f"{name};slice({at},1)".encode())
    answers = [a for _, a in fake.harvest]
    assert len(set(answers)) == len(answers) > 50
    values = b"".join(value for _, value in victim.registration.fields)
    assert not any(values[at : at + 8] in a for a in answers for at in range(len(values) - 8)), "a tag, not the result"
    attacker = thief(victim, password=victim.registration.password)

    def act():
        for a in answers[:6]:
            q = attacker.ask_step1()
            assert q not in [one for one, _ in fake.harvest]
            attacker.send_auth(a, qos=1)
            assert attacker.connection.pending(attacker.auth_reply_topic) == []
    unharmed(victim, act)


def test_a_fake_broker_that_passes_on_the_true_query(plant, victim, reader, thief):
    """He stands between: T's own q, the device's own answer. He holds a connection, and no key of the session on it."""
    attacker = thief(victim, password=victim.registration.password)
    q = attacker.ask_step1()
    attacker.send_auth(victim.answer(q), qos=1)
    finished = attacker.receive_auth()
    kid, code = mfar.Question(q).kid, mfar.Question(q).auth_code
    reader.pending()
    for secret in (code, victim.registration.password.encode(), finished, p.sha256(q + finished)):
        claim = e.seal_claim(e.direction_keys(secret[:32].ljust(32, b"\0"), "up"), e.Header(0, kid, 1), topic(victim), b"", BAD)
        attacker.connection.publish(topic(victim), e.as_payload(claim), qos=1)
    assert reader.pending() == [] and plant.score(victim.identity) == ("AUTH2", 13)
    assert victim.finish(finished), "the device has the session that was made"
    assert victim.publish(topic(victim), GOOD).code in OK and reader.receive().payload == GOOD


def changed(q, part):
    """q as somebody on the way would have it."""
    if part == "suite":
        return q[:1] + p.u8(3 - q[1]) + q[2:]
    if part == "query":
        at = q.index(b"mask(") + 5
        return q[:at] + (b"1" if q[at : at + 1] == b"0" else b"0") + q[at + 1 :]
    at = {"auth_code": 2, "n2": 20, "kid": 51}[part]
    return q[:at] + p.u8(q[at] ^ 2) + q[at + 1 :]


@pytest.mark.parametrize("part", ["suite", "auth_code", "n2", "kid", "query"])
def test_a_query_that_was_changed_on_the_way(plant, victim, unharmed, new_address, part):
    """Nothing signs q: what a device answers to another one, T refuses."""
    device = plant.registered(victim.registration, version=victim.version, source=new_address())

    def act():
        q = changed(device.ask_step1(), part)
        device.send_auth(device.answer(q), qos=1)
        assert device.connection.pending(device.auth_reply_topic) == []
    unharmed(victim, act)


# the score

def test_washing_a_score_by_logging_in_again(plant, victim, new_address):
    """By CONNECT, by topic, beside a session and without one, from elsewhere, after a wrong answer, after a kill."""
    for _ in range(8):
        victim.publish(topic(victim), BAD)
    washed = ("AUTH2", 5)
    assert plant.score(victim.identity) == washed
    for log_in in (victim.login, victim.handshake, lambda: victim.login(connect=False)):
        log_in()
        assert plant.score(victim.identity) == washed
    elsewhere = plant.registered(victim.registration, version=victim.version, source=new_address())
    q = elsewhere.ask_step1()
    elsewhere.send_auth(elsewhere.answer(q, k_reg=bytes(32)), qos=1)
    elsewhere.login()
    assert plant.score(victim.identity) == washed
    plant.admin.call("end_session", identity=victim.identity)
    victim.login()
    assert plant.score(victim.identity) == washed


def test_a_score_poisoned_by_an_outsiders_forgeries(victim, unharmed, thief, raw, new_registered):
    """Wrong passwords, wrong answers, forged, replayed and foreign messages, all in the victim's name."""
    insider, sent = new_registered(victim.version, log_in=True), victim.publish(topic(victim), BAD)

    def act():
        attackers = [raw(victim.version) for _ in range(3)]
        for number, attacker in enumerate(attackers):
            attacker.connect(f"attacker-{number}")
        for connection in (*attackers, insider.connection):
            for wire in (BAD, sent.payload, sent.payload[:-1] + b"\0", e.as_payload(insider.seal(topic(victim), BAD))):
                connection.publish(topic(victim), wire, qos=1)
        guesser = thief(victim, password=victim.registration.password)
        guesser.send_auth(guesser.answer(guesser.ask_step1()), qos=1)
        guesser.connection.ping()
        with pytest.raises(mqtt.ConnectRefused):
            thief(victim).connect_step1()
    unharmed(victim, act)
