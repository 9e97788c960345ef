"""Messages that the card itself signed: tag, window, then a card counter that only rises (docs/protocol.md, section 9)."""

import dataclasses
import secrets

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests.device import SoftwareKey
from countersign_tests.mqtt import Will
from countersign_tests.plant import Plant

OK = (0, 0x10)
V5_ONLY = pytest.mark.parametrize("version", [mqtt.V5], ids=["mqtt5"], indirect=True)


@pytest.fixture(scope="module")
def plant():
    rules = [
        config.rule("plant/%d/t", subscribe=["anyone"]),
        config.rule("plant/%d/must", card="require", wills=True, subscribe=["anyone"]),
    ]
    with Plant(rules) as plant:
        yield plant


@pytest.fixture
def mote(new_mote, version):
    """A device whose key is on a card."""
    return new_mote(version, card=secrets.token_hex(8))


def sign(device, topic, payload="21.5", **more):
    return device.publish(topic, payload, on_card=True, **more)


def reading(device):
    return f"plant/{device.identity}/t"


def guarded(device):
    return f"plant/{device.identity}/must"


def test_a_reading_that_the_card_signed_arrives_plain_and_says_so(plant, mote, reader):
    with plant.subscriber(reading(mote)) as old:
        assert sign(mote, reading(mote)).code == 0
        message = reader.receive()
        assert (message.topic, message.payload) == (reading(mote), b"21.5")
        assert message.user("cs-id") == [mote.identity] and message.user("cs-card") == ["1"]
        assert old.receive().payload == b"21.5"


def test_a_reading_that_the_host_signed_does_not_say_so(mote, reader):
    for on_card in (True, False, True):
        mote.publish(reading(mote), "21.5", on_card=on_card)
        assert reader.receive().user("cs-card") == ["1"] * on_card


@V5_ONLY
def test_the_readable_form_takes_a_cards_tag_too(mote, reader):
    sent = sign(mote, reading(mote), form="property", properties={"content_type": "text/plain"})
    assert sent.payload == b"21.5" and sent.code == 0
    message = reader.receive()
    assert message.payload == b"21.5" and message.user("cs-card") == ["1"]


def test_a_rule_that_wants_the_card_refuses_what_the_host_signed(mote, reader, assert_refused):
    assert_refused(mote, "card_required", lambda: mote.publish(guarded(mote), "21.5"))
    assert sign(mote, guarded(mote)).code == 0
    assert reader.receive().user("cs-card") == ["1"]


def test_a_rule_that_wants_the_card_takes_no_will(plant, mote, reader):
    will = Will(guarded(mote), b"gone")
    mote.resume(will=will)
    mote.commit_will(will)
    mote.connection.ping()
    mark = plant.mark()
    mote.connection.abandon()
    plant.broker.wait_for_audit(after=mark, event="will", verdict="refuse")
    assert reader.pending() == []


def test_the_cards_counter_may_jump(mote, reader):
    for counter in (1, 2, 1000, 2**32 - 2):
        mote.key.counter = counter
        assert sign(mote, reading(mote)).code == 0
    assert len(reader.pending()) == 4


@pytest.mark.parametrize("behind", [0, 1, 100])
def test_a_counter_that_did_not_rise_is_stale(mote, reader, assert_refused, behind):
    mote.key.counter = 200
    sign(mote, reading(mote))
    assert reader.receive().payload == b"21.5"
    mote.key.counter -= behind + 1
    assert_refused(mote, "stale", lambda: sign(mote, reading(mote)))
    mote.key.counter = 201
    assert sign(mote, reading(mote)).code == 0, "a stale one has moved nothing"


def test_the_counter_belongs_to_the_key_and_outlives_its_session(mote, reader, assert_refused):
    mote.key.counter = 50
    sign(mote, reading(mote))
    assert reader.receive().payload == b"21.5"
    mote.login()
    mote.key.counter = 50
    assert_refused(mote, "stale", lambda: sign(mote, reading(mote)))
    assert sign(mote, reading(mote)).code == 0


