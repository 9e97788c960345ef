"""The demo is a test: it exits 0 only if everything happened as it must."""

import os
import pathlib
import re
import signal
import subprocess

DEMO = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "demo.sh"
SECONDS = 150
# each of them stands in the table
REFUSALS = {"bad_tag", "unsigned", "duplicate", "replayed", "stale", "unknown_sender", "denied", "old_epoch",
            "out_of_range", "enforcement", "expelled", "blocked"}


def start(**environment):
    return subprocess.Popen(
        [DEMO], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | environment, start_new_session=True)


def place_of(text):
    return pathlib.Path(re.search(r"^  place +(\S+),", text, re.MULTILINE)[1])


def processes_with(text):
    """Command lines of every process that mentions it."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in line:
            found.append(line)
    return found


def test_everything_happens_as_it_must_and_nothing_is_left():
    demo = start()
    output, _ = demo.communicate(timeout=SECONDS)
    assert demo.returncode == 0, output
    table = output.partition("All of it")[2]
    assert {name for name in REFUSALS if re.search(rf" {name}$", table, re.MULTILINE)} == REFUSALS
    assert "✗" not in output and "\x1b" not in output
    assert not place_of(output).exists()
    assert not processes_with(str(place_of(output)))


def test_interrupted_demo_stops_everything_it_started():
    demo = start()
    seen = ""
    for line in demo.stdout:
        seen += line
        if line.startswith("3  "):
            break
    demo.send_signal(signal.SIGINT)
    seen += demo.stdout.read()
    assert demo.wait(SECONDS) == 130, seen
    assert not place_of(seen).exists()
    assert not processes_with(str(place_of(seen)))


def test_demo_that_breaks_off_says_so_and_fails():
    demo = start(COUNTERSIGN_CLI="/bin/false")
    output, _ = demo.communicate(timeout=SECONDS)
    assert demo.returncode == 1
    assert "did not happen as they must" in output
