"""Every administration command, its errors, and what it does (docs/protocol.md, section 10)."""

import secrets

import pytest
from countersign_tests import config, mqtt
from countersign_tests.admin import AdminError
from countersign_tests.plant import Plant

TOPIC = "plant/%d/t"
SECRET = "ab" * 32


@pytest.fixture(scope="module")
def plant():
    with Plant([config.rule(TOPIC, subscribe="anyone"),
                config.rule("ops/#", publish=["role:operator"], subscribe="anyone")]) as plant:
        yield plant


@pytest.fixture
def admin(plant):
    return plant.admin


def refused(admin, name, text, **fields):
    with pytest.raises(AdminError, match=text):
        admin.call(name, **fields)


def test_a_registered_device_can_log_in_and_publish(plant):
    mote = plant.device("commands-1")
    with plant.subscriber("plant/#") as reader:
        mote.publish("plant/commands-1/t", b"21")
        assert reader.receive().payload == b"21"


def test_a_device_is_shown_as_it_was_registered(plant, admin):
    plant.register("shown-1", kind="device", label="hall 3, north wall", roles=["operator"], suites=[2], card="0011223344556677")
    shown = admin.call("show", identity="shown-1")
    assert shown["kind"] == "device" and shown["standing"] == "active" and shown["epoch"] == 0
    assert shown["label"] == "hall 3, north wall" and shown["roles"] == ["operator"]
    assert shown["card"] == "0011223344556677" and shown["sessions"] == []
    assert shown["level"] == "AUTH0" and shown["score"] == 10
    assert plant.keys["shown-1"].hex() not in str(shown)


def test_a_device_with_suite_1_alone_cannot_fall_back_to_suite_2(plant):
    plant.register("strict-1", suites=[1])
    weak = plant.client_of("strict-1", suite=2)
    weak.timeout = 1.0
    with pytest.raises(mqtt.TimedOut):
        weak.login()
    assert plant.log_in("strict-1").session


@pytest.mark.parametrize("fields, text", [
    ({"identity": "commands-1"}, "already exists"),
    ({"identity": "a/b"}, "identity"),
    ({"identity": ""}, "identity"),
    ({"identity": "x" * 65}, "identity"),
    ({"identity": "~commands"}, "identity"),
    ({"identity": 7}, "identity"),
    ({"identity": "bad-1", "key": SECRET[:-2]}, "key"),
    ({"identity": "bad-1", "key": SECRET + "ab"}, "key"),
    ({"identity": "bad-1", "key": "zz" * 32}, "key"),
    ({"identity": "bad-1", "key": None}, "key"),
    ({"identity": "bad-1", "kind": "emperor"}, "kind"),
    ({"identity": "bad-1", "kind": 1}, "kind"),
    ({"identity": "bad-1", "kind": "legacy"}, "password"),
    ({"identity": "bad-1", "kind": "legacy", "password": "x"}, "no key"),
    ({"identity": "bad-1", "roles": "operator"}, "roles"),
    ({"identity": "bad-1", "roles": ["a b"]}, "roles"),
    ({"identity": "bad-1", "suites": [3]}, "suites"),
    ({"identity": "bad-1", "suites": []}, "suites"),
    ({"identity": "bad-1", "label": "x" * 257}, "[Ll]abel"),
])
def test_a_bad_registration_is_refused_in_words(plant, admin, fields, text):
    plant.device("commands-1").close()
    refused(admin, "register", text, **({"key": SECRET} | fields))
    refused(admin, "show", "not found", identity="bad-1")


@pytest.mark.parametrize("name", ["show", "disable", "enable", "remove", "block", "unblock", "reinstate", "reset_epoch", "end_session"])
def test_commands_about_an_unknown_device_say_so(admin, name):
    refused(admin, name, "Device not found", identity="nobody-1")
    refused(admin, name, "Device not found")


