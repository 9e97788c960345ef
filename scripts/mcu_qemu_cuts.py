#!/usr/bin/env python3
"""Cuts the power of emulated boards that run the real firmware under load, and looks at what the broker delivered.

usage: mcu_qemu_cuts.py [COUNT]     how many cuts (default 200), in turns on both boards: of four, two where the flash is programmed
                                    and one where it is erased, by gdbstub, and one by SIGKILL at random
       it takes what is built in COUNTERSIGN_BUILD_DIR (default: build/release)

A start that ends without the operation that was chosen does not count, and another follows. Prints a line for each series on one
flash and one for all, and exits with 1 if a reading was lost or came twice, a message was refused, or too few cuts were reached.
"""

import os
import pathlib
import random
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))
BUILD = pathlib.Path(os.environ.setdefault("COUNTERSIGN_BUILD_DIR", str(ROOT / "build/release")))
os.environ.setdefault("COUNTERSIGN_PLUGIN", str(BUILD / "broker-plugin/mosquitto_countersign.so"))
os.environ.setdefault("COUNTERSIGN_CLI", str(BUILD / "client/cli/countersign"))

from countersign_tests import config  # noqa: E402
from countersign_tests.motes import Mote, Reader, assert_chain  # noqa: E402
from countersign_tests.plant import Plant  # noqa: E402
from countersign_tests.power_cuts import Cuts  # noqa: E402

BOARDS = ("an386", "an505")
EVERY = 100  # cuts before a board may come to rest: the vault's page is full after some 26 starts
LAST_OPERATION = 120  # a start with readings programs flash at least so often


def cut(cuts, kind, chance):
    """One cut of four kinds in turns. True if it fell where it should."""
    if kind == 0:
        cuts.at_random()
        return True
    return cuts.at_erasure() if kind == 2 else cuts.at_operation(chance.randint(1, LAST_OPERATION))


def series(plant, board, number, chance):
    """So many cuts of one board that were reached, or fewer if every other start is in vain. (reached, readings delivered)"""
    with Reader(plant) as reader:
        mote = Mote(plant, board, interval=5, readings_count=60)
        try:
            cuts, reached = Cuts(mote, reader, chance), 0
            while reached < number and cuts.count < 2 * number:
                reached += cut(cuts, reached % 4, chance)
            readings = cuts.finish()
        finally:
            mote.remove()
    assert_chain(readings)
    print(f"{board}: {cuts.count} starts, {reached} cuts reached, {cuts.erasures} of them at an erasure; the vault's page was copied "
          f"{cuts.compactions} times, {cuts.ring_pages} pages of the ring were begun", flush=True)
    return reached, len(readings)


def main():
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    chance = random.Random(total)
    begin, done, delivered = time.monotonic(), 0, 0
    sizes = [min(EVERY, total - first) for first in range(0, total, EVERY)]
    with Plant([config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        for turn, size in enumerate(sizes):
            reached, readings = series(plant, BOARDS[turn % 2], size, chance)
            done, delivered = done + reached, delivered + readings
        refused = plant.refusals()
    print(f"{done} cuts of emulated boards, {delivered} readings delivered, none lost, none twice, {len(refused)} refused, "
          f"{time.monotonic() - begin:.0f} s")
    return bool(refused) or done < total


if __name__ == "__main__":
    sys.exit(main())
