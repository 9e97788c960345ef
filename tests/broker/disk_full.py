"""A full disk: what needs it is refused in words, everything else goes on, and it recovers by itself (docs/decisions/0004)."""

import os
import subprocess

import pytest
from countersign_tests import config, mqtt
from countersign_tests.admin import AdminError
from countersign_tests.plant import FILES, Plant

OK = (0, 0x10)
SMALL = "2m"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small disk")


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """The database on a small disk of its own; log and audit elsewhere."""
    disk = tmp_path_factory.mktemp("disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL},mode=700", "tmpfs", disk], check=True)
    files = FILES | {"database": str(disk / "countersign.db"), "state": str(disk)}
    try:
        with Plant([config.rule("plant/%d/t", subscribe="anyone"), config.rule("plant/%d/scored", subscribe="anyone", range={"min": 0, "max": 9})],
                   version=mqtt.V5, settings={"files": files}) as plant:
            plant.disk = disk
            yield plant
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.fixture
def full(plant):
    """Fills the disk, to the last byte."""
    filler = plant.disk / "filler"

    def fill():
        with open(filler, "ab", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    yield fill
    filler.unlink(missing_ok=True)


def empty(plant):
    (plant.disk / "filler").unlink()


def registers_again(plant, identity):
    plant.register(identity)
    assert plant.log_in(identity).session


def fill_until_refused(plant, full, prefix):
    """The write-ahead log has room it already owns: fills it too. The first error."""
    plant.admin.call("list")  # logged in while there is room
    full()
    for i in range(2000):
        try:
            plant.register(f"{prefix}-{i}", label="x" * 250)
        except AdminError as error:
            return f"{prefix}-{i}", str(error)
        full()
    raise AssertionError("the disk is never full")


def test_a_registration_is_refused_in_words_and_is_not_there(plant, full):
    identity, text = fill_until_refused(plant, full, "full-a")
    assert "ot durable" in text and ("full" in text or "space" in text), text
    with pytest.raises(AdminError, match="not found"):
        plant.show(identity)
    plant.broker.wait_for_log("cannot write to the database")
    empty(plant)
    registers_again(plant, identity)
    plant.broker.wait_for_log("takes changes again")
    plant.restart(kill=True)
    assert plant.log_in(identity).session


def test_verified_publishes_go_on_and_new_handshakes_do_not(plant, full):
    mote, late = plant.device("mote-1"), "mote-2"
    plant.register(late)
    fill_until_refused(plant, full, "full-b")
    with plant.subscriber("plant/#") as reader:
        for i in range(20):
            assert mote.publish("plant/mote-1/t", b"%d" % i).code in OK
            assert mote.publish("plant/mote-1/scored", b"1").code in OK
        assert len(reader.pending()) == 40
    refused = plant.client_of(late)
    refused.timeout = 1.0
    with pytest.raises(mqtt.TimedOut):
        refused.login()
    plant.broker.wait_for_audit(event="handshake", verdict="refuse", why="internal")
    assert plant.show(late)["sessions"] == []
    assert mote.connection.is_open() and plant.broker.running()
    empty(plant)
    again = plant.log_in(late)
    assert again.publish("plant/mote-2/t", b"1").code in OK
    assert plant.score("mote-1") == ("AUTH3", 21)


def test_a_lock_is_in_force_although_it_is_not_durable_and_says_so(plant, full):
    mote = plant.device("mote-3")
    fill_until_refused(plant, full, "full-c")
    with pytest.raises(AdminError, match="[Ii]n force, but not durable"):
        plant.admin.call("block", identity="mote-3")
    mote.connection.wait_closed(2)
    assert plant.show("mote-3")["standing"] == "blocked"
    empty(plant)
    plant.admin.call("block", identity="mote-3")
    plant.restart(kill=True)
    assert plant.show("mote-3")["standing"] == "blocked"


def test_a_revoked_token_is_revoked_although_it_is_not_durable_and_can_be_revoked_again(plant, full):
    token = plant.admin.call("createEnrolmentToken")
    fill_until_refused(plant, full, "full-e")
    with pytest.raises(AdminError, match="[Ii]n force, but not durable"):
        plant.admin.call("revokeEnrolmentToken", id=token["id"])
    empty(plant)
    with pytest.raises(AdminError, match="Invalid token"):
        plant.register_data(token=token["token"])
    assert token["id"] not in [one["id"] for one in plant.admin.call("listEnrolmentTokens")["tokens"]]
    plant.admin.call("revokeEnrolmentToken", id=token["id"])
    plant.restart(kill=True)
    with pytest.raises(AdminError, match="Invalid token"):
        plant.register_data(token=token["token"])
    with pytest.raises(AdminError, match="not found"):
        plant.admin.call("revokeEnrolmentToken", id=token["id"])


def test_a_stop_on_a_full_disk_loses_sessions_but_nothing_else(plant, full):
    mote = plant.device("mote-4")
    fill_until_refused(plant, full, "full-d")
    plant.stop()
    empty(plant)
    plant.start()
    with pytest.raises(mqtt.ConnectRefused):
        mote.resume()
    assert plant.log_in("mote-4").publish("plant/mote-4/t", b"1").code in OK


def test_a_start_on_a_full_disk_is_refused_in_words(plant, full):
    plant.stop()
    full()
    plant.broker.start(check=False)
    assert plant.broker.wait_exit() != 0
    assert "full" in plant.broker.output() or "space" in plant.broker.output()
    empty(plant)
    plant.start()
    assert plant.admin.call("list")
