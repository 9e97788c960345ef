"""Two boards with the same flash: never are both in, and that there are two is noticed and locks the identity."""

import shutil

import pytest
from countersign_tests.motes import assert_chain

COUNT = 20
NOTICED_SECONDS = 120


@pytest.fixture
def twins(plant, new_mote, tmp_path):
    """A board that was at work, and the copy that somebody made of its flash; both powered off."""
    mote = new_mote(plant, interval=20, readings_count=COUNT).start()
    mote.wait_done()
    mote.stop()
    copy = tmp_path / "copy.bin"
    shutil.copy(mote.flash, copy)
    return mote, new_mote(plant, mote.identity, flash=copy, mac="52:54:00:00:00:02")


def sessions(plant, mote):
    return plant.show(mote.identity)["sessions"]


def assert_never_both_in(lines):
    """Sessions of one identity follow each other, and none is made once it is locked."""
    alive, locked = set(), False
    for line in lines:
        if line["event"] == "handshake" and line["verdict"] == "accept":
            assert not alive and not locked, lines
            alive.add(line["kid"])
        elif line["event"] == "session" and line["detail"] == "ended":
            alive.discard(line["kid"])
        locked = locked or line.get("why") == "cloned"
    assert locked and not alive, lines


def test_two_boards_at_once_lock_the_identity(plant, twins):
    mark = plant.mark()
    for twin in twins:
        twin.start()
    locked = twins[0].wait_audit(NOTICED_SECONDS, why="cloned")
    assert locked["verdict"] == "refuse"
    twins[0].wait_audit(event="connect", why="cloned", after=mark)  # the one that was in tries to come back
    lines = [line for line in plant.broker.audit()[mark:] if line.get("identity") == twins[0].identity]
    assert_never_both_in(lines)
    assert sum(len(twin.lines("online")) for twin in twins) <= 2, "the original before, and one of the two"
    assert plant.show(twins[0].identity)["standing"] == "cloned"
    assert sessions(plant, twins[0]) == []
    for twin in twins:
        twin.assert_sound()


def test_two_boards_by_turns_lock_the_identity_and_the_copy_never_gets_in(plant, twins):
    original, copy = twins
    original.start().wait_for("online", after=1)
    original.stop()
    mark = plant.mark()
    copy.start()
    copy.wait_audit(NOTICED_SECONDS, after=mark, why="cloned")
    assert not copy.lines("online")
    assert plant.show(original.identity)["standing"] == "cloned"
    mark = plant.mark()
    original.start()
    plant.broker.wait_for_audit(timeout=NOTICED_SECONDS, after=mark, event="handshake", why="cloned", detail=original.identity)
    assert len(original.lines("online")) == 2, "not even the original"


def test_an_administrator_gives_it_back_with_a_new_key(plant, reader, twins, new_mote):
    for twin in twins:
        twin.start()
    twins[0].wait_audit(NOTICED_SECONDS, why="cloned")
    for twin in twins:
        twin.stop()
    identity = twins[0].identity
    key = b"n" * 32
    plant.admin.call("rekey", identity=identity, key=key.hex())
    plant.admin.call("reinstate", identity=identity)
    seen = len(reader.readings())
    again = new_mote(plant, identity, key=key, interval=20, readings_count=COUNT).start()
    again.wait_done()
    assert_chain(reader.readings()[seen:], COUNT)
