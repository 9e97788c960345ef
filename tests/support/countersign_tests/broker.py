"""A real Mosquitto in a directory of its own, on a free loopback port.

COUNTERSIGN_MOSQUITTO   the broker (default /usr/sbin/mosquitto)
COUNTERSIGN_PLUGIN      the plugin's .so; without it the broker runs bare
COUNTERSIGN_PRELOAD     LD_PRELOAD for an instrumented plugin (libasan)
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from . import config, mqtt

START_SECONDS = 15.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.01


class BrokerError(Exception):
    pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(probe, timeout, what):
    """The first true result of `probe`. Raises `BrokerError(what)` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        result = probe()
        if result:
            return result
        if time.monotonic() >= deadline:
            raise BrokerError(what() if callable(what) else what)
        time.sleep(POLL_SECONDS)


class Broker:
    def __init__(
        self, toml=None, *, directory=None, plugin=None, plugin_options=None, acl_default="allow",
        auth_default="allow", user="root", anonymous=True, extra=(), port=None, environment=None,
        log_type="all",
    ):
        """Writes the configuration; `start` runs it. `toml` is the text of countersign.toml."""
        self._temporary = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="countersign-broker-"))
        self.port = port or free_port()
        self.plugin = os.environ.get("COUNTERSIGN_PLUGIN") if plugin is None else plugin
        self.environment = environment or {}
        self.process = None
        self.toml_path = self.directory / "countersign.toml"
        self.conf_path = self.directory / "mosquitto.conf"
        self.log_path = self.directory / "mosquitto.log"
        self.audit_path = self.directory / "audit.jsonl"
        self._give_to(user)
        if toml is not None:
            self.write_toml(toml)
        options = {"config": self.toml_path, "acl_default": acl_default, "auth_default": auth_default}
        options |= plugin_options or {}
        self.conf_path.write_text(config.mosquitto_conf(
            self.directory, self.port, plugin=self.plugin, plugin_options=options, user=user,
            anonymous=anonymous, extra=extra, log_type=log_type,
        ))

    def _give_to(self, user):
        """A broker started by root becomes `user` (its own default: mosquitto) and must write here."""
        if os.geteuid() == 0 and user != "root":
            shutil.chown(self.directory, user or "mosquitto")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.remove()

    def write_toml(self, text):
        self.toml_path.write_text(text)

    # life

    def start(self, check=True):
        """Returns when the broker answers. Raises `BrokerError` with its output if it stops instead.

        With `check=False` it does not wait: for brokers that must refuse to start (`wait_exit`).
        """
        binary = os.environ.get("COUNTERSIGN_MOSQUITTO", "/usr/sbin/mosquitto")
        with open(self.directory / "output.txt", "ab") as output:
            self.process = subprocess.Popen(
                [binary, "-c", str(self.conf_path)], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=self._environment(), cwd=self.directory,
            )
        if check:
            wait_until(self._answers, START_SECONDS, lambda: f"broker does not answer\n{self.output()}")
        return self

    def _environment(self):
        environment = dict(os.environ)
        preload = os.environ.get("COUNTERSIGN_PRELOAD")
        if preload:
            environment["LD_PRELOAD"] = preload
            environment.setdefault("ASAN_OPTIONS", "detect_leaks=0")
        return environment | self.environment

    def _answers(self):
        if self.process.poll() is not None:
            raise BrokerError(f"broker stopped with {self.process.returncode}\n{self.output()}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """SIGTERM, and its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self):
        """SIGKILL: nothing is saved."""
        return self._end(signal.SIGKILL)

    def _end(self, number):
        if self.running():
            self.process.send_signal(number)
        return self.wait_exit()

    def wait_exit(self, timeout=STOP_SECONDS):
        """The exit code of a broker that is ending, or refuses to start."""
        if self.process is None:
            return None
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_SECONDS)
            raise BrokerError(f"broker had to be killed\n{self.output()}") from None

    def restart(self, kill=False):
        self.kill() if kill else self.stop()
        return self.start()

    def reload(self):
        """SIGHUP. Returns when the broker has logged that it reloads.

        The broker forgets a SIGHUP that comes while it still works on the one before: it is sent again then.
        """
        before = self.log().count("Reloading config.")

        def reloads():
            return self.log().count("Reloading config.") > before

        for _ in range(5):
            self.process.send_signal(signal.SIGHUP)
            try:
                return wait_until(reloads, 2.0, "broker did not reload")
            except BrokerError:
                continue
        raise BrokerError("broker did not reload")

    def remove(self):
        """Ends the broker whatever its state and removes a directory that was made here."""
        if self.running():
            self.kill()
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    # clients

    def client(self, client_id=None, version=mqtt.V311, **connect):
        """A raw client; connected if a client id is given."""
        client = mqtt.Client(self.port, version=version)
        if client_id is not None:
            client.connect(client_id, **connect)
        return client

    # what it wrote

    def output(self):
        """What the broker printed and logged, for messages to people."""
        path = self.directory / "output.txt"
        return (path.read_text(errors="replace") if path.exists() else "") + self.log()

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def wait_for_log(self, text, timeout=5.0):
        """The first line that contains `text`."""
        def find():
            return next((line for line in self.log().splitlines() if text in line), None)
        return wait_until(find, timeout, lambda: f"not logged: {text}\n{self.log()}")

    def audit(self):
        """The audit's complete lines, parsed; a line still being written is left out."""
        if not self.audit_path.exists():
            return []
        whole = self.audit_path.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def wait_for_audit(self, predicate=None, timeout=5.0, after=0, **fields):
        """The first line from index `after` for which `predicate` holds and that has these fields."""
        def matches(line):
            return (predicate is None or predicate(line)) and all(
                line.get(key) == value for key, value in fields.items())
        def find():
            return next((line for line in self.audit()[after:] if matches(line)), None)
        return wait_until(find, timeout, lambda: f"not audited: {fields}\n" + "\n".join(map(str, self.audit())))
