"""Secure IOT commands, both sides (docs/protocol.md, section 7). C commands device S; K is what they share."""

import os
import time
from dataclasses import dataclass

from . import primitives as p

CHALLENGE_BYTES, NONCE_BYTES = 16, 8
COMMAND_BYTES, RESPONSE_BYTES = NONCE_BYTES + p.TAG_BYTES, p.TAG_BYTES
MAX_TEXT_BYTES = 255


@dataclass(frozen=True)
class Keys:
    """Kc and Ks of one commander and one device."""

    command: bytes
    response: bytes

    @classmethod
    def of(cls, k, device, commander):
        context = p.s8(p.identity_bytes(device)) + p.s8(p.identity_bytes(commander))
        return cls(p.expand(k, "cmd c", context), p.expand(k, "cmd s", context))


def counted_challenge(k, boot, n):
    """What a device without a random source sends."""
    return p.expand(k, "cmd n", p.u32(boot) + p.u32(n))[:CHALLENGE_BYTES]


def command_message(keys, challenge, nonce, command):
    assert len(challenge) == CHALLENGE_BYTES and len(nonce) == NONCE_BYTES
    return nonce + p.hmac_sha256(keys.command, challenge + nonce + p.s8(command))[: p.TAG_BYTES]


def response_message(keys, challenge, nonce, command, response):
    covered = challenge + nonce + p.s8(command) + p.s8(response)
    return p.hmac_sha256(keys.response, covered)[: p.TAG_BYTES]


@dataclass(frozen=True)
class Taken:
    """A command that S found in its list."""

    commander: str
    command: str
    challenge: bytes
    nonce: bytes


def find_command(keys_of, commands, challenge, message):
    """What made `message` for `challenge`: S tries each command of each commander in `keys_of`, name to `Keys`."""
    if len(message) != COMMAND_BYTES:
        raise p.malformed("no command message")
    nonce = message[:NONCE_BYTES]
    for name, keys in keys_of.items():
        for command in commands:
            if p.same_tag(message, command_message(keys, challenge, nonce, command)):
                return Taken(name, command, challenge, nonce)
    raise p.Refused("bad_tag", "no command of the list")


def find_response(keys, challenge, nonce, command, responses, message):
    """Which of `responses` S gave."""
    if len(message) != RESPONSE_BYTES:
        raise p.malformed("no response message")
    for response in responses:
        if p.same_tag(message, response_message(keys, challenge, nonce, command, response)):
            return response
    raise p.Refused("bad_tag", "no response of the list")


class Responder:
    """Side S without a transport: what is open, and what was run. `commands` maps each to its response."""

    OPEN, LIFE = 4, 5.0

    def __init__(self, keys_of, commands):
        self.keys_of, self.commands = keys_of, commands
        self.open = []
        self.ran = []

    def challenge(self, now=None):
        """Opens one; the oldest goes out where four are."""
        made = os.urandom(CHALLENGE_BYTES)
        self.open = self._live(now)[1 - self.OPEN :] + [(made, self._time(now), set())]
        return made

    def take(self, message, now=None):
        """The command that `message` orders, noted in `ran`. Raises `Refused`."""
        if len(message) != COMMAND_BYTES:
            raise p.malformed("no command message")
        self.open = self._live(now)
        for challenge, _, spent_by in self.open:
            try:
                taken = find_command(self.keys_of, self.commands, challenge, message)
            except p.Refused:
                continue
            if taken.commander in spent_by:
                raise p.Refused("replayed")
            spent_by.add(taken.commander)
            self.ran.append((taken.commander, taken.command))
            return taken
        if not self.open:
            raise p.Refused("stale")
        self.open.pop(0)
        raise p.Refused("bad_tag")

    def respond(self, taken, response=None):
        """The response message; the command's own response unless another is given."""
        response = self.commands[taken.command] if response is None else response
        return response_message(self.keys_of[taken.commander], taken.challenge, taken.nonce, taken.command, response)

    @staticmethod
    def _time(now):
        return time.monotonic() if now is None else now

    def _live(self, now):
        return [one for one in self.open if self._time(now) - one[1] < self.LIFE]
