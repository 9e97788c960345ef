"""As many readers as one PC/SC service serves, on two hosts, before one broker."""

from countersign_tests.agents import Events, Host
from countersign_tests.cards import MAX_CARDS


def test_every_card_of_thirty_two_readers_is_found_in_its_own(plant, issuer):
    with Events(plant) as events, Host(plant, "left", cards=MAX_CARDS) as left, Host(plant, "right", cards=MAX_CARDS) as right:
        readers = {}
        while len(readers) < 2 * MAX_CARDS:
            event = events.next(timeout=60, event="inserted")
            readers[event["card"]] = (event["host"], event["reader"])
        cards = [host.issue(index, f"{host.name}-{index}", issuer) for host in (left, right) for index in range(MAX_CARDS)]
        for card in cards:
            found = plant.admin.call("locateCard", card=card.uid)
            assert (found["found"], found["identity"]) == (True, card.identity), found
            assert (found["host"], found["reader"]) == readers[card.uid]
        listed = plant.admin.call("listCards")
        assert sum(card["present"] for card in listed["cards"] if card["host"] in ("left", "right")) == 2 * MAX_CARDS
        left.cards.eject(3)
        gone = cards[3]
        assert events.next(event="removed")["card"] == gone.uid
        assert not plant.admin.call("locateCard", card=gone.uid)["found"]
        assert plant.admin.call("locateCard", card=cards[MAX_CARDS + 3].uid)["found"]
