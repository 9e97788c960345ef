"""Drives the program `client_probe`: the client library, told what to do by a test."""

import json
import os
import pathlib
import queue
import subprocess
import threading

ANSWER_SECONDS = 60.0


class Probe:
    """One client. Each method is one command; `ok` of its answer says whether it went well."""

    NAME = "client_probe"

    def __init__(self, environment=None):
        program = pathlib.Path(os.environ["COUNTERSIGN_BUILD_DIR"]) / "tests" / "client" / self.NAME
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | (environment or {}),
        )
        self.log = []
        self._answers = queue.Queue()
        for stream, take in ((self.process.stdout, self._take), (self.process.stderr, self.log.append)):
            threading.Thread(target=self._read, args=(stream, take), daemon=True).start()

    @staticmethod
    def _read(stream, take):
        for line in stream:
            take(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the probe does not end") from None
        assert code == 0, "".join(self.log[-40:])

    def _take(self, line):
        self._answers.put(line)

    def begin(self, do, **fields):
        """Sends a command without waiting for its answer."""
        self.process.stdin.write(json.dumps({"do": do, **fields}) + "\n")
        self.process.stdin.flush()

    def answer(self):
        try:
            return json.loads(self._answers.get(timeout=ANSWER_SECONDS))
        except queue.Empty:
            raise AssertionError("no answer\n" + "".join(self.log[-40:])) from None

    def __getattr__(self, do):
        def command(**fields):
            self.begin(do, **fields)
            return self.answer()
        return command


class FleetProbe(Probe):
    """The same for the readers of a host. `event()` gives what the watch told next."""

    NAME = "fleet_probe"

    def __init__(self, environment=None):
        self._events = queue.Queue()
        super().__init__(environment)

    def _take(self, line):
        (self._events if '"event":' in line else self._answers).put(line)

    def event(self, seconds=ANSWER_SECONDS):
        """The next one: `("inserted", reader)`."""
        try:
            event = json.loads(self._events.get(timeout=seconds))
        except queue.Empty:
            raise AssertionError("no event\n" + "".join(self.log[-40:])) from None
        return event["event"], event["reader"]

    def events(self, count):
        return [self.event() for _ in range(count)]

    def assert_quiet(self, seconds):
        """Nothing is told for so long."""
        try:
            raise AssertionError(self._events.get(timeout=seconds))
        except queue.Empty:
            pass
