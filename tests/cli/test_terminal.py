"""At a real terminal: PINs are asked for, never shown, never taken from anywhere else; lines are counted as they go."""

import re

import pytest
from countersign_tests import card_messages, cards, config, plant, smart_card

from pseudo_terminal import Terminal


@pytest.fixture(scope="module")
def card():
    """One personalised card, and what a client's environment must hold."""
    with cards.CardHost(cards=1) as host:
        holder = smart_card.Holder("mote-1")
        with host.link(0) as link:
            one = smart_card.SmartCard(link)
            one.personalise(bytes.fromhex(host.transport_keys[0]), one.select().uid, holder)
        yield holder, host.env


def text(pin):
    return pin.decode() if isinstance(pin, bytes) else pin


def change_pin(card, *lines):
    holder, environment = card
    terminal = Terminal(["card", "change-pin"], environment)
    for prompt, line in zip(("PIN of mote-1", "new PIN: ", "new PIN, once more: "), lines):
        terminal.read_until(prompt)
        terminal.type(line)
    return terminal


def test_a_new_pin_is_typed_twice_and_never_shown(card):
    old = text(card[0].pin)
    terminal = change_pin(card, old + "\n", "7531\n", "7531\n")
    assert terminal.end() == 0
    assert "7531" not in terminal.text and old not in terminal.text
    assert change_pin(card, "7531\n", old + "\n", old + "\n").end() == 0


def test_two_different_new_pins_change_nothing(card):
    old = text(card[0].pin)
    terminal = change_pin(card, old + "\n", "7531\n", "7532\n")
    assert terminal.end() == 2
    assert "the two are not the same" in terminal.text
    assert change_pin(card, old + "\n", old + "\n", old + "\n").end() == 0


def test_backspace_and_kill_mend_what_was_typed(card):
    old = text(card[0].pin)
    assert change_pin(card, f"99\x7f\x08{old}\n", f"zzz\x15{old}\n", old + "\n").end() == 0


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_giving_up_spends_no_try(card, key):
    terminal = change_pin(card, key)
    assert terminal.end() == 2
    holder, environment = card
    shown = Terminal(["card", "info"], environment)
    assert shown.end() == 0
    assert re.search(r"PIN tries +3", shown.text)


def pin_tries(host):
    with host.link(0) as link:
        return smart_card.SmartCard(link).read(4)[0]


@pytest.mark.parametrize("answer", ["n\n", "\n", "yess\n", "y" * 40 + "\n"])
def test_the_last_try_is_for_a_person_to_spend(answer):
    with cards.CardHost(cards=1) as host:
        holder = smart_card.Holder("mote-1")
        with host.link(0) as link:
            one = smart_card.SmartCard(link)
            one.personalise(bytes.fromhex(host.transport_keys[0]), one.select().uid, holder)
            for _ in range(2):
                with pytest.raises(smart_card.CardRefused):
                    one.verify("0000")
        terminal = Terminal(["card", "change-pin"], host.env)
        terminal.read_until("One try left, then the card needs its PUK. Go on? [y/N] ")
        terminal.type(answer)
        assert terminal.end() == 2
        assert pin_tries(host) == 1
        terminal = change_pin((holder, host.env))
        terminal.read_until("Go on? [y/N] ")
        terminal.type("Y\n")
        for prompt, line in (("PIN of mote-1", text(holder.pin)), ("new PIN: ", "7531"), ("once more: ", "7531")):
            terminal.read_until(prompt)
            terminal.type(line + "\n")
        assert terminal.end() == 0
        assert pin_tries(host) == 3


def test_a_reset_is_asked_for(tmp_path):
    issuer = bytes(range(32))
    path = tmp_path / "issuer.key"
    path.touch(mode=0o600)
    path.write_text(issuer.hex() + "\n")
    with cards.CardHost(cards=1) as host:
        uid = bytes.fromhex(host.uids[0])
        holder = smart_card.Holder("mote-1", issuer_key=card_messages.issuer_key_of(issuer, uid))
        with host.link(0) as link:
            smart_card.SmartCard(link).personalise(bytes.fromhex(host.transport_keys[0]), uid, holder)
        for answer, code, state in (("n\n", 2, card_messages.ACTIVE), ("yes\n", 0, card_messages.CREATED)):
            terminal = Terminal(["card", "reset", "--issuer-key", str(path)], host.env)
            terminal.read_until(f"Card {uid.hex()} of mote-1 loses its identity")
            terminal.read_until("Go on? [y/N] ")
            terminal.type(answer)
            assert terminal.end() == code
            with host.link(0) as link:
                assert smart_card.SmartCard(link).select().life_cycle == state


def test_lines_are_counted_as_they_go():
    with plant.Plant(rules=[config.rule("lines", publish=["known"], subscribe=["known"])]) as running:
        key = str(next(running.directory.glob("admin-*.key")))
        terminal = Terminal(
            ["publish", "--key-file", key, "-h", "127.0.0.1", "-p", str(running.broker.port), "-t", "lines", "-l",
             "--rate", "20"], {},
        )
        terminal.type("".join(f"line {n}\n" for n in range(10)) + "\x04")
        assert terminal.end() == 0
    shown = re.findall(r"\r\x1b\[K(\d+) sent, (\d+) accepted, 0 refused(?=\r)", terminal.text)
    counts = [tuple(map(int, one)) for one in shown]
    assert len(counts) > 1 and counts == sorted(counts), terminal.text
    assert terminal.text.endswith("\r\x1b[K10 sent, 10 accepted, 0 refused\r\n")
