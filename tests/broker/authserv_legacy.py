"""Compatibility devices: a user, a password, no key; what rules give them and what they never get (docs/protocol.md, 6)."""

import base64
import hashlib
import os

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests import session as s
from countersign_tests.admin import AdminError
from countersign_tests.device import auth0_client_id
from countersign_tests.plant import Plant

OK = (0, 0x10)
RULES = [
    config.rule("old/%d/t", level="AUTH1", subscribe="anyone", range={"min": 0, "max": 50}),
    config.rule("old/%d/any", level="AUTH1", subscribe="anyone", wills=True),
    config.rule("old/%d/sealed", level="AUTH1", sealed=True, subscribe="anyone"),
    config.rule("old/%d/card", level="AUTH1", card="require", subscribe="anyone"),
    config.rule("old/%d/command", publish="role:operator", subscribe="%d"),
    config.rule("group/%d", level="AUTH1", subscribe="anyone", group={"tolerance": 1, "window": 30}),
    config.rule("seen/%d/old", "observe", level="AUTH1", range={"min": 0, "max": 50}),
    config.rule("seen/%d/new", "observe"),
    config.rule("plant/%d/t", subscribe="anyone"),
    config.rule("trusted/%d/t", level="AUTH3", subscribe="anyone"),
]


@pytest.fixture(scope="module")
def plant():
    with Plant(RULES) as plant:
        yield plant


@pytest.fixture
def new_legacy(plant, new_address, version):
    """Makes legacy devices, each at its own address: `new_legacy()`, connected unless told."""
    def make(connect=True, **fields):
        address = new_address()
        device = plant.legacy(f"old-{address.replace('.', '-')}", source=address, version=version, **fields)
        if connect:
            device.connect()
        return device
    return make


@pytest.fixture
def legacy(new_legacy):
    return new_legacy()


@pytest.fixture
def watcher(plant):
    filters = ("old/+/t", "old/+/any", "old/+/sealed", "old/+/card", "group/+", "plant/+/t", "trusted/+/t")
    with plant.subscriber(*filters, version=mqtt.V5) as client:
        yield client


def say(device, payload=b"21", last="t", root="old", **publish):
    return device.publish(f"{root}/{device.identity}/{last}".rstrip("/"), payload, **publish)


def refused(device, code):
    """QoS 1: 3.1.1 cannot be told."""
    return code == (0x87 if device.version == mqtt.V5 else 0)


def test_its_data_is_taken_where_the_rule_says_so_and_flagged(plant, legacy, watcher):
    assert say(legacy) in OK
    got = watcher.receive()
    assert got.payload == b"21" and got.user("cs-id") == [legacy.identity]
    assert (got.user("cs-level"), got.user("cs-score")) == (["AUTH1"], ["0"])
    shown = plant.show(legacy.identity)
    assert (shown["kind"], shown["method"], shown["level"]) == ("legacy", "password", "AUTH1")


def test_ten_good_readings_raise_nothing(plant, legacy, watcher):
    for _ in range(25):
        assert say(legacy) in OK
    assert {one.user("cs-level")[0] + one.user("cs-score")[0] for one in watcher.pending()} == {"AUTH10"}
    assert not [line for line in plant.broker.audit() if line["event"] == "level" and line.get("identity") == legacy.identity]


@pytest.mark.parametrize("root, last", [("plant", "t"), ("trusted", "t"), ("old", "sealed"), ("old", "card"), ("old", "command")])
def test_no_other_rule_takes_it(plant, legacy, watcher, root, last):
    mark = plant.mark()
    assert refused(legacy, say(legacy, root=root, last=last)) and watcher.pending() == []
    assert plant.broker.wait_for_audit(after=mark, event="publish", verdict="refuse", identity=legacy.identity)


def test_it_speaks_for_itself_only(legacy, new_legacy, watcher):
    other = new_legacy()
    assert refused(legacy, legacy.publish(f"old/{other.identity}/t", b"21")) and watcher.pending() == []


def test_range_still_judges_and_nothing_expels(plant, legacy, watcher):
    mark = plant.mark()
    for _ in range(12):
        assert refused(legacy, say(legacy, b"99"))
    assert watcher.pending() == [] and legacy.connection.is_open()
    assert plant.broker.wait_for_audit(after=mark, why="out_of_range", identity=legacy.identity)
    assert plant.show(legacy.identity)["standing"] == "active"
    assert say(legacy) in OK


