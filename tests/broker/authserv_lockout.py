"""The lock-out after wrong passwords: it slows the guesser and locks nobody out (docs/protocol.md, section 6)."""

import os
import secrets
import time

import pytest
from countersign_tests import config, mfar, mqtt
from countersign_tests import primitives as p
from countersign_tests.broker import wait_until
from countersign_tests.plant import Plant

FREE = 5  # wrong passwords before the first wait, which is one second
LONGEST = 2


@pytest.fixture(scope="module")
def plant():
    connections = {"back_off_max": f"{LONGEST}s", "handshakes_per_second": 1000, "bad_messages": 1000,
                   "strangers_per_address": 1000}
    rules = [config.rule("plant/%d/t", subscribe="anyone"), config.rule("old/%d", level="AUTH1", subscribe="anyone")]
    with Plant(rules, settings={"connections": connections}) as plant:
        yield plant


@pytest.fixture
def legacy(plant, new_address, version):
    """A legacy device that has logged in from its own address."""
    address = new_address()
    device = plant.legacy(f"old-{address.replace('.', '-')}", source=address, version=version)
    device.connect()
    return device


def from_elsewhere(plant, device, address, version):
    """The same legacy device at another address, not connected."""
    return plant.legacy(device.identity, source=address, version=version)


def takes(device, **connect):
    """Whether a legacy login is taken."""
    return device.connect(check=False, **connect).code == 0


def guess_legacy(plant, legacy, new_address, version, count=FREE):
    """Wrong passwords, each from an address that nobody has used."""
    for _ in range(count):
        assert not takes(from_elsewhere(plant, legacy, new_address(), version), password="guess")


def new_unknown():
    """A user who does not exist, and whom nobody has guessed at."""
    return "d-" + secrets.token_hex(13)


def waits_out(attempt):
    """How long it took until `attempt` succeeded."""
    begun = time.monotonic()
    wait_until(attempt, 4 * LONGEST, "the wait never ended")
    return time.monotonic() - begun


# passwords alone

def test_few_mistakes_cost_nothing(plant, legacy, new_address, version):
    for _ in range(FREE - 1):
        assert not takes(legacy, password="mistyped")
    assert takes(legacy)
    elsewhere = from_elsewhere(plant, legacy, new_address(), version)
    assert takes(elsewhere)


def test_a_guesser_from_elsewhere_keeps_others_elsewhere_waiting_and_not_the_device(plant, legacy, new_address, version):
    guess_legacy(plant, legacy, new_address, version)
    stranger = from_elsewhere(plant, legacy, new_address(), version)
    assert not takes(stranger), "the right password from elsewhere is not even looked at"
    assert takes(legacy), "from where it has logged in before it gets in at once"
    assert not takes(stranger), "which says nothing about elsewhere"
    assert waits_out(lambda: takes(stranger)) <= 1.5


def test_a_login_ends_the_wait_of_its_origin_only(plant, legacy, new_address, version):
    guess_legacy(plant, legacy, new_address, version)
    assert takes(legacy)
    assert not takes(from_elsewhere(plant, legacy, new_address(), version))


def test_the_wait_doubles_up_to_its_limit(plant, legacy, new_address, version):
    guess_legacy(plant, legacy, new_address, version)
    waits = []
    for _ in range(3):
        waits.append(waits_out(lambda: looked_at(plant, from_elsewhere(plant, legacy, new_address(), version))))
    assert waits[0] <= 1.5 and 1.5 <= waits[1] <= LONGEST + 0.7 and waits[2] <= LONGEST + 0.7, waits


def looked_at(plant, stranger):
    """One wrong password; true if it counts as wrong and not as waiting."""
    assert not takes(stranger, password="guess")
    line = plant.broker.wait_for_audit(event="connect", verdict="refuse", address=stranger.source)
    return line["why"] == "bad_handshake"


def test_what_comes_during_the_wait_is_not_counted(plant, legacy, new_address, version):
    guess_legacy(plant, legacy, new_address, version)
    begun = time.monotonic()
    stranger = from_elsewhere(plant, legacy, new_address(), version)
    while time.monotonic() - begun < 0.7:
        takes(from_elsewhere(plant, legacy, new_address(), version), password="guess")
    assert waits_out(lambda: takes(stranger)) <= 1.0, "a second after the fifth, whatever came meanwhile"


