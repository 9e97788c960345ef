"""Every part of the demo: real broker, real pcscd, four cards, four motes, a plain subscriber. All of it ends with it."""

import contextlib
import getpass
import pathlib
import shutil
import signal
import subprocess
import tempfile

from countersign_tests import config
from countersign_tests.broker import Broker, BrokerError, wait_until
from countersign_tests.cards import CardHost

from .command_line import CommandLine
from .motes import MOTES, Mote
from .processes import end
from .tap import Tap

SERVER_ID = "demo"
TAPPED = (1, 4)


def settings():
    """countersign.toml: what a mote may do, and what it may say."""
    return config.toml(
        rules=[config.rule(
            "plant/%d/+", name="readings", publish=["%d"], subscribe=["anyone"],
            range={"pointer": "/temperature", "min": -20, "max": 60})],
        server_id=SERVER_ID,
        files={"key": "wrap.key", "database": "countersign.db", "state": ".", "audit": "audit.jsonl"},
        audit={"events": "all"},
        default={"mode": "enforce", "publish": ["nobody"], "subscribe": ["anyone"]},
    )


class Scene:
    """Use as a context manager. `open` starts everything; leaving stops it by process id, whatever happened."""

    def __init__(self, screen, plugin, binary):
        self.screen = screen
        self._plugin = plugin
        self._ends = contextlib.ExitStack()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="countersign-demo-"))
        self._ends.callback(shutil.rmtree, self.directory, ignore_errors=True)
        self.command_line = CommandLine(binary, self.directory)
        self.motes = []
        self.taps = {}
        self.broker = self.cards = self.subscriber = self.watcher = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # a second Ctrl-C must not leave anything behind
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self._ends.close()

    def start_broker(self):
        """`countersign setup`, then the broker as an operator configures it."""
        self.broker = Broker(settings(), directory=self.directory, plugin=self._plugin)
        self.command_line.set_up(self.broker.toml_path, getpass.getuser())
        self._ends.callback(self.broker.remove)
        self.broker.start()
        self.command_line.environment |= {"COUNTERSIGN_PORT": str(self.broker.port), "COUNTERSIGN_SERVER_ID": SERVER_ID}
        for number in TAPPED:
            self.taps[number] = Tap(self.broker.port)
            self._ends.callback(self.taps[number].close)

    def start_cards(self):
        self.cards = self._ends.enter_context(CardHost(cards=MOTES))
        self.command_line.environment |= self.cards.env
        self.motes = [Mote(number + 1, uid) for number, uid in enumerate(self.cards.uids)]
        for mote in self.motes:
            self._ends.callback(mote.stop)

    def start_subscriber(self):
        """mosquitto_sub, which knows nothing of Countersign, writing down what it gets."""
        with open(self.directory / "delivered.txt", "wb") as output:
            self.subscriber = subprocess.Popen(
                ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.broker.port), "-t", "#", "-q", "1", "-v"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        self._ends.callback(end, self.subscriber)
        self.broker.wait_for_log("Received SUBSCRIBE")

    def start_watcher(self):
        """`countersign subscribe`, which also shows who signed, at which level and score."""
        self.watcher = self.command_line.start_subscriber("plant/#", self.directory / "watched.txt")
        self._ends.callback(end, self.watcher)

    def start_mote(self, mote):
        """Its publisher. The attacker sits on mote 1's line; at mote 4's we only listen what the broker answers."""
        port = self.taps[mote.number].port if mote.number in self.taps else self.broker.port
        mote.start(self.command_line, port, self.directory / f"{mote.identity}.log")

    # what can be seen

    def delivered(self, mote=None):
        """What mosquitto_sub printed: (topic, payload) of all, or the payloads of one mote."""
        text = (self.directory / "delivered.txt").read_text(errors="replace").rpartition("\n")[0]
        lines = [tuple(line.partition(" ")[::2]) for line in text.splitlines()]
        return lines if mote is None else [payload for topic, payload in lines if topic == mote.topic]

    def audit(self, after=0, **fields):
        """The audit's lines that have these fields."""
        return [line for line in self.broker.audit()[after:]
                if all(line.get(key) == value for key, value in fields.items())]

    def await_audit(self, after=0, seconds=15, predicate=None, **fields):
        """The first such line from `after` on. Raises `BrokerError` with what was waited for."""
        try:
            return self.broker.wait_for_audit(predicate, timeout=seconds, after=after, **fields)
        except BrokerError as error:
            what = ", ".join(f"{key} {value}" for key, value in fields.items())
            raise BrokerError(f"the audit does not say: {what}") from error

    def mark(self):
        return len(self.broker.audit())

    def wait(self, probe, seconds, what):
        return wait_until(probe, seconds, what)
