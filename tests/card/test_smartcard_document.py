"""Every opensc-tool example of docs/smartcard.md, typed as it stands there, answers what stands there."""

import os
import re
import shlex
import subprocess

import pytest

from countersign_tests import card_messages, cards, smart_card

DOCUMENT = (cards.REPOSITORY / "docs" / "smartcard.md").read_text()
BLOCK = re.compile(r"^<!-- card: (\w+) -->\n\n((?:    .*\n)+)", re.MULTILINE)


def examples():
    """(state of the card, command, lines of the answer)"""
    for state, text in BLOCK.findall(DOCUMENT):
        command, *answer = (line[4:] for line in text.splitlines())
        assert command.startswith("$ ")
        yield state, command[2:], answer


def bring_to(state, host):
    """A card personalised by the document's holder, and deactivated by its issuer, as the state wants it."""
    with host.link(0) as link:
        card = smart_card.SmartCard(link)
        uid = card.select().uid
        holder = smart_card.Holder("mote-1")
        if state != "created":
            card.personalise(bytes.fromhex(host.transport_keys[0]), uid, holder)
        if state == "deactivated":
            card.obey(card_messages.DEACTIVATE, holder.issuer_key, uid, 1)


def is_shown(shown, said):
    """XX stands for any byte; a line with it shows the bytes and not their letters."""
    pattern = re.escape(shown.rstrip()).replace("XX", "[0-9A-F]{2}")
    return re.fullmatch(pattern + (r" .*|" + pattern if is_bytes(shown) else ""), said) is not None


def is_bytes(line):
    return re.fullmatch(r"(?:[0-9A-FX]{2} ?)+", line) is not None


def test_document_has_examples_of_every_state_and_none_without_one():
    states = [state for state, _, _ in examples()]
    assert set(states) == {"created", "active", "deactivated"}
    assert len(states) == DOCUMENT.count("    $ opensc-tool")


@pytest.mark.parametrize("state, command, answer", examples())
def test_example_answers_what_the_document_shows(state, command, answer):
    with cards.CardHost(cards=1) as host:
        bring_to(state, host)
        run = subprocess.run(shlex.split(command), env=os.environ | host.env, capture_output=True, text=True, timeout=30)
    assert run.returncode == 0, run.stderr
    said = [line.rstrip() for line in run.stdout.splitlines() if line.strip()]
    assert len(said) == len(answer), run.stdout
    for shown, line in zip(answer, said):
        assert is_shown(shown, line), f"{line!r} where the document shows {shown!r}"


@pytest.mark.parametrize("said, wanted", [("01 02 ..", True), ("FF 02", True), ("01 03 ..", False), ("01 02 03", False)])
def test_comparison_sees_a_difference(said, wanted):
    shown = "XX 02" if wanted or said == "01 03 .." else "XX 02 04"
    assert is_shown(shown, said) == wanted


def test_size_of_the_cards_memory_is_what_the_document_says():
    applet = cards.REPOSITORY / "smartcard-applet" / "src"
    tested = (applet / "test/java/countersign/card/CardMemoryTest.java").read_text()
    for number in ("TRANSIENT_BYTES = 198", "DURABLE_BYTES = 431", "LONGEST_WRITE_BYTES = 65"):
        assert f"int {number};" in tested
    for claim in ("198 bytes of transient memory at most", "431 bytes of its own", "the longest is 65 bytes"):
        assert claim in DOCUMENT
