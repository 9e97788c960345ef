"""The agent: every event once and in order, whatever goes away and comes back."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest
from countersign_tests import config
from countersign_tests.agents import Events, Host, Notices
from countersign_tests.broker import wait_until
from countersign_tests.plant import Plant

UNIT = pathlib.Path(__file__).resolve().parents[2] / "config/systemd/countersign-agent.service"


def numbers(events):
    return [event["number"] for event in events if event["event"] != "offline"]


def told(events, name):
    return [event for event in events.heard if event["event"] == name]


def told_by(events, host):
    """The cards that an agent told of, so far."""
    return [event for event in told(events, "inserted") if event["agent"] == host.identity]


def wait_for(condition, events):
    while not condition():
        events.next()


@contextlib.contextmanager
def back(plant, host):
    """The broker starts, and somebody listens before the agent is there."""
    host.process.send_signal(signal.SIGSTOP)
    plant.start()
    with Events(plant) as events:
        host.process.send_signal(signal.SIGCONT)
        yield events


@pytest.fixture
def events(plant):
    with Events(plant) as events:
        yield events


def test_it_says_who_is_there_and_who_comes_and_goes(plant, events, issuer):
    with Host(plant, "desk-1", cards=2) as host:
        first = events.next(agent="agent-desk-1")
        assert (first["v"], first["number"], first["host"]) == (1, 1, "desk-1")
        assert abs(first["at"] / 1000 - time.time()) < 60 and first["uptime"] >= 0
        wait_for(lambda: told(events, "online") and len(told(events, "inserted")) == 2, events)
        assert {event["card"] for event in told(events, "inserted")} == set(host.cards.uids)
        host.cards.eject(0)
        assert events.next(event="removed")["card"] == host.cards.uids[0]
        host.cards.insert(0)
        back = events.next(event="inserted")
        assert back["card"] == host.cards.uids[0] and back["reader"].startswith("Countersign Test")
        mine = [event for event in events.heard if event["agent"] == "agent-desk-1"]
        assert numbers(mine) == list(range(1, len(mine) + 1))
        assert host.stop() == 0
        assert events.next(event="offline", agent="agent-desk-1")["number"] == len(mine) + 1, "its last word, no will"


def test_cards_that_change_places_are_told(plant, events):
    with Host(plant, "desk-2", cards=2) as host:
        where = {event["card"]: event["reader"] for event in (events.next(event="inserted") for _ in range(2))}
        first, second = host.cards.uids
        host.cards.swap(0, 1)
        now = {event["card"]: event["reader"] for event in (events.next(event="inserted") for _ in range(2))}
        assert now == {first: where[second], second: where[first]}


def test_what_happens_while_the_broker_is_away_is_told_later_and_in_order(own_plant):
    with Host(own_plant, "desk-3", cards=2) as host:
        with Events(own_plant) as events:
            wait_for(lambda: {1, 2, 3, 4, 5} <= set(numbers(events.heard)), events)
        own_plant.stop()
        host.cards.eject(0)
        host.cards.eject(1)
        host.cards.insert(0)
        with back(own_plant, host) as events:
            told = [events.next(timeout=40) for _ in range(4)]
    assert [event["event"] for event in told] == ["removed", "removed", "inserted", "online"]
    assert numbers(told) == [6, 7, 8, 9]
    assert told[0]["at"] < told[1]["at"] < told[2]["at"], "when they happened"
    assert [entry["card"] for entry in told[3]["readers"] if "card" in entry] == [told[2]["card"]]


def test_a_broker_that_was_killed_is_told_the_same(own_plant):
    with Host(own_plant, "desk-4") as host:
        with Events(own_plant) as events:
            events.next(event="inserted")
        own_plant.kill()
        host.cards.eject(0)
        with back(own_plant, host) as events:
            assert events.next(timeout=40, event="removed")["card"] == host.cards.uids[0]
            assert events.next(timeout=40, event="online")["readers"]


def test_an_agent_that_is_killed_leaves_its_will(own_plant):
    with Host(own_plant, "desk-5") as host, Events(own_plant) as events:
        events.next(event="inserted")
        host.stop(signal.SIGKILL)
        assert events.next(event="offline")["number"] == 0, "made before"
        host.start()
        assert events.next(number=1)["uptime"] < 5, "another run"


def test_a_card_service_that_dies_and_comes_back_hides_nothing(plant, events):
    with Host(plant, "desk-9", cards=2) as host:
        wait_for(lambda: len(told(events, "inserted")) == 2, events)
        gone, stays = host.cards.uids
        host.cards.kill_service()
        events.next(event="service_lost")
        host.cards.eject(0, wait=False)
        host.cards.start_service()
        events.next(event="service_found")
        wait_for(lambda: {event["card"] for event in told(events, "removed")} == {gone, stays}, events)
        assert events.next(event="inserted").get("card") == stays, host.log()
        mine = [event for event in events.heard if event["agent"] == "agent-desk-9"]
        assert numbers(mine) == list(range(1, len(mine) + 1))


def test_a_card_that_another_application_keeps_is_named_once_it_may_be_asked(plant, events):
    host = Host(plant, "desk-10")
    host.cards.start()
    try:
        with host.cards.link(0) as link:
            link.keep()
            host.start()
            assert events.next(event="online", agent="agent-desk-10")["readers"][0].get("card") is None
            assert not told_by(events, host), "it is not told before it is known"
        assert events.next(event="inserted", agent="agent-desk-10").get("card") == host.cards.uids[0]
    finally:
        host.__exit__()


def test_it_waits_for_a_broker_that_is_not_there_yet(own_plant):
    host = Host(own_plant, "desk-6")
    own_plant.stop()
    with host:
        wait_until(lambda: "no login" in host.log(), 20, host.log)
        with back(own_plant, host) as events:
            assert events.next(timeout=40, event="inserted")["card"] == host.cards.uids[0]
            assert events.next(timeout=40, event="online")


def test_it_tells_systemd_how_it_is(plant, events, tmp_path):
    notices = Notices(tmp_path / "notify")
    watchdog = {"NOTIFY_SOCKET": notices.path, "WATCHDOG_USEC": "400000"}
    with Host(plant, "desk-7", environment=watchdog) as host:
        notices.wait("READY=1")
        notices.wait("STATUS=online as agent-desk-7")
        wait_until(lambda: notices.read().count("WATCHDOG=1") >= 4, 10, notices.read)
        host.stop()
        notices.wait("STOPPING=1")


def test_a_wrong_command_line_ends_it_with_a_word(plant, tmp_path):
    def run(*arguments):
        return subprocess.run([os.environ["COUNTERSIGN_CLI"], "agent", *arguments], capture_output=True, text=True, timeout=30)
    assert run("--key-file", str(tmp_path / "none.key")).returncode == 5
    done = run("--host-name", "", "--key-file", str(tmp_path / "none.key"))
    assert done.returncode == 2 and "host-name" in done.stderr
    assert "countersign/fleet/%d/event" in run("--help").stdout


def test_events_that_no_rule_lets_through_are_given_up_with_a_word():
    rule = config.rule("countersign/fleet/%d/event", publish=["kind:admin"], subscribe=["anyone"])
    with Plant([rule]) as plant, Host(plant, "desk-8") as host:
        wait_until(lambda: "the broker refused event 2" in host.log() and "does a rule bind" in host.log(), 20, host.log)


def test_the_unit_is_one_and_is_shut_tight(tmp_path):
    path = tmp_path / UNIT.name
    path.write_text(UNIT.read_text().replace("/usr/local/bin/countersign", os.environ["COUNTERSIGN_CLI"]))
    checked = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True, timeout=60)
    complaints = [line for line in checked.stderr.splitlines() if "countersign-agent" in line]
    assert not complaints, complaints
    exposure = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=25", path], capture_output=True, text=True, timeout=60)
    assert exposure.returncode == 0, exposure.stdout[-2000:]


def test_what_the_unit_calls_is_there(tmp_path):
    """Its command line is one that the program takes, its page is one that there is."""
    unit = UNIT.read_text()
    program, *arguments = re.search(r"^ExecStart=(.*)$", unit, re.M)[1].split()
    key = pathlib.Path(arguments[-1])
    assert (program, key.parent) == ("/usr/local/bin/countersign", pathlib.Path("/var/lib") / re.search(r"^StateDirectory=(.*)$", unit, re.M)[1])
    done = subprocess.run([os.environ["COUNTERSIGN_CLI"], *arguments[:-1], tmp_path / key.name], capture_output=True, text=True, timeout=30)
    assert done.returncode == 5 and key.name in done.stderr, "a file that is not there, and no wrong word"
    page, section = re.search(r"^Documentation=man:(\S+)\((\d)\)$", unit, re.M).groups()
    assert (UNIT.parents[2] / "docs/man" / f"{page}.{section}").exists()
    assert {"Type=notify", "NotifyAccess=main"} <= set(unit.splitlines())
