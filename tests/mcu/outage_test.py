"""Silence that no TCP tells of: a cable that stays out, a connection that nobody answers any more, a broker that never sends m2.

Each device must find out by itself: half a minute without a byte, a ping, half a minute without its answer. All wait for that
at the same time.
"""

import dataclasses

import pytest
from countersign_tests import config
from countersign_tests.motes import Mote, Reader, assert_chain
from countersign_tests.plant import Plant
from countersign_tests.proxy import Proxy, welcome

COUNT, INTERVAL_MS = 300, 200  # a minute of readings
BEFORE = 10
WAITING = 150
PATIENCE_SECONDS = 75  # keep-alive is 60 s


@dataclasses.dataclass
class Outage:
    """A device that something happens to, and how many of its readings waited when that was over."""

    mote: Mote
    proxy: Proxy
    waited: int = 0

    def note(self):
        self.waited = len(self.mote.waiting())


def mute(proxy):
    """Accepts the connection, and keeps it open without another byte."""
    def behaviour(connection):
        welcome(connection)
        proxy.wait(connection)
    return behaviour


@pytest.fixture(scope="module")
def plant():
    with Plant([config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        yield plant


@pytest.fixture(scope="module")
def outages(plant):
    """By name, each over; and the reader that everything was delivered to."""
    made = {}
    try:
        for i, (name, board) in enumerate([("cable-an386", "an386"), ("cable-an505", "an505"), ("silence", "an386"), ("no-m2", "an505")]):
            proxy = Proxy(plant.broker.port).__enter__()
            mote = Mote(plant, board, name, port=proxy.port, interval=INTERVAL_MS, readings_count=COUNT, mac=f"52:54:00:00:02:{i:02x}")
            made[name] = Outage(mote, proxy)
        with Reader(plant) as reader:
            go_through(made, reader)
            yield made, reader
    finally:
        for outage in made.values():
            outage.mote.remove()
            outage.proxy.close()


def go_through(outages, reader):
    cables = [outages["cable-an386"], outages["cable-an505"]]
    silence, no_m2 = outages["silence"], outages["no-m2"]
    no_m2.proxy.become(mute(no_m2.proxy))
    for outage in outages.values():
        outage.mote.start()
    for outage in [*cables, silence]:
        reader.wait_readings(BEFORE, outage.mote.topic)
    for outage in cables:
        outage.mote.set_link(False)
    silence.proxy.fall_silent()
    for outage in [*cables, silence]:
        outage.mote.wait_for("offline", PATIENCE_SECONDS)
    silence.note()
    no_m2.proxy.wait_connections(2, PATIENCE_SECONDS)
    no_m2.note()
    for outage in cables:
        outage.note()
        outage.mote.set_link(True)
    no_m2.proxy.become()
    for outage in outages.values():
        outage.mote.wait_done()


def assert_all_came(outage, reader):
    assert_chain(reader.readings(outage.mote.topic), COUNT)
    outage.mote.assert_sound()


def assert_resumed(outage):
    assert len(outage.mote.lines("offline")) == 1
    assert outage.waited >= WAITING
    accepted = [line["event"] for line in outage.mote.audited(verdict="accept") if line["event"] in ("handshake", "resume")]
    assert accepted[:2] == ["handshake", "resume"]


@pytest.mark.parametrize("name", ["cable-an386", "cable-an505"])
def test_a_cable_that_stays_out_ends_the_connection_and_it_is_resumed(outages, name):
    made, reader = outages
    assert_resumed(made[name])
    assert_all_came(made[name], reader)


@pytest.mark.parametrize("name", ["cable-an386", "cable-an505"])
def test_who_was_resumed_makes_no_handshake(outages, name):
    made, _ = outages
    assert len(made[name].mote.audited(event="handshake", verdict="accept")) == 1


def test_a_connection_on_which_no_ping_is_answered_is_given_up_and_resumed(outages):
    made, reader = outages
    assert made["silence"].proxy.connections == 2
    assert_resumed(made["silence"])
    assert_all_came(made["silence"], reader)


def test_a_broker_that_never_sends_m2_is_left_and_the_handshake_made_elsewhere(outages):
    made, reader = outages
    no_m2 = made["no-m2"]
    assert no_m2.waited >= WAITING
    assert len(no_m2.mote.audited(event="handshake", verdict="accept")) == 1
    assert_all_came(no_m2, reader)


def test_nothing_was_refused_but_what_t_had_already(plant, outages):
    # some of it comes late, on the connection that broke
    refused = [line for line in plant.broker.audit() if line.get("verdict") == "refuse"]
    others = [line for line in refused if line["why"] != "duplicate"]
    assert all(line["why"] in ("replayed", "stale") and line["client"].startswith("~") for line in others), others
