"""Who may publish and subscribe what, and how Countersign lives beside password and ACL files (docs/decisions/0013)."""

import subprocess

import pytest
from countersign_tests import config, mqtt
from countersign_tests.plant import Plant

OK = (0, 0x10)
DENIED = 0x87
RULES = [
    config.rule("plant/%d/private", subscribe=["%d"]),
    config.rule("plant/%d/t", subscribe=["anyone"]),
    config.rule("cmd/%d/#", publish=["role:operator", "id:boss"], subscribe=["%d", "role:operator"]),
    config.rule("people/#", publish=["kind:user"], subscribe=["kind:user", "kind:admin"]),
    config.rule("all/#", publish=["known"], subscribe=["known"]),
    config.rule("closed/#", publish=["nobody"], subscribe=["nobody"]),
    config.rule("guarded/#", "off", publish=["kind:user"], subscribe=["known"]),
]


@pytest.fixture(scope="module")
def plant():
    with Plant(RULES) as plant:
        yield plant


def may_subscribe(client, topic):
    return client.subscribe(topic)[0] < 0x80


# publish

def test_a_device_publishes_only_under_its_own_name(new_mote):
    one, two = new_mote(mqtt.V5), new_mote(mqtt.V5)
    assert one.publish(f"plant/{one.identity}/t", b"1").code in OK
    assert one.publish(f"plant/{two.identity}/t", b"1").code == DENIED
    assert one.wait_notice("denied")


def test_roles_kinds_and_names_decide_who_publishes(plant, new_mote):
    device, operator = new_mote(mqtt.V5), new_mote(mqtt.V5, roles=["operator"])
    user = new_mote(mqtt.V5, kind="user")
    boss = plant.device("boss", version=mqtt.V5)
    allowed = {"cmd/x/go": (operator, boss), "people/x": (user,), "all/x": (device, operator, user, boss), "closed/x": ()}
    for topic, some in allowed.items():
        for sender in (device, operator, user, boss):
            assert (sender.publish(topic, b"1").code in OK) == (sender in some), (topic, sender.identity)


def test_a_rule_that_is_off_still_says_who_may_publish(new_mote, raw):
    user, device, foreign = new_mote(mqtt.V5, kind="user"), new_mote(mqtt.V5), raw(mqtt.V5)
    foreign.connect("foreign-guarded")
    assert user.connection.publish("guarded/x", b"1", qos=1) in OK
    assert device.connection.publish("guarded/x", b"1", qos=1) == DENIED
    assert foreign.publish("guarded/x", b"1", qos=1) == DENIED


# subscribe

@pytest.mark.parametrize("topic, who", [
    ("plant/+/t", "device other foreign"), ("plant/{device}/private", "device"), ("plant/+/private", ""), ("plant/{device}/+", "device"),
    ("plant/{device}/#", "device"), ("plant/#", ""), ("#", ""), ("+/+/t", ""), ("cmd/{device}/x", "device operator"),
    ("cmd/#", "operator"), ("cmd/+/x", "operator"), ("people/#", "user"), ("people/x", "user"), ("all/x", "device other operator user"),
    ("closed/x", ""), ("closed/#", ""), ("+/x", ""), ("elsewhere/#", "device other operator user foreign"),
    ("$share/group/plant/{device}/private", "device"), ("$share/group/plant/+/private", ""), ("$share/group/plant/+/t", "device other foreign"),
    ("guarded/x", "device other operator user"),
    ("countersign/notice/{device}", ""), ("countersign/auth/+", ""), ("countersign/admin/#", ""), ("$CONTROL/countersign/auth", ""),
])
def test_a_subscription_is_allowed_only_if_all_of_it_may_be_read(parties, topic, who):
    topic = topic.format(device=parties["device"].identity)
    for name, party in parties.items():
        connection = getattr(party, "connection", party)
        expected = name in who.split() or (topic.startswith(("plant/+/t", "$share/group/plant/+/t")) and who.startswith("device other"))
        assert may_subscribe(connection, topic) == expected, (topic, name)


@pytest.fixture(scope="module")
def parties(plant):
    plant.register("sub-device")
    plant.register("sub-other")
    plant.register("sub-operator", roles=["operator"])
    plant.register("sub-user", kind="user")
    parties = {name: plant.log_in(f"sub-{name}", version=mqtt.V5) for name in ("device", "other", "operator", "user")}
    yield parties | {"foreign": plant.broker.client("sub-foreign", version=mqtt.V5)}


