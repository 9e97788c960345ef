"""Cards in the readers of a fleet are where they prove themselves (docs/protocol.md, section 11)."""

import pytest
from countersign_tests import fleet, mqtt
from countersign_tests.fleet import READER, is_at
from countersign_tests.mqtt import Will
from countersign_tests.plant import Plant


@pytest.fixture(scope="module")
def plant():
    with Plant([fleet.RULE]) as plant:
        yield plant


def wait_gone(plant, card, after=0):
    return plant.broker.wait_for_audit(lambda line: line.get("detail", "").startswith(card.name), event="card_gone",
                                       after=after)


def test_a_card_that_was_never_seen_has_nowhere_to_be(plant, card):
    shown = plant.admin.show_card(card)
    assert shown["standing"] == "active" and shown["kind"] == "device"
    assert set(shown) == {"card", "identity", "kind", "standing"}


def test_a_card_is_where_it_proves_itself(plant, agent, card):
    mark = plant.mark()
    agent.insert(card)
    assert "present" not in plant.admin.show_card(card), "an agent's word is no proof"
    order = agent.serve()
    assert (order.uid, order.ins, order.proof) == (card.uid, 0, bytes(20))
    shown = plant.admin.show_card(card)
    assert is_at(shown, agent)
    assert shown["lifeCycle"] == "active" and shown["adminCounter"] == 0
    assert abs(shown["seenAt"] - plant.admin.list_cards()["now"]) < 10_000
    line = plant.broker.wait_for_audit(event="card_here", after=mark)
    assert line["identity"] == shown["identity"] and agent.host in line["detail"]


def test_all_that_an_agent_has_is_asked_for_when_it_comes_online(plant, new_agent, new_card):
    here = [new_card() for _ in range(5)]
    agent = new_agent(online=False)
    agent.readers = {f"slot {number}": card for number, card in enumerate(here)} | {"empty": None}
    agent.come_online()
    for _ in here:
        agent.serve()
    for number, card in enumerate(here):
        assert is_at(plant.admin.show_card(card), agent, f"slot {number}")
    (listed,) = [one for one in plant.admin.list_cards()["agents"] if one["identity"] == agent.identity]
    assert listed == {"identity": agent.identity, "connected": True, "cards": 5}


def test_a_card_that_was_taken_out_was_last_seen_there(plant, agent, card):
    agent.insert(card)
    agent.serve()
    agent.remove()
    shown = plant.admin.show_card(card)
    assert shown["present"] is False and shown["agent"] == agent.identity and shown["reader"] == READER


def test_a_card_that_moves_is_where_it_proved_itself_last(plant, new_agent, card):
    first, second = new_agent("desk-7"), new_agent("gate")
    first.insert(card)
    first.serve()
    second.insert(card, "slot 1")
    second.serve()
    assert is_at(plant.admin.show_card(card), second, "slot 1")
    mark = plant.mark()
    first.remove()
    assert is_at(plant.admin.show_card(card), second, "slot 1"), "the first one's word is worth nothing any more"
    second.remove("slot 1")
    gone = wait_gone(plant, card, mark)
    assert second.identity in gone["detail"], "and is not on record"


@pytest.mark.parametrize("end", ["abandoned", "offline", "blocked", "session ended", "reader gone", "not listed"])
def test_cards_are_gone_with_their_agent(plant, agent, card, end):
    agent.insert(card)
    agent.serve()
    mark = plant.mark()
    if end == "abandoned":
        agent.connection.abandon()
    elif end == "offline":
        agent.say("offline")
    elif end == "blocked":
        plant.admin.call("block", identity=agent.identity)
    elif end == "session ended":
        plant.admin.call("end_session", identity=agent.identity)
    elif end == "reader gone":
        agent.say("reader_removed", reader=READER)
    else:
        agent.readers = {}
        agent.come_online()
    wait_gone(plant, card, mark)
    assert plant.admin.show_card(card)["present"] is False
    (listed,) = [one for one in plant.admin.list_cards()["agents"] if one["identity"] == agent.identity]
    assert listed["cards"] == 0 and listed["connected"] is (end in ("reader gone", "not listed"))


def test_a_login_of_the_same_agent_elsewhere_takes_no_card_away(plant, agent, card):
    agent.insert(card)
    agent.serve()
    other = plant.log_in(agent.identity)
    other.connection.abandon()
    agent.say("service_found")
    assert is_at(plant.admin.show_card(card), agent)


def test_an_agent_that_reconnects_has_its_cards_again(plant, agent, card):
    agent.insert(card)
    agent.serve()
    agent.connection.abandon()
    agent.resume()
    agent.come_online()
    agent.serve()
    assert is_at(plant.admin.show_card(card), agent)


def test_an_agent_that_takes_its_own_connection_over_keeps_its_cards(plant, agent, card):
    """It reconnects before anybody has seen that it was gone."""
    agent.resume()
    agent.insert(card)
    agent.serve()
    older = agent.connection
    agent.resume()
    agent.come_online()
    agent.serve()
    assert older.wait_closed()
    assert is_at(plant.admin.show_card(card), agent)
    agent.remove()
    assert plant.admin.show_card(card)["present"] is False


def test_the_last_will_of_an_agent_is_delivered(plant, agent, card):
    will = Will(agent.topic, agent.event("offline").encode())
    agent.resume(will=will)
    agent.commit_will(will)
    agent.connection.ping()
    with plant.subscriber(agent.topic) as watcher:
        agent.connection.abandon()
        assert b'"offline"' in watcher.receive().payload


def test_an_agent_may_seal_what_it_says(plant, agent, card):
    agent.publish(agent.topic, agent.event("inserted", reader=READER, card=card.name), sealed=True)
    agent.readers[READER] = card
    agent.serve()
    assert is_at(plant.admin.show_card(card), agent)


@pytest.mark.parametrize("version", [mqtt.V311, mqtt.V5], ids=["mqtt311", "mqtt5"])
def test_both_versions_of_mqtt_will_do(plant, card, version):
    identity = f"agent-of-{version}"
    plant.register(identity, kind="agent")
    agent = plant.log_in(identity, agent=True, version=version)
    agent.insert(card)
    agent.serve()
    assert is_at(plant.admin.show_card(card), agent)
    agent.close()
