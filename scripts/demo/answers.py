"""MQTT's answers in words."""

NAMES = {0x00: "accepted", 0x10: "accepted, no subscriber", 0x87: "not authorized", 0x97: "quota exceeded"}


def _word(packet, code):
    return f"{packet} {code:#04x} {NAMES.get(code, '')}".rstrip()


def puback(code):
    return _word("PUBACK", code)


def connack(code):
    return _word("CONNACK", code)


REFUSED = puback(0x87)
NOT_LET_IN = connack(0x87)


def said(done):
    """The first line of a command's complaint, without its name."""
    lines = [line.removeprefix("countersign: ") for line in done.stderr.splitlines() if line.strip()]
    return f"exit {done.returncode}: {lines[0]}" if lines else f"exit {done.returncode}"
