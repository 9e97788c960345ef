"""DataServ on the running system: groups, correlation, rate, CBOR, and what is learned (docs/reputation.md)."""

import struct

import pytest
from countersign_tests import config, mqtt
from countersign_tests.plant import Plant

MEMORY = 16
MOTES = [f"mote-{index}" for index in range(4)]
RULES = [
    config.rule("group/%d", subscribe=["anyone"], group=[{"tolerance": 1.0, "window": 30}]),
    config.rule("both/%d", subscribe=["anyone"], correlated=[
        {"pointers": ["/t", "/h"], "resolution": [0.1, 0.1], "memory": MEMORY}]),
    config.rule("still/%d", subscribe=["anyone"], rate={"stuck": 3}),
    config.rule("slow/%d", subscribe=["anyone"], rate={"shortest": "1h"}),
    config.rule("cbor/%d", subscribe=["anyone"], format="cbor", range=[{"pointer": "/t", "max": 60}]),
]


@pytest.fixture(scope="module")
def plant():
    with Plant(RULES, settings={"limits": {"enforce_after_messages": 100_000}}, version=mqtt.V5) as plant:
        yield plant


@pytest.fixture(scope="module")
def motes(plant):
    return [plant.device(identity) for identity in MOTES]


def say(mote, kind, payload):
    """Whether a reading was taken."""
    return mote.publish(f"{kind}/{mote.identity}", payload).code < 0x80


def objected(plant, identity, evaluator, after=0):
    """The audit's line of an evaluator's objection."""
    return plant.broker.wait_for_audit(after=after, event="publish", identity=identity, why="out_of_range",
                                       detail=evaluator)


def rounds(motes, count, number):
    """Each says `number(index)`, in turn; how many readings of each were refused."""
    refused = [0] * len(motes)
    for _ in range(count):
        for index, mote in enumerate(motes):
            refused[index] += not say(mote, "group", f"{number(index)}".encode())
    return refused


def usual(index):
    return 20 + index


def test_a_group_finds_the_one_who_lies_and_blames_nobody_else(plant, motes):
    assert rounds(motes, 5, usual) == [0, 0, 0, 0]
    mark = plant.mark()
    refused = rounds(motes, 4, lambda index: 90 if index == 2 else usual(index))
    assert refused[2] >= 3 and sum(refused) == refused[2]
    assert objected(plant, "mote-2", "group", mark)


def test_a_group_that_moves_together_penalises_nobody(plant, motes):
    before = [plant.score(mote.identity)[1] for mote in motes]
    assert rounds(motes, 5, usual) == [0, 0, 0, 0]
    assert rounds(motes, 5, lambda index: 50 + index) == [0, 0, 0, 0]
    assert all(plant.score(mote.identity)[1] >= score for mote, score in zip(motes, before))


def together(mote, count):
    for index in range(count):
        assert say(mote, "both", b'{"t":%d,"h":%d}' % (20 + index % 3, 50 - index % 3))


def test_numbers_that_do_not_belong_together_are_refused_and_what_was_learned_outlives_a_restart(plant, motes):
    mote = motes[0]
    together(mote, 3 * MEMORY)
    assert not say(mote, "both", b'{"t":80,"h":80}')
    assert objected(plant, mote.identity, "correlated")
    plant.restart()
    mote.resume()
    assert not say(mote, "both", b'{"t":80,"h":80}'), "nothing had to be learned again"
    plant.reload()
    assert not say(mote, "both", b'{"t":80,"h":80}')
    for other in motes[1:]:
        other.resume()


def test_a_number_that_stands_still_is_refused(plant, motes):
    assert [say(motes[1], "still", b"7") for _ in range(4)] == [True, True, False, False]
    assert say(motes[1], "still", b"8")
    assert objected(plant, "mote-1", "rate")


def test_what_comes_too_soon_is_refused(motes):
    assert say(motes[1], "slow", b"1")
    assert not say(motes[1], "slow", b"2")


def test_numbers_are_found_in_cbor(motes):
    def item(number):
        return b"\xa1\x61t\xfb" + struct.pack(">d", number)
    assert say(motes[3], "cbor", item(59.5))
    assert not say(motes[3], "cbor", item(60.5))
    assert not say(motes[3], "cbor", item(float("nan")))
    assert not say(motes[3], "cbor", b'{"t":1}')


def test_a_forgery_teaches_nothing(plant, motes, raw):
    """What nobody signed reaches no evaluator: else an outsider could drag a baseline."""
    stranger = raw(mqtt.V5)
    stranger.connect("stranger")
    for _ in range(7):  # the eighth would close the connection
        stranger.publish("group/mote-3", b"500", qos=1)
    assert rounds(motes[3:], 1, lambda _: 53) == [0]
