"""RegServ's acts on the administration topic: registration by device data, known devices, tokens (docs/protocol.md, 6 and 10)."""

import json
import re

import pytest
from countersign_tests import config
from countersign_tests.admin import AdminError
from countersign_tests.broker import wait_until
from countersign_tests.plant import Plant, device_data

KNOWN = "Device data is known"


@pytest.fixture(scope="module")
def plant():
    with Plant([config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        yield plant


def register(plant, data, **fields):
    return plant.admin.call("register", deviceData=data, **fields)


def in_one_request(plant, *commands):
    """The answers to several registrations in one request: data or error."""
    plant.admin.send_commands(*(config.command("register", **one) for one in commands))
    return [one.get("data", one.get("error")) for one in plant.admin.receive_responses()]


def test_the_reply_is_what_a_device_needs_and_is_shown_once(plant):
    data = device_data()
    reply = register(plant, data)
    assert re.fullmatch(r"d-[a-z2-7]{26}", reply["user"]) and reply["identity"] == reply["user"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", reply["password"]) and re.fullmatch(r"[0-9a-f]{64}", reply["kReg"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", reply["timestamp"])
    shown = plant.show(reply["user"])
    assert shown["deviceData"] == data and (shown["method"], shown["kind"]) == ("mfar", "device")
    assert not {reply["password"], reply["kReg"]} & set(json.dumps(shown).split('"'))


def test_nothing_of_it_comes_twice(plant):
    replies = [register(plant, device_data()) for _ in range(20)]
    for name in ("user", "password", "kReg"):
        assert len({one[name] for one in replies}) == 20


@pytest.mark.parametrize("change", [
    {}, {"room": "12"}, {"label": "another label"}], ids=["the same", "with a free field", "with a label"])
def test_known_device_data_is_refused(plant, change):
    data = device_data(note="first")
    reply = register(plant, data)
    fields = {name: change[name] for name in change if name == "label"}
    again = {name: data[name] for name in ("uuid", "model", "vendor", "serial")} | {
        name: change[name] for name in change if name != "label"}
    with pytest.raises(AdminError, match=KNOWN):
        register(plant, again, **fields)
    assert plant.show(reply["user"])["deviceData"] == data


def test_order_does_not_make_another_device_and_moved_bytes_do(plant):
    data = device_data(model="ab", vendor="c")
    register(plant, data)
    with pytest.raises(AdminError, match=KNOWN):
        register(plant, dict(reversed(list(data.items()))))
    assert register(plant, data | {"model": "a", "vendor": "bc"})


def test_two_registrations_of_one_device_in_one_request_are_one(plant):
    data = device_data()
    first, second = in_one_request(plant, {"deviceData": data}, {"deviceData": data | {"room": "12"}})
    assert plant.show(first["user"]) and second == KNOWN


def test_two_registrations_of_one_device_in_two_requests_are_one(plant):
    data = device_data()
    for _ in range(2):
        plant.admin.send_commands(config.command("register", deviceData=data))
    answers = [plant.admin.receive_responses()[0] for _ in range(2)]
    assert sorted("data" in one for one in answers) == [False, True]


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_device_data_is_known_after_a_restart(plant, kill):
    data = device_data()
    register(plant, data)
    plant.restart(kill=kill)
    with pytest.raises(AdminError, match=KNOWN):
        register(plant, data)


def test_a_device_that_was_unregistered_may_register_again_as_another(plant):
    data = device_data()
    first = register(plant, data)
    plant.admin.call("remove", identity=first["user"])
    assert register(plant, data)["user"] != first["user"]


@pytest.mark.parametrize("data", [
    {}, {"uuid": "12345678"}, device_data(uuid=""), device_data(uuid=7), device_data(serial=None), device_data(note="x" * 256),
    device_data(**{"a b": "x"}), device_data(**{"": "x"}), device_data(**{"x" * 33: "x"}), device_data(**{"a;b": "x"}),
    {"uuid": "1", "model": "2", "vendor": "3", "serial": "4"}, device_data(**{f"free-{n}": "x" for n in range(13)}),
    "text", [1], None,
], ids=["nothing", "one field", "empty value", "number", "null", "256 bytes", "blank in a name", "no name", "33 bytes of name",
        "semicolon in a name", "all values short", "13 free fields", "text", "array", "null data"])
def test_device_data_that_no_query_could_ask_for_is_refused(plant, data):
    with pytest.raises(AdminError):
        register(plant, data)


def test_the_greatest_device_data_is_taken_and_can_be_asked_for(plant):
    data = device_data(**{f"{number:02}" + "n" * 30: "\u00e9" * 127 for number in range(12)})
    device = plant.registered(plant.register_data(data))
    for _ in range(5):
        assert device.login()


def test_a_name_given_twice_is_refused(plant):
    text = json.dumps({"commands": [{"command": "registerDevice", "deviceData": device_data()}]})
    twice = text.replace('"uuid":', '"uuid": "first", "uuid":', 1)
    plant.admin.publish("$CONTROL/countersign/v1", twice, sealed=True)
    assert "error" in json.dumps(plant.admin.receive_responses())


# enrolment tokens

def test_a_token_registers_one_device(plant):
    token = plant.admin.call("createEnrolmentToken", label="hall", roles=["operator"])
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token["token"]) and re.fullmatch(r"[0-9a-f]{16}", token["id"])
    listed = plant.admin.call("listEnrolmentTokens")["tokens"]
    assert [(one["label"], one["roles"]) for one in listed if one["id"] == token["id"]] == [("hall", ["operator"])]
    reply = register(plant, device_data(), token=token["token"])
    assert plant.show(reply["user"])["roles"] == ["operator"]
    with pytest.raises(AdminError):
        register(plant, device_data(), token=token["token"])
    assert not [one for one in plant.admin.call("listEnrolmentTokens")["tokens"] if one["id"] == token["id"]]


def test_one_token_for_two_devices_in_one_request_registers_the_first(plant):
    token = plant.admin.call("createEnrolmentToken")["token"]
    first, second = in_one_request(plant, *({"deviceData": device_data(), "token": token} for _ in range(2)))
    assert "user" in first and isinstance(second, str)


def test_a_token_is_not_spent_by_a_registration_that_fails(plant):
    token, data = plant.admin.call("createEnrolmentToken")["token"], device_data()
    register(plant, data)
    for wrong in (data, {}):
        with pytest.raises(AdminError):
            register(plant, wrong, token=token)
    assert register(plant, device_data(), token=token)


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 42, 7, None])
def test_a_token_that_nobody_made_registers_nothing(plant, token):
    with pytest.raises(AdminError):
        register(plant, device_data(), token=token)


