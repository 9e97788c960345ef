#!/usr/bin/env python3
"""Cuts the power of emulated boards that run the real firmware under load, and looks at what the broker delivered.

usage: mcu_qemu_cuts.py [COUNT]     how many cuts (default 200): in turns on both boards; of four, three at chosen operations of the
                                    flash by gdbstub, one by SIGKILL at random
       it takes what is built in COUNTERSIGN_BUILD_DIR (default: build/release)

Prints one line, and exits with 1 if a reading was lost or came twice, or a message was refused.
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
EVERY = 25  # cuts before a board may come to rest
LAST_OPERATION = 120  # a start with readings programs flash at least so often


def series(plant, board, number, chance):
    """Some cuts of one board. (cuts, readings delivered)"""
    with Reader(plant) as reader:
        mote = Mote(plant, board, interval=5, readings_count=60)
        try:
            cuts = Cuts(mote, reader, chance)
            for i in range(number):
                cuts.at_random() if i % 4 == 0 else cuts.at_operation(chance.randint(1, LAST_OPERATION))
            readings = cuts.finish()
        finally:
            mote.remove()
    assert_chain(readings)
    return cuts.count, len(readings)


def main():
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    chance = random.Random(total)
    begin, done, delivered = time.monotonic(), 0, 0
    with Plant([config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        turn = 0
        while done < total:
            cuts, readings = series(plant, BOARDS[turn % 2], min(EVERY, total - done), chance)
            done, delivered, turn = done + cuts, delivered + readings, turn + 1
        refused = plant.refusals()
    print(f"{done} cuts of emulated boards, {delivered} readings delivered, none lost, none twice, {len(refused)} refused, "
          f"{time.monotonic() - begin:.0f} s")
    return bool(refused)


if __name__ == "__main__":
    sys.exit(main())
