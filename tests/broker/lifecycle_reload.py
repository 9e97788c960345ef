"""SIGHUP: nobody legitimate is thrown out, changed rules count, a bad configuration changes nothing."""

import subprocess

import pytest
from countersign_tests import config, mqtt
from countersign_tests import session as s
from countersign_tests.plant import Plant

OK = (0, 0x10)
RULES = [config.rule("plant/%d/t", subscribe="anyone")]


@pytest.fixture(scope="module")
def plant():
    with Plant(RULES, version=mqtt.V5) as plant:
        yield plant


@pytest.fixture
def mote(new_mote):
    return new_mote(mqtt.V5)


def send(device, payload=b"1", last="t"):
    return device.publish(f"plant/{device.identity}/{last}", payload)


def test_nobody_legitimate_is_thrown_out(plant, new_mote):
    raised, resumed, half = new_mote(mqtt.V5), new_mote(mqtt.V5), new_mote(mqtt.V5, log_in=False)
    resumed.resume("phone")
    half.connect_auth0()
    m3 = half.ask(half.begin(), lambda wire: half.pending.answer(wire))
    foreign = plant.subscriber("plant/#")
    admin = plant.admin
    for _ in range(3):
        assert plant.reload()["detail"] == "taken"
    half.ask(m3, half.finish)
    for device in (raised, resumed, half):
        assert send(device).code in OK
    assert len(foreign.pending()) == 3
    assert admin.connection.is_open() and admin.call("list")


def test_whoever_came_with_a_password_stays(plant, new_registered):
    by_connect, by_topic = new_registered(mqtt.V5, log_in=True), new_registered(mqtt.V5)
    by_topic.login(connect=False)
    legacy = plant.legacy("reload-pump", version=mqtt.V5)
    legacy.connect()
    mark = plant.mark()
    for _ in range(3):
        assert plant.reload()["detail"] == "taken"
    for device in (by_connect, by_topic):
        assert send(device).code in OK
    assert legacy.connection.is_open() and legacy.publish("elsewhere/x", b"1") in OK
    assert plant.refusals(mark) == []


def test_a_device_that_is_offline_keeps_its_stored_session(plant, mote, new_mote):
    sender = new_mote(mqtt.V5)
    mote.resume(clean=False, properties={"session_expiry": 600})
    mote.connection.subscribe(f"plant/{sender.identity}/t", qos=1)
    mote.connection.disconnect()
    plant.reload()
    send(sender, b"queued")
    plant.reload()
    mote.resume(clean=False, properties={"session_expiry": 600})
    assert [message.payload for message in mote.connection.pending()] == [b"queued"]


def test_a_reload_throws_a_disabled_device_out_not_its_neighbours(plant, mote, new_mote):
    neighbour = new_mote(mqtt.V5)
    plant.admin.call("disable", identity=mote.identity)
    plant.reload()
    mote.connection.wait_closed(2)
    assert neighbour.connection.is_open()


@pytest.fixture(scope="module")
def reusing():
    """A broker that gives a new connection the memory of one that is gone, as it does without a sanitizer."""
    options = "detect_leaks=0:quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
    with Plant(RULES, version=mqtt.V5, environment={"ASAN_OPTIONS": options}) as plant:
        yield plant


def test_a_repeated_connect_is_refused_also_when_its_device_is_gone(reusing):
    mote = reusing.device("mote-a")
    for number in range(8):
        mote.resume()
        password = s.resume_password(mote.session.sk, mote.session.kid, mote.session.n, mote.identity)
        mote.connection.disconnect()
        if number % 2:
            reusing.reload()
        for _ in range(4):
            with pytest.raises(mqtt.ConnectRefused):
                reusing.broker.client(mote.identity, version=mqtt.V5, username=mote.identity, password=password)


def test_a_strangers_client_id_inherits_nothing(reusing):
    mote = reusing.device("mote-b")
    client_id = mote.client_id
    for _ in range(8):
        mote.connection.disconnect()
        other = reusing.broker.client(client_id, version=mqtt.V5)
        assert other.subscribe("plant/mote-b/t") == (0x87,), "a stranger again"
        other.disconnect()


def test_changed_rules_count_at_once(plant, mote):
    assert send(mote, b"1", "new").code in OK, "the default is off"
    plant.reload(rules=RULES + [config.rule("plant/%d/new", publish=["nobody"], subscribe=["anyone"])])
    assert send(mote, b"1", "new").code == 0x87
    plant.reload(rules=RULES + [config.rule("plant/%d/new", subscribe=["anyone"], range={"min": 0, "max": 1})])
    assert send(mote, b"1", "new").code in OK and send(mote, b"2", "new").code == 0x87
    plant.reload(rules=RULES)
    assert send(mote, b"2", "new").code in OK


