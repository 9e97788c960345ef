"""The power is cut: at random, and at chosen operations of the flash. No number is used twice, no reading is lost or comes twice.

scripts/mcu_qemu_cuts.py does the same many more times.
"""

import random

from countersign_tests.motes import assert_chain
from countersign_tests.power_cuts import Cuts

RANDOM_CUTS = 12
CHOSEN_CUTS = 6


def test_random_cuts(plant, reader, new_mote):
    cuts = Cuts(new_mote(plant, interval=5, readings_count=60), reader, random.Random(5))
    for _ in range(RANDOM_CUTS):
        cuts.at_random()
    assert_all_came(cuts)


def test_cuts_at_operations_of_the_flash(plant, reader, new_mote):
    cuts = Cuts(new_mote(plant, interval=5, readings_count=60), reader, random.Random(5))
    chance = random.Random(7)
    while cuts.reached < CHOSEN_CUTS and cuts.count < 2 * CHOSEN_CUTS:
        cuts.at_erasure() if cuts.reached % 3 == 2 else cuts.at_operation(chance.randint(1, 90))
    assert cuts.reached == CHOSEN_CUTS and cuts.erasures
    assert_all_came(cuts)


def assert_all_came(cuts):
    assert_chain(cuts.finish())
    assert cuts.plant.refusals() == []
