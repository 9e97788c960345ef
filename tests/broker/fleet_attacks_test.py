"""What agents, thieves of their keys and strangers try with a fleet, and do not get (docs/protocol.md, section 11)."""

import json
import os
import pathlib
import secrets
import sqlite3

import pytest
from countersign_tests import card_messages as c
from countersign_tests import config, fleet
from countersign_tests.admin import Admin
from countersign_tests.fleet import READER, Card, block, is_at
from countersign_tests.plant import SERVER_ID, Plant

ANY_AGENT = config.rule("countersign/fleet/+/event", publish=["kind:agent"], subscribe=["anyone"])


@pytest.fixture(scope="module")
def plant():
    with Plant([fleet.RULE]) as plant:
        yield plant


@pytest.fixture
def gate(new_agent):
    """The other agent: the one that lies."""
    return new_agent("gate")


@pytest.fixture
def at_desk(agent, card):
    """The card, where it really is."""
    agent.insert(card)
    agent.serve()
    return agent


def claim(agent, card):
    """The challenge that T makes for a card that the agent says it has."""
    agent.say("inserted", reader="forged", card=card.name)
    return agent.receive_order()


def assert_unproven(plant, agent, report, detail="wrong proof"):
    mark = plant.mark()
    agent.report(report)
    line = plant.broker.wait_for_audit(event="card_unproven", after=mark)
    assert line["identity"] == agent.identity and detail in line["detail"]


# proofs

@pytest.mark.parametrize("forge", [
    lambda card, order: c.presence(secrets.token_bytes(32), card.uid, order.challenge, c.ACTIVE, 0),
    lambda card, order: c.presence(card.k, bytes(8), order.challenge, c.ACTIVE, 0),
    lambda card, order: c.presence(card.k, card.uid, bytes(16), c.ACTIVE, 0),
    lambda card, order: bytes([c.DEACTIVATED]) + card.presence(order.challenge)[1:],
    lambda card, order: card.presence(order.challenge)[:4] + b"\x01" + card.presence(order.challenge)[5:],
    lambda card, order: card.presence(order.challenge)[:-1] + bytes([card.presence(order.challenge)[-1] ^ 1]),
    lambda card, order: bytes(5) + secrets.token_bytes(16),
    lambda card, order: c.presence(card.k, card.uid, order.challenge, c.TERMINATED, 0),
], ids=["no key", "another uid", "another challenge", "another state", "another counter", "one bit", "nonsense", "terminated"])
def test_a_fake_agent_cannot_make_a_card_appear(plant, at_desk, gate, card, forge):
    """The real place stays, and the attempt is on record."""
    order = claim(gate, card)
    assert_unproven(plant, gate, c.report(card.uid, fleet.OK, forge(card, order), "forged"))
    assert is_at(plant.admin.show_card(card), at_desk)


def test_a_card_that_only_the_fake_agent_speaks_of_is_nowhere(plant, gate, card):
    order = claim(gate, card)
    gate.report(c.report(card.uid, fleet.OK, bytes(c.PRESENCE_BYTES), "forged"))
    assert_unproven(plant, gate, c.report(card.uid, fleet.OK, card.presence(order.challenge), "forged"), "nobody asked")
    assert "present" not in plant.admin.show_card(card), "the first report spent the challenge"


def test_a_proof_counts_once(plant, at_desk, card):
    order = claim(at_desk, card)
    report = at_desk.obey(order)
    at_desk.report(report)
    at_desk.remove()
    assert_unproven(plant, at_desk, report, "nobody asked")
    assert plant.admin.show_card(card)["present"] is False


def test_a_recorded_report_is_a_duplicate(plant, at_desk, card):
    """Whoever holds the connection sends the envelope again."""
    order = claim(at_desk, card)
    sent = at_desk.report(at_desk.obey(order))
    at_desk.remove()
    claim(at_desk, card)
    mark = plant.mark()
    sent.send_from(at_desk.connection)
    plant.broker.wait_for_audit(verdict="refuse", why="duplicate", after=mark)
    assert plant.admin.show_card(card)["present"] is False


