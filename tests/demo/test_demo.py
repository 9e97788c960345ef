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


def running():
    """The parent of every process that runs, by process id."""
    parents = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text(errors="replace").rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[int(path.parent.name)] = int(parent)
    return parents


def descendants(pid):
    """Process ids of everything below it."""
    parents, found, wave = running(), set(), {pid}
    while wave:
        wave = {child for child, parent in parents.items() if parent in wave} - found
        found |= wave
    return found


def read_until(demo, last):
    seen = ""
    for line in demo.stdout:
        seen += line
        if last in line:
            return seen
    raise AssertionError(f"the demo ended before it said \"{last}\"\n{seen}")


def printed_commands(output):
    """What a person is told to type: the line to begin with, and each command by what stands above it."""
    told = output.partition("In another terminal:")[2]
    begin = re.search(r"^  (\. /\S+/env)$", told, re.MULTILINE)[1]
    return begin, dict(re.findall(r"^  # (.+)\n  (.+)$", told, re.MULTILINE))


def test_kept_demo_does_what_it_tells_to_type_and_leaves_nothing():
    demo = start(KEEP="1")
    try:
        seen = read_until(demo, "Ctrl-C here stops everything.")
        begin, commands = printed_commands(seen)
        assert "✓ everything happened as it must" in seen

        def type_in(what):
            done = subprocess.run(
                ["bash", "-c", f"{begin} && {commands[what]}"], capture_output=True, text=True, timeout=30)
            assert done.returncode == 0, f"{what}\n{done.stdout}{done.stderr}"
            return done.stdout + done.stderr

        assert re.search(r"mote-4 .*blocked", type_in("the devices"))
        assert "Not authorized" in type_in("forge a reading: refused")
        type_in("forgive mote 4 its lost card")
        assert not re.search(r"mote-4 .*blocked", type_in("the devices"))
        assert demo.poll() is None, "it waits for Ctrl-C"
        started = descendants(demo.pid)
        assert len(started) >= 4, "broker, pcscd, cards and two motes at least"
        demo.send_signal(signal.SIGINT)
        seen += demo.stdout.read()
        assert demo.wait(SECONDS) == 0, seen
        assert "stopping everything" in seen
        assert not started & set(running())
        assert not place_of(seen).exists()
        assert not processes_with(str(place_of(seen)))
    finally:
        if demo.poll() is None:
            demo.terminate()
            demo.wait(SECONDS)


def test_demo_that_breaks_off_says_so_and_fails():
    demo = start(COUNTERSIGN_CLI="/bin/false")
    output, _ = demo.communicate(timeout=SECONDS)
    assert demo.returncode == 1
    assert "did not happen as they must" in output
