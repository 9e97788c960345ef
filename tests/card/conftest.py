"""One pcscd with three virtual cards for the tests of this directory."""

import pytest

from countersign_tests import cards, smart_card


@pytest.fixture(scope="session")
def card_host():
    with cards.CardHost(cards=3) as host:
        yield host


@pytest.fixture(scope="session")
def holders(card_host):
    """Every card personalised, once; the holder of the card with a UID (hex)."""
    by_uid = {}
    for index, uid in enumerate(card_host.uids):
        with card_host.link(index) as link:
            card = smart_card.SmartCard(link)
            holder = smart_card.Holder(f"mote-{index}")
            card.personalise(bytes.fromhex(card_host.transport_keys[index]), card.select().uid, holder)
            by_uid[uid] = holder
    return by_uid


@pytest.fixture
def card_in(card_host, holders):
    """Opens the card in a reader: `card, holder = card_in(0)`. Its PIN is whole again afterwards."""
    links = []

    def open_card(index):
        link = card_host.link(index)
        links.append(link)
        return smart_card.SmartCard(link), holders[card_host.uids[index]]

    yield open_card
    for link in links:
        link.close()
    for index, uid in enumerate(card_host.uids):
        with card_host.link(index) as link:
            smart_card.SmartCard(link).unblock(holders[uid].puk, holders[uid].pin)