def test_a_proof_made_for_another_agent_is_worth_nothing(plant, agent, gate, card):
    """The gate overheard what the desk was asked, and what the card answered."""
    agent.insert(card)
    order = agent.receive_order()
    claim(gate, card)
    assert_unproven(plant, gate, c.report(card.uid, fleet.OK, card.presence(order.challenge), "forged"))
    agent.report(agent.obey(order))
    assert is_at(plant.admin.show_card(card), agent)


def test_a_locate_is_not_answered_by_a_lie(plant, at_desk, gate, card):
    plant.admin.send_commands({"command": "locateCard", "card": card.name})
    gate.receive_order()
    assert_unproven(plant, gate, c.report(card.uid, fleet.OK, bytes([c.ACTIVE]) + bytes(20), "forged"))
    at_desk.serve()
    (response,) = plant.admin.receive_responses()
    assert response["data"]["found"] is True and is_at(response["data"], at_desk)


# a stolen agent's key

def test_a_stolen_key_can_hide_cards_until_they_prove_themselves(plant, at_desk, card):
    thief = plant.log_in(at_desk.identity, agent=True)
    thief.say("removed", reader=READER, card=card.name)
    assert plant.admin.show_card(card)["present"] is False
    at_desk.come_online()
    at_desk.serve()
    assert is_at(plant.admin.show_card(card), at_desk)
    thief.close()


@pytest.mark.parametrize("say", ["removed", "offline", "online", "reader_removed"])
def test_another_agent_hides_nothing(plant, at_desk, gate, card, say):
    gate.say(say, reader=READER, card=card.name, readers=[])
    assert is_at(plant.admin.show_card(card), at_desk)


def test_a_stolen_key_blocks_and_unblocks_nothing(plant, at_desk, card):
    block(plant, card)
    thief = Admin(at_desk.identity, plant.keys[at_desk.identity], SERVER_ID, port=plant.broker.port)
    thief.key.epoch = at_desk.key.epoch
    thief.login()
    for name in ("listCards", "locateCard", "blockCard", "unblockCard"):
        thief.send_commands({"command": name, "card": card.name, "order": card.order(c.ACTIVATE, 2)})
        assert thief.receive_responses() == [{"error": "Not an administrator"}]
    assert plant.admin.show_card(card)["standing"] == "blocked"
    thief.close()


@pytest.mark.parametrize("status", [fleet.OK, fleet.WRONG_ISSUER, fleet.SPENT_COUNTER])
def test_a_stolen_key_does_not_end_an_order(plant, agent, gate, card, status):
    """Neither by saying that it is done, nor that the card refused it."""
    block(plant, card)
    order = claim(gate, card)
    assert order.ins == c.DEACTIVATE
    gate.report(c.report(card.uid, status))
    order = claim(gate, card)
    done = bytes([c.DEACTIVATED]) + order.proof[:4] + secrets.token_bytes(16)
    assert_unproven(plant, gate, c.report(card.uid, status, done, "forged"))
    assert plant.admin.show_card(card)["order"]["state"] == "waiting"
    agent.insert(card)
    assert agent.serve().ins == c.DEACTIVATE
    assert plant.admin.show_card(card)["order"]["state"] == "done"


def test_an_agent_that_carries_nothing_is_seen_through(plant, agent, card):
    """It has the card, keeps the order from it, and says that the counter was spent."""
    block(plant, card)
    agent.insert(card)
    order = agent.receive_order()
    agent.report(c.report(card.uid, fleet.SPENT_COUNTER, card.presence(order.challenge), READER))
    shown = plant.admin.show_card(card)
    assert shown["order"]["state"] == "waiting" and shown["lifeCycle"] == "active"
    assert shown["standing"] == "blocked"


def test_an_order_cannot_be_turned_into_another(card):
    """What agents carry is good for one card, one instruction, one number."""
    proof = card.proof(c.DEACTIVATE, 5)
    assert card.command(c.ACTIVATE, proof) == fleet.WRONG_ISSUER
    assert card.command(c.DEACTIVATE, (6).to_bytes(4, "big") + proof[4:]) == fleet.WRONG_ISSUER
    assert Card(card.k).command(c.DEACTIVATE, proof) == fleet.WRONG_ISSUER
    assert card.command(c.DEACTIVATE, proof) == fleet.OK
    assert card.command(c.DEACTIVATE, proof) == fleet.SPENT_COUNTER, "replayed"