def test_a_revoked_token_registers_nothing(plant):
    token = plant.admin.call("createEnrolmentToken")
    plant.admin.call("revokeEnrolmentToken", id=token["id"])
    with pytest.raises(AdminError):
        register(plant, device_data(), token=token["token"])


@pytest.mark.parametrize("seconds", [59, 0, -1, 31_536_001, "60", 60.5])
def test_a_token_lives_a_minute_to_a_year(plant, seconds):
    with pytest.raises(AdminError):
        plant.admin.call("createEnrolmentToken", expiresIn=seconds)


def test_tokens_outlive_a_kill_and_spent_ones_stay_spent(plant):
    kept, spent = (plant.admin.call("createEnrolmentToken")["token"] for _ in range(2))
    register(plant, device_data(), token=spent)
    plant.restart(kill=True)
    with pytest.raises(AdminError):
        register(plant, device_data(), token=spent)
    assert register(plant, device_data(), token=kept)
    content = (plant.directory / "countersign.db").read_bytes()
    assert kept.encode() not in content and spent.encode() not in content


def test_unregistering_takes_effect_at_once(plant):
    device = plant.registered()
    device.login()
    plant.admin.call("remove", identity=device.identity)
    assert device.connection.wait_closed()
    wait_until(lambda: device.identity not in [one["identity"] for one in plant.admin.call("list")["devices"]], 5, "still listed")
