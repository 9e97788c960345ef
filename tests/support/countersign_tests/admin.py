"""The administrator: sealed JSON commands, sealed replies (docs/protocol.md, section 10)."""

import itertools
import json

from . import config
from . import envelope as e
from . import mqtt
from . import primitives as p
from . import session as s
from .device import Device, signed_props


class AdminError(Exception):
    """The broker answered a command with an error; the text is its own."""


class Admin(Device):
    """A `Device` whose identity has the admin role."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._correlation = itertools.count(1)

    def send_commands(self, *commands):
        """Publishes commands (dicts) as one sealed message."""
        text = json.dumps({"commands": list(commands)})
        return self.publish(s.ADMIN_TOPIC, text, sealed=True)

    def receive_responses(self, timeout=None):
        """The next reply's responses. Raises `Refused` unless it is sealed and verifies."""
        message = self.connection.receive(timeout, s.admin_reply_topic(self.client_id))
        if not e.parse_payload(message.payload).header.flags & e.SEALED:
            raise p.Refused("not_sealed")
        payload = self.session.open_down(message.topic, message.payload, props=signed_props(message.properties))
        return json.loads(payload)["responses"]

    def call(self, name, timeout=None, **fields):
        """One command, and its `data` (None if it has none). Raises `AdminError`."""
        correlation = str(next(self._correlation))
        self.send_commands(config.command(name, correlationData=correlation, **fields))
        for _ in range(64):
            for response in self.receive_responses(timeout):
                if response.get("correlationData") == correlation:
                    return self._data(response)
        raise mqtt.TimedOut(f"no reply to {name}")

    @staticmethod
    def _data(response):
        if "error" in response:
            raise AdminError(response["error"])
        return response.get("data")

    def register(self, identity, key, **fields):
        """Registers `identity` with its k, sealed on the way."""
        command = config.register_device(identity, key, **fields)
        return self.call(command.pop("command"), **command)

    # cards, by their `fleet.Card`

    def list_cards(self, **fields):
        return self.call("listCards", **fields)

    def show_card(self, card):
        """What T knows of one card."""
        (shown,) = self.call("listCards", card=card.name)["cards"]
        return shown

    def locate(self, card, timeout=None):
        return self.call("locateCard", timeout, card=card.name)

    def block_card(self, card, **fields):
        return self.call("blockCard", card=card.name, **fields)

    def unblock_card(self, card, **fields):
        return self.call("unblockCard", card=card.name, **fields)