def test_a_flood_of_claims_disturbs_nobody_else(plant, agent, gate, card):
    for _ in range(300):
        gate.say("inserted", reader="forged", card=card.name)
    assert len(gate.orders()) == 300
    agent.insert(card)
    agent.serve()
    assert is_at(plant.admin.show_card(card), agent)


# who may speak

def test_an_event_that_comes_again_is_no_event(plant, agent, card):
    sent = agent.insert(card)
    agent.serve()
    sent.send_from(agent.connection)
    assert agent.orders() == []


def test_nobody_says_anything_unsigned(plant, agent, card, raw):
    stranger = raw()
    stranger.connect("passer-by")
    for speaker in (stranger, agent.connection):
        mark = plant.mark()
        speaker.publish(agent.topic, agent.event("inserted", reader=READER, card=card.name), qos=1)
        plant.broker.wait_for_audit(event="publish", verdict="refuse", after=mark)
    assert agent.orders() == []


@pytest.mark.parametrize("kind", ["device", "user", "admin"])
def test_only_agents_are_heard(plant, card, kind):
    """Under a rule that takes messages of any kind."""
    identity = f"no-agent-{kind}"
    plant.register(identity, kind=kind)
    liar = plant.log_in(identity, agent=True)
    mark = plant.mark()
    liar.say("inserted", reader=READER, card=card.name)
    plant.broker.wait_for_audit(verdict="refuse", why="denied", after=mark)
    plant.reload(rules=[fleet.RULE | {"publish": ["%d"]}])
    try:
        liar.say("inserted", reader=READER, card=card.name)
        assert liar.orders() == []
        mark = plant.mark()
        liar.report(c.report(card.uid, fleet.OK, bytes(c.PRESENCE_BYTES), READER))
        plant.broker.wait_for_audit(event="control", verdict="refuse", why="malformed", after=mark)
    finally:
        plant.reload(rules=[fleet.RULE])


def test_an_agent_speaks_for_itself_alone(plant, at_desk, gate, card):
    """Also under a rule that binds nobody."""
    plant.reload(rules=[ANY_AGENT])
    try:
        gate.publish(at_desk.topic, at_desk.event("offline"))
        gate.publish(at_desk.topic, at_desk.event("inserted", reader=READER, card=card.name))
        assert gate.orders() == [] and at_desk.orders() == []
        assert is_at(plant.admin.show_card(card), at_desk)
        claim(gate, card)
    finally:
        plant.reload(rules=[fleet.RULE])


@pytest.mark.parametrize("mode", ["observe", "off"])
def test_only_a_rule_that_enforces_is_believed(plant, agent, card, mode):
    plant.reload(rules=[fleet.RULE | {"mode": mode}])
    try:
        agent.insert(card)
        agent.connection.publish(agent.topic, agent.event("inserted", reader=READER, card=card.name), qos=1)
        assert agent.orders() == []
    finally:
        plant.reload(rules=[fleet.RULE])
    agent.insert(card)
    agent.serve()


def test_what_a_relay_brings_is_not_heard(plant, agent, card):
    """An agent's connection is its own: orders would go to whoever carries it, here an agent itself."""
    plant.register("far-agent", kind="agent")
    plant.reload(relays=[{"identity": agent.identity, "carries": ["far-*"]}])
    far = plant.client_of("far-agent", agent=True)
    far.use_relay(agent.connection)
    far.handshake()
    far.say("inserted", reader=READER, card=card.name)
    assert agent.orders() == []
    mark = plant.mark()
    far.publish_auth(c.report(card.uid, fleet.OK, bytes(c.PRESENCE_BYTES), READER))
    plant.broker.wait_for_audit(event="control", verdict="refuse", why="malformed", after=mark)
    agent.insert(card)
    agent.serve()
    plant.reload(relays=[])


# what is no event

def deep(levels):
    return "[" * levels + "]" * levels


