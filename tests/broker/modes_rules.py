"""off, observe, enforce, and what a rule may ask of a message (docs/decisions/0007 and 0013)."""

import json

import pytest
from countersign_tests import config, mqtt
from countersign_tests import envelope as e
from countersign_tests.broker import wait_until
from countersign_tests.plant import Plant

OK = (0, 0x10)


@pytest.fixture(scope="module")
def plant():
    rules = [
        config.rule("off/#", "off"),
        config.rule("trial/%d/#", "observe", range={"min": 0, "max": 50}),
        config.rule("plant/%d/json", subscribe="anyone", range={"pointer": "/readings/0/celsius", "min": -40, "max": 85}),
        config.rule("plant/%d/two", subscribe="anyone", range=[{"pointer": "/t", "min": 0}, {"pointer": "/h", "max": 100}]),
        config.rule("plant/%d/t", subscribe="anyone"),
        config.rule("plant/%d/sealed", subscribe="anyone", sealed=True),
        config.rule("plant/%d/short", subscribe="anyone", short_tags=True),
        config.rule("plant/%d/kept", subscribe="anyone", retained=True),
        config.rule("plant/%d/twice", subscribe="anyone", qos2="allow"),
        config.rule("plant/%d/receipts", subscribe="anyone", receipts=3),
        config.rule("plant/%d/card", subscribe="anyone", card="require"),
    ]
    with Plant(rules, default={"mode": "enforce", "publish": ["role:operator"], "subscribe": ["anyone"]}) as plant:
        yield plant


@pytest.fixture
def reader(plant):
    with plant.subscriber("#", version=mqtt.V5, qos=1) as client:
        client.pending()  # what is retained
        yield client


@pytest.fixture
def mote(new_mote):
    return new_mote(mqtt.V5)


def payloads(reader):
    return [message.payload for message in reader.pending()]


# off

def test_off_leaves_every_byte_alone(mote, reader, plant, raw):
    foreign = raw()
    foreign.connect("foreign-off")
    envelope = e.as_payload(mote.seal("off/x", b"21"))
    for client in (foreign, mote.connection):
        for wire in (b"plain", envelope, b"\xc0\x01", b""):
            client.publish("off/x", wire, qos=1)
    assert payloads(reader) == [b"plain", envelope, b"\xc0\x01", b""] * 2


def test_off_adds_no_properties_and_keeps_those_of_the_sender(reader, raw):
    foreign = raw(mqtt.V5)
    foreign.connect("foreign-off-5")
    foreign.publish("off/x", b"1", qos=1, properties={"user": [("a", "b")]})
    assert reader.receive().properties["user"] == [("a", "b")]


# observe

def test_observe_unwraps_what_is_valid(mote, reader):
    mote.publish(f"trial/{mote.identity}/t", b"21")
    message = reader.receive()
    assert message.payload == b"21" and ("cs-id", mote.identity) in message.properties["user"]


def test_observe_opens_what_is_sealed_and_valid(mote, reader):
    mote.publish(f"trial/{mote.identity}/t", b"21", sealed=True)
    assert payloads(reader) == [b"21"]


def test_observe_delivers_everything_else_as_it_was_sent_and_counts_it(mote, reader, plant, raw):
    foreign = raw(mqtt.V5)
    foreign.connect("foreign-observe")
    topic = f"trial/{mote.identity}/t"
    good = e.as_payload(mote.seal(topic, b"21"))
    forged = good[:-1] + bytes([good[-1] ^ 1])
    before, mark = plant.admin.call("metrics")["observed"], plant.mark()
    wires = [b"plain", forged, good[:5], b""]
    for client in (foreign, mote.connection):
        for wire in wires:
            assert client.publish(topic, wire, qos=1) in OK
    assert payloads(reader) == wires * 2
    assert plant.admin.call("metrics")["observed"] == before + len(wires) * 2
    def observed():
        return [line["why"] for line in plant.broker.audit()[mark:] if line.get("verdict") == "observe"]
    wait_until(lambda: len(observed()) == len(wires) * 2, 5, observed)
    assert observed()[-4:] == ["unsigned", "bad_tag", "malformed", "unsigned"]


