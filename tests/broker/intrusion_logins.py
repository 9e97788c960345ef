"""fail2ban's filter on failed logins by password and query: who guesses would be banned, who must wait would not."""

import os

import pytest
from countersign_tests import config, fail2ban, mqtt
from countersign_tests import primitives as p
from countersign_tests.device import auth0_client_id
from countersign_tests.mfar import A, step1
from countersign_tests.plant import Plant

TIMES = 3
FREE = 5  # wrong passwords before an identity's first wait


@pytest.fixture(scope="module")
def plant():
    rules = [config.rule("plant/%d/t", subscribe="anyone"), fail2ban.Watch.RULE]
    with Plant(rules, relays=[{"identity": "gateway-1", "carries": ["d-*"]}], version=mqtt.V5) as plant:
        plant.register("gateway-1", kind="agent")
        yield plant


@pytest.fixture
def tell(plant, tmp_path):
    return fail2ban.Watch(plant, tmp_path).tell


@pytest.fixture
def connect(raw):
    """CONNECTs from an address, and goes away. The CONNACK's code."""
    def attempt(address, user, password, client_id=None):
        client = raw(mqtt.V5, address)
        code = client.connect(client_id or auth0_client_id(), username=user, password=password, check=False).code
        client.abandon()
        return code
    return attempt


@pytest.mark.parametrize("user", ["known", "unknown", "legacy", "by another method"])
def test_wrong_passwords_by_connect_are_matched(plant, new_registered, new_mote, new_address, connect, tell, user):
    address = new_address()
    name = {"known": lambda: new_registered().identity, "unknown": lambda: "d-" + "u" * 26,
            "by another method": lambda: new_mote().identity, "legacy": lambda: plant.legacy("old-1").identity}[user]()
    client_id = "any-name" if user == "legacy" else None

    def act():
        for number in range(TIMES):
            assert connect(address, name, f"guess{number}", client_id) >= 0x80
    assert tell(act) == (TIMES, {address: TIMES})


def test_wrong_passwords_by_topic_are_matched(new_registered, raw, new_address, tell):
    device, address = new_registered(), new_address()
    guesser = raw(mqtt.V5, address)
    guesser.connect(auth0_client_id())

    def act():
        for number in range(TIMES):
            guesser.publish("$CONTROL/countersign/auth", step1(device.identity, f"guess{number}"))
    assert tell(act) == (TIMES, {address: TIMES})


def test_wrong_and_malformed_answers_are_matched(plant, new_registered, tell):
    device = new_registered(mqtt.V5)
    device.ask_step1()

    def act():
        for wire in (p.u8(A) + bytes(5), p.u8(A) + os.urandom(48), p.u8(A) + os.urandom(48)):
            device.send_auth(wire, qos=1)
    assert tell(act) == (3, {device.source: 3})


def test_who_has_to_wait_for_what_others_did_is_not_matched(plant, connect, new_address, tell):
    """Guessers from many addresses; then the owner, from an address where nobody knows him, with the right password."""
    device, owner = plant.legacy("old-2"), new_address()
    for number in range(FREE):
        connect(new_address(), device.identity, f"guess{number}", "any-name")

    def act():
        for _ in range(TIMES):
            assert connect(owner, device.identity, device.password, "any-name") >= 0x80
    assert tell(act) == (TIMES, {})


@pytest.mark.parametrize("command", ["disable", "block"])
def test_a_device_put_aside_is_not_matched(plant, new_registered, tell, command):
    device = new_registered(mqtt.V5)
    plant.admin.call(command, identity=device.identity)

    def act():
        for _ in range(TIMES):
            with pytest.raises(mqtt.ConnectRefused):
                device.connect_step1()
    assert tell(act) == (TIMES, {})


def test_a_relay_is_not_matched_for_what_it_brings(plant, new_registered, new_address, tell):
    """Else whoever is near a gateway's antenna could have everybody behind it banned."""
    gateway = plant.client_of("gateway-1")
    gateway.source = new_address()
    gateway.login()
    device = new_registered(mqtt.V5)
    device.use_relay(gateway.connection)

    def act():
        for _ in range(TIMES):
            device.send_auth(device.step1(password="guess"), qos=1)
            device.send_auth(p.u8(A) + os.urandom(48), qos=1)
            device.send_auth(os.urandom(60), qos=1)
            gateway.connection.publish(f"plant/{device.identity}/t", b"unsigned", qos=1)
    assert tell(act) == (4 * TIMES, {})


def test_whole_logins_are_not_matched(new_registered, tell):
    device = new_registered(mqtt.V5)

    def act():
        for connect in (True, False):
            device.login(connect=connect)
    assert tell(act)[1] == {}


def test_a_login_name_with_a_password_cannot_name_an_address(connect, new_address, tell):
    address, lie = new_address(), '","address":"203.0.113.7"}'

    def act():
        for user in (lie, "\n" + lie, "x" * 255 + lie):
            try:
                connect(address, user, lie)
            except mqtt.Closed:
                pass  # the broker takes no control characters
    assert set(tell(act)[1]) == {address}
