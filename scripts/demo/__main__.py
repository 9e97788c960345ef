"""Plays the demo. Exit code 0 only if everything happened as it must.

COUNTERSIGN_PLUGIN, COUNTERSIGN_CLI   default: what `make release` built
KEEP=1                                leaves broker and cards running afterwards, and says what to type
"""

import os
import pathlib
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from . import act_attacks, act_block, act_cards, act_end, act_nonsense, keep
from .processes import version_of
from .scene import Scene
from .screen import Screen

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASE = ROOT / "build" / "release"
PLUGIN = os.environ.get("COUNTERSIGN_PLUGIN", RELEASE / "broker-plugin" / "mosquitto_countersign.so")
LAST_LINES = 12
CLI = os.environ.get("COUNTERSIGN_CLI", RELEASE / "client" / "cli" / "countersign")


def introduce(screen, scene):
    mosquitto = version_of(["mosquitto", "-h"])
    pcscd = version_of(["pcscd", "--version"])
    screen.line(screen.style("bold", "Countersign: believe messages, not connections"))
    screen.line()
    screen.fact("real", f"mosquitto {mosquitto} and its mosquitto_sub, pcscd {pcscd}, the plugin, the countersign command,")
    screen.fact("", "the JavaCard applet; readings of four TelosB motes, recorded by others")
    screen.fact("simulated", "the silicon of the four cards: the applet runs in jCardSim, behind a virtual reader")
    screen.fact("attacker", "raw sockets and an independent implementation of the protocol")
    screen.fact("place", f"{scene.directory}, gone at the end")


def play(scene):
    with ThreadPoolExecutor(1) as pool:
        cards = pool.submit(scene.start_cards)
        scene.start_broker()
        cards.result()
    act_cards.personalise(scene)
    scene.start_subscriber()
    scene.start_watcher()
    act_cards.publish(scene)
    act_attacks.play(scene)
    act_nonsense.play(scene)
    act_block.play(scene)
    act_end.play(scene)


def explain(screen, scene):
    """The story broke off: what the parts themselves had to say."""
    screen.act("It broke off; the last lines of")
    for path in sorted(scene.directory.glob("*.log")) + sorted(scene.directory.glob("*.jsonl")):
        screen.say(path.name)
        for line in path.read_text(errors="replace").splitlines()[-LAST_LINES:]:
            screen.quote(line)


def conclude(screen, seconds):
    screen.act("All of it")
    screen.table()
    screen.line()
    if screen.faults:
        screen.line(screen.style("red", f"✗ {len(screen.faults)} did not happen as they must:"))
        for fault in screen.faults:
            screen.line(f"  {fault}")
        return 1
    screen.line(screen.style("green", f"✓ everything happened as it must, in {seconds:.0f} s"))
    return 0


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    for path in (PLUGIN, CLI):
        if not pathlib.Path(path).exists():
            print(f"demo: no {path}\ndemo: hint: make demo builds it", file=sys.stderr)
            return 5
    screen, started = Screen(), time.monotonic()
    try:
        with Scene(screen, PLUGIN, CLI) as scene:
            introduce(screen, scene)
            try:
                play(scene)
            except Exception as error:
                screen.faults.append(str(error).partition("\n")[0])
                explain(screen, scene)
            code = conclude(screen, time.monotonic() - started)
            if os.environ.get("KEEP"):
                keep.wait(scene)
            return code
    except KeyboardInterrupt:
        print("\ndemo: interrupted; everything is stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
