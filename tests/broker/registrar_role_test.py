"""The role `registrar`: what RegServ may do, and what whoever takes it over may not (docs/protocol.md, section 10)."""

import secrets

import pytest
from countersign_tests import config, mqtt
from countersign_tests.admin import AdminError
from countersign_tests.plant import Plant, device_data

KEY = "ab" * 32
CARD = "0123456789abcdef"


@pytest.fixture(scope="module")
def plant():
    with Plant([config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        yield plant


@pytest.fixture(scope="module")
def registrar(plant):
    plant.register("regserv", kind="agent", roles=["registrar"])
    return plant.log_in("regserv", admin=True)


def refused(caller, name, text, **fields):
    with pytest.raises(AdminError, match=text):
        caller.call(name, **fields)


def test_it_registers_shows_and_removes_devices(plant, registrar):
    reply = registrar.call("register", deviceData=device_data())
    assert registrar.call("show", identity=reply["user"])["method"] == "mfar"
    registrar.call("register", identity="role-pump", kind="legacy", password="x")
    assert {"role-pump", reply["user"]} <= {device["identity"] for device in registrar.call("list")["devices"]}
    for identity in (reply["user"], "role-pump"):
        registrar.call("remove", identity=identity)
        refused(plant.admin, "show", "not found", identity=identity)


def test_it_makes_and_revokes_tokens(registrar):
    token = registrar.call("createEnrolmentToken")
    assert token["id"] in [one["id"] for one in registrar.call("listEnrolmentTokens")["tokens"]]
    registrar.call("revokeEnrolmentToken", id=token["id"])
    refused(registrar, "register", "token", deviceData=device_data(), token=token["token"])


@pytest.mark.parametrize("name, fields", [
    ("register", {"identity": "role-1", "key": KEY}),
    ("register", {"identity": "role-1", "kind": "admin", "key": KEY}),
    ("register", {"identity": "role-1", "kind": "legacy", "password": "x", "roles": ["admin"]}),
    ("register", {"identity": "role-1", "kind": "legacy", "password": "x", "roles": ["field", "registrar"]}),
    ("register", {"deviceData": device_data(), "roles": ["admin"]}),
    ("createEnrolmentToken", {"roles": ["admin"]}),
    ("createEnrolmentToken", {"roles": ["registrar"]}),
    *[(name, {"identity": "role-victim", "role": "admin", "key": KEY}) for name in (
        "disable", "enable", "remove", "show", "block", "unblock", "reinstate", "rekey", "reset_epoch", "addDeviceRole",
        "removeDeviceRole", "sessions", "endSession")],
    *[(name, {"identity": "admin"}) for name in ("remove", "show", "disable")],
    ("listLevels", {}),
    ("getMetrics", {}),
    ("listCards", {}),
    *[(name, {"card": CARD, "order": "00" * 20}) for name in ("locateCard", "blockCard", "unblockCard")],
])
def test_it_reaches_no_key_and_no_administrator(plant, registrar, name, fields):
    if "role-victim" not in plant.keys:
        plant.register("role-victim", card=CARD)
    refused(registrar, name, "Not for a registrar", **fields)
    assert plant.show("role-victim")["standing"] == "active"


def test_it_reaches_no_device_that_was_given_more(plant, registrar):
    user = registrar.call("register", deviceData=device_data())["user"]
    plant.admin.call("addDeviceRole", identity=user, role="admin")
    for name in ("show", "remove"):
        refused(registrar, name, "Not for a registrar", identity=user)
    assert user not in [device["identity"] for device in registrar.call("list")["devices"]]
    assert {"admin", "role-victim"}.isdisjoint(device["identity"] for device in registrar.call("list")["devices"])


def test_what_a_command_is_about_is_looked_at_when_it_runs(plant, registrar):
    """A removal that waits behind a registration meets whoever was registered."""
    for attempt in range(20):
        identity = f"role-race-{attempt}"
        plant.admin.send_commands(config.register_device(identity, secrets.token_bytes(32), kind="admin"))
        with pytest.raises(AdminError, match="Not for a registrar|not found"):
            registrar.call("remove", identity=identity)
        plant.admin.receive_responses()
        assert plant.show(identity)["kind"] == "admin"


def test_a_stream_of_new_role_sets_gives_nobody_anothers_roles(plant, registrar):
    """They are numbered: the numbers must not begin anew."""
    for batch in range(3):
        names = [f"role-set-{batch}-{number}" for number in range(100)]
        registrar.send_commands(*[
            config.command("register", identity=name, kind="legacy", roles=[name],
                           passwordHash="$7$1$AAAAAAAAAAAAAAAA$" + "A" * 86 + "==") for name in names])
        assert not any("error" in response for response in registrar.receive_responses(10))
        assert plant.show(names[-1])["roles"] == [names[-1]]
        registrar.send_commands(*[config.command("remove", identity=name) for name in names])
        registrar.receive_responses(10)


def test_a_connection_stays_its_identitys(plant, new_registered):
    """Whoever holds two identities cannot let one connection be both."""
    registered = new_registered(mqtt.V311)
    q = registered.ask_step1(connect=True)
    other = plant.client_of("role-victim") if "role-victim" in plant.keys else plant.device("role-victim")
    other.connection, other.resume_n = registered.connection, 0
    other.handshake()
    mark = plant.mark()
    registered.send_auth(registered.answer(q))
    plant.broker.wait_for_audit(after=mark, event="step2", verdict="refuse", why="denied")
    assert other.publish("plant/role-victim/t", b"1") is not None
    assert plant.refusals(mark) == ["denied"]
