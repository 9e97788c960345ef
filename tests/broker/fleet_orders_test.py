"""The issuer's orders reach a card wherever it appears, and nobody forgets them (docs/protocol.md, sections 10 and 11)."""

import time

import pytest
from countersign_tests import card_messages as c
from countersign_tests import fleet
from countersign_tests.broker import wait_until
from countersign_tests.fleet import READER, block
from countersign_tests.mqtt import ConnectRefused
from countersign_tests.plant import Plant


@pytest.fixture(scope="module")
def plant():
    with Plant([fleet.RULE]) as plant:
        yield plant


def test_a_card_that_is_present_is_deactivated_at_once(plant, agent, card):
    agent.insert(card)
    agent.serve()
    mark = plant.mark()
    answer = block(plant, card, reason="lost at the fair")
    assert (answer["standing"], answer["reason"]) == ("blocked", "lost at the fair")
    assert answer["order"] == {"instruction": "deactivate", "n": 1, "state": "sent"}
    order = agent.serve()
    assert (order.ins, order.proof) == (c.DEACTIVATE, card.proof(c.DEACTIVATE, 1))
    shown = plant.admin.show_card(card)
    assert shown["order"] == {"instruction": "deactivate", "n": 1, "state": "done"}
    assert (shown["lifeCycle"], shown["adminCounter"]) == ("deactivated", 1)
    for event in ("card_ordered", "card_order_done"):
        assert plant.broker.wait_for_audit(event=event, after=mark)["identity"] == shown["identity"]


def test_a_blocked_holder_is_out_from_that_moment(plant, card):
    identity = plant.admin.show_card(card)["identity"]
    holder = plant.log_in(identity)
    block(plant, card)
    assert holder.connection.wait_closed()
    with pytest.raises(ConnectRefused):
        holder.resume()
    plant.broker.wait_for_audit(event="connect", verdict="refuse", why="blocked", identity=identity)


def test_a_card_that_is_nowhere_is_deactivated_where_it_appears(plant, agent, card):
    assert block(plant, card)["order"]["state"] == "waiting"
    assert agent.orders() == []
    agent.insert(card)
    assert agent.serve().ins == c.DEACTIVATE
    assert plant.admin.show_card(card)["order"]["state"] == "done"
    agent.remove()
    agent.insert(card)
    assert agent.serve().ins == 0, "done is done"


def test_an_order_that_was_not_carried_out_is_sent_again(plant, agent, card):
    block(plant, card)
    agent.insert(card)
    order = agent.receive_order()
    agent.report(c.report(card.uid, fleet.NOT_NOW))
    assert plant.admin.show_card(card)["order"]["state"] == "waiting"
    agent.say("inserted", reader=READER, card=card.name)
    assert agent.serve().proof == order.proof
    assert plant.admin.show_card(card)["order"]["state"] == "done"


@pytest.mark.parametrize("status, make", [
    (fleet.WRONG_ISSUER, lambda card: fleet.Card(card.k, card.uid, issuer=b"x" * 32).order(c.DEACTIVATE, 9)),
    (fleet.SPENT_COUNTER, lambda card: card.order(c.DEACTIVATE, 3)),
], ids=["another issuer's", "spent"])
def test_an_order_that_the_card_refuses_is_not_sent_again(plant, agent, card, status, make):
    card.admin_counter = 5
    mark = plant.mark()
    plant.admin.block_card(card, order=make(card))
    agent.insert(card)
    assert agent.serve().ins == c.DEACTIVATE
    shown = plant.admin.show_card(card)
    assert (shown["order"]["state"], shown["order"]["status"]) == ("refused", f"{status:04x}")
    assert shown["lifeCycle"] == "active" and shown["standing"] == "blocked"
    plant.broker.wait_for_audit(event="card_order_refused", after=mark)
    agent.remove()
    agent.insert(card)
    assert agent.serve().ins == 0
    assert block(plant, card, 6)["order"]["state"] == "sent", "a better one is"
    assert agent.serve().ins == c.DEACTIVATE
    assert plant.admin.show_card(card)["order"]["state"] == "done"