def test_rekey_and_roles_of_an_unknown_device_say_so(admin):
    refused(admin, "rekey", "Device not found", identity="nobody-1", key=SECRET)
    refused(admin, "addDeviceRole", "Device not found", identity="nobody-1", role="operator")
    refused(admin, "removeDeviceRole", "Device not found", identity="nobody-1", role="operator")


def test_devices_are_listed_in_order_and_page_by_page(plant, admin):
    for i in range(5):
        plant.register(f"page-{i}")
    everything = admin.call("list")
    names = [entry["identity"] for entry in everything["devices"]]
    assert names == sorted(names) and everything["totalCount"] == len(names)
    assert {f"page-{i}" for i in range(5)} <= set(names) and "admin" in names
    paged = []
    for offset in range(0, len(names) + 2, 2):
        page = admin.call("list", offset=offset, count=2)
        assert page["totalCount"] == len(names) and len(page["devices"]) <= 2
        paged += [entry["identity"] for entry in page["devices"]]
    assert paged == names


def test_a_verbose_list_shows_each_device(plant, admin):
    plant.register("verbose-1", label="with words")
    entry = next(e for e in admin.call("list", verbose=True)["devices"] if e["identity"] == "verbose-1")
    assert entry == admin.call("show", identity="verbose-1")
    brief = next(e for e in admin.call("list")["devices"] if e["identity"] == "verbose-1")
    assert brief == {"identity": "verbose-1"}


@pytest.mark.parametrize("fields", [
    {"offset": 2**63}, {"offset": 2**64 - 1, "count": 2**64 - 1}, {"offset": -1}, {"offset": "x", "count": []},
    {"count": 0}, {"verbose": "yes"}, {"offset": 1.5},
])
def test_a_list_with_odd_numbers_is_answered(admin, fields):
    answer = admin.call("list", **fields)
    assert len(answer["devices"]) <= answer["totalCount"]


def test_roles_come_and_go(plant, admin):
    worker = plant.device("roles-1", version=mqtt.V5)
    assert worker.publish("ops/open", b"1").code == 0x87
    admin.call("addDeviceRole", identity="roles-1", role="operator")
    assert admin.call("show", identity="roles-1")["roles"] == ["operator"]
    assert worker.publish("ops/open", b"1").code in (0, 0x10)
    admin.call("removeDeviceRole", identity="roles-1", role="operator")
    assert worker.publish("ops/open", b"1").code == 0x87
    refused(admin, "addDeviceRole", "role", identity="roles-1", role="no role")
    refused(admin, "addDeviceRole", "role", identity="roles-1")


def test_a_rekeyed_device_logs_in_with_its_new_key_only(plant, admin):
    old = plant.device("rekey-1")
    plant.client_of("rekey-1").login()
    new_key = secrets.token_bytes(32)
    admin.call("rekey", identity="rekey-1", key=new_key.hex())
    old.connection.wait_closed()
    stale = plant.client_of("rekey-1")
    stale.timeout = 1.0
    with pytest.raises(mqtt.MqttError):
        stale.login()
    plant.keys["rekey-1"] = new_key
    assert admin.call("show", identity="rekey-1")["epoch"] == 0
    plant.client_of("rekey-1", epoch=0).login()
    assert admin.call("show", identity="rekey-1")["epoch"] == 1
    refused(admin, "rekey", "key", identity="rekey-1", key="00")


def test_a_reset_epoch_lets_an_old_epoch_in(plant, admin):
    plant.device("epoch-1")
    plant.client_of("epoch-1", epoch=40).login()
    stale = plant.client_of("epoch-1", epoch=20)
    stale.timeout = 1.0
    with pytest.raises(mqtt.MqttError):
        stale.login()
    plant.broker.wait_for_audit(why="old_epoch")
    admin.call("reset_epoch", identity="epoch-1")
    plant.client_of("epoch-1", epoch=20).login()


def test_the_epoch_of_a_card_is_never_reset(plant, admin):
    plant.register("carded-1", card="0102030405060708")
    refused(admin, "reset_epoch", "[Nn]ever for cards", identity="carded-1")


