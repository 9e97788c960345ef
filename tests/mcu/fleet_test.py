"""Eight boards publish at once through one broker: what the subscriber counts is what they sent."""

import pytest
from countersign_tests.motes import Mote, Reader, assert_chain

BOARDS = ["an386", "an505"] * 4
COUNT = 250  # five seconds: boards start and log in within a few


@pytest.fixture
def fleet(plant):
    """Of both boards, each with an address of its own on its network."""
    motes = []
    try:
        for i, board in enumerate(BOARDS):
            motes.append(Mote(plant, board, f"fleet-{i}", mac=f"52:54:00:00:01:{i:02x}", interval=20, readings_count=COUNT))
        yield motes
    finally:
        for mote in motes:
            mote.remove()


def assert_at_once(topics, fleet):
    """Between the first reading of each and its last there are some of every other."""
    everyone = {mote.topic for mote in fleet}
    for mote in fleet:
        first, last = topics.index(mote.topic), len(topics) - 1 - topics[::-1].index(mote.topic)
        assert set(topics[first:last + 1]) == everyone, f"{mote.identity} was alone"


def test_messages_counted_equal_messages_sent(plant, fleet):
    with Reader(plant) as reader:
        for mote in fleet:
            mote.start()
        sent = {mote.identity: int(mote.wait_done()["taken"]) for mote in fleet}
        assert set(sent.values()) == {COUNT}
        assert len(reader.readings()) == sum(sent.values())
        assert_at_once([message.topic for message in reader.messages], fleet)
        for mote in fleet:
            assert_chain(reader.readings(mote.topic), COUNT)
            mote.assert_sound()
    assert plant.refusals() == []
    assert len({line["kid"] for line in plant.broker.audit() if line["event"] == "handshake" and "kid" in line}) >= len(fleet)
