"""Who may administer, what hostile requests come to, and when an answer is given."""

import json
import secrets
import time

import pytest
from countersign_tests import config, mqtt
from countersign_tests import session as s
from countersign_tests.admin import Admin, AdminError
from countersign_tests.plant import Plant

KEY = "cd" * 32


@pytest.fixture(scope="module")
def plant():
    with Plant() as plant:
        yield plant


def reply_to(admin, text):
    """The responses to a request of any bytes."""
    admin.publish(s.ADMIN_TOPIC, text, sealed=True)
    return admin.receive_responses()


def exists(plant, identity):
    names = [one["identity"] for one in plant.admin.call("list")["devices"]]
    return identity in names


# who may

@pytest.mark.parametrize("kind", ["device", "user", "agent"])
def test_nobody_without_the_role_administers(plant, kind):
    plant.register(f"other-{kind}", kind=kind, roles=["operator"])
    other = plant.log_in(f"other-{kind}", admin=True)
    mark = plant.mark()
    other.send_commands(config.register_device("smuggled-1", bytes(32)))
    assert other.receive_responses() == [{"error": "Not an administrator"}]
    plant.broker.wait_for_audit(event="admin", why="denied", identity=f"other-{kind}", after=mark)
    assert not exists(plant, "smuggled-1")


def test_the_role_makes_an_administrator_and_its_loss_unmakes_one(plant):
    plant.register("deputy-1", kind="user")
    deputy = plant.log_in("deputy-1", admin=True)
    plant.admin.call("addDeviceRole", identity="deputy-1", role="admin")
    assert deputy.call("list")["totalCount"] >= 2
    plant.admin.call("removeDeviceRole", identity="deputy-1", role="admin")
    deputy.send_commands(config.command("list"))
    assert deputy.receive_responses() == [{"error": "Not an administrator"}]


def test_a_request_that_is_signed_but_not_sealed_is_refused(plant):
    admin = plant.log_in("admin", admin=True)
    request = json.dumps({"commands": [config.register_device("unsealed-1", bytes(32))]})
    admin.publish(s.ADMIN_TOPIC, request)
    assert admin.wait_notice("not_sealed")
    plant.broker.wait_for_audit(why="not_sealed", topic=s.ADMIN_TOPIC)
    assert not exists(plant, "unsealed-1")


def test_a_plain_request_is_refused_whoever_sends_it(plant):
    request = json.dumps({"commands": [config.register_device("plain-1", bytes(32))]})
    admin = plant.log_in("admin", admin=True)
    admin.connection.publish(s.ADMIN_TOPIC, request, qos=1)
    plant.broker.wait_for_audit(why="unsigned", identity="admin")
    foreign = plant.broker.client("somebody", version=mqtt.V5)
    assert foreign.publish(s.ADMIN_TOPIC, request, qos=1) == 0x87
    stranger = plant.broker.client("~" + "s" * 22, version=mqtt.V5)
    assert stranger.publish(s.ADMIN_TOPIC, request, qos=1) == 0x87
    assert not exists(plant, "plain-1")


def test_a_recorded_request_does_nothing_the_second_time(plant):
    admin = plant.log_in("admin", admin=True)
    plant.register("replayed-1")
    sent = admin.send_commands(config.command("disable", identity="replayed-1"))
    admin.receive_responses()
    admin.call("enable", identity="replayed-1")
    again = plant.log_in("admin", admin=True)
    sent.send_from(again.connection)
    sent.send_from(admin.connection)
    again.connection.ping()
    assert plant.show("replayed-1")["standing"] == "active"


def test_the_reply_goes_to_the_requester_alone_and_sealed(plant):
    one, two = plant.log_in("admin", admin=True), plant.log_in("admin", admin=True)
    reader = plant.subscriber("#")
    assert two.connection.subscribe("#")[0] < 0x80
    one.send_commands(config.command("show", identity="admin"))
    message = one.connection.receive(topic=s.admin_reply_topic(one.client_id))
    assert b"responses" not in message.payload and b"identity" not in message.payload
    assert two.connection.pending() == [] and reader.pending() == []


@pytest.mark.parametrize("topic", ["countersign/admin/x", "countersign/notice/x", "countersign/auth/x"])
def test_nobody_writes_or_subscribes_to_the_topics_of_replies(plant, topic):
    foreign = plant.broker.client("listener", version=mqtt.V5)
    assert foreign.subscribe(topic) == (0x87,)
    assert foreign.publish(topic, b"{}", qos=1) == 0x87


