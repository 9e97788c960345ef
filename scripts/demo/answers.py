"""What the broker answered, in words."""

import json

NAMES = {0x00: "accepted", 0x10: "accepted, no subscriber", 0x87: "not authorized", 0x98: "administrative"}


def _word(packet, code):
    return f"{packet} {code:#04x} {NAMES.get(code, '')}".rstrip()


def puback(code):
    return _word("PUBACK", code)


def connack(code):
    return _word("CONNACK", code)


def disconnect(code):
    return _word("DISCONNECT", code)


REFUSED = puback(0x87)
NOT_LET_IN = connack(0x87)
SENT_AWAY = disconnect(0x98)


def told(done):
    """What `countersign publish --json` was told in the broker's signed notice."""
    outcome = json.loads(done.stdout or "{}")
    return "accepted" if outcome.get("accepted") else f"notice {outcome['why']}" if "why" in outcome else said(done)


def said(done):
    """The first line of a command's complaint, without its name."""
    lines = [line.removeprefix("countersign: ") for line in done.stderr.splitlines() if line.strip()]
    return f"exit {done.returncode}: {lines[0]}" if lines else f"exit {done.returncode}"
