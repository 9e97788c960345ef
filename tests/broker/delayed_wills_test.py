"""Wills that wait (MQTT 5, will delay interval): the same commitment, looked at when they fire.

All devices leave at once and their wills are waited for once.
"""

import pytest
from countersign_tests import config, mqtt
from countersign_tests.mqtt import Will
from countersign_tests.plant import Plant

DELAY_SECONDS = 1
LATE_SECONDS = DELAY_SECONDS + 5
STORED = {"clean": False, "properties": {"session_expiry": 3600}}
RIGHTS = ["disable", "block", "remove", "end_session"]


@pytest.fixture(scope="module")
def plant():
    rules = [config.rule("plant/%d/last", wills=True, subscribe=["anyone"])]
    with Plant(rules, version=mqtt.V5) as plant:
        yield plant


def will_of(device, payload=b"gone", delay=DELAY_SECONDS):
    return Will(f"plant/{device.identity}/last", payload, properties={"will_delay": delay})


def leave(device, committed=True, **will):
    """Takes the session up with a delayed will, and is cut off."""
    will = will_of(device, **will)
    device.resume(will=will, **STORED)
    if committed:
        device.commit_will(will)
    device.connection.ping()
    device.connection.abandon()


class Wills:
    """What subscribers got and the audit said until every will had fired, by identity."""

    def __init__(self, plant, reader):
        self.plant, self.reader = plant, reader
        self.payloads, self.early = {}, {}

    def leave(self, identity, **how):
        device = self.plant.device(identity)
        leave(device, **how)
        self.early[identity] = self._take(self.reader.pending())
        return device

    def wait(self):
        """Within one second wills fire in any order: the last one waits a second more."""
        self.leave("clock", delay=DELAY_SECONDS + 1)
        while "clock" not in self.payloads:
            self._take([self.reader.receive(LATE_SECONDS)])

    def _take(self, messages):
        for message in messages:
            self.payloads.setdefault(message.topic.split("/")[1], []).append(message.payload)
        return messages

    def of(self, identity):
        return self.payloads.get(identity, [])

    def verdict(self, **fields):
        line = self.plant.broker.wait_for_audit(event="will", **fields)
        return line["verdict"], line.get("why")


@pytest.fixture(scope="module")
def wills(plant):
    with plant.subscriber("plant/#") as reader:
        wills = Wills(plant, reader)
        wills.leave("steady")
        wills.leave("silent", committed=False)
        back = wills.leave("back")
        assert back.resume(**STORED).session_present
        leave(wills.leave("again"), payload=b"gone again")
        for name in RIGHTS:
            wills.leave(name)
            plant.admin.call(name, identity=name)
        replaced = wills.leave("replaced")
        replaced.login()
        replaced.publish("plant/replaced/last", "new session")
        stranger = plant.broker.client("stranger", version=mqtt.V5, will=will_of(replaced, b"forged"), **STORED)
        stranger.abandon()
        wills.wait()
        yield wills


def test_a_committed_will_is_delivered_after_its_delay(wills):
    assert wills.early["steady"] == [] and wills.of("steady") == [b"gone"]
    assert wills.verdict(identity="steady") == ("accept", None)


def test_a_will_nobody_committed_to_is_not_delivered_later_either(wills):
    assert wills.of("silent") == []
    assert wills.verdict(identity="silent") == ("refuse", "will")


def test_a_device_that_comes_back_in_time_has_no_will(wills):
    assert wills.of("back") == []


def test_a_device_that_comes_back_may_leave_another_will(wills):
    assert wills.of("again") == [b"gone again"]


@pytest.mark.parametrize("name", RIGHTS)
def test_no_will_after_rights_were_taken_away_meanwhile(wills, name):
    assert wills.of(name) == []


def test_no_will_of_a_session_that_was_replaced_meanwhile(wills):
    assert b"new session" in wills.of("replaced") and b"gone" not in wills.of("replaced")


def test_nobody_else_can_wait_with_a_will_on_a_devices_topic(wills):
    assert b"forged" not in wills.of("replaced")
    assert wills.verdict(client="stranger") == ("refuse", "will")
