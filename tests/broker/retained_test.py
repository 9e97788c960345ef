"""Retained messages: the signature says whether the sender meant it, late subscribers get them plain."""

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests.plant import Plant


@pytest.fixture(scope="module", params=[False, True], ids=["default", "check_retain_source"])
def plant(request):
    rules = [
        config.rule("plant/%d/kept", retained=True, subscribe=["anyone"]),
        config.rule("plant/%d/sealed", retained=True, sealed=True, subscribe=["anyone"]),
        config.rule("plant/%d/t", subscribe=["anyone"]),
    ]
    with Plant(rules, extra=[f"check_retain_source {str(request.param).lower()}"]) as plant:
        yield plant


def topic_of(device, last="kept"):
    return f"plant/{device.identity}/{last}"


def late(plant, topic, version=mqtt.V5):
    with plant.subscriber(topic, version=version) as subscriber:
        return [(message.payload, message.retain) for message in subscriber.pending()]


@pytest.mark.parametrize("reader_version", [mqtt.V311, mqtt.V5], ids=["to311", "to5"])
def test_late_subscribers_get_the_plain_retained_reading(plant, mote, reader_version):
    assert mote.publish(topic_of(mote), "21", retain=True).code < 0x80
    assert late(plant, topic_of(mote), reader_version) == [(b"21", True)]


def test_a_sealed_reading_is_retained_plain(plant, mote):
    mote.publish(topic_of(mote, "sealed"), "21", retain=True, sealed=True)
    assert late(plant, topic_of(mote, "sealed")) == [(b"21", True)]


def test_the_last_reading_stays_when_its_device_is_gone(plant, mote):
    mote.publish(topic_of(mote), "21", retain=True)
    mote.publish(topic_of(mote), "22", retain=True)
    mote.close()
    assert late(plant, topic_of(mote)) == [(b"22", True)]


def test_the_last_reading_outlives_its_device_in_the_registry(plant, mote):
    mote.publish(topic_of(mote), "21", retain=True)
    plant.admin.call("block", identity=mote.identity, reason="lost")
    assert late(plant, topic_of(mote)) == [(b"21", True)]


def test_an_empty_retained_message_clears(plant, mote):
    mote.publish(topic_of(mote), "21", retain=True)
    mote.publish(topic_of(mote), "", retain=True)
    assert late(plant, topic_of(mote)) == []


def test_nobody_can_have_a_reading_retained_that_was_not_meant_to_be(mote, plant, assert_refused):
    wire = e.as_payload(mote.seal(topic_of(mote), "21"))
    assert_refused(mote, "retain", lambda: mote.connection.publish(topic_of(mote), wire, qos=1, retain=True))
    assert late(plant, topic_of(mote)) == []


def test_nobody_can_take_the_retain_intent_away(mote, assert_refused):
    wire = e.as_payload(mote.seal(topic_of(mote), "21", flags=e.RETAIN))
    assert_refused(mote, "retain", lambda: mote.connection.publish(topic_of(mote), wire, qos=1))


def test_the_rule_may_forbid_retained_messages(plant, mote, assert_refused):
    assert_refused(mote, "retain", lambda: mote.publish(topic_of(mote, "t"), "21", retain=True))
    assert late(plant, topic_of(mote, "t")) == []


def test_a_stranger_cannot_clear_what_is_retained(plant, mote, raw, version):
    mote.publish(topic_of(mote), "21", retain=True)
    somebody = raw(version)
    somebody.connect("somebody")
    somebody.publish(topic_of(mote), b"", qos=1, retain=True)
    assert late(plant, topic_of(mote)) == [(b"21", True)]


def test_delivering_retained_messages_changes_no_score_and_spends_nothing(plant, mote):
    sent = mote.publish(topic_of(mote), "21", retain=True)
    mark = plant.mark()
    for _ in range(3):
        late(plant, "plant/#")
    assert plant.refusals(mark) == []
    assert mote.publish(topic_of(mote), "22", seq=sent.seq + 1, retain=True).code < 0x80
