"""Cards as `k` makes them, and agents with readers on hosts (docs/protocol.md, section 11)."""

import itertools
import json
import secrets
import time

from . import card_messages as c
from . import primitives as p
from . import session as s
from .device import Device

READER = "ACME 00 00"
OK, WRONG_ISSUER, SPENT_COUNTER, NOT_NOW = 0x9000, 0x6982, 0x6A80, 0x6985
RULE = {"topic": "countersign/fleet/%d/event", "mode": "enforce", "publish": ["kind:agent"], "subscribe": ["anyone"],
        "wills": True}


class Card:
    """A personalised card: proves that it is there, and obeys its issuer (section 9)."""

    def __init__(self, k, uid=None, issuer=bytes(32)):
        self.k, self.uid = k, uid or secrets.token_bytes(c.UID_BYTES)
        self.kiss = c.issuer_key_of(issuer, self.uid)
        self.life_cycle, self.admin_counter = c.ACTIVE, 0

    @property
    def name(self):
        return self.uid.hex()

    def proof(self, ins, n):
        """What an issuer's command carries."""
        return c.issuer_proof(self.kiss, self.uid, ins, n)

    def order(self, ins, n):
        """The field `order` of an administrator's command."""
        return self.proof(ins, n).hex()

    def command(self, ins, proof):
        """The status word of one of the issuer's commands."""
        n = int.from_bytes(proof[:4], "big")
        if proof != self.proof(ins, n):
            return WRONG_ISSUER
        if n <= self.admin_counter:
            return SPENT_COUNTER
        self.admin_counter = n
        self.life_cycle = {c.DEACTIVATE: c.DEACTIVATED, c.ACTIVATE: c.ACTIVE}[ins]
        return OK

    def presence(self, challenge):
        return c.presence(self.k, self.uid, challenge, self.life_cycle, self.admin_counter)


class Agent(Device):
    """A `Device` of kind agent, with a card or nothing in each of its readers."""

    def __init__(self, *arguments, host="desk-7", **options):
        super().__init__(*arguments, **options)
        self.host, self.readers = host, {}
        self.numbers = itertools.count(1)

    @property
    def topic(self):
        return f"countersign/fleet/{self.identity}/event"

    # what it says

    def event(self, event, **fields):
        """One event as the wire has it; `fields` replace or add."""
        said = {"v": 1, "event": event, "number": next(self.numbers), "at": int(time.time() * 1000), "uptime": 5,
                "host": self.host} | fields
        return json.dumps(said)

    def say(self, event, **fields):
        return self.publish(self.topic, self.event(event, **fields))

    def come_online(self):
        readers = [{"reader": reader} | ({"card": card.name} if card else {}) for reader, card in self.readers.items()]
        return self.say("online", readers=readers)

    def insert(self, card, reader=READER):
        """The card comes; what T asks then is still to be answered."""
        self.readers[reader] = card
        return self.say("inserted", reader=reader, card=card.name)

    def remove(self, reader=READER):
        card, self.readers[reader] = self.readers[reader], None
        return self.say("removed", reader=reader, card=card.name)

    # what it is asked

    def receive_order(self, timeout=None):
        """The next card order; notices before it are dropped."""
        while True:
            message = self.connection.receive(timeout, s.notice_topic(self.client_id))
            payload = self.open_down(message)
            if payload[:1] == p.u8(c.ORDER):
                return c.Order.decode(payload)

    def orders(self):
        """All orders that have come by now."""
        payloads = [self.open_down(one) for one in self.connection.pending(s.notice_topic(self.client_id))]
        return [c.Order.decode(one) for one in payloads if one[:1] == p.u8(c.ORDER)]

    def obey(self, order):
        """The report on an order, after its card has done what it says. Nothing is sent."""
        for reader, card in self.readers.items():
            if card and card.uid == order.uid:
                status = card.command(order.ins, order.proof) if order.ins else OK
                return c.report(order.uid, status, card.presence(order.challenge), reader)
        return c.report(order.uid, c.NO_CARD)

    def serve(self, timeout=None):
        """Obeys the next order, and reports. The order."""
        order = self.receive_order(timeout)
        self.report(self.obey(order))
        return order

    def report(self, report):
        sent = self.publish_auth(report)
        self.connection.ping()
        return sent


def is_at(shown, agent, reader=READER):
    """True if what T says of a card puts it there, now."""
    assert shown["present"] is True
    assert (shown["agent"], shown["host"], shown["reader"]) == (agent.identity, agent.host, reader)
    return True


def block(plant, card, n=1, **fields):
    """Blocks the card's holder, and orders the card deactivated."""
    return plant.admin.block_card(card, order=card.order(c.DEACTIVATE, n), **fields)