def test_it_teaches_evaluators_nothing(plant, legacy, new_legacy, new_mote, watcher):
    """A crowd without keys must not move the group's median."""
    motes, crowd = [new_mote(mqtt.V5) for _ in range(3)], [legacy, new_legacy(), new_legacy(), new_legacy()]
    for turn in range(8):
        for device in crowd:
            say(device, b"500", last="", root="group")
        for mote in motes:
            assert mote.publish(f"group/{mote.identity}", b"20").code in OK, turn
    assert all(plant.score(mote.identity)[1] > 10 for mote in motes)


def test_an_envelope_from_it_is_not_opened(plant, legacy, new_mote, watcher):
    mote = new_mote(mqtt.V5)
    wire = e.as_payload(mote.seal(f"old/{legacy.identity}/any", "signed by another"))
    say(legacy, wire, last="any")
    got = watcher.pending()
    assert [one.payload for one in got] in ([], [wire]), "as it is, or not at all; never what is in it"


def test_the_names_of_our_properties_are_not_its_own(legacy, watcher):
    if legacy.version != mqtt.V5:
        pytest.skip("MQTT 3.1.1 has no properties")
    code = say(legacy, last="any", properties={"user": [("cs-level", "AUTH3"), ("cs-score", "21")]})
    assert code == 0x87 and watcher.pending() == []


# connecting

@pytest.mark.parametrize("client_id", ["anything", "old-thermometer"])
def test_it_connects_with_any_client_id_that_nobody_owns(new_legacy, new_mote, client_id):
    device, mote = new_legacy(connect=False), new_mote()
    assert device.connect(client_id).code == 0 and say(device) in OK
    for owned in (mote.identity, mote.identity + "~a", "admin"):
        assert device.connect(owned, check=False).code in (5, 0x87)


@pytest.mark.parametrize("password", ["", "wrong", None])
def test_a_wrong_password_lets_nobody_in(plant, new_legacy, password, version, new_address):
    device = new_legacy(connect=False)
    client = mqtt.Client(plant.broker.port, version=version, source=new_address())
    assert client.connect("guesser", username=device.identity, password=password, check=False).code in (5, 0x87)


def test_others_need_no_password_and_get_no_rights_of_its(legacy, raw, watcher):
    other = raw(legacy.version)
    other.connect("stranger")
    other.publish(f"old/{legacy.identity}/t", b"21", qos=1)
    assert watcher.pending() == []


def test_a_strangers_client_id_makes_no_stranger_of_it(new_legacy, watcher):
    """Step 1 and AUTH1 are one for it: no query comes, whatever its client id."""
    device = new_legacy(connect=False)
    device.connect(auth0_client_id())
    assert say(device) in OK and watcher.receive().user("cs-level") == ["AUTH1"]
    assert device.connection.pending() == []


def test_it_reads_what_a_rule_lets_it_read(plant, legacy, new_legacy):
    other = new_legacy(connect=False)
    assert legacy.connection.subscribe(f"old/{legacy.identity}/command")[0] < 0x80
    assert legacy.connection.subscribe(f"old/{other.identity}/command")[0] >= 0x80


def test_it_has_no_session_and_no_receipts(plant, legacy):
    assert plant.show(legacy.identity)["sessions"] == []
    legacy.connection.publish(s.AUTH_TOPIC, b"\x50\0\1", qos=1)
    legacy.connection.publish(s.ADMIN_TOPIC, b'{"commands":[{"command":"listDevices"}]}', qos=1)
    assert legacy.connection.pending() == []


@pytest.mark.parametrize("command", ["disable", "block", "remove"])
def test_it_is_put_out_at_once_and_stays_out(plant, legacy, command):
    plant.admin.call(command, identity=legacy.identity)
    assert legacy.connection.wait_closed()
    if command != "remove":
        assert legacy.connect(check=False).code in (5, 0x87)


def test_it_outlives_reload_and_restart(plant, legacy, watcher):
    plant.reload()
    assert say(legacy) in OK and watcher.receive().user("cs-id") == [legacy.identity]
    plant.restart()
    legacy.connect()
    assert say(legacy) in OK


# wills

def test_it_has_no_will_on_an_enforced_topic(plant, new_legacy, watcher):
    """It can commit to nothing, and nobody would flag it."""
    device, mark = new_legacy(connect=False), plant.mark()
    for root, last in (("old", "any"), ("old", "t"), ("old", "sealed"), ("plant", "t")):
        device.connect(will=mqtt.Will(f"{root}/{device.identity}/{last}", b"gone"))
        device.connection.abandon()
        plant.broker.wait_for_audit(after=mark, event="will", verdict="refuse", topic=f"{root}/{device.identity}/{last}")
    assert watcher.pending() == []


