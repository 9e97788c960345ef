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

    def __init__(self, environment=None):
        program = pathlib.Path(os.environ["COUNTERSIGN_BUILD_DIR"]) / "tests" / "client" / "client_probe"
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | (environment or {}),
        )
        self.log = []
        self._answers = queue.Queue()
        for stream, take in ((self.process.stdout, self._answers.put), (self.process.stderr, self.log.append)):
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
