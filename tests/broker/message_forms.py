"""Every form of a signed message, through the real broker to plain subscribers (docs/protocol.md, section 1)."""

import os
import subprocess

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests import primitives as p
from countersign_tests.broker import wait_until
from countersign_tests.plant import Plant

V5_ONLY = pytest.mark.parametrize("version", [mqtt.V5], ids=["mqtt5"], indirect=True)
SIGNED = {"payload_format": 1, "content_type": "application/json", "response_topic": "plant/answers",
          "correlation_data": b"\x00\xffid"}
ANYONE = {"subscribe": ["anyone"]}


@pytest.fixture(scope="module")
def plant():
    rules = [
        config.rule("plant/%d/t", retained=True, **ANYONE),
        config.rule("plant/%d/short", short_tags=True, **ANYONE),
        config.rule("plant/%d/secret", sealed=True, **ANYONE),
        config.rule("plant/%d/scored", range={"min": -40, "max": 85}, **ANYONE),
        config.rule("plant/%d/seen", mode="observe", **ANYONE),
    ]
    with Plant(rules) as plant:
        yield plant


def command(name, plant, *arguments):
    return [f"/usr/bin/{name}", "-h", "127.0.0.1", "-p", str(plant.broker.port), *arguments]


def listen(plant, *arguments):
    """A mosquitto_sub that has subscribed."""
    before = plant.broker.log().count("Received SUBSCRIBE from")
    process = subprocess.Popen(command("mosquitto_sub", plant, *arguments), stdout=subprocess.PIPE, text=True)
    wait_until(lambda: plant.broker.log().count("Received SUBSCRIBE from") > before, 10, "no SUBSCRIBE")
    return process


def plain_of(message):
    return message.topic, message.payload


@pytest.mark.parametrize("suite", [1, 2], ids=["suite1", "suite2"])
def test_a_device_shakes_hands_and_its_readings_arrive_plain(new_mote, reader, version, suite):
    mote = new_mote(version, suite=suite)
    for number in range(3):
        topic = f"plant/{mote.identity}/t"
        assert mote.publish(topic, f"21.{number}").code == 0
        assert plain_of(reader.receive()) == (topic, f"21.{number}".encode())


@pytest.mark.parametrize("subscriber_version", ["311", "5"])
def test_mosquitto_sub_prints_the_plain_reading(plant, mote, subscriber_version):
    topic = f"plant/{mote.identity}/t"
    process = listen(plant, "-V", {"311": "mqttv311", "5": "mqttv5"}[subscriber_version], "-t", topic, "-C", "2", "-v",
                     "-W", "10")
    mote.publish(topic, "21.5")
    mote.publish(topic, "21.6")
    assert process.communicate(timeout=20)[0] == f"{topic} 21.5\n{topic} 21.6\n"


def test_mosquitto_pub_without_a_signature_reaches_nobody(plant, new_mote, reader):
    mote = new_mote()
    mark = plant.mark()
    subprocess.run(command("mosquitto_pub", plant, "-t", f"plant/{mote.identity}/t", "-m", "99", "-q", "1"), check=True)
    plant.broker.wait_for_audit(after=mark, event="publish", verdict="refuse", why="unsigned")
    assert reader.pending() == []


def test_mosquitto_pub_on_a_topic_that_is_off_passes_untouched(plant):
    process = listen(plant, "-t", "elsewhere/#", "-C", "1", "-W", "10")
    subprocess.run(command("mosquitto_pub", plant, "-t", "elsewhere/x", "-m", "as it is"), check=True)
    assert process.communicate(timeout=20)[0] == "as it is\n"


def test_subscribers_of_both_versions_get_the_same_bytes(plant, mote):
    topic, payload = f"plant/{mote.identity}/t", os.urandom(64)
    with plant.subscriber(topic) as old, plant.subscriber(topic, version=mqtt.V5) as new:
        mote.publish(topic, payload)
        assert old.receive().payload == new.receive().payload == payload