def test_unblocking_takes_both_back(plant, agent, card):
    agent.insert(card)
    agent.serve()
    block(plant, card, 1, reason="lost")
    agent.serve()
    answer = plant.admin.unblock_card(card, order=card.order(c.ACTIVATE, 2))
    assert answer["standing"] == "active" and "reason" not in answer
    assert answer["order"] == {"instruction": "activate", "n": 2, "state": "sent"}
    assert agent.serve().ins == c.ACTIVATE
    shown = plant.admin.show_card(card)
    assert (shown["lifeCycle"], shown["order"]["state"]) == ("active", "done")
    plant.log_in(shown["identity"])


def test_unblocking_without_an_order_drops_what_waits(plant, agent, card):
    block(plant, card)
    assert "order" not in plant.admin.unblock_card(card)
    agent.insert(card)
    assert agent.serve().ins == 0
    assert plant.admin.show_card(card)["lifeCycle"] == "active"


def test_blocking_without_an_order_drops_an_activation_that_waits(plant, agent, card):
    card.life_cycle, card.admin_counter = c.DEACTIVATED, 1
    plant.admin.unblock_card(card, order=card.order(c.ACTIVATE, 2))
    answer = plant.admin.block_card(card)
    assert answer["standing"] == "blocked" and "order" not in answer
    agent.insert(card)
    assert agent.serve().ins == 0


def test_an_order_done_by_somebody_else_is_done(plant, agent, card):
    card.life_cycle, card.admin_counter = c.DEACTIVATED, 7
    block(plant, card, 5)
    agent.insert(card)
    agent.serve()
    assert plant.admin.show_card(card)["order"]["state"] == "done", "its counter and its state say so"


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_nothing_is_forgotten_over_a_restart(plant, new_agent, new_card, kill):
    seen, blocked, done = (new_card() for _ in range(3))
    agent = new_agent("gate")
    agent.insert(seen, "slot 1")
    agent.serve()
    agent.insert(done, "slot 2")
    agent.serve()
    block(plant, done)
    agent.serve()
    block(plant, blocked, reason="lost")
    before = plant.admin.show_card(seen)
    plant.restart(kill=kill)
    shown = plant.admin.show_card(seen)
    assert shown == before | {"present": False}
    shown = plant.admin.show_card(blocked)
    assert (shown["standing"], shown["reason"], shown["order"]["state"]) == ("blocked", "lost", "waiting")
    assert plant.admin.show_card(done)["order"]["state"] == "done"
    agent = new_agent("desk-9")
    agent.insert(blocked)
    assert agent.serve().ins == c.DEACTIVATE
    assert plant.admin.show_card(blocked)["order"]["state"] == "done"


def test_what_a_card_said_last_outlives_a_broker_that_was_killed(plant, new_agent, new_card):
    """Written at once if it is news or the card leaves; that it is still there, once a minute."""
    left, changed = new_card(), new_card()
    agent = new_agent("gate")
    for card, reader in ((left, "slot 1"), (changed, "slot 2")):
        agent.insert(card, reader)
        agent.serve()
    first = plant.admin.show_card(left)["seenAt"]
    block(plant, changed)
    agent.serve()
    wait_until(lambda: time.time() * 1000 >= first + 1, 1, "the clock stands")
    agent.insert(left, "slot 1")
    agent.serve()
    agent.remove("slot 1")
    before = [plant.admin.show_card(card) for card in (left, changed)]
    assert before[0]["seenAt"] > first and before[1]["lifeCycle"] == "deactivated"
    new_card()  # durable behind all that was written before
    plant.restart(kill=True)
    assert [plant.admin.show_card(card) for card in (left, changed)] == [before[0], before[1] | {"present": False}]
