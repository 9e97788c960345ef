"""Attacks on what devices say, by who owns a key: real readings, evaluators as docs/reputation.md has them.

Each attack is made by devices that were honest until then and stand at AUTH3, and who pass every enforcement: they have
the longest way to fall. Attacks by who owns no key are in reputation_levels.py and mfar_attacks_test.py.
"""

import collections
import csv
import itertools
import pathlib
import random

import pytest
from countersign_tests import config, mqtt
from countersign_tests.plant import Plant

DATA = pathlib.Path(__file__).parents[1] / "data" / "telosb-single-hop.csv"
HONEST = range(1651, 2101)  # they hold no labelled event
NOW = HONEST.stop
SOON = 100  # readings within which an attack must have ended
INDOOR, OUTDOOR = ["mote-1", "mote-2"], ["mote-3", "mote-4"]
QUARTET = [f"desk-{number}" for number in range(1, 5)]
QUINTET = [f"shelf-{number}" for number in range(1, 6)]


def groups(*members):
    return [{"pointer": pointer, "members": one, "tolerance": tolerance, "window": 120}
            for pointer, tolerance in (("/humidity", 2.9), ("/temperature", 1.0)) for one in members]


EVALUATORS = {
    "group": groups(INDOOR, OUTDOOR, QUARTET, QUINTET),
    "correlated": {"pointers": ["/humidity", "/temperature"], "resolution": [0.05, 0.02], "tolerance": 10, "memory": 360},
    "rate": {"pointer": "/temperature", "stuck": 20},
    "range": [{"pointer": "/humidity", "min": 20, "max": 75}, {"pointer": "/temperature", "min": 10, "max": 45}],
}


@pytest.fixture(scope="module")
def recorded():
    """{mote: {reading's number: (humidity, temperature)}}"""
    rows = collections.defaultdict(dict)
    with open(DATA, newline="", encoding="ascii") as file:
        for row in csv.DictReader(file):
            rows[int(row["mote_id"])][int(row["reading"])] = float(row["humidity"]), float(row["temperature"])
    return rows


class Field:
    """Devices that read what the real motes read, in turn; some may lie."""

    def __init__(self, plant, recorded, places):
        """`places`: {identity: (real mote, how many readings later)}"""
        self.plant, self.recorded, self.places = plant, recorded, places
        self.devices = {identity: plant.device(identity, suite=2, version=mqtt.V5) for identity in places}
        self.said, self.out = collections.Counter(), set()

    def reading(self, identity, number):
        mote, shift = self.places[identity]
        return self.recorded[mote][number + shift]

    def say(self, identity, humidity, temperature):
        """False when it is out: an enforcement on the way is passed, and the reading sent again."""
        device, text = self.devices[identity], f'{{"humidity":{humidity:.2f},"temperature":{temperature:.2f}}}'
        self.said[identity] += 1
        try:
            if device.publish(f"field/{identity}", text).code >= 0x80:
                device.answer_enforcement()
                device.publish(f"field/{identity}", text)
            device.connection.messages.clear()
        except mqtt.Closed:
            return False
        return True

    def play(self, numbers, lies=None):
        """A round for each number, until every liar is out. `lies`: {identity: lie(humidity, temperature)}.

        How many readings each liar sent until it was expelled.
        """
        lies, out, before = lies or {}, {}, self.said.copy()
        for number in numbers:
            for identity in [one for one in self.places if one not in self.out]:
                truth = self.reading(identity, number)
                if not self.say(identity, *(lies[identity](*truth) if identity in lies else truth)):
                    out[identity] = self.said[identity] - before[identity]
                    self.out.add(identity)
            if lies and len(out) == len(lies):
                break
        return out

    def objections(self, identity):
        """Names of the evaluators that objected to it, with how often."""
        if identity in self.out:
            self.plant.broker.wait_for_audit(event="level", identity=identity, detail="expelled")
        return collections.Counter(line["detail"] for line in self.plant.broker.audit()
                                   if line.get("why") == "out_of_range" and line["identity"] == identity)

    def standing(self, identity):
        return self.plant.show(identity)["standing"]

    def unharmed(self, *identities):
        """Whether these stand where they stood: AUTH3 with a full score."""
        return {identity: self.plant.score(identity) for identity in identities} == dict.fromkeys(identities, ("AUTH3", 21))


@pytest.fixture
def field(recorded):
    """Starts a plant of these devices, judged by all evaluators or by some, that has run honestly for some time."""
    plants = []

    def start(places, only=tuple(EVALUATORS), **rule):
        spec = {name: EVALUATORS[name] for name in only} | rule
        rules = [config.rule("field/%d", subscribe=["anyone"], out_of_range="deliver", **spec)]
        plants.append(Plant(rules, settings={"limits": {"enforce_after_messages": 1_000_000}}, log_type="error"))
        plants[-1].__enter__()
        new = Field(plants[-1], recorded, places)
        assert new.play(HONEST) == {} and new.unharmed(*places)
        return new

    yield start
    for plant in plants:
        assert "AddressSanitizer" not in plant.broker.output() and "runtime error" not in plant.broker.output()
        plant.__exit__(None, None, None)


PAIRS = {"mote-1": (1, 0), "mote-2": (2, 0), "mote-3": (3, 0), "mote-4": (4, 0)}
# mote 2's readings hold no event
FOUR = {identity: (2, 20 * index) for index, identity in enumerate(QUARTET)}
FIVE = {identity: (2, 20 * index) for index, identity in enumerate(QUINTET)}


