"""Locating cards, and whose they are (docs/protocol.md, sections 10 and 11)."""

import itertools

import pytest
from countersign_tests import card_messages as c
from countersign_tests import fleet
from countersign_tests.admin import AdminError
from countersign_tests.fleet import READER, block, is_at
from countersign_tests.plant import Plant

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def plant():
    with Plant([fleet.RULE]) as plant:
        yield plant


def test_a_card_is_found_where_it_is_now(plant, new_agent, card):
    there, *others = (new_agent(f"desk-{number}") for number in range(4))
    there.readers[READER] = card
    plant.admin.send_commands({"command": "locateCard", "card": card.name})
    for agent in (*others, there):
        assert agent.serve().uid == card.uid
    (response,) = plant.admin.receive_responses()
    assert response["data"]["found"] is True and is_at(response["data"], there)


def test_the_agent_that_has_it_is_asked_first_and_alone(plant, new_agent, card):
    there, other = new_agent(), new_agent()
    there.insert(card)
    there.serve()
    plant.admin.send_commands({"command": "locateCard", "card": card.name})
    assert there.serve().uid == card.uid
    (response,) = plant.admin.receive_responses()
    assert response["data"]["found"] is True and is_at(response["data"], there)
    assert other.orders() == []


def test_all_are_asked_where_the_first_says_nothing(plant, new_agent, card):
    silent, other = new_agent(), new_agent()
    silent.insert(card)
    silent.serve()
    other.readers[READER] = card
    plant.admin.send_commands({"command": "locateCard", "card": card.name})
    assert silent.receive_order().uid == card.uid
    assert other.serve().uid == card.uid
    (response,) = plant.admin.receive_responses(0.8)
    assert response["data"]["found"] is True and is_at(response["data"], other)


def test_a_card_that_is_nowhere_is_not_found_when_all_have_said_so(plant, new_agent, card):
    before, other = new_agent(), new_agent()
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


@pytest.mark.parametrize("name", ["locateCard", "blockCard", "unblockCard"])
@pytest.mark.parametrize("uid", ["0000000000000000", "00", "", "x" * 16, "0" * 17])
def test_an_unknown_card_is_not_found(plant, name, uid):
    with pytest.raises(AdminError, match="Card not found"):
        plant.admin.call(name, card=uid)


def test_a_command_about_a_card_is_about_whoever_has_it(plant, card, new_card):
    """Not about an identity that it names beside it."""
    bystander = plant.admin.show_card(new_card())["identity"]
    assert plant.admin.block_card(card, identity=bystander)["standing"] == "blocked"
    assert plant.show(bystander)["standing"] == "active"


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


def test_cards_are_listed_page_by_page_in_order(plant, new_card):
    for _ in range(5):
        new_card()
    whole = plant.admin.list_cards()
    names = [one["card"] for one in whole["cards"]]
    assert names == sorted(names) and whole["totalCount"] == len(names)
    page = plant.admin.list_cards(offset=2, count=2)
    assert [one["card"] for one in page["cards"]] == names[2:4] and page["totalCount"] == len(names)
    assert plant.admin.list_cards(card="0" * 16)["totalCount"] == 0


def test_a_card_belongs_to_one_identity(plant, card, new_card):
    for uid in (card.name, card.name.upper()):
        with pytest.raises(AdminError, match="Card is registered"):
            plant.register(f"other-{next(_numbers)}", card=uid)
    other = new_card()
    identity = plant.admin.show_card(other)["identity"]
    with pytest.raises(AdminError, match="Card is registered"):
        plant.admin.call("rekey", identity=identity, key="ab" * 32, card=card.name)
    plant.admin.call("rekey", identity=identity, key="ab" * 32, card=other.name)


def test_two_registrations_at_once_do_not_share_a_card(plant):
    uid = "00000000000000bb"
    names = [f"other-{next(_numbers)}" for _ in range(4)]
    plant.admin.send_commands(*[{"command": "registerDevice", "identity": name, "key": "ab" * 32, "card": uid}
                                for name in names])
    errors = [response.get("error") for response in plant.admin.receive_responses()]
    assert errors == [None] + ["Card is registered"] * 3
    assert plant.admin.list_cards(card=uid)["cards"][0]["identity"] == names[0]


@pytest.mark.parametrize("uid", ["00", "0011", "x" * 16, "0" * 17, "", 7])
def test_what_is_no_uid_is_refused(plant, uid):
    with pytest.raises(AdminError, match="Invalid card"):
        plant.register(f"other-{next(_numbers)}", card=uid)
    with pytest.raises(AdminError, match="Invalid card"):
        plant.admin.call("rekey", identity="admin", key="ab" * 32, card=uid)


def test_a_removed_identity_leaves_its_card_free(plant, agent, card):
    agent.insert(card)
    agent.serve()
    block(plant, card)
    identity = plant.admin.show_card(card)["identity"]
    plant.admin.call("remove", identity=identity)
    assert plant.admin.list_cards(card=card.name)["totalCount"] == 0
    plant.register(f"other-{next(_numbers)}", card=card.name)
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