def test_sessions_are_listed_with_their_connections_and_can_be_ended(plant, admin):
    mote = plant.device("sessions-1")
    mote.publish("plant/sessions-1/t", b"1")
    listed = admin.call("sessions", identity="sessions-1")["sessions"]
    assert [one["kid"] for one in listed] == [mote.session.kid]
    assert listed[0]["messages"] == 1 and listed[0]["level"] == "AUTH2"
    assert listed[0]["clients"] == [{"client": mote.client_id, "address": "127.0.0.1"}]
    everyone = {one["identity"] for one in admin.call("sessions")["sessions"]}
    assert {"admin", "sessions-1"} <= everyone
    refused(admin, "end_session", "Session not found", identity="sessions-1", kid=mote.session.kid % 16383 + 1)
    refused(admin, "end_session", "Session not found", identity="sessions-1", kid="1")
    refused(admin, "end_session", "Session not found", identity="sessions-1", kid=2**32 + mote.session.kid)
    admin.call("end_session", identity="sessions-1", kid=mote.session.kid)
    mote.connection.wait_closed()
    assert admin.call("sessions", identity="sessions-1")["sessions"] == []
    with pytest.raises(mqtt.ConnectRefused):
        mote.resume()
    plant.log_in("sessions-1")


def test_all_sessions_of_a_user_end_at_once(plant, admin):
    plant.register("user-1", kind="user")
    terminals = [plant.log_in("user-1") for _ in range(3)]
    assert all(one.connection.is_open() for one in terminals)
    admin.call("end_session", identity="user-1")
    for one in terminals:
        one.connection.wait_closed()


def test_metrics_count_what_happened(plant, admin):
    mote = plant.device("metrics-1")
    before = admin.call("metrics")
    mote.publish("plant/metrics-1/t", b"1")
    sent = mote.publish("plant/metrics-1/t", b"2")
    mote.connection.publish(sent.topic, sent.payload[:-1] + bytes([sent.payload[-1] ^ 1]), qos=1)
    mote.resume()
    after = admin.call("metrics")
    assert after["accepted"] == before["accepted"] + 3, "the second question is a message too"
    assert after["refused"]["bad_tag"] == before["refused"].get("bad_tag", 0) + 1
    assert after["resumes"] == before["resumes"] + 1
    assert after["registered"] == admin.call("list")["totalCount"]
    assert {"untouched", "observed", "handshakes", "enforcements", "expulsions", "identitiesWithSessions", "connections",
            "strangers", "pendingHandshakes", "auditLinesDropped"} <= set(after)


def test_a_removed_device_is_gone_and_its_name_is_free(plant, admin):
    mote = plant.device("removed-1")
    old_key = plant.keys["removed-1"]
    admin.call("remove", identity="removed-1")
    mote.connection.wait_closed()
    refused(admin, "show", "not found", identity="removed-1")
    # nobody owns the name now: its proof is worth nothing, and the connection is any stranger's
    with pytest.raises(mqtt.TimedOut):
        client = plant.client_of("removed-1")
        client.timeout = 1.0
        client.login()
    plant.register("removed-1")
    assert plant.keys["removed-1"] != old_key
    plant.client_of("removed-1", epoch=0).login()
    assert admin.call("show", identity="removed-1")["epoch"] == 1


def test_every_command_leaves_a_line_in_the_audit(plant, admin):
    mark = plant.mark()
    plant.register("audited-1")
    with pytest.raises(AdminError):
        admin.call("show", identity="nobody-2")
    done = plant.broker.wait_for_audit(event="admin", after=mark, verdict="accept")
    assert done["identity"] == "admin" and done["detail"] == "registerDevice audited-1"
    failed = plant.broker.wait_for_audit(event="admin", after=mark, verdict="refuse")
    assert failed["detail"].startswith("getDevice nobody-2")