@pytest.mark.parametrize("make", [
    lambda event: b"\x00" * 64,
    lambda event: secrets.token_bytes(256),
    lambda event: b"",
    lambda event: "{",
    lambda event: deep(8000),
    lambda event: event[:-1] + ',"deep":' + deep(2000) + "}",
    lambda event: event[:-1] + ',"event":"inserted"}',
    lambda event: event[:-1] + ',"long":"' + "x" * 20_000 + '"}',
    lambda event: event + " " * 17_000,
    lambda event: event[:-1],
    lambda event: event.replace('"v": 1', '"v": 2'),
    lambda event: event.replace('"v": 1', '"v": 1.0'),
    lambda event: event.replace("inserted", "INSERTED"),
    lambda event: event.encode().replace(b"desk-7", b"\xff\xfe"),
    lambda event: event.replace("desk-7", "x" * 129),
    lambda event: event.replace('"number": ', '"number": -'),
    lambda event: event.upper(),
], ids=["zeros", "noise", "empty", "brace", "deep", "deep field", "twice", "long", "padded", "cut", "version", "float",
        "shouted", "no utf-8", "long name", "negative", "upper"])
def test_what_is_no_event_is_delivered_and_not_heard(plant, agent, card, make):
    event = make(agent.event("inserted", reader=READER, card=card.name))
    with plant.subscriber(agent.topic) as watcher:
        agent.publish(agent.topic, event)
        assert watcher.receive().payload == (event.encode() if isinstance(event, str) else event)
    assert agent.orders() == []
    agent.insert(card)
    agent.serve()


@pytest.mark.parametrize("report", [b"\x53", b"\x53" + bytes(52), b"\x53" + bytes(200), b"\x53" + bytes(30) + b"\xff" * 10],
                         ids=["mark", "cut", "long", "reader"])
def test_what_is_no_report_counts_against_its_connection(plant, agent, report):
    mark = plant.mark()
    agent.report(report)
    plant.broker.wait_for_audit(event="control", verdict="refuse", why="malformed", after=mark)


def test_a_names_bytes_do_no_harm(plant, agent, card):
    """A reader whose name is no text, quotes and ends early."""
    agent.insert(card)
    order = agent.receive_order()
    name = b"\xff\x00'\"; DROP TABLE cards; --\n"
    agent.report(c.report(card.uid, fleet.OK, card.presence(order.challenge), name))
    shown = plant.admin.show_card(card)
    assert shown["present"] is True and "DROP TABLE" in shown["reader"]
    plant.restart(kill=True)
    assert plant.admin.show_card(card)["seenAt"] == shown["seenAt"]


# cards of strangers

def memory_of(broker):
    """KiB."""
    (line,) = [one for one in pathlib.Path(f"/proc/{broker.process.pid}/status").read_text().splitlines()
               if one.startswith("VmRSS")]
    return int(line.split()[1])


@pytest.fixture
def plain_memory():
    """A plant whose broker gives freed memory back, also under a sanitizer."""
    options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
    with Plant([fleet.RULE], environment={"ASAN_OPTIONS": options.lstrip(":")}) as plant:
        yield plant


def test_cards_of_strangers_leave_no_trace(plain_memory):
    plant, agent = plain_memory, plain_memory.agent("agent-1")

    def come_and_go():
        """2,000 cards. How much memory the broker has more now, in KiB."""
        before = memory_of(plant.broker)
        for number in range(2000):
            uid = secrets.token_hex(8)
            event = ("inserted", "removed", "online")[number % 3]
            agent.publish(agent.topic, agent.event(event, reader=READER, card=uid, readers=[{"reader": "x", "card": uid}]), qos=0)
        agent.connection.ping()
        return memory_of(plant.broker) - before

    plant.card("boss")
    mark = plant.mark()
    assert min(come_and_go() for _ in range(4)) < 64, "2,000 cards of 40 bytes would be more, each time"
    assert agent.orders() == []
    assert plant.admin.list_cards()["totalCount"] == 1
    assert [line for line in plant.broker.audit()[mark:] if line["event"].startswith("card_")] == []
    plant.stop()
    with sqlite3.connect(plant.directory / "countersign.db") as database:
        assert database.execute("SELECT count(*) FROM cards").fetchone() == (0,)


def test_the_tags_of_orders_are_told_to_nobody_but_agents(plant, card):
    """listCards shows which order, not what makes the card obey it."""
    order = card.order(c.DEACTIVATE, 3)
    answers = [plant.admin.block_card(card, order=order), plant.admin.show_card(card)]
    assert order[8:] not in json.dumps(answers)
    assert order[8:] not in json.dumps(plant.broker.audit())
