"""logrotate on the audit of a running broker, as config/logrotate/countersign has it: no line is lost or cut."""

import getpass
import grp
import gzip
import json
import os
import pathlib
import subprocess

import pytest
from countersign_tests import config, mqtt
from countersign_tests.broker import wait_until
from countersign_tests.plant import Plant

SNIPPET = pathlib.Path(__file__).parents[2] / "config" / "logrotate" / "countersign"
# what Debian's does for a service: here the broker is the one of the test
INVOKE = """#!/bin/sh
case $2 in
  status) kill -0 {pid} ;;
  reload) kill -HUP {pid} && echo reload >> {log} ;;
esac
"""


@pytest.fixture
def plant():
    with Plant([config.rule("plant/%d/t", subscribe="anyone")], settings={"audit": {"events": "all"}},
               version=mqtt.V5) as plant:
        yield plant


@pytest.fixture
def rotate(plant, tmp_path):
    """Starts logrotate with the snippet as it is, but for whose file it is and where."""
    owner = f"{getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name}"
    text = SNIPPET.read_text().replace("/var/log/countersign", str(plant.directory)).replace("mosquitto mosquitto", owner)
    assert owner in text and str(plant.broker.audit_path) in text
    (tmp_path / "snippet").write_text(text)
    (tmp_path / "bin").mkdir()

    def start():
        invoke = tmp_path / "bin" / "invoke-rc.d"
        invoke.write_text(INVOKE.format(pid=plant.broker.process.pid, log=tmp_path / "reloads"))
        invoke.chmod(0o755)
        return subprocess.Popen(["logrotate", "-s", tmp_path / "state", "-f", tmp_path / "snippet"],
                                env=os.environ | {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}:/usr/sbin"})
    return start


def parts(plant):
    """The audit's files, oldest first, as text."""
    directory = plant.directory
    zipped = [gzip.decompress(path.read_bytes()).decode()
              for path in sorted(directory.glob("audit.jsonl.*.gz"), key=lambda path: -int(path.name.split(".")[2]))]
    return zipped + [path.read_text() for path in (directory / "audit.jsonl.1", directory / "audit.jsonl") if path.exists()]


def seqs(text, identity):
    """Of the accepted messages; every line must be whole."""
    assert text == "" or text.endswith("\n")
    lines = map(json.loads, text.splitlines())
    return [line["seq"] for line in lines if line["event"] == "publish" and line["identity"] == identity]


def publish(mote, count=1):
    return [mote.publish(f"plant/{mote.identity}/t", b"1").seq for _ in range(count)]


def rotated(plant, rotate):
    assert rotate().wait(30) == 0
    plant.broker.wait_for_audit(event="reload", detail="taken")


def test_lines_go_to_the_new_file_and_the_old_one_is_complete(plant, rotate):
    mote = plant.device("mote-1")
    before = publish(mote, 20)
    wait_until(lambda: seqs(plant.broker.audit_path.read_text(), "mote-1") == before, 5, "not written")
    inode = plant.broker.audit_path.stat().st_ino
    rotated(plant, rotate)
    after = publish(mote, 20)
    wait_until(lambda: seqs(plant.broker.audit_path.read_text(), "mote-1") == after, 5, "not in the new file")
    old = plant.directory / "audit.jsonl.1"
    assert seqs(old.read_text(), "mote-1") == before
    assert old.stat().st_ino == inode, "moved, not copied: a copy would lose what comes meanwhile"
    assert plant.broker.audit_path.stat().st_mode & 0o777 == 0o640
    assert mote.connection.is_open(), "nobody is disconnected by it"


def test_a_busy_broker_loses_no_line_whichever_moment_rotation_comes(plant, rotate):
    mote, sent = plant.device("mote-1"), []
    for _ in range(3):
        rotation = rotate()
        while rotation.poll() is None:
            sent += publish(mote)
        assert rotation.returncode == 0
        sent += publish(mote, 5)
    wait_until(lambda: sum((seqs(text, "mote-1") for text in parts(plant)), []) == sent, 10, "lines are missing")
    assert (plant.directory / "audit.jsonl.2.gz").exists(), "compressed once nobody writes to it"
    assert all(seqs(text, "mote-1") for text in parts(plant)[1:]), "each rotation fell among messages"


def test_a_rotation_while_the_broker_is_stopped_is_none_of_its_business(plant, rotate, tmp_path):
    mote = plant.device("mote-1")
    before = publish(mote, 3)
    plant.stop()
    assert rotate().wait(30) == 0
    assert not (tmp_path / "reloads").exists()
    plant.start()
    mote.resume()
    after = publish(mote, 3)
    wait_until(lambda: [seqs(text, "mote-1") for text in parts(plant)] == [before, after], 5, "not written")


def test_an_audit_that_cannot_be_reopened_goes_on_in_the_old_file(plant, rotate):
    """A rotation gone wrong must not end the audit: the broker says so and goes on writing."""
    mote = plant.device("mote-1")
    publish(mote)
    os.rename(plant.broker.audit_path, plant.directory / "audit.jsonl.1")
    plant.broker.audit_path.mkdir()
    plant.broker.reload()
    plant.broker.wait_for_log("audit")
    sent = publish(mote, 3)
    wait_until(lambda: seqs((plant.directory / "audit.jsonl.1").read_text(), "mote-1")[1:] == sent, 5, "the audit ended")