def others(field, *liars):
    return [identity for identity in field.places if identity not in liars]


def test_random_data(field):
    dice, field = random.Random(1), field(PAIRS)
    out = field.play(range(NOW, NOW + SOON), {"mote-2": lambda *_: (dice.uniform(0, 100), dice.uniform(-40, 123))})
    assert out["mote-2"] <= 40 and field.standing("mote-2") == "expelled"
    assert field.unharmed(*others(field, "mote-2")), "the only other one of its group least of all"


def test_random_data_within_the_bounds_of_honest_numbers(field):
    dice, field = random.Random(2), field(PAIRS)
    out = field.play(range(NOW, NOW + SOON), {"mote-2": lambda *_: (dice.uniform(42, 50), dice.uniform(25, 30))})
    assert out["mote-2"] <= SOON and field.unharmed(*others(field, "mote-2"))


def test_constant_data(field):
    field = field(PAIRS)
    frozen = field.reading("mote-3", NOW)
    out = field.play(range(NOW, NOW + SOON), {"mote-3": lambda *_: frozen})
    assert out["mote-3"] <= 20 + 40, "twenty equal ones in a row, then each counts"
    assert field.objections("mote-3")["rate"] > 20 and field.unharmed(*others(field, "mote-3"))


def test_slow_drift(field):
    """Too slow for what learns (docs/reputation.md says so); the range bounds it."""
    field, step = field(dict(list(FOUR.items())[:2]), range=[{"pointer": "/temperature", "max": 30}]), itertools.count(1)
    told = []

    def drift(humidity, temperature):
        told.append(temperature + 0.002 * next(step))
        return humidity, told[-1]
    out = field.play(range(NOW, NOW + 2000), {"desk-2": drift})
    assert out["desk-2"] > 1000 and set(field.objections("desk-2")) == {"range"}
    assert sum(temperature > 30 for temperature in told) <= 40, "nothing beyond its bound is believed for long"
    assert field.unharmed(*others(field, "desk-2")), "its neighbours were not dragged along"


def test_a_drift_that_is_faster_than_the_baseline(field):
    field, step = field(PAIRS), itertools.count(1)
    out = field.play(range(NOW, NOW + 400), {"mote-2": lambda h, t: (h, t + 0.03 * next(step))})
    assert out and field.objections("mote-2")["group"] > 20 and field.objections("mote-2")["range"] == 0
    assert field.unharmed(*others(field, "mote-2"))


def test_old_readings_replayed_with_fresh_signatures(field):
    """What it truly measured some hours before, as if it were now: genuine, well signed, in range."""
    field, old = field(PAIRS), itertools.count(1)
    out = field.play(range(NOW, NOW + SOON), {"mote-3": lambda *_: field.reading("mote-3", next(old))})
    assert out["mote-3"] <= 50 and field.objections("mote-3")["range"] == 0
    assert field.unharmed(*others(field, "mote-3"))


def test_one_liar_in_four(field):
    field = field(FOUR)
    out = field.play(range(NOW, NOW + SOON), {"desk-3": lambda h, t: (h, t + 4)})
    assert out["desk-3"] <= 50 and field.unharmed(*others(field, "desk-3"))
    assert field.play(range(NOW + SOON, NOW + 2 * SOON)) == {} and field.unharmed(*others(field, "desk-3"))


def test_a_minority_coalition(field):
    """Two of five tell the same lie at the same time: neither can vouch for the other, nor drag an honest one."""
    field = field(FIVE)
    lie = lambda h, t: (h + 6, t + 3)  # noqa: E731
    out = field.play(range(NOW, NOW + SOON), {"shelf-2": lie, "shelf-4": lie})
    assert set(out) == {"shelf-2", "shelf-4"} and max(out.values()) <= 60
    assert field.unharmed(*others(field, "shelf-2", "shelf-4"))


def test_a_minority_coalition_that_lies_only_now_and_then(field):
    """Lies between honest readings cost more than the honest ones earn, as long as they are more than half."""
    field, turn = field(FIVE), itertools.count()
    lie = lambda h, t: (h + 6, t + 3) if next(turn) // 2 % 3 else (h, t)  # noqa: E731
    out = field.play(range(NOW, NOW + 2 * SOON), {"shelf-2": lie, "shelf-4": lie})
    assert set(out) == {"shelf-2", "shelf-4"} and field.unharmed(*others(field, "shelf-2", "shelf-4"))


@pytest.mark.parametrize("rule", [{"only": ["group"]}, {"only": ["group", "correlated", "range"], "combine": "majority"}],
                         ids=["group alone", "majority"])
def test_a_whole_group_event_expels_nobody(field, rule):
    """A door that opens: all of a group move at once, stay there, and move back."""
    field = field(FOUR, **rule)
    assert field.play(range(NOW, NOW + 60), dict.fromkeys(QUARTET, lambda h, t: (h - 8, t + 6))) == {}
    assert field.play(range(NOW + 60, NOW + 120)) == {}
    assert field.unharmed(*QUARTET) and not any(field.objections(identity) for identity in QUARTET)


def test_a_real_event_at_one_mote_only(field):
    """The labelled readings of mote 1: humidity rose there and nowhere else."""
    field = field(PAIRS)
    numbers = range(2340, 2461)
    assert field.play(range(NOW, numbers.start)) == {}
    out = field.play(numbers, {"mote-1": lambda *truth: truth})
    assert "mote-1" in out and field.unharmed(*others(field, "mote-1", "mote-4"))