# what a request may look like

def test_correlation_data_comes_back_with_its_answer(plant):
    admin = plant.admin
    admin.send_commands(config.command("show", identity="admin", correlationData="a"), config.command("list", correlationData="b"),
                        config.command("nonsense", correlationData="c"), config.command("metrics"))
    answers = admin.receive_responses()
    assert [one.get("correlationData") for one in answers] == ["a", "b", "c", None]
    assert [one["command"] for one in answers] == ["getDevice", "listDevices", "nonsense", "getMetrics"]
    assert answers[2]["error"] == "Unknown command"


@pytest.mark.parametrize("data", [1, None, ["x"], {"x": 1}, True])
def test_correlation_data_of_a_wrong_type_is_refused_and_not_executed(plant, data):
    answers = reply_to(plant.admin, json.dumps({"commands": [config.register_device("correlated-1", bytes(32), correlationData=data)]}))
    assert "correlationData" in answers[0]["error"] and "correlationData" not in answers[0]
    assert not exists(plant, "correlated-1")


@pytest.mark.parametrize("text", [
    b"", b"{", b"nonsense", b"[]", b"null", b"1e999", b"{}", b'{"commands":{}}', b'{"commands":null}', b'{"commands":"registerDevice"}',
    b'{"commands":[{"command":"listDevices"}]', b'{"commands":[{"command":"listDevices"}]}x', b"\xff\xfe", b'{"commands":["\xff"]}',
    b'{"commands":[1e999]}', b"\x00" * 64, b'{"commands":[' + b"{}," * 300 + b"{}]}",
    b"[" * 100_000, b'{"commands":' + b"[" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
], ids=lambda text: text[:20].decode("latin-1") + f"_{len(text)}")
def test_a_request_that_is_none_gets_an_error_and_does_nothing(plant, text):
    mark = plant.mark()
    answers = reply_to(plant.admin, text)
    assert len(answers) == 1 and "commands" in answers[0]["error"]
    plant.broker.wait_for_audit(event="admin", verdict="refuse", why="malformed", after=mark)
    assert plant.admin.call("metrics")


@pytest.mark.parametrize("command, text", [
    (1, "not an object"), ("listDevices", "not an object"), (None, "not an object"), ([], "not an object"),
    ({}, "Missing command"), ({"command": 1}, "Missing command"), ({"command": "listdevice" * 100}, "Unknown command"),
    ({"command": "registerDevice\n\u0000", "identity": "x"}, "Unknown command"),
])
def test_a_command_that_is_none_gets_its_own_error_and_the_others_are_done(plant, command, text):
    answers = reply_to(plant.admin, json.dumps({"commands": [command, {"command": "getMetrics"}]}))
    assert text in answers[0]["error"] and "data" in answers[1]


def test_a_request_that_names_a_key_twice_is_refused_whole(plant):
    text = b'{"commands":[{"command":"getMetrics","command":"registerDevice","identity":"twice-1","key":"' + KEY.encode() + b'"}]}'
    assert "commands" in reply_to(plant.admin, text)[0]["error"]
    text = b'{"commands":[{"command":"registerDevice","identity":"a","identity":"twice-1","key":"' + KEY.encode() + b'"}]}'
    assert "commands" in reply_to(plant.admin, text)[0]["error"]
    assert not exists(plant, "twice-1") and not exists(plant, "a")


def test_a_huge_request_is_answered_and_the_broker_goes_on(plant):
    entry = config.register_device("huge-1", bytes(32), label="x" * 2_000_000)
    answers = reply_to(plant.admin, json.dumps({"commands": [entry]}))
    assert "too long" in answers[0]["error"]
    assert not exists(plant, "huge-1")


def test_many_commands_in_one_request_are_answered_in_order(plant):
    commands = [config.register_device(f"bulk-{i}", secrets.token_bytes(32)) for i in range(200)]
    plant.admin.send_commands(*commands)
    answers = plant.admin.receive_responses(20)
    assert [one["data"]["identity"] for one in answers] == [f"bulk-{i}" for i in range(200)]
    assert plant.admin.call("list")["totalCount"] >= 200


# one after the other

def both(plant, *commands):
    plant.admin.send_commands(*commands)
    return plant.admin.receive_responses()


def test_two_changes_of_one_device_in_one_request_both_happen_and_last(plant):
    plant.register("serial-1")
    both(plant, config.command("addDeviceRole", identity="serial-1", role="one"), config.command("addDeviceRole", identity="serial-1", role="two"))
    assert plant.show("serial-1")["roles"] == ["one", "two"]
    plant.restart(kill=True)
    assert plant.show("serial-1")["roles"] == ["one", "two"]