def test_a_lost_right_to_read_counts_for_old_subscriptions(plant, mote):
    with plant.subscriber("plant/#") as reader:
        send(mote)
        assert len(reader.pending()) == 1
        plant.reload(rules=[config.rule("plant/%d/t", subscribe=["known"])])
        send(mote)
        assert reader.pending() == []
    plant.reload(rules=RULES)


@pytest.mark.parametrize("text", ["[[rule", "", 'server_id = "x"\nunknown = 1\n', None, "\x00"], ids=["syntax", "empty", "unknown", "missing", "nul"])
def test_a_bad_configuration_is_refused_and_the_old_one_kept(plant, mote, text):
    good, mark = plant.broker.toml_path.read_text(), plant.mark()
    before = plant.broker.log().count("the configuration is kept as it was")
    if text is None:
        plant.broker.toml_path.unlink()
    else:
        plant.broker.write_toml(text)
    plant.broker.reload()
    assert plant.broker.wait_for_audit(event="reload", after=mark)["detail"] == "refused"
    assert plant.broker.log().count("the configuration is kept as it was") == before + 1
    assert send(mote).code in OK
    assert mote.connection.publish(f"plant/{mote.identity}/t", b"unsigned", qos=1) == 0x87
    plant.broker.write_toml(good)
    assert plant.reload()["detail"] == "taken"


def test_names_and_files_change_only_with_a_restart(plant, mote):
    good = plant.broker.toml_path.read_text()
    for old, new in (("plant-broker", "other-broker"), ("countersign.db", "other.db"), ("wrap.key", "other.key")):
        mark = plant.mark()
        plant.broker.write_toml(good.replace(old, new))
        plant.broker.reload()
        assert plant.broker.wait_for_audit(event="reload", after=mark)["detail"] == "refused"
    plant.broker.wait_for_log("only with a restart")
    plant.broker.write_toml(good)
    assert send(mote).code in OK


def test_the_audit_is_reopened_after_it_was_renamed(plant, mote):
    old = plant.broker.audit_path.rename(plant.directory / "audit.jsonl.1")
    send(mote, b"1", "t")
    plant.reload()
    assert plant.broker.audit_path.stat().st_mode & 0o777 == 0o640
    mote.connection.publish(f"plant/{mote.identity}/t", b"unsigned", qos=1)
    plant.broker.wait_for_audit(why="unsigned")
    assert b'"reload"' not in old.read_bytes().splitlines()[-1], "what follows the reload is in the new file"


def test_an_audit_that_cannot_be_reopened_goes_on_in_the_old_file(plant, mote):
    kept = plant.broker.audit_path.rename(plant.directory / "audit.jsonl.2")
    plant.broker.audit_path.mkdir()
    plant.broker.reload()
    plant.broker.wait_for_log("cannot reopen the audit file")
    mote.connection.publish(f"plant/{mote.identity}/t", b"unsigned", qos=1)
    mote.connection.ping()
    plant.broker.audit_path.rmdir()
    kept.rename(plant.broker.audit_path)
    plant.broker.wait_for_audit(why="unsigned", identity=mote.identity)
    plant.reload()


def test_password_and_acl_files_still_work_after_a_refused_reload(tmp_path):
    passwords, access = tmp_path / "passwords", tmp_path / "access"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "legacy", "hunter2"], check=True)
    access.write_text("user legacy\ntopic readwrite old/#\npattern readwrite plant/%u/t\n")
    files = [f"password_file {passwords}", f"acl_file {access}"]
    with Plant(RULES, version=mqtt.V5, anonymous=False, acl_default="defer", auth_default="defer", extra=files) as plant:
        legacy = plant.broker.client("old", version=mqtt.V5, username="legacy", password="hunter2")
        mote = plant.device("mote-1")
        good = plant.broker.toml_path.read_text()
        for text in ("[[rule", good):
            plant.broker.write_toml(text)
            plant.broker.reload()
            plant.broker.wait_for_log("configuration reloaded" if text == good else "kept as it was")
            assert legacy.publish("old/x", b"1", qos=1) in OK and legacy.publish("new/x", b"1", qos=1) == 0x87
            assert send(mote).code in OK
            with pytest.raises(mqtt.ConnectRefused):
                plant.broker.client("other", username="legacy", password="wrong")
            plant.broker.client("third", username="legacy", password="hunter2").disconnect()
        assert plant.broker.running()