def test_mqtt5_subscribers_see_who_signed_and_how_it_stands(plant, mote, reader):
    mote.publish(f"plant/{mote.identity}/scored", "20")
    message = reader.receive()
    assert message.user("cs-id") == [mote.identity]
    assert message.user("cs-level") == ["AUTH2"]
    assert message.user("cs-score") == ["11"], "the score after this message"
    assert message.user("cs-card") == []
    assert plant.score(mote.identity) == ("AUTH2", 11)


@pytest.mark.parametrize("payload", [b"", b"x", b"\xc0", b"\xc1\x01\x01" + bytes(16), bytes(range(256)) * 300],
                         ids=["empty", "one", "mark", "looks_signed", "76800"])
@pytest.mark.parametrize("flags", [0, e.SHORT_TAG, e.SEALED], ids=["plain", "short", "sealed"])
def test_any_payload_survives_every_form(mote, reader, payload, flags):
    topic = f"plant/{mote.identity}/" + {0: "t", e.SHORT_TAG: "short", e.SEALED: "secret"}[flags]
    assert mote.publish(topic, payload, flags=flags).code == 0
    assert plain_of(reader.receive()) == (topic, payload)


@V5_ONLY
@pytest.mark.parametrize("flags", [0, e.SHORT_TAG, e.SEALED], ids=["plain", "short", "sealed"])
def test_the_readable_form_is_a_property_and_leaves_the_payload_alone(mote, reader, flags):
    topic = f"plant/{mote.identity}/" + {0: "t", e.SHORT_TAG: "short", e.SEALED: "secret"}[flags]
    for payload in (b"", b"21.5", b"\xc0\x01\x01" + bytes(16)):
        sent = mote.publish(topic, payload, flags=flags, form="property")
        assert sent.code == 0 and (sent.payload == payload or flags == e.SEALED)
        assert plain_of(reader.receive()) == (topic, payload)


@V5_ONLY
@pytest.mark.parametrize("form", ["payload", "property"])
def test_properties_that_the_tag_covers_arrive(mote, reader, form):
    mote.publish(f"plant/{mote.identity}/t", "{}", properties=SIGNED, form=form)
    properties = reader.receive().properties
    assert {name: properties[name] for name in SIGNED} == SIGNED


@V5_ONLY
@pytest.mark.parametrize("form", ["payload", "property"])
@pytest.mark.parametrize("change", [
    {"payload_format": 0}, {"content_type": "text/html"}, {"response_topic": "plant/answers2"},
    {"correlation_data": b"\x00\xffie"}, {"payload_format": None}, {"content_type": None}, {"response_topic": None},
    {"correlation_data": None}], ids=str)
def test_a_property_altered_or_taken_away_is_refused(mote, assert_refused, change, form):
    topic = f"plant/{mote.identity}/t"
    claim = mote.seal(topic, "{}", properties=SIGNED)
    wire, properties = e.as_payload(claim), {k: v for k, v in (SIGNED | change).items() if v is not None}
    if form == "property":
        cs1, wire = e.as_property(claim)
        properties["user"] = [("cs1", cs1)]
    assert_refused(mote, "bad_tag", lambda: mote.connection.publish(topic, wire, qos=1, properties=properties),
                   notice=False)


@V5_ONLY
def test_a_property_added_on_the_way_is_refused(mote, assert_refused):
    topic = f"plant/{mote.identity}/t"
    claim = mote.seal(topic, "{}")
    for name, value in SIGNED.items():
        def act(name=name, value=value):
            return mote.connection.publish(topic, e.as_payload(claim), qos=1, properties={name: value})
        assert_refused(mote, "bad_tag", act, notice=False)


@V5_ONLY
def test_properties_that_brokers_change_are_not_covered(mote, reader):
    claim = mote.seal(f"plant/{mote.identity}/t", "21")
    mote.connection.publish(f"plant/{mote.identity}/t", e.as_payload(claim), qos=1,
                            properties={"message_expiry": 60, "user": [("colour", "red")]})
    message = reader.receive()
    assert message.payload == b"21" and message.user("colour") == ["red"]


@V5_ONLY
def test_a_topic_alias_is_resolved_before_the_tag_is_checked(mote, reader):
    topic = f"plant/{mote.identity}/t"
    for name in (topic, ""):
        claim = mote.seal(topic, "21")
        assert mote.connection.publish(name, e.as_payload(claim), qos=1, properties={"topic_alias": 1}) == 0
        assert plain_of(reader.receive()) == (topic, b"21")