def test_what_is_disabled_last_stays_disabled(plant):
    plant.register("serial-2")
    both(plant, config.command("enable", identity="serial-2"), config.command("disable", identity="serial-2"))
    assert plant.show("serial-2")["standing"] == "disabled"
    plant.restart(kill=True)
    assert plant.show("serial-2")["standing"] == "disabled"


def test_a_removed_device_is_not_brought_back_by_the_next_command(plant):
    plant.register("serial-3")
    answers = both(plant, config.command("remove", identity="serial-3"), config.command("enable", identity="serial-3"))
    assert answers[1]["error"] == "Device not found"
    plant.restart(kill=True)
    assert not exists(plant, "serial-3")


def test_a_device_can_be_registered_and_shown_in_one_request(plant):
    answers = both(plant, config.register_device("serial-4", bytes(32)), config.command("show", identity="serial-4"),
                   config.register_device("serial-4", bytes(32)))
    assert answers[1]["data"]["identity"] == "serial-4" and "already exists" in answers[2]["error"]


# the last administrator

def test_the_last_administrator_cannot_be_locked_out(plant):
    for name in ("disable", "block", "remove"):
        with pytest.raises(AdminError, match="last administrator.*--recover"):
            plant.admin.call(name, identity="admin")
    with pytest.raises(AdminError, match="last administrator"):
        plant.admin.call("removeDeviceRole", identity="admin", role="admin")
    assert plant.show("admin")["standing"] == "active"


def test_of_two_administrators_one_request_cannot_remove_both(plant):
    plant.register("second-admin", kind="admin")
    for name, more in (("removeDeviceRole", {"role": "admin"}), ("disable", {})):
        answers = both(plant, config.command(name, identity="second-admin", **more), config.command(name, identity="admin", **more))
        assert "error" not in answers[0] and "last administrator" in answers[1]["error"]
        plant.admin.call("enable", identity="second-admin")
        plant.admin.call("addDeviceRole", identity="second-admin", role="admin")
    plant.admin.call("remove", identity="second-admin")


def test_an_administrator_who_ends_his_own_session_still_hears_the_answer(plant):
    plant.register("third-admin", kind="admin")
    third = plant.log_in("third-admin", admin=True)
    assert third.call("end_session", identity="third-admin") is None
    third.connection.wait_closed()
    assert plant.show("third-admin")["sessions"] == []


# durable before the answer

def test_a_registration_that_was_answered_survives_the_broker_being_killed(plant):
    plant.register("durable-1")
    plant.kill()
    plant.start()
    assert plant.log_in("durable-1").session


def test_a_lock_that_was_answered_survives_the_broker_being_killed(plant):
    plant.register("durable-2")
    plant.admin.call("block", identity="durable-2", reason="lost in the field")
    plant.kill()
    plant.start()
    shown = plant.show("durable-2")
    assert shown["standing"] == "blocked" and shown["reason"] == "lost in the field"


def test_an_idle_broker_answers_a_registration_at_once():
    # printed, not asserted: TICK alone would come every 100 ms; without nodelay the reply waits for the PUBACK's ACK, 40 ms
    for extra in ([], ["set_tcp_nodelay true"]):
        with Plant(extra=extra) as plant:
            took = []
            plant.admin.call("list")
            for i in range(10):
                time.sleep(0.02)
                before = time.perf_counter()
                plant.register(f"quick-{i}")
                took.append((time.perf_counter() - before) * 1000)
            print("registration answered after (ms):", *extra, *(f"{one:.1f}" for one in sorted(took)))


def test_an_administrator_given_back_offline_administers_again(plant):
    plant.register("fourth-admin", kind="admin")
    plant.admin.call("block", identity="fourth-admin")
    assert plant.cli("setup", "--recover", "--config", plant.broker.toml_path, "--admin", "fourth-admin", "--admin-key",
                     plant.directory / "refused.key").returncode != 0  # the broker runs
    plant.stop()
    plant.set_up("fourth-admin", "--recover")
    plant.start()
    fourth = plant.client_of("fourth-admin", admin=True, epoch=0)
    fourth.login()
    assert isinstance(fourth, Admin) and fourth.call("show", identity="fourth-admin")["standing"] == "active"
    assert plant.broker.wait_for_audit(event="recover", identity="fourth-admin")