def test_it_takes_nobodys_client_id(plant, new_legacy, new_registered, version):
    """Neither another's of its kind, nor that of somebody who is shaking hands."""
    one, other = new_legacy(connect=False), new_legacy(connect=False)
    one.connect(f"pump-{one.identity}")
    assert other.connect(f"pump-{one.identity}", check=False).code in (5, 0x87)
    half = new_registered(version)
    half.connect_step1()
    assert other.connect(half.client_id, check=False).code in (5, 0x87)
    assert say(one) in OK and half.send_answer(half.receive_q())
    one.connect(f"pump-{one.identity}")
    assert say(one) in OK, "its own it may take over"


def test_a_device_put_aside_leaves_no_will(plant, new_legacy, watcher):
    device = new_legacy(connect=False)
    device.connect(will=mqtt.Will(f"old/{device.identity}/any", b"gone"))
    plant.admin.call("disable", identity=device.identity)
    assert device.connection.wait_closed() and watcher.pending() == []


def test_a_will_where_nothing_is_enforced_fires(plant, new_legacy):
    device = new_legacy(connect=False)
    with plant.subscriber("elsewhere/#") as reader:
        device.connect(will=mqtt.Will("elsewhere/x", b"gone"))
        device.connection.abandon()
        assert reader.receive().payload == b"gone"


# hashes that came from elsewhere

def hashed(kind, password, iterations=1000):
    salt = os.urandom(12)
    if kind == "$7$":
        digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations)
        head = f"$7${iterations}"
    else:
        digest, head = hashlib.sha512(password.encode() + salt).digest(), "$6"
    return "$".join((head, base64.b64encode(salt).decode(), base64.b64encode(digest).decode()))


@pytest.mark.parametrize("kind", ["$7$", "$6$"])
def test_the_hash_of_a_password_file_is_taken_as_it_is(plant, new_address, version, kind):
    name = f"file-{kind[1]}-{version}"
    plant.register_legacy(name, "open-sesame", passwordHash=hashed(kind, "open-sesame"))
    device = plant.legacy(name, version=version, source=new_address())
    assert device.connect(password="open-says-me", check=False).code in (5, 0x87)
    assert device.connect().code == 0 and say(device) in OK


@pytest.mark.parametrize("text", ["", "$7$", "$5$YQ==$YQ==", "$7$0$YQ==$" + "A" * 86 + "==", "$7$100001$YWJj$" + "A" * 86 + "==",
                                  "$7$-1$YQ==$" + "A" * 86 + "==", "$6$YQ==$AAAA", "$7$1000$!!$" + "A" * 86 + "==",
                                  "$7$9999999999999999999$YQ==$" + "A" * 86 + "=="])
def test_a_hash_that_nobody_could_check_is_refused(plant, text):
    with pytest.raises(AdminError):
        plant.admin.call("register", identity="bad-hash", kind="legacy", passwordHash=text)


@pytest.mark.parametrize("fields", [{}, {"password": "a", "passwordHash": "$6$YQ==$" + "A" * 86 + "=="}, {"password": ""},
                                    {"password": "x", "key": "00" * 32}, {"password": "x", "deviceData": {"uuid": "1"}}])
def test_a_legacy_registration_gives_one_password(plant, fields):
    with pytest.raises(AdminError):
        plant.admin.call("register", identity="half-known", kind="legacy", **fields)


def test_an_observed_rule_counts_only_what_enforcing_would_refuse(plant, legacy):
    def observed(payload, last):
        """(refusals counted, properties delivered)"""
        before = plant.admin.call("metrics")["observed"]
        assert say(legacy, payload, last, "seen", qos=1) in OK
        message = reader.receive()
        assert message.payload == payload
        return plant.admin.call("metrics")["observed"] - before, message.properties.get("user", [])
    with plant.subscriber("seen/#", version=mqtt.V5) as reader:
        assert observed(b"21", "old") == (0, []), "taken, and delivered as sent"
        assert observed(b"99", "old") == (1, []), "out of range"
        assert observed(b"21", "new") == (1, []), "a rule that wants a signature"


def test_one_request_brings_few_passwords_to_hash(plant):
    def errors(numbers, **password):
        plant.admin.send_commands(*({"command": "registerDevice", "identity": f"many-{i}", "kind": "legacy"} | password
                                    for i in numbers))
        return [i for i, response in zip(numbers, plant.admin.receive_responses(10)) if "passwordHash" in response.get("error", "")]
    assert errors(range(18), password="x") == [16, 17]
    assert errors(range(16, 40), passwordHash=hashed("$7$", "x")) == []
    assert errors(range(40, 56), password="x") == []
    for i in (0, 15, 16, 17, 39, 40, 55):
        assert plant.show(f"many-{i}")["method"] == "password"
