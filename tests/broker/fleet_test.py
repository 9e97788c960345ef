"""Cards in the readers of a fleet: seen by their own proofs, ordered about by their issuer (docs/protocol.md, section 11)."""

import itertools

import pytest
from countersign_tests import card_messages as c
from countersign_tests import fleet, mqtt
from countersign_tests.admin import AdminError
from countersign_tests.mqtt import ConnectRefused, Will
from countersign_tests.plant import Plant

READER = "ACME 00 00"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def plant():
    with Plant([fleet.RULE, {"topic": "plant/%d/t", "subscribe": ["anyone"]}]) as plant:
        yield plant


@pytest.fixture
def agents(plant):
    """Makes agents that are online, and ends their connections after the test."""
    made = []

    def make(host="desk-7", **options):
        made.append(plant.agent(f"agent-{next(_numbers)}", host=host, **options))
        return made[-1]

    yield make
    for agent in made:
        agent.connection.abandon()


@pytest.fixture
def agent(agents):
    return agents()


@pytest.fixture
def card(plant):
    return plant.card(f"holder-{next(_numbers)}")


def wait_gone(plant, card, after=0):
    return plant.broker.wait_for_audit(lambda line: line.get("detail", "").startswith(card.name), event="card_gone",
                                       after=after)


def is_at(shown, agent, reader=READER):
    assert shown["present"] is True
    assert (shown["agent"], shown["host"], shown["reader"]) == (agent.identity, agent.host, reader)
    return True


# presence

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


def test_all_that_an_agent_has_is_asked_for_when_it_comes_online(plant, agents):
    here = [plant.card(f"holder-{next(_numbers)}") for _ in range(5)]
    agent = agents(online=False)
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


def test_a_card_that_moves_is_where_it_proved_itself_last(plant, agents, card):
    first, second = agents("desk-7"), agents("gate")
    first.insert(card)
    first.serve()
    second.insert(card, "slot 1")
    second.serve()
    assert is_at(plant.admin.show_card(card), second, "slot 1")
    first.remove()
    assert is_at(plant.admin.show_card(card), second, "slot 1"), "the first one's word is worth nothing any more"


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


# orders

def block(plant, card, n=1, **fields):
    return plant.admin.block_card(card, order=card.order(c.DEACTIVATE, n), **fields)


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


# restarts

@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_nothing_is_forgotten_over_a_restart(plant, agents, kill):
    seen, blocked, done = (plant.card(f"holder-{next(_numbers)}") for _ in range(3))
    agent = agents("gate")
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
    agent = agents("desk-9")
    agent.insert(blocked)
    assert agent.serve().ins == c.DEACTIVATE
    assert plant.admin.show_card(blocked)["order"]["state"] == "done"


# locating

def test_a_card_is_found_where_it_is_now(plant, agents, card):
    there, *others = (agents(f"desk-{number}") for number in range(4))
    there.readers[READER] = card
    plant.admin.send_commands({"command": "locateCard", "card": card.name})
    for agent in (*others, there):
        assert agent.serve().uid == card.uid
    (response,) = plant.admin.receive_responses()
    assert response["data"]["found"] is True and is_at(response["data"], there)


def test_a_card_that_is_nowhere_is_not_found_when_all_have_said_so(plant, agents, card):
    before, other = agents(), agents()
    before.insert(card)
    before.serve()
    before.readers[READER] = None
    plant.admin.send_commands({"command": "locateCard", "card": card.name})
    for agent in (before, other):
        agent.serve()
    (response,) = plant.admin.receive_responses(0.5)
    assert response["data"]["found"] is False and response["data"]["present"] is False
    assert response["data"]["agent"] == before.identity, "where it was last"


def test_nobody_waits_longer_than_a_second_for_a_silent_agent(plant, agent, card):
    plant.admin.send_commands({"command": "locateCard", "card": card.name})
    assert agent.receive_order().uid == card.uid
    (response,) = plant.admin.receive_responses(3)
    assert response["data"]["found"] is False and "present" not in response["data"]
    agent.readers[READER] = card
    agent.report(c.report(card.uid, c.NO_CARD))


def test_an_agent_that_leaves_need_not_be_waited_for(plant, agent, card):
    plant.admin.send_commands({"command": "locateCard", "card": card.name})
    agent.receive_order()
    agent.connection.abandon()
    (response,) = plant.admin.receive_responses(0.8)
    assert response["data"]["found"] is False


def test_without_agents_the_answer_comes_at_once(plant, card):
    assert plant.admin.locate(card, 0.5)["found"] is False


def test_who_asks_meanwhile_shares_the_answer(plant, agent, card):
    second = plant.log_in("admin", admin=True)
    agent.readers[READER] = card
    for admin in (plant.admin, second):
        admin.send_commands({"command": "locateCard", "card": card.name, "correlationData": "x"},
                            {"command": "locateCard", "card": card.name})
    agent.serve()
    for admin in (plant.admin, second):
        responses = admin.receive_responses()
        assert [one["data"]["found"] for one in responses] == [True, True]
        assert responses[0]["correlationData"] == "x"
    assert agent.orders() == [], "one order for all of them"
    second.close()


def test_who_asked_may_go_away(plant, agent, card):
    other = plant.log_in("admin", admin=True)
    other.send_commands({"command": "locateCard", "card": card.name})
    order = agent.receive_order()
    other.connection.abandon()
    agent.readers[READER] = card
    agent.report(agent.obey(order))
    assert is_at(plant.admin.show_card(card), agent)


