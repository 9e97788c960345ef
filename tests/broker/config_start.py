"""A broker that must not start: what it says, and what to do (docs/decisions/0006)."""

import os
import sqlite3

import pytest
from countersign_tests import config
from countersign_tests.broker import Broker
from countersign_tests.plant import SERVER_ID, Plant


@pytest.fixture
def fresh():
    """Set up, not started."""
    fresh = Plant([config.rule("plant/%d/t", subscribe="anyone")])
    fresh.set_up()
    yield fresh
    fresh.__exit__()


def assert_refuses(fresh, *words):
    """The broker ends by itself, and says all of `words` in lines of ours."""
    fresh.broker.start(check=False)
    assert fresh.broker.wait_exit() != 0
    said = "\n".join(line for line in fresh.broker.output().splitlines() if "countersign: " in line)
    for word in words:
        assert word in said, f"{word!r} is not in:\n{fresh.broker.output()}"
    assert fresh.keys["admin"].hex() not in fresh.broker.output()


def starts_again(fresh):
    fresh.start()
    assert fresh.admin.call("list")["totalCount"] == 1


@pytest.mark.parametrize("spoil, words", [
    (lambda text: text + "\n[[rule", ["countersign.toml:"]),
    (lambda text: text + '\n[[rule]]\ntopic = "x"\nmode = "enforced"\n', ["mode", "off", "observe", "enforce"]),
    (lambda text: text.replace("server_id", "serverid"), ["serverid"]),
    (lambda text: text.replace("[default]", "[defaults]"), ["default"]),
    (lambda text: text.replace("[default]\nmode", "[default]\nmoode"), ["moode"]),
    (lambda text: text + '\n[[rule]]\ntopic = "a/#/b"\n', ["topic"]),
    (lambda text: "\xff\xfe", ["countersign.toml"]),
    (lambda text: "", ["default is missing"]),
    (lambda text: "x = " + "[" * 100_000, ["countersign.toml"]),
    (lambda text: "#" * 2_000_000, ["1 MiB"]),
], ids=["syntax", "unknown mode", "misspelt key", "unknown table", "key of default", "filter", "no text", "empty", "deep", "long"])
def test_a_bad_configuration_is_refused_in_words(fresh, spoil, words):
    good = fresh.broker.toml_path.read_text()
    fresh.broker.toml_path.write_text(spoil(good), encoding="latin-1")
    assert_refuses(fresh, *words)
    fresh.broker.write_toml(good)
    starts_again(fresh)


def test_a_missing_configuration_is_named(fresh):
    fresh.broker.toml_path.unlink()
    assert_refuses(fresh, "countersign.toml", "countersign setup")


def test_a_configuration_that_everybody_may_write_is_refused(fresh):
    fresh.broker.toml_path.chmod(0o666)
    assert_refuses(fresh, "countersign.toml", "chmod o-w")


def test_a_missing_key_file_is_refused(fresh):
    (fresh.directory / "wrap.key").rename(fresh.directory / "elsewhere")
    assert_refuses(fresh, "wrap.key", "countersign setup")
    (fresh.directory / "elsewhere").rename(fresh.directory / "wrap.key")
    starts_again(fresh)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_file_that_others_may_read_is_refused(fresh, mode):
    (fresh.directory / "wrap.key").chmod(mode)
    assert_refuses(fresh, "wrap.key", "chmod 600")
    (fresh.directory / "wrap.key").chmod(0o600)
    starts_again(fresh)


def test_a_key_file_of_another_database_is_refused(fresh):
    (fresh.directory / "wrap.key").write_bytes(os.urandom(32))
    assert_refuses(fresh, "key file", "countersign.db")


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_key_file_of_another_size_is_refused(fresh, content):
    (fresh.directory / "wrap.key").write_bytes(content)
    assert_refuses(fresh, "wrap.key")


