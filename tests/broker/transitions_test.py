"""Every transition of MFA_R's automata on the running system, each by a test that names it.

ROWS has the tables of the paper [MFA_R, Figs. 3-7, and the public timed automata], as corrected in formal/README.md: a
row is `automaton from -event-> to`. A scene walks through some of them and shows each by what can be seen from outside.
A row that cannot exist after the corrections stands in GONE with its reason; where ours differs, OURS has the row that
took its place. The last tests check that no row, no change of level in the code and no event of the model is left out.
"""

import pathlib
import re

import pytest
import transition_data  # noqa: F401  (its scenes)
import transition_logins  # noqa: F401
import transition_stage as scenes
from transition_tables import GONE, OURS, ROWS

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def seen():
    """What each scene showed; a scene is played once, when its first row is asked for."""
    played = {}
    with scenes.Stage() as stage:
        def play(scene):
            if scene not in played:
                played[scene] = scenes.play(stage, scene)
            return played[scene]
        yield play


SHOWN_BY = {row: scene for scene in scenes.ALL for row in scene.rows}


@pytest.mark.parametrize("row", [row for row in (*ROWS, *OURS) if row not in GONE])
def test_transition(seen, row):
    assert row in SHOWN_BY, "no scene shows it"
    shown, failure = seen(SHOWN_BY[row])
    assert row in shown, failure


def test_no_row_is_left_out_and_none_is_shown_twice():
    known = set(ROWS) | set(OURS)
    assert set(SHOWN_BY) == known - set(GONE) and set(GONE) <= known
    assert sum(len(scene.rows) for scene in scenes.ALL) == len(SHOWN_BY)
    assert all(GONE.values())


def test_every_change_of_level_in_the_code_is_a_row():
    source = (ROOT / "protocol/countersign/reputation.hpp").read_text()
    names = re.findall(r'"(q\d+ -[^"]+)"', source[source.index("kTransitions"):])
    steps = [step for name in names for step in re.findall(r"(?=(q\d+ -\w+-> q\d+))", name)]
    assert len(names) == 3 and len(steps) == 5
    for step in steps:
        assert f"auth {step}" in SHOWN_BY


def test_every_event_of_the_model_is_in_a_row():
    events = re.findall(r'printf\("([^"]+?)\\n"\)', (ROOT / "formal/mfar.pml").read_text())
    named = {re.search(r"-(.+)->", row)[1] for row in SHOWN_BY}
    assert len(set(events)) > 40
    assert not sorted(set(events) - named)
