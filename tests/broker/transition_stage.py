"""What the scenes of transitions_test.py share: plants to play in, and what can be seen of a device from outside.

A scene calls `see(row, evidence)` where the row has just happened; `evidence` must be true.
"""

import contextlib
import functools
import itertools
import traceback

from countersign_tests import config, mqtt
from countersign_tests.plant import Plant

OK = (0, 0x10)
GOOD, BAD = b"20", b"9999"
COUNT = 6  # messages until enforcement, where it counts
RULES = [
    config.rule("plant/%d/t", subscribe="anyone", range={"min": -40, "max": 85}),
    config.rule("plant/%d/free", subscribe="anyone"),
    config.rule("old/%d/t", level="AUTH1", subscribe="anyone"),
]
ALL = []


class Stage:
    """The plants that scenes play in, each started when it is asked for."""

    def __init__(self):
        self._stack, self._addresses = contextlib.ExitStack(), itertools.count(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _start(self, **limits):
        return self._stack.enter_context(Plant(RULES, settings={"limits": limits}, version=mqtt.V5))

    @functools.cached_property
    def plant(self):
        return self._start()

    @functools.cached_property
    def counting(self):
        """Demands enforcement after a few messages."""
        return self._start(enforce_after_messages=COUNT)

    @functools.cached_property
    def hasty(self):
        """As `counting`, with a limit that is soon over."""
        return self._start(enforce_after_messages=COUNT, enforcement_time="1s")

    def address(self):
        return f"127.88.0.{next(self._addresses)}"

    def device(self, plant=None, log_in=True, registration=None):
        device = (plant or self.plant).registered(registration, source=self.address())
        if log_in:
            device.login()
        return device


def scene(*rows):
    def keep(function):
        function.rows = rows
        ALL.append(function)
        return function
    return keep


def play(stage, function):
    """(rows that were seen, why the walk ended before its end or '')."""
    shown = set()

    def see(row, evidence):
        assert row in function.rows and evidence, row
        shown.add(row)
    try:
        function(stage, see)
    except Exception:  # whatever went wrong is shown by the rows that were not reached
        return shown, traceback.format_exc()
    return shown, "the scene did not come to this row"


def send(device, payload=GOOD):
    return device.publish(f"plant/{device.identity}/t", payload)


def taken(device, payload=GOOD):
    return send(device, payload).code in OK


def refused(plant, device, why, payload=GOOD):
    mark = plant.mark()
    return send(device, payload).code >= 0x80 and bool(
        plant.broker.wait_for_audit(after=mark, event="publish", identity=device.identity, why=why))


def sessions(plant, device):
    return plant.show(device.identity)["sessions"]


def silent(device):
    return device.connection.pending(device.auth_reply_topic) == []


def not_let_in(connect):
    try:
        connect()
    except mqtt.ConnectRefused:
        return True
    return False
