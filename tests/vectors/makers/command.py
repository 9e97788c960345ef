"""Commands and their responses (docs/protocol.md, section 7)."""

from countersign_tests import command as c
from countersign_tests import primitives as p

from .vector import Vector, fixed

K, CHALLENGE, NONCE = fixed("command k"), fixed("command challenge", 16), fixed("command nonce", 8)


def parties(device="valve-3", commander="panel-1", k=K):
    return c.Keys.of(k, device, commander), {"k": k, "ids": device, "idc": commander}


def exchange_vectors():
    longest = "o" * 255
    for name, device, commander, command, response in (
            ("plain", "valve-3", "panel-1", "open", "done"),
            ("shortest", "v", "p", "1", ""),
            ("longest", "v" * 64, "p" * 64, longest, "r" * 255),
            ("utf8", "valve-3", "panel-1", "öffne", "geöffnet")):
        keys, fields = parties(device, commander)
        message = c.command_message(keys, CHALLENGE, NONCE, command)
        yield Vector(f"command_accept_{name}", "a command and its response, from both sides", "accept",
                     {"family": "command", **fields, "kc": keys.command, "ks": keys.response, "challenge": CHALLENGE,
                      "nonce": NONCE, "command": command.encode(), "response": response.encode(), "command_message": message,
                      "response_message": c.response_message(keys, CHALLENGE, NONCE, command, response)})


def refused(message, name, note, why, wire):
    _, fields = parties()
    return Vector(f"command_refuse_{message}_{name}", note, f"refuse {why}",
                  {"family": "command", **fields, "message": message, "challenge": CHALLENGE, "nonce": NONCE,
                   "command": b"open"}, wire)


def command_refusals():
    keys, _ = parties()
    good = c.command_message(keys, CHALLENGE, NONCE, "open")
    response = c.response_message(keys, CHALLENGE, NONCE, "open", "done")
    swapped, _ = parties("panel-1", "valve-3")
    for name, note, why, wire in (
            ("empty", "nothing at all", "malformed", b""),
            ("cut", "one byte short", "malformed", good[:-1]),
            ("trailing_byte", "one byte long", "malformed", good + b"\0"),
            ("flipped", "one bit of the tag", "bad_tag", good[:-1] + bytes([good[-1] ^ 1])),
            ("zero_tag", "what a failing backend leaves", "bad_tag", NONCE + bytes(16)),
            ("other_nonce", "the tag of another nonce", "bad_tag", fixed("command nonce 2", 8) + good[8:]),
            ("other_challenge", "recorded under another challenge", "bad_tag",
             c.command_message(keys, fixed("command challenge 2", 16), NONCE, "open")),
            ("other_device", "for another device with the same K", "bad_tag",
             c.command_message(parties("valve-4")[0], CHALLENGE, NONCE, "open")),
            ("other_commander", "of one who is not on the list, with the same K", "bad_tag",
             c.command_message(parties(commander="panel-2")[0], CHALLENGE, NONCE, "open")),
            ("other_key", "under another K", "bad_tag",
             c.command_message(parties(k=fixed("command k 2"))[0], CHALLENGE, NONCE, "open")),
            ("sides_swapped", "device and commander the wrong way round", "bad_tag",
             c.command_message(swapped, CHALLENGE, NONCE, "open")),
            ("not_listed", "a command that the device does not have", "bad_tag",
             c.command_message(keys, CHALLENGE, NONCE, "explode")),
            ("reflected", "the response of before, as a command", "bad_tag", NONCE + response),
            ("response_key", "under Ks", "bad_tag",
             c.command_message(c.Keys(keys.response, keys.command), CHALLENGE, NONCE, "open")),
            ("no_length", "the command without its length", "bad_tag",
             NONCE + p.hmac_sha256(keys.command, CHALLENGE + NONCE + b"open")[:16])):
        yield refused("command", name, note, why, wire)


def response_refusals():
    keys, _ = parties()
    good = c.response_message(keys, CHALLENGE, NONCE, "open", "done")
    for name, note, why, wire in (
            ("empty", "nothing at all", "malformed", b""),
            ("cut", "one byte short", "malformed", good[:-1]),
            ("trailing_byte", "one byte long", "malformed", good + b"\0"),
            ("flipped", "one bit of the tag", "bad_tag", bytes([good[0] ^ 0x80]) + good[1:]),
            ("zero_tag", "what a failing backend leaves", "bad_tag", bytes(16)),
            ("reflected", "the commander's own tag", "bad_tag", c.command_message(keys, CHALLENGE, NONCE, "open")[8:]),
            ("other_challenge", "recorded under another challenge", "bad_tag",
             c.response_message(keys, fixed("command challenge 2", 16), NONCE, "open", "done")),
            ("other_nonce", "to another message of this commander", "bad_tag",
             c.response_message(keys, CHALLENGE, fixed("command nonce 2", 8), "open", "done")),
            ("other_command", "to another command", "bad_tag", c.response_message(keys, CHALLENGE, NONCE, "close", "done")),
            ("other_commander", "to another commander", "bad_tag",
             c.response_message(parties(commander="panel-2")[0], CHALLENGE, NONCE, "open", "done")),
            ("not_listed", "a response that the commander does not know", "bad_tag",
             c.response_message(keys, CHALLENGE, NONCE, "open", "on fire")),
            ("boundary_moved", "one byte moved from the command to the response", "bad_tag",
             c.response_message(keys, CHALLENGE, NONCE, "ope", "ndone"))):
        yield refused("response", name, note, why, wire)


def counted_vectors():
    for boot, n in ((0, 0), (1, 0), (1, 2), (2**32 - 1, 1)):
        yield Vector(f"command_challenge_{boot}_{n}", "the challenge of a device without a random source", "accept",
                     {"family": "command_challenge", "k": K, "boot": boot, "n": n}, c.counted_challenge(K, boot, n))


def vectors():
    for family in (exchange_vectors, command_refusals, response_refusals, counted_vectors):
        yield from family()
