"""The watch over the readers of a host, on real pcscd: cards that come, go and are swapped, a service that dies and comes back."""

import os
import pathlib
import signal
import time

import pytest
from countersign_tests.cards import MAX_CARDS, CardHost
from probe import FleetProbe

CARDS = 2
PNP_SECONDS = 1.5  # longer than the service takes to see a card


@pytest.fixture
def host():
    with CardHost(cards=CARDS) as host:
        yield host


@pytest.fixture
def watch(host):
    with FleetProbe(host.env) as probe:
        yield probe


def begin(watch, cards=CARDS, **options):
    """Starts it, and takes what it tells at first; the readers."""
    assert watch.watch(**options)["ok"]
    told = watch.events(2 * cards)
    readers = [reader for what, reader in told if what == "reader_added"]
    assert told == [(what, reader) for reader in readers for what in ("reader_added", "inserted")]
    assert len(set(readers)) == cards
    return readers


def reader_of(watch, host, index):
    """The reader that the bridge's card `index` is in."""
    host.eject(index)
    what, reader = watch.event()
    assert what == "removed"
    host.insert(index)
    assert watch.event() == ("inserted", reader)
    return reader


def processor_seconds(watch):
    fields = pathlib.Path(f"/proc/{watch.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_tells_cards_that_come_go_and_are_swapped(host, watch):
    readers = begin(watch)
    first, second = reader_of(watch, host, 0), reader_of(watch, host, 1)
    assert {first, second} == set(readers)
    host.swap(0, 1)
    told = watch.events(4)
    for reader in readers:
        assert [what for what, where in told if where == reader] == ["removed", "inserted"]
    watch.assert_quiet(PNP_SECONDS)


def test_loses_nothing_while_its_listener_is_busy(host, watch):
    """The whole journey happens while the event before is still being taken."""
    begin(watch)
    reader = reader_of(watch, host, 0)
    other = reader_of(watch, host, 1)
    watch.unwatch()
    begin(watch, slow_ms=4000)
    host.eject(1)
    assert watch.event() == ("removed", other)
    host.eject(0)
    host.insert(0)
    assert watch.events(2) == [("removed", reader), ("inserted", reader)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended"])
def test_outlives_its_service(host, watch, how):
    readers = begin(watch)
    gone = reader_of(watch, host, 1)
    host.kill_service(how)
    assert watch.event() == ("service_lost", "")
    watch.assert_quiet(PNP_SECONDS)
    host.eject(1, wait=False)
    host.start_service()
    assert watch.event() == ("service_found", "")
    told = watch.events(3)
    stayed = next(reader for reader in readers if reader != gone)
    assert [what for what, reader in told if reader == gone] == ["removed"]
    assert [what for what, reader in told if reader == stayed] == ["removed", "inserted"]
    host.insert(1)
    assert watch.event() == ("inserted", gone)


def test_waits_for_a_service_that_is_not_there_yet(host, watch):
    host.kill_service()
    assert watch.watch()["ok"]
    assert watch.event() == ("service_lost", "")
    host.start_service()
    assert watch.event() == ("service_found", "")
    told = watch.events(2 * CARDS)
    assert sorted(what for what, _ in told) == ["inserted"] * CARDS + ["reader_added"] * CARDS


def test_tells_readers_that_are_not_there_any_more():
    with CardHost(cards=4) as host, FleetProbe(host.env) as watch:
        readers = begin(watch, cards=4)
        stay = {reader_of(watch, host, index) for index in (0, 1)}
        host.kill_service()
        assert watch.event() == ("service_lost", "")
        host.start_service(readers=2)
        assert watch.event() == ("service_found", "")
        told = watch.events(8)
        for reader in readers:
            wanted = ["removed", "inserted"] if reader in stay else ["removed", "reader_removed"]
            assert [what for what, where in told if where == reader] == wanted


def test_follows_as_many_readers_as_there_can_be():
    with CardHost(cards=MAX_CARDS) as host, FleetProbe(host.env) as watch:
        begin(watch, cards=MAX_CARDS)
        assert reader_of(watch, host, 0) != reader_of(watch, host, MAX_CARDS - 1)
        watch.assert_quiet(PNP_SECONDS)


def test_costs_nothing_while_nothing_happens(host, watch):
    begin(watch)
    before = processor_seconds(watch)
    watch.assert_quiet(5)
    host.kill_service()
    assert watch.event() == ("service_lost", "")
    watch.assert_quiet(5)
    assert processor_seconds(watch) - before < 0.5


def test_ends_at_once_whatever_the_service_does(host, watch):
    begin(watch)
    assert watch.unwatch()["seconds"] < 0.5
    begin(watch)
    os.kill(host.service_pid(), signal.SIGSTOP)
    try:
        assert watch.unwatch()["seconds"] < 3
    finally:
        os.kill(host.service_pid(), signal.SIGCONT)
    begin(watch)
    host.kill_service()
    assert watch.event() == ("service_lost", "")
    time.sleep(0.2)  # in the middle of a pause
    assert watch.unwatch()["seconds"] < 0.5