def test_a_stranger_may_do_nothing_but_shake_hands(raw):
    stranger = raw(mqtt.V5)
    stranger.connect("~" + "z" * 22)
    for topic in ("plant/x/t", "elsewhere/x", "all/x", "#"):
        assert not may_subscribe(stranger, topic)
    assert stranger.publish("elsewhere/x", b"1", qos=1) == DENIED
    assert stranger.publish("guarded/x", b"1", qos=1) == DENIED


def test_a_right_that_is_lost_ends_the_deliveries_of_an_old_subscription(plant, new_mote):
    operator, boss = new_mote(mqtt.V5, roles=["operator"]), plant.device("boss", version=mqtt.V5)
    assert may_subscribe(operator.connection, "cmd/#")
    boss.publish("cmd/x/go", b"1")
    assert [message.payload for message in operator.connection.pending("cmd/x/go")] == [b"1"]
    plant.admin.call("removeDeviceRole", identity=operator.identity, role="operator")
    boss.publish("cmd/x/go", b"2")
    assert operator.connection.pending("cmd/x/go") == []


# beside password_file and acl_file

@pytest.fixture
def guarded(tmp_path):
    """Makes a plant with a password file (legacy / hunter2) and an ACL file, and the defaults that are given."""
    plants = []

    def make(acl_default="defer", auth_default="defer"):
        passwords, access = tmp_path / "passwords", tmp_path / "access"
        subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "legacy", "hunter2"], check=True)
        access.write_text("topic read open/#\nuser legacy\ntopic readwrite old/#\npattern readwrite plant/%u/t\n"
                          "pattern write plant/%u/private\n")
        plants.append(Plant(RULES, anonymous=False, acl_default=acl_default, auth_default=auth_default,
                            extra=[f"password_file {passwords}", f"acl_file {access}"]))
        return plants[-1].__enter__()

    yield make
    for plant in plants:
        plant.__exit__()


def test_with_defer_the_password_file_decides_about_all_others(guarded):
    broker = guarded().broker
    legacy = broker.client("anything", version=mqtt.V5, username="legacy", password="hunter2")
    assert legacy.publish("old/x", b"1", qos=1) in OK
    assert legacy.publish("elsewhere/x", b"1", qos=1) == DENIED
    assert may_subscribe(legacy, "elsewhere/#"), "an acl_file is asked again for each delivery, not here"
    other = broker.client("sender", version=mqtt.V5, username="legacy", password="hunter2")
    legacy.subscribe("old/#")
    other.publish("old/x", b"2", qos=1)
    assert [message.payload for message in legacy.pending()] == [b"2"]
    for wrong in ({"username": "legacy", "password": "wrong"}, {"username": "nobody", "password": "x"}, {}):
        with pytest.raises(mqtt.ConnectRefused):
            broker.client("other", **wrong)


def test_with_defer_devices_still_log_in_without_a_password_and_the_acl_file_decides_too(guarded):
    plant = guarded()
    mote = plant.device("mote-1", version=mqtt.V5)
    legacy = plant.broker.client("reader", version=mqtt.V5, username="legacy", password="hunter2")
    assert mote.publish("plant/mote-1/t", b"21").code in OK, "%u is the identity"
    assert mote.publish("plant/mote-1/private", b"21").code in OK
    assert mote.publish("all/x", b"21").code == DENIED, "the acl_file says nothing of it"
    assert not may_subscribe(legacy, "plant/mote-1/private"), "the acl_file cannot give what a rule forbids"


def test_with_defer_a_registered_name_cannot_be_used_with_a_password(guarded):
    plant = guarded()
    plant.register("mote-2")
    for claim in ({"client_id": "mote-2", "username": "legacy", "password": "hunter2"},
                  {"client_id": "anything", "username": "mote-2", "password": "hunter2"}):
        with pytest.raises(mqtt.ConnectRefused):
            plant.broker.client(**claim)


def test_with_allow_the_files_are_never_asked(guarded):
    plant = guarded(acl_default="allow", auth_default="allow")
    foreign = plant.broker.client("anything", version=mqtt.V5, username="nobody", password="wrong")
    assert foreign.publish("elsewhere/x", b"1", qos=1) in OK
    assert foreign.publish("all/x", b"1", qos=1) == DENIED, "but the rules are"
    mote = plant.device("mote-1", version=mqtt.V5)
    assert mote.publish("all/x", b"21").code in OK