def test_a_key_file_that_is_a_link_is_refused(fresh):
    (fresh.directory / "wrap.key").rename(fresh.directory / "real.key")
    (fresh.directory / "wrap.key").symlink_to("real.key")
    assert_refuses(fresh, "wrap.key")


def test_a_missing_database_is_refused_and_not_made(fresh):
    (fresh.directory / "countersign.db").unlink()
    assert_refuses(fresh, "countersign.db")
    assert not (fresh.directory / "countersign.db").exists()


def test_a_file_that_is_no_database_is_refused(fresh):
    (fresh.directory / "countersign.db").write_bytes(os.urandom(8192))
    assert_refuses(fresh, "database")


def test_another_server_id_than_the_databases_is_refused(fresh):
    good = fresh.broker.toml_path.read_text()
    fresh.broker.write_toml(good.replace(SERVER_ID, "another-broker"))
    assert_refuses(fresh, SERVER_ID, "another-broker")
    fresh.broker.write_toml(good)
    starts_again(fresh)


def test_an_audit_that_cannot_be_opened_is_refused(fresh):
    (fresh.directory / "audit.jsonl").unlink(missing_ok=True)
    (fresh.directory / "audit.jsonl").mkdir()
    assert_refuses(fresh, "audit.jsonl")


@pytest.mark.parametrize("line, words", [
    ("plugin_opt_acl_default ", ["plugin_opt_acl_default", "allow or defer"]),
    ("plugin_opt_auth_default ", ["plugin_opt_auth_default", "allow or defer"]),
    ("plugin_opt_config ", ["plugin_opt_config"]),
])
def test_a_missing_plugin_option_is_named(fresh, line, words):
    conf = fresh.broker.conf_path.read_text()
    fresh.broker.conf_path.write_text("\n".join(one for one in conf.splitlines() if not one.startswith(line)) + "\n")
    assert_refuses(fresh, *words)


@pytest.mark.parametrize("line, words", [
    ("plugin_opt_acl_default perhaps", ["plugin_opt_acl_default", "allow or defer"]),
    ("plugin_opt_colour blue", ["plugin_opt_colour"]),
    ("plugin_opt_config /nowhere/countersign.toml", ["/nowhere/countersign.toml"]),
])
def test_a_wrong_plugin_option_is_named(fresh, line, words):
    name = line.split()[0]
    conf = fresh.broker.conf_path.read_text().splitlines()
    place = next((i for i, one in enumerate(conf) if one.startswith("plugin ")), 0) + 1
    kept = [one for one in conf if not one.startswith(name)]
    fresh.broker.conf_path.write_text("\n".join(kept[:place] + [line] + kept[place:]) + "\n")
    assert_refuses(fresh, *words)


@pytest.mark.parametrize("spelling", ["per_listener_settings true", "  per_listener_settings   true"])
def test_per_listener_settings_are_refused(fresh, spelling):
    conf = fresh.broker.conf_path.read_text()
    fresh.broker.conf_path.write_text(conf.replace("per_listener_settings false", spelling))
    assert_refuses(fresh, "per_listener_settings true", "remove the line")


def test_a_second_broker_on_the_same_database_is_refused(fresh):
    fresh.start()
    (fresh.directory / "other").mkdir()
    other = Broker(directory=fresh.directory / "other", plugin_options={"config": fresh.broker.toml_path})
    try:
        other.start(check=False)
        assert other.wait_exit() != 0
        assert "in use" in other.output()
        assert fresh.admin.call("list")["totalCount"] == 1, "the first one goes on"
    finally:
        other.remove()


def test_a_database_of_a_newer_countersign_is_refused(fresh):
    with sqlite3.connect(fresh.directory / "countersign.db") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    assert_refuses(fresh, "newer")


def test_a_plant_that_was_never_set_up_is_told_how_to_begin():
    fresh = Plant()
    try:
        fresh.broker.start(check=False)
        assert fresh.broker.wait_exit() != 0
        assert "countersign setup" in fresh.broker.output()
    finally:
        fresh.__exit__()
