"""What fail2ban's filter takes for a line of the audit, and whether fail2ban takes the jail (config/fail2ban)."""

import re

import pytest
from countersign_tests import fail2ban

ADDRESS = "203.0.113.7"
LINE = ('{"v":1,"at":"2026-03-01T12:00:00.000Z","event":"publish","verdict":"refuse","why":"bad_tag","identity":"mote-3",'
        '"kid":3,"seq":41,"level":"AUTH2","score":9,"topic":"plant/mote-3/t","client":"mote-3","address":"' + ADDRESS + '"}')


@pytest.fixture
def found(tmp_path):
    """The addresses that are found in one line."""
    def find(line):
        (tmp_path / "line").write_text(line + "\n")
        return [address for address, _ in fail2ban.matches(tmp_path / "line")]
    return find


def test_a_line_is_matched(found):
    assert found(LINE) == [ADDRESS]


@pytest.mark.parametrize("address", ["2001:db8::5", "::ffff:192.0.2.9", "192.0.2.9"])
def test_addresses_of_both_kinds_are_found(found, address):
    assert found(LINE.replace(ADDRESS, address)) == [address.removeprefix("::ffff:")]


@pytest.mark.parametrize("change", [
    lambda line: " " + line, lambda line: line + " x", lambda line: line.replace('"v":1', '"v":2'),
    lambda line: line.replace("refuse", "observe"), lambda line: line.replace("bad_tag", "bad_tags"),
    lambda line: line.replace('"event":"publish",', ""), lambda line: line.replace("publish", "level"),
    lambda line: line.replace(ADDRESS, "example.org"), lambda line: line.replace(ADDRESS, ADDRESS + " "),
    lambda line: line.replace(',"address"', ',"other":"x","address"'), lambda line: line.replace("2026-03-01T", "2026-03-01 "),
], ids=["indented", "trailing text", "version 2", "observed", "unknown refusal", "no event", "another event", "host name",
        "trailing blank", "unknown key", "another date"])
def test_a_line_that_the_audit_would_not_write_is_not_matched(found, change):
    assert change(LINE) != LINE and found(change(LINE)) == []


def test_fail2ban_takes_the_jail(tmp_path):
    (tmp_path / "audit.jsonl").touch()
    fail2ban.configuration(tmp_path / "fail2ban", tmp_path / "audit.jsonl")
    done = fail2ban.client(tmp_path / "fail2ban", "-t")
    assert done.returncode == 0, done.stderr
    told = fail2ban.client(tmp_path / "fail2ban", "-d").stdout
    assert "['start', 'countersign']" in told and "'addfailregex'" in told


def test_fail2ban_says_what_is_wrong_with_a_jail(tmp_path):
    jail = fail2ban.configuration(tmp_path / "fail2ban", tmp_path / "audit.jsonl")
    jail.write_text(jail.read_text().replace("filter = countersign", "filter = countersigned"))
    assert fail2ban.client(tmp_path / "fail2ban", "-t").returncode != 0


def test_the_jail_watches_where_the_example_configuration_writes():
    example = (fail2ban.EXAMPLES.parent / "countersign.toml").read_text()
    watched = re.search(r"(?m)^logpath = (.*)$", fail2ban.JAIL.read_text())[1]
    assert f'audit = "{watched}"' in example
