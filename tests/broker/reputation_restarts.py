"""Levels and scores over restarts: kept over a clean one; after a kill every device must prove itself before it counts."""

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests.plant import Plant

OK = (0, 0x10)
GOOD, BAD = b"20", b"9999"
RULES = [
    config.rule("plant/%d/t", subscribe="anyone", range={"min": -40, "max": 85}),
    config.rule("old/%d/t", level="AUTH1", subscribe="anyone"),
    config.rule("trusted/%d/t", level="AUTH3", subscribe="anyone"),
]


@pytest.fixture(scope="module")
def plant():
    with Plant(RULES, version=mqtt.V5) as plant:
        yield plant


@pytest.fixture
def field(new_mote, new_registered):
    """Devices of both methods, at AUTH2 below and at the initial score, above it, and at AUTH3: {device: (level, score)}."""
    wanted = [([BAD] * 4, ("AUTH2", 6)), ([], ("AUTH2", 10)), ([GOOD] * 5, ("AUTH2", 15)), ([GOOD] * 12 + [BAD], ("AUTH3", 20))]
    devices = {}
    for make in (new_mote, lambda version: new_registered(version, log_in=True)):
        for readings, standing in wanted:
            device = make(mqtt.V5)
            for payload in readings:
                send(device, payload)
            devices[device] = standing
    return devices


def send(device, payload=GOOD, root="plant"):
    return device.publish(f"{root}/{device.identity}/t", payload)


def standings(plant, devices):
    return {device: plant.score(device.identity) for device in devices}


def test_level_and_score_survive_a_clean_restart(plant, field):
    assert standings(plant, field) == field
    plant.restart()
    assert standings(plant, field) == field
    for device, (level, score) in field.items():
        device.resume()
        assert send(device, root="trusted").code in (OK if level == "AUTH3" else (0x87,))
        assert send(device).code in OK
        assert plant.score(device.identity) == (level, score + 1)


def test_after_a_kill_each_device_is_challenged_before_its_first_publish_counts(plant, field):
    plant.restart(kill=True)
    with plant.subscriber("plant/+/t", "trusted/+/t") as reader:
        for device in field:
            shown = plant.show(device.identity)
            assert shown["sessions"] == []
            with pytest.raises(mqtt.ConnectRefused):
                device.resume()
            old = device.session
            device.login()
            assert device.session.kid != old.kid
            assert device.publish(f"plant/{device.identity}/t", GOOD, session=old).code == 0x87
            assert plant.score(device.identity) == ("AUTH2", min(shown["score"], 10)), "no more than the initial score"
            assert send(device, root="trusted").code == 0x87 and reader.pending() == []
            assert send(device).code in OK and [one.payload for one in reader.pending()] == [GOOD]


def test_after_a_kill_nothing_replayed_counts(plant, field, raw):
    """Everything that was ever sent, and all that was signed and kept back, by strangers and by the devices themselves."""
    recorded = {device: [send(device) for _ in range(3)] for device in field}
    kept_back = {device: e.as_payload(device.seal(f"plant/{device.identity}/t", BAD)) for device in field}
    plant.restart(kill=True)
    for device in field:
        device.login()
    before = standings(plant, field)
    with plant.subscriber("plant/+/t") as reader:
        for device, sent in recorded.items():
            stranger = raw(mqtt.V5)
            stranger.connect("stranger")
            for connection in (stranger, device.connection):
                for one in sent:
                    assert one.send_from(connection) == 0x87
                assert connection.publish(sent[0].topic, kept_back[device], qos=1) == 0x87
        assert reader.pending() == []
    assert standings(plant, field) == before


def test_an_expulsion_and_a_demand_outlive_a_kill(plant, new_registered):
    """Neither is washed by killing the broker: the expelled wait, and the fallen keep their score."""
    expelled, fallen = (new_registered(mqtt.V5, log_in=True) for _ in range(2))
    for _ in range(8):
        send(expelled, BAD)
    for payload in [GOOD] * 11 + [BAD] * 19:
        send(fallen, payload)
    assert plant.score(fallen.identity) == ("AUTH2", 2)
    plant.register_data()  # is answered when it is durable, and so is what came before
    plant.restart(kill=True)
    assert plant.show(expelled.identity)["standing"] == "expelled"
    with pytest.raises(mqtt.ConnectRefused):
        expelled.connect_step1()
    fallen.login()
    assert plant.score(fallen.identity) == ("AUTH2", 2), "a login is no enforcement passed"


def test_a_legacy_device_is_where_it_was(plant, new_address):
    device = plant.legacy("old-thermometer", source=new_address())
    for kill in (False, True):
        plant.restart(kill=kill)
        device.connect()
        assert device.publish(f"old/{device.identity}/t", GOOD) in OK
        assert plant.score(device.identity)[0] == "AUTH1"
