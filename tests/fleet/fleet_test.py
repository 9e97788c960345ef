"""Finding a card, blocking it at the broker and in its reader, over real hosts."""

import json
import os
import re
import secrets
import subprocess
import time

import pytest
from countersign_tests import card_messages, mqtt
from countersign_tests.agents import PIN, Host, write_key_file
from countersign_tests.broker import wait_until
from countersign_tests.smart_card import CardRefused, SmartCard


@pytest.fixture(scope="module")
def hosts(plant):
    with Host(plant, "north", cards=2) as north, Host(plant, "south", cards=2) as south:
        yield north, south


@pytest.fixture(scope="module")
def alice(hosts, issuer):
    """A card in the first reader of the north."""
    north, _ = hosts
    card = north.issue(0, "alice", issuer)
    again(north, card)
    return card


class Administrator:
    """The command line, as an administrator types it."""

    def __init__(self, plant):
        self.plant = plant
        identity = f"clerk-{secrets.token_hex(4)}"
        plant.register(identity, kind="admin")
        self.key = str(write_key_file(plant.directory / f"{identity}.key", identity, plant.keys[identity], kind="admin"))

    def run(self, *arguments, code=0):
        done = self.plant.cli(*arguments, "--key-file", self.key, "-h", "127.0.0.1", "-p", self.plant.broker.port)
        assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        return done

    def json(self, *arguments, code=0):
        return json.loads(self.run(*arguments, "--json", code=code).stdout)

    def card(self, uid):
        """What listCards says of it; None if it is not listed."""
        return next((card for card in self.json("card", "watch", "--once")["cards"] if card["card"] == uid), None)

    def wait_card(self, uid, timeout=15, **fields):
        def found():
            card = self.card(uid)
            return card if card and all(card.get(name) == value for name, value in fields.items()) else None
        return wait_until(found, timeout, lambda: f"{fields} not in {self.card(uid)}")

    def wait_located(self, uid, timeout=15):
        def found():
            done = self.plant.cli("card", "locate", uid, "--json", "--key-file", self.key, "-h", "127.0.0.1", "-p", self.plant.broker.port)
            return json.loads(done.stdout) if done.returncode == 0 else None
        return wait_until(found, timeout, lambda: f"{uid} is not located")


@pytest.fixture
def admin(plant):
    return Administrator(plant)


def again(host, card):
    """The agent announces what is in its reader when it comes; a fresh registration is known from then on."""
    host.cards.eject(card.index)
    host.cards.insert(card.index)


def test_a_card_is_found_where_it_is_and_where_it_was(hosts, alice, admin):
    north, card = hosts[0], alice
    found = admin.json("card", "locate", card.uid)
    assert (found["found"], found["host"], found["identity"]) == (True, "north", "alice")
    assert (found["agent"], found["lifeCycle"], found["present"]) == ("agent-north", "active", True)
    assert found["reader"].startswith("Countersign Test") and found["tookMs"] > 0
    north.cards.eject(0)
    lost = admin.json("card", "locate", card.uid, code=1)
    assert (lost["found"], lost["host"]) == (False, "north")
    assert abs(lost["seenAt"] / 1000 - time.time()) < 60
    said = admin.run("card", "locate", card.uid, code=1)
    assert "was last in  north, " in said.stdout and "in no reader of the fleet" in said.stderr
    north.cards.insert(0)


def test_it_is_found_without_an_event(plant, hosts, issuer, admin):
    """Registered while it is in the reader: nobody has announced it, yet every reader is asked."""
    _, south = hosts
    card = south.issue(0, "bert", issuer)
    assert admin.json("card", "locate", card.uid)["host"] == "south"


def test_cards_that_change_places_are_found_where_they_are_now(own_plant, issuer):
    with Host(own_plant, "east", cards=2) as east:
        uids = [east.issue(index, f"mover-{index}", issuer).uid for index in range(2)]
        admin = Administrator(own_plant)
        # on a busy machine the agent may still be looking at the cards that were just made
        here, there = (admin.wait_located(uid)["reader"] for uid in uids)
        assert here != there
        east.cards.swap(0, 1)
        moved = [admin.wait_card(uid, reader=reader, present=True) for uid, reader in zip(uids, (there, here))]
        assert [admin.json("card", "locate", card["card"])["reader"] for card in moved] == [there, here]


def test_a_card_nobody_knows(plant, hosts, admin):
    done = admin.run("card", "locate", "0011223344556677", code=1)
    assert "countersign:" in done.stderr
    assert admin.run("card", "locate", "0011", code=2)


