#!/usr/bin/env python3
"""Cuts the power of emulated boards that run the real firmware under load, and looks at what the broker delivered.

usage: mcu_qemu_cuts.py [COUNT]     how many cuts (default 200): half on each board; of four, three at chosen operations of the
                                    flash by gdbstub, one by SIGKILL at random
       the environment is that of the tests (cmake/testing.cmake)

Prints one line, and exits with 1 if a reading was lost or came twice, or a message was refused.
"""

import random
import sys
import time

from countersign_tests import config
from countersign_tests.motes import Mote, Reader, assert_chain
from countersign_tests.plant import Plant
from countersign_tests.power_cuts import Cuts

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
