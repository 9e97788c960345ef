"""The motes: real readings from the file, signed and published by `countersign publish`, one process each."""

import csv
import json
import os
import pathlib
import signal
import subprocess
import threading

READINGS = pathlib.Path(__file__).resolve().parents[2] / "tests" / "data" / "telosb-single-hop.csv"
MOTES = 4
PACE_SECONDS = 0.03
END_SECONDS = 15.0


def readings_of(mote):
    """JSON payloads of one mote's readings, in the file's order."""
    with open(READINGS, newline="") as file:
        for row in csv.DictReader(file):
            if int(row["mote_id"]) == mote:
                yield json.dumps({"reading": int(row["reading"]), "temperature": float(row["temperature"]),
                                  "humidity": float(row["humidity"])})


class Mote:
    """One device: its card, its readings, and the process that publishes them.

    said    every line handed to the publisher, sense and nonsense, in order
    """

    def __init__(self, number, uid):
        self.number, self.uid = number, uid
        self.identity = f"mote-{number}"
        self.topic = f"plant/{self.identity}/climate"
        self.pin, self.puk = f"{1111 * number}", f"{11111111 * number}"
        self.said = []
        self._readings = readings_of(number)
        self._process = None
        self._feeder = None
        self._enough = threading.Event()

    def start(self, command_line, port, log):
        """Starts the publisher; it logs in with the card at once."""
        read_end, write_end = os.pipe()
        os.write(write_end, f"{self.pin}\n".encode())
        os.close(write_end)
        with open(log, "ab") as output:
            self._process = command_line.start_publisher(self, port, read_end, output)
        os.close(read_end)

    def running(self):
        return self._process is not None and self._process.poll() is None

    def say(self, line):
        """Hands one line to the publisher. False if it has ended."""
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except (BrokenPipeError, OSError, ValueError):
            return False
        self.said.append(line)
        return True

    def feed(self, pace=PACE_SECONDS):
        """Hands over a reading every `pace` seconds until `pause`."""
        self._enough.clear()
        self._feeder = threading.Thread(target=self._feed, args=(pace,), daemon=True)
        self._feeder.start()

    def _feed(self, pace):
        while not self._enough.wait(pace) and self.say(next(self._readings)):
            pass

    def pause(self):
        self._enough.set()
        if self._feeder is not None:
            self._feeder.join()
            self._feeder = None

    def finish(self):
        """End of input, and the publisher's exit code when it has sent everything."""
        self.pause()
        if self._process is None:
            return None
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        return self._wait(END_SECONDS)

    def stop(self):
        """Ends the publisher whatever it does."""
        self.pause()
        if self.running():
            self._process.send_signal(signal.SIGTERM)
            self._wait(2.0)

    def _wait(self, seconds):
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return None