def test_observe_refuses_what_is_sealed_and_does_not_open(mote, reader, plant):
    topic = f"trial/{mote.identity}/t"
    wire = e.as_payload(mote.seal(topic, b"secret", flags=e.SEALED))
    forged = wire[:-1] + bytes([wire[-1] ^ 1])
    assert mote.connection.publish(topic, forged, qos=1) == 0x87
    assert payloads(reader) == []
    plant.broker.wait_for_audit(verdict="observe", why="bad_tag", identity=mote.identity)


def test_observe_closes_and_demotes_nobody(mote, reader, plant):
    topic = f"trial/{mote.identity}/t"
    good = e.as_payload(mote.seal(topic, b"21"))
    for _ in range(30):
        mote.connection.publish(topic, good[:-1] + bytes([good[-1] ^ 1]), qos=1)
        mote.connection.publish(topic, b"plain", qos=1)
    for _ in range(12):
        mote.publish(topic, b"out of range")
    plant.admin.connection.ping()
    assert mote.connection.is_open() and plant.score(mote.identity) == ("AUTH2", 10)
    delivered = 0
    while delivered < 72:
        reader.receive()
        delivered += 1


def test_observe_delivers_what_a_rule_would_forbid(mote, new_mote, reader):
    other = new_mote(mqtt.V5)
    assert other.publish(f"trial/{mote.identity}/t", b"not mine").code in OK
    assert other.publish(f"trial/{other.identity}/t", b"twice", qos=2).code in OK
    assert payloads(reader) == [b"not mine", b"twice"]


# enforce, and the default

def test_enforce_refuses_what_is_not_signed_whoever_sends_it(mote, reader, plant, raw):
    foreign = raw(mqtt.V5)
    foreign.connect("foreign-enforce")
    topic = f"plant/{mote.identity}/t"
    assert foreign.publish(topic, b"21", qos=1) == 0x87
    assert mote.connection.publish(topic, b"21", qos=1) == 0x87
    assert foreign.publish(topic, e.as_payload(mote.seal(topic, b"21")), qos=1) == 0x87
    assert payloads(reader) == []


def test_the_default_rule_decides_where_no_other_does(plant, mote, new_mote, reader):
    assert mote.publish("elsewhere", b"1").code == 0x87
    assert mote.wait_notice("denied")
    operator = new_mote(mqtt.V5, roles=["operator"])
    assert operator.publish("elsewhere", b"2").code in OK
    assert payloads(reader) == [b"2"]


def test_the_first_rule_that_matches_decides(mote, reader):
    # plant/%d/t, not the default: no role is needed
    assert mote.publish(f"plant/{mote.identity}/t", b"1").code in OK
    assert mote.publish(f"plant/{mote.identity}/t/deeper", b"1").code == 0x87


# accepted ranges

@pytest.mark.parametrize("document, good", [
    ({"readings": [{"celsius": 20}]}, True), ({"readings": [{"celsius": -40.0}]}, True), ({"readings": [{"celsius": 85.1}]}, False),
    ({"readings": [{"celsius": "20"}]}, False), ({"readings": [{"celsius": None}]}, False), ({"readings": []}, False), ([], False),
    ({"readings": [{"celsius": [20]}]}, False), ({}, False),
])
def test_a_number_is_found_by_its_json_pointer(mote, reader, document, good):
    sent = mote.publish(f"plant/{mote.identity}/json", json.dumps(document))
    assert (sent.code in OK) == good
    assert payloads(reader) == ([json.dumps(document).encode()] if good else [])