def test_a_new_key_counts_from_the_start(plant, new_mote, version, reader):
    mote = new_mote(version, card=secrets.token_hex(8))
    mote.key.counter = 50
    sign(mote, reading(mote))
    assert reader.receive().payload == b"21.5"
    key = bytes(range(32))
    plant.admin.call("rekey", identity=mote.identity, key=key.hex(), card=secrets.token_hex(8))
    mote.key = SoftwareKey(key)
    mote.login()
    assert sign(mote, reading(mote)).code == 0
    assert reader.receive().user("cs-card") == ["1"]


def test_the_same_message_again_is_a_duplicate_and_an_old_one_replayed(mote, reader, assert_refused):
    sent = [sign(mote, reading(mote)) for _ in range(40)]
    assert len(reader.pending()) == 40
    assert_refused(mote, "duplicate", lambda: sent[-1].send_from(mote.connection))
    assert_refused(mote, "replayed", lambda: sent[0].send_from(mote.connection))


def test_a_tag_is_bound_to_its_session(mote, assert_refused):
    """The host asked the card for a tag, and used it only after the next login."""
    old = mote.seal(reading(mote), "21.5", flags=e.ON_CARD)
    mote.login()
    header = dataclasses.replace(old.header, kid=mote.session.kid, seq=mote.session.next_seq())
    moved = e.as_payload(dataclasses.replace(old, header=header))
    assert_refused(mote, "bad_tag", lambda: mote.connection.publish(reading(mote), moved, qos=1), notice=False)


@pytest.mark.parametrize("change", ["counter", "seq", "body", "tag", "topic"])
def test_what_the_card_signed_cannot_be_altered(mote, assert_refused, change):
    claim = mote.seal(reading(mote), "21.5", flags=e.ON_CARD)
    header, topic = claim.header, reading(mote)
    if change in ("counter", "seq"):
        field = "card_counter" if change == "counter" else "seq"
        claim = dataclasses.replace(claim, header=dataclasses.replace(header, **{field: getattr(header, field) + 1}))
    elif change == "topic":
        topic = guarded(mote)
    else:
        claim = dataclasses.replace(claim, **{change: b"x" + getattr(claim, change)[1:]})
    assert_refused(mote, "bad_tag", lambda: mote.connection.publish(topic, e.as_payload(claim), qos=1), notice=False)


def test_who_holds_the_session_key_alone_cannot_sign_for_the_card(mote, assert_refused):
    mote.key = SoftwareKey(bytes(32), counter=10)
    assert_refused(mote, "bad_tag", lambda: sign(mote, reading(mote)), notice=False)


def test_an_identity_without_a_card_has_no_card_tags(new_mote, version, reader, assert_refused):
    mote = new_mote(version)
    assert_refused(mote, "bad_tag", lambda: sign(mote, reading(mote)), notice=False)


@pytest.mark.parametrize("with_card", [e.SEALED, e.SHORT_TAG], ids=["sealed", "short"])
def test_a_cards_tag_is_neither_sealed_nor_short(mote, assert_refused, with_card):
    claim = mote.seal(reading(mote), "21.5", flags=e.ON_CARD)
    wire = e.as_payload(claim)
    wire = bytes([wire[0] | with_card]) + wire[1:]
    assert_refused(mote, "malformed", lambda: mote.connection.publish(reading(mote), wire, qos=1), notice=False)


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_the_counter_outlives_the_broker(plant, new_mote, kill):
    mote = new_mote(mqtt.V5, card=secrets.token_hex(8))
    mote.key.counter = 70
    assert sign(mote, reading(mote)).code in OK
    # a registration is answered when it, and so everything before it, is on the disk
    plant.register(f"after-{mote.identity}")
    plant.restart(kill=kill)
    mote.login()
    mote.key.counter = 70
    sent = sign(mote, reading(mote))
    assert sent.code == 0x87 and mote.wait_notice("stale")["seq"] == sent.seq
    assert sign(mote, reading(mote)).code in OK
