"""A card pulled while it is personalised: its key is never lost, and nobody is told that all went well."""

import contextlib
import os
import subprocess

import pytest
from countersign_tests import cards, config, plant, smart_card

PERSONALISE = 0xDB


@pytest.fixture(scope="module")
def running():
    with plant.Plant(rules=[config.rule("plant/%d/+", publish=["%d"], subscribe=["anyone"])]) as one:
        yield one


@pytest.fixture
def host():
    with cards.CardHost(cards=1) as one:
        yield one


@pytest.fixture
def countersign(running, host):
    environment = os.environ | host.env | {
        "COUNTERSIGN_HOST": "127.0.0.1", "COUNTERSIGN_PORT": str(running.broker.port),
        "COUNTERSIGN_SERVER_ID": plant.SERVER_ID,
    }

    def run(*arguments, secrets=""):
        return subprocess.run(
            [os.environ["COUNTERSIGN_CLI"], *map(str, arguments)], input=secrets, text=True, capture_output=True,
            cwd=running.directory, env=environment, timeout=60, start_new_session=True,
        )
    return run


@pytest.fixture
def admin(running):
    return ["--key-file", next(running.directory.glob("admin-*.key"))]


@pytest.fixture
def personalise(countersign, running, host, admin):
    transport = running.directory / "transport"
    transport.unlink(missing_ok=True)
    transport.touch(mode=0o600)
    transport.write_text(host.transport_keys[0])

    def run(identity, *how):
        return countersign("card", "personalise", identity, "--transport-key", transport, "--issuer-key", "issuer.key",
                           "--pin-fd", "0", *how, *admin, secrets="1234\n12345678\n")
    return run


def test_a_card_that_took_its_key_before_it_was_pulled_works(countersign, personalise, host):
    host.eject_on_next_apdu(0, PERSONALISE)
    done = personalise("mote-1", "--register")
    assert done.returncode == 3, done
    assert "countersign card info tells whether it took its key" in done.stderr
    host.await_pulled(0)
    host.insert(0)
    assert "mote-1" in countersign("card", "info").stdout
    done = countersign("login", "--card", "--pin-fd", "0", secrets="1234\n")
    assert done.returncode == 0, done


def test_a_card_pulled_before_it_took_its_key_is_done_again(countersign, personalise, host):
    host.eject_on_next_apdu(0, PERSONALISE, before=True)
    assert personalise("mote-2", "--register").returncode == 3
    host.await_pulled(0)
    host.insert(0)
    assert "created" in countersign("card", "info").stdout
    done = personalise("mote-2", "--rekey")
    assert done.returncode == 0, done
    assert countersign("login", "--card", "--pin-fd", "0", secrets="1234\n").returncode == 0


def test_no_administrator_no_card(countersign, personalise, running, host):
    done = personalise("mote-3", "--register", "--server-id", "elsewhere", "--timeout", "2")
    assert done.returncode == 1, done
    assert "created" in countersign("card", "info").stdout


def test_a_key_file_is_taken_back_when_the_card_refuses(countersign, personalise, running, host):
    (running.directory / "transport").write_text("ab" * 32)
    done = personalise("mote-4", "--key-out", "mote-4.key")
    assert (done.returncode, "transport key" in done.stderr) == (3, True), done
    assert not (running.directory / "mote-4.key").exists()


@pytest.mark.parametrize(("how", "stays"), [([], True), (["--pin-per-operation"], False)])
def test_a_card_may_want_its_pin_each_time(countersign, personalise, host, how, stays):
    done = personalise(f"mote-{host.uids[0]}", "--register", *how)
    assert done.returncode == 0, done
    assert countersign("login", "--card", "--pin-fd", "0", secrets="1234\n").returncode == 0
    with host.link(0) as link:
        card = smart_card.SmartCard(link)
        card.select()
        card.verify("1234")
        for works in (True, stays):
            with contextlib.nullcontext() if works else pytest.raises(smart_card.CardRefused):
                card.handshake_key(None, plant.SERVER_ID)