@pytest.mark.parametrize("text", [
    b"", b"{", b'{"readings":[{"celsius":20}]', b'{"readings":[{"celsius":20}]}x', b"[" * 5000, b'{"readings":[{"celsius":1e999}]}',
    b'{"readings":[{"celsius":20}],"readings":[{"celsius":99}]}', b'{"readings":[{"celsius":99}],"readings":[{"celsius":20}]}',
    b"\xff\xfe", b'{"readings":[{"celsius":NaN}]}',
])
def test_a_payload_that_is_no_json_is_out_of_range(mote, reader, text):
    assert mote.publish(f"plant/{mote.identity}/json", text).code == 0x87
    assert mote.wait_notice("out_of_range") and payloads(reader) == []


def test_of_several_ranges_each_must_hold(mote, reader, plant):
    topic = f"plant/{mote.identity}/two"
    codes = [mote.publish(topic, json.dumps(one)).code in OK for one in ({"t": 1, "h": 50}, {"t": -1, "h": 50}, {"t": 1, "h": 101}, {"t": 1})]
    assert codes == [True, False, False, False]
    assert plant.score(mote.identity) == ("AUTH2", 8), "once for each message"


# what else a rule asks for

def test_a_sealed_rule_takes_only_what_is_sealed_and_delivers_it_plain(mote, reader):
    topic = f"plant/{mote.identity}/sealed"
    assert mote.publish(topic, b"open").code == 0x87
    assert mote.wait_notice("not_sealed")
    assert mote.publish(topic, b"closed", sealed=True).code in OK
    assert payloads(reader) == [b"closed"]


def test_short_tags_pass_only_where_a_rule_allows_them(mote, reader):
    assert mote.publish(f"plant/{mote.identity}/t", b"1", short=True).code == 0x87
    assert mote.wait_notice("denied")
    assert mote.publish(f"plant/{mote.identity}/short", b"2", short=True).code in OK
    assert payloads(reader) == [b"2"]


def test_retained_messages_pass_only_where_a_rule_allows_them(mote, reader, plant):
    assert mote.publish(f"plant/{mote.identity}/t", b"1", retain=True).code == 0x87
    assert mote.wait_notice("retain")
    topic = f"plant/{mote.identity}/kept"
    assert mote.publish(topic, b"2", retain=True).code in OK
    assert payloads(reader) == [b"2"]
    with plant.subscriber(topic, version=mqtt.V5) as late:
        assert late.receive().payload == b"2", "the store keeps what subscribers get"
    wire = e.as_payload(mote.seal(topic, b"3"))
    assert mote.connection.publish(topic, wire, qos=1, retain=True) == 0x87, "the intent is signed"


def test_qos_2_passes_only_where_a_rule_allows_it(mote, reader):
    assert mote.publish(f"plant/{mote.identity}/t", b"1", qos=2).code == 0x87
    assert mote.wait_notice("qos2")
    assert mote.publish(f"plant/{mote.identity}/twice", b"2", qos=2).code in OK
    assert payloads(reader) == [b"2"]


def test_receipts_come_by_themselves_where_a_rule_says_so(mote):
    sent = [mote.publish(f"plant/{mote.identity}/receipts", b"%d" % i) for i in range(6)]
    first, second = mote.receive_notice(), mote.receive_notice()
    assert first.kid == mote.session.kid and first.edge == sent[2].seq + 1 and second.edge == sent[5].seq + 1
    assert all(second.accepted(one.seq) for one in sent)


def test_a_rule_may_ask_for_the_cards_own_tag(new_mote, reader):
    mote = new_mote(mqtt.V5, card="0011223344556677")
    topic = f"plant/{mote.identity}/card"
    assert mote.publish(topic, b"host").code == 0x87
    assert mote.wait_notice("card_required")
    sent = mote.publish(topic, b"card", on_card=True)
    assert sent.code in OK
    message = reader.receive()
    assert message.payload == b"card" and ("cs-card", "1") in message.properties["user"]