@V5_ONLY
@pytest.mark.parametrize("name", ["cs-id", "cs-level", "cs-score", "cs-card", "cs-anything"])
def test_nobody_speaks_in_our_name(mote, assert_refused, name):
    topic = f"plant/{mote.identity}/t"
    assert_refused(mote, "malformed", lambda: mote.publish(topic, "1", properties={"user": [(name, "x")]}), notice=False)


@V5_ONLY
@pytest.mark.parametrize("cs1", [["AAAA", "AAAA"], ["=="], [""], ["wAEB"], ["x" * 400]], ids=str)
def test_a_broken_readable_form_is_malformed(mote, assert_refused, cs1):
    def act():
        return mote.connection.publish(f"plant/{mote.identity}/t", "1", qos=1, properties={"user": [("cs1", one) for one in cs1]})
    assert_refused(mote, "malformed", act, notice=False)


@V5_ONLY
def test_two_readable_forms_are_malformed_even_if_both_are_right(mote, assert_refused):
    topic = f"plant/{mote.identity}/t"
    cs1, body = e.as_property(mote.seal(topic, "1"))

    def act():
        return mote.connection.publish(topic, body, qos=1, properties={"user": [("cs1", cs1), ("cs1", cs1)]})
    assert_refused(mote, "malformed", act, notice=False)


def test_a_short_tag_is_denied_where_the_rule_does_not_take_it(mote, assert_refused):
    assert_refused(mote, "denied", lambda: mote.publish(f"plant/{mote.identity}/t", "1", short=True))


def test_an_unsealed_message_is_refused_where_the_rule_wants_it_sealed(mote, assert_refused):
    assert_refused(mote, "not_sealed", lambda: mote.publish(f"plant/{mote.identity}/secret", "1"))


def test_a_sealed_message_does_not_travel_in_clear(mote, reader):
    sent = mote.publish(f"plant/{mote.identity}/secret", b"the combination is 12-34-56", sealed=True)
    assert b"combination" not in sent.payload
    assert reader.receive().payload == b"the combination is 12-34-56"


@pytest.mark.parametrize("flags", [e.SEALED | e.SHORT_TAG, e.SEALED | e.ON_CARD, e.ON_CARD | e.SHORT_TAG])
def test_flags_that_exclude_each_other_are_malformed(mote, assert_refused, flags):
    wire = bytes([0xC0 | flags]) + p.vbi(mote.session.kid) + p.vbi(1) + bytes(40)

    def act():
        return mote.connection.publish(f"plant/{mote.identity}/t", wire, qos=1)
    assert_refused(mote, "malformed", act, notice=False)


def test_sequence_numbers_start_anywhere_and_reach_their_maximum(mote, reader):
    topic = f"plant/{mote.identity}/t"
    for seq in (0, 127, 128, 16_383, 16_384, 2_097_152, p.MAX_SEQ):
        assert mote.publish(topic, str(seq), seq=seq).code == 0
        assert reader.receive().payload == str(seq).encode()


def test_observe_unwraps_what_is_valid_and_delivers_the_rest_as_sent(plant, mote, reader):
    topic = f"plant/{mote.identity}/seen"
    mark = plant.mark()
    mote.publish(topic, "signed")
    assert reader.receive().payload == b"signed"
    mote.connection.publish(topic, "not signed", qos=1)
    assert reader.receive().payload == b"not signed"
    assert plant.broker.wait_for_audit(after=mark, event="publish", verdict="observe")["why"] == "unsigned"
    forged = bytearray(mote.publish(topic, "x", seq=50).payload)
    reader.receive()
    forged[-1] ^= 1
    mote.connection.publish(topic, bytes(forged), qos=1)
    assert reader.receive().payload == bytes(forged)


def test_observe_refuses_what_is_sealed_and_does_not_open(mote, reader):
    topic = f"plant/{mote.identity}/seen"
    claim = e.as_payload(mote.seal(topic, "x", flags=e.SEALED))
    mote.connection.publish(topic, claim[:-1] + bytes([claim[-1] ^ 1]), qos=1)
    assert reader.pending() == []