def test_a_blocked_card_is_refused_at_once_and_deactivated_in_its_reader(plant, hosts, issuer, issuer_file, admin):
    north, _ = hosts
    card = north.issue(1, "carol", issuer)
    again(north, card)
    admin.wait_card(card.uid, present=True)
    carol = plant.client_of("carol", version=mqtt.V5, epoch=0)
    carol.login()
    assert carol.publish("plant/carol/t", b"1").code < 0x80
    blocked = admin.json("card", "block", card.uid, "--reason", "left in a cab", "--issuer-key", issuer_file)
    assert (blocked["standing"], blocked["reason"]) == ("blocked", "left in a cab")
    done = admin.wait_card(card.uid, lifeCycle="deactivated")
    assert done["order"]["state"] == "done" and done["order"]["instruction"] == "deactivate"
    assert north.life_cycle(card) == card_messages.DEACTIVATED
    with north.cards.link(1) as link:
        with pytest.raises(CardRefused) as refused:
            SmartCard(link).verify(PIN)
    assert refused.value.status == 0x6985
    # and back
    admin.json("card", "unblock", card.uid, "--issuer-key", issuer_file)
    assert admin.wait_card(card.uid, lifeCycle="active")["standing"] == "active"
    assert north.life_cycle(card) == card_messages.ACTIVE


def test_a_card_that_is_not_there_is_deactivated_at_its_next_insertion(plant, hosts, issuer, issuer_file, admin):
    _, south = hosts
    card = south.issue(1, "dora", issuer)
    south.cards.eject(1)
    waiting = admin.json("card", "block", card.uid, "--issuer-key", issuer_file)
    assert (waiting["standing"], waiting["order"]["state"]) == ("blocked", "waiting")
    south.cards.insert(1)
    assert admin.wait_card(card.uid, lifeCycle="deactivated")["order"]["state"] == "done"
    assert south.life_cycle(card) == card_messages.DEACTIVATED


def test_without_the_issuers_key_only_the_broker_blocks(hosts, alice, admin):
    done = admin.run("card", "block", alice.uid)
    assert "blocked" in done.stdout and "--issuer-key" in done.stderr
    assert hosts[0].life_cycle(alice) == card_messages.ACTIVE
    assert "active" in admin.run("card", "unblock", alice.uid).stdout


def test_the_wrong_issuers_key_changes_no_card(alice, tmp_path, admin):
    uid = alice.uid
    stranger = tmp_path / "stranger.key"
    stranger.touch(0o600)
    stranger.write_text("ab" * 32)
    admin.json("card", "block", uid, "--issuer-key", stranger)
    wait_until(lambda: admin.card(uid).get("order", {}).get("state") == "refused", 15, lambda: admin.card(uid))
    assert admin.card(uid)["order"]["status"] == "6982" and admin.card(uid)["lifeCycle"] == "active"
    admin.json("card", "unblock", uid)


def test_the_list_for_people(alice, admin):
    admin.wait_card(alice.uid, present=True)
    table = admin.run("card", "watch", "--once").stdout
    assert re.match(r"\d+ cards?, \d+ present; agents: ", table)
    assert "agent-north (" in table and re.search(r"[0-9a-f]{16} +alice +active +north, Countersign", table)


def test_blocked_stays_blocked_and_an_order_waits_over_a_restart(own_plant, issuer, issuer_file):
    with Host(own_plant, "west") as west:
        card = west.issue(0, "fred", issuer)
        west.cards.eject(0)
        admin = Administrator(own_plant)
        admin.json("card", "block", card.uid, "--reason", "lost", "--issuer-key", issuer_file)
        for kill in (False, True):
            own_plant.restart(kill=kill)
            shown = admin.card(card.uid)
            assert (shown["standing"], shown["reason"], shown["order"]["state"]) == ("blocked", "lost", "waiting")
        west.cards.insert(0)
        assert admin.wait_card(card.uid, timeout=60, lifeCycle="deactivated")["order"]["state"] == "done"


def test_watching_shows_a_card_come_and_go(plant, hosts, alice, admin):
    north, _ = hosts
    process = subprocess.Popen(
        [os.environ["COUNTERSIGN_CLI"], "card", "watch", "--every", "0.2", "--key-file", admin.key, "-h", "127.0.0.1", "-p",
         str(plant.broker.port)], stdout=subprocess.PIPE, text=True)
    try:
        first = process.stdout.readline()
        assert re.match(r"20\d\d-", first)
        north.cards.eject(0)
        uid = north.cards.uids[0]
        line = next(line for line in process.stdout if f" {uid} alice " in line and " now " not in line)
        assert " north, " in line
        north.cards.insert(0)
        assert next(line for line in process.stdout if f" {uid} alice " in line and " now " in line)
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()