def test_an_origin_that_guesses_waits_itself(plant, legacy, new_address, version):
    for _ in range(FREE):
        assert not takes(legacy, password="mistyped")
    assert not takes(legacy), "its own address waits now"
    assert takes(from_elsewhere(plant, legacy, new_address(), version)), "and elsewhere does not"
    assert waits_out(lambda: takes(legacy)) <= 1.5


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_origins_are_kept_over_a_restart(plant, legacy, new_address, version, kill):
    plant.register_data()  # is answered when it is durable, and so is what came before
    plant.restart(kill=kill)
    guess_legacy(plant, legacy, new_address, version)
    assert not takes(from_elsewhere(plant, legacy, new_address(), version))
    assert takes(legacy)


def test_the_last_four_origins_are_known(plant, legacy, new_address, version):
    first, later = legacy, [from_elsewhere(plant, legacy, new_address(), version) for _ in range(4)]
    for device in later:
        assert takes(device)
    guess_legacy(plant, legacy, new_address, version)
    assert not takes(first), "the fifth before last is elsewhere"
    assert all(takes(device) for device in later)


# passwords and queries

@pytest.fixture
def locked(plant, new_registered, version, new_address):
    """A registered device whose password somebody has guessed at from many addresses."""
    device = new_registered(version)
    for _ in range(FREE):
        attacker = plant.registered(device.registration, source=new_address())
        with pytest.raises(mqtt.ConnectRefused):
            attacker.connect_step1(password="guess")
    return device


def test_during_a_lock_out_a_guesser_gets_a_query_whatever_he_says(plant, locked, new_address):
    attacker = plant.registered(locked.registration, source=new_address())
    q = attacker.ask_step1(password="guess")
    attacker.send_auth(attacker.answer(q, k_reg=bytes(32)), qos=1)
    assert attacker.connection.pending() == []
    assert plant.show(locked.identity)["sessions"] == []


def test_during_a_lock_out_the_device_logs_in_from_anywhere(plant, locked):
    assert locked.login() and locked.publish(f"plant/{locked.identity}/t", "21").code < 0x80


def test_during_a_lock_out_the_device_logs_in_by_topic_too(plant, locked):
    assert locked.login(connect=False)


def test_during_a_lock_out_key_and_data_without_the_password_are_not_enough(plant, locked, new_address):
    thief = plant.registered(locked.registration, source=new_address())
    thief.timeout = 1.0
    q = thief.ask_step1(password="guess")
    thief.send_auth(thief.answer(q), qos=1)
    assert thief.connection.pending() == [] and plant.show(locked.identity)["sessions"] == []
    assert locked.login(), "and nobody is locked out by it"


def test_a_lock_out_of_a_device_ends_by_itself(plant, locked, new_address):
    def refused_at_once():
        attacker = plant.registered(locked.registration, source=new_address())
        return attacker.connect_step1(password="guess", check=False).code != 0
    assert waits_out(refused_at_once) <= 1.5


def test_unknown_users_are_locked_out_alike(plant, new_address, version):
    device = plant.registered(version=version)

    def outcome(user):
        """What a guesser sees of seven guesses: refused, or the shape of a q."""
        seen = []
        for number in range(FREE + 2):
            guesser = plant.registered(device.registration, version=version, source=new_address())
            if guesser.connect_step1(user=user, password=f"guess{number}", check=False).code:
                seen.append("refused")
                continue
            wire = guesser.receive_q()
            question = mfar.Question(wire)
            field, ops = mfar.parse_query(question.query)
            assert field in ("uuid", "model", "vendor", "serial") and 1 <= len(ops) <= 4
            guesser.send_step1(user=user, password=f"guess{number}")
            assert guesser.receive_q() == wire, "the same while it is pending"
            guesser.send_auth(p.u8(mfar.A) + os.urandom(48), qos=1)
            assert guesser.connection.pending() == []
            seen.append("asked")
        return seen
    unknown = outcome(new_unknown())
    assert unknown == ["refused"] * FREE + ["asked"] * 2
    assert outcome(device.identity)[: FREE + 1] == unknown[: FREE + 1]


def test_an_address_that_waits_is_answered_alike_for_every_user(plant, new_registered, new_address, version):
    """Guesses at many users from one address: the address waits, and from there all users look alike."""
    known, address = new_registered(version), new_address()
    for number in range(20):
        client = mqtt.Client(plant.broker.port, version=version, source=address)
        client.connect("~" + "w" * 20 + f"{number:02}", username=f"d-{number:026}", password="guess", check=False)
        client.abandon()
    for user in (known.identity, new_unknown()):
        guesser = plant.registered(known.registration, version=version, source=address)
        assert mfar.Question(guesser.ask_step1(user=user, password="guess"))
    assert known.login(), "at its own address"
    honest = plant.registered(known.registration, version=version, source=address)
    assert honest.login(), "and at the address that waits: what opens is answered"