def test_locating_a_card_carries_the_order_that_waits_for_it(plant, agent, card):
    block(plant, card)
    agent.readers[READER] = card
    plant.admin.send_commands({"command": "locateCard", "card": card.name})
    assert agent.serve().ins == c.DEACTIVATE
    (response,) = plant.admin.receive_responses()
    assert response["data"]["order"]["state"] == "done"


# administration

@pytest.mark.parametrize("name", ["locateCard", "blockCard", "unblockCard"])
@pytest.mark.parametrize("uid", ["0000000000000000", "00", "", "x" * 16, "0" * 17])
def test_an_unknown_card_is_not_found(plant, name, uid):
    with pytest.raises(AdminError, match="Card not found"):
        plant.admin.call(name, card=uid)


@pytest.mark.parametrize("order", ["", "00", "0" * 39, "0" * 41, "z" * 40, 7])
def test_an_order_is_taken_whole_or_not_at_all(plant, card, order):
    for name in ("blockCard", "unblockCard"):
        with pytest.raises(AdminError, match="Invalid order"):
            plant.admin.call(name, card=card.name, order=order)
    shown = plant.admin.show_card(card)
    assert shown["standing"] == "active" and "order" not in shown


def test_the_last_administrators_card_is_not_blocked(plant, card):
    plant.admin.call("rekey", identity="admin", key=plant.keys["admin"].hex(), card="00000000000000aa")
    plant.admin.connection.wait_closed()
    with pytest.raises(AdminError, match="last administrator"):
        plant.admin.call("blockCard", card="00000000000000aa")
    assert plant.admin.call("listCards", card="00000000000000aa")["cards"][0]["standing"] == "active"


def test_cards_are_listed_page_by_page_in_order(plant):
    for _ in range(5):
        plant.card(f"holder-{next(_numbers)}")
    whole = plant.admin.list_cards()
    names = [one["card"] for one in whole["cards"]]
    assert names == sorted(names) and whole["totalCount"] == len(names)
    page = plant.admin.list_cards(offset=2, count=2)
    assert [one["card"] for one in page["cards"]] == names[2:4] and page["totalCount"] == len(names)
    assert plant.admin.list_cards(card="0" * 16)["totalCount"] == 0


def test_a_card_belongs_to_one_identity(plant, card):
    for uid in (card.name, card.name.upper()):
        with pytest.raises(AdminError, match="Card is registered"):
            plant.register(f"holder-{next(_numbers)}", card=uid)
    other = plant.card(f"holder-{next(_numbers)}")
    identity = plant.admin.show_card(other)["identity"]
    with pytest.raises(AdminError, match="Card is registered"):
        plant.admin.call("rekey", identity=identity, key="ab" * 32, card=card.name)
    plant.admin.call("rekey", identity=identity, key="ab" * 32, card=other.name)


def test_two_registrations_at_once_do_not_share_a_card(plant):
    uid = "00000000000000bb"
    names = [f"holder-{next(_numbers)}" for _ in range(4)]
    plant.admin.send_commands(*[{"command": "registerDevice", "identity": name, "key": "ab" * 32, "card": uid}
                                for name in names])
    errors = [response.get("error") for response in plant.admin.receive_responses()]
    assert errors == [None] + ["Card is registered"] * 3
    assert plant.admin.list_cards(card=uid)["cards"][0]["identity"] == names[0]


@pytest.mark.parametrize("uid", ["00", "0011", "x" * 16, "0" * 17, "", 7])
def test_what_is_no_uid_is_refused(plant, uid):
    with pytest.raises(AdminError, match="Invalid card"):
        plant.register(f"holder-{next(_numbers)}", card=uid)
    with pytest.raises(AdminError, match="Invalid card"):
        plant.admin.call("rekey", identity="admin", key="ab" * 32, card=uid)


def test_a_removed_identity_leaves_its_card_free(plant, agent, card):
    agent.insert(card)
    agent.serve()
    block(plant, card)
    identity = plant.admin.show_card(card)["identity"]
    plant.admin.call("remove", identity=identity)
    assert plant.admin.list_cards(card=card.name)["totalCount"] == 0
    plant.register(f"holder-{next(_numbers)}", card=card.name)
    shown = plant.admin.show_card(card)
    assert shown["standing"] == "active" and "order" not in shown and "present" not in shown
    agent.remove()
    plant.restart(kill=True)
    assert "order" not in plant.admin.show_card(card)


def test_a_new_key_without_a_card_leaves_the_card_free(plant, card):
    identity = plant.admin.show_card(card)["identity"]
    plant.admin.call("rekey", identity=identity, key="ab" * 32)
    assert plant.admin.list_cards(card=card.name)["totalCount"] == 0
    assert "card" not in plant.show(identity)


@pytest.mark.parametrize("version", [mqtt.V311, mqtt.V5], ids=["mqtt311", "mqtt5"])
def test_both_versions_of_mqtt_will_do(plant, card, version):
    identity = f"agent-{next(_numbers)}"
    plant.register(identity, kind="agent")
    agent = plant.log_in(identity, agent=True, version=version)
    agent.insert(card)
    agent.serve()
    assert is_at(plant.admin.show_card(card), agent)
    agent.close()
