"""A real countersign-registrar before a real broker, and a foreign HTTPS client for it.

COUNTERSIGN_REGISTRAR   the program
"""

import hashlib
import http.client
import itertools
import json
import os
import pathlib
import re
import secrets
import signal
import ssl
import subprocess
import time

from countersign_tests import config
from countersign_tests.broker import wait_until
from countersign_tests.plant import SERVER_ID

PROGRAM = os.environ.get("COUNTERSIGN_REGISTRAR") or os.environ["COUNTERSIGN_BUILD_DIR"] + "/registrar/countersign-registrar"
_numbers = itertools.count(1)
GENEROUS = {"requests_per_second": 10_000, "burst": 10_000, "connections_per_address": 64, "failed_logins": 1000}


class Reply:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]}"


def write_key_file(path, identity, key, epoch=0):
    path.touch(0o600)
    path.write_text(f"version = 1\nidentity = {identity}\nkind = agent\nkey = {key.hex()}\nepoch = {epoch}\n"
                    f"server_id = {SERVER_ID}\nsuite = 1\n")


class Registrar:
    """`with Registrar(folder, pki, plant) as registrar: registrar.get("/healthz")`"""

    def __init__(self, folder, pki, plant, *, limits=None, register=True, **settings):
        self.folder, self.pki, self.plant = pathlib.Path(folder), pki, plant
        self.token = "csreg_" + secrets.token_urlsafe(32)
        self.log_path = self.folder / "requests.jsonl"
        self.key_file = self.folder / "regserv.key"
        if register:
            self._register()
        self.settings = {
            "port": 0, "certificate": str(pki / "service.crt"), "key": str(pki / "service.key"), "client_ca": str(pki / "ours.crt"),
            "admin_token_hashes": [hashlib.sha256(self.token.encode()).hexdigest()], "log": str(self.log_path),
            "broker": {"host": "127.0.0.1", "port": plant.broker.port, "key_file": str(self.key_file)},
            "limits": GENEROUS | (limits or {}),
        } | settings
        self.path = self.folder / "registrar.toml"
        self.process = self.port = None

    def _register(self):
        self.identity = f"regserv-{next(_numbers)}"
        self.plant.register(self.identity, kind="agent", roles=["registrar"])
        write_key_file(self.key_file, self.identity, self.plant.keys[self.identity])

    # life

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(15)
        assert "Sanitizer" not in self.output() and "runtime error" not in self.output(), self.output()

    def write_config(self):
        self.path.write_text(config.toml(**{name: value for name, value in self.settings.items() if value is not None}))

    def start(self, online=True):
        self.write_config()
        # a program of our own, unlike the broker: what it leaks is a fault
        environment = os.environ | {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=1"}
        with open(self.folder / "output.txt", "ab") as output:
            self.process = subprocess.Popen([PROGRAM, "--config", str(self.path)], env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        found = wait_until(self._listening, 15, lambda: f"not listening\n{self.output()}")
        self.port = int(found[1])
        if online:
            self.wait_online()
        return self

    def _listening(self):
        assert self.process.poll() is None, self.output()
        return re.search(r"listening on .* port (\d+)", self.output())

    def wait_online(self, timeout=30):
        def online():
            try:
                return self.get("/healthz").status == 200
            except (OSError, http.client.HTTPException):
                time.sleep(1)  # it has limits, and who asks too often meets them: a second gives a place back
                return False

        wait_until(online, timeout, lambda: f"not online\n{self.output()}")

    def stop(self):
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def reload(self):
        before = self.output().count("eloaded")
        self.write_config()
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.output().count("eloaded") > before, 10, "did not reload")

    def output(self):
        path = self.folder / "output.txt"
        return path.read_text(errors="replace") if path.exists() else ""

    def log(self):
        """The log's complete lines, parsed."""
        whole = self.log_path.read_text().rpartition("\n")[0] if self.log_path.exists() else ""
        return [json.loads(line) for line in whole.splitlines()]

    def wait_line(self, after=0, **fields):
        def find():
            return next((line for line in self.log()[after:] if all(line[key] == value for key, value in fields.items())), None)
        return wait_until(find, 10, lambda: f"not logged: {fields}\n{self.log()[after:]}")

    # requests

    def context(self, certificate=None, version=None):
        context = ssl.create_default_context(cafile=self.pki / "ours.crt")
        if certificate:
            context.load_cert_chain(self.pki / f"{certificate}.crt", self.pki / f"{certificate}.key")
        if version:
            context.minimum_version = context.maximum_version = version
            context.set_ciphers("ALL:@SECLEVEL=0")
        return context

    def connection(self, certificate=None, source=None, timeout=30):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context(certificate), timeout=timeout,
                                           source_address=(source, 0) if source else None)

    def request(self, method, path, body=None, *, token=None, certificate=None, source=None, headers=None, timeout=30):
        """One request as a client of Python's library makes it; a dict as body is JSON."""
        fields = dict(headers or {})
        if isinstance(body, dict):
            body = json.dumps(body)
        if body is not None:
            fields.setdefault("Content-Type", "application/json")
        if token is not None:
            fields["Authorization"] = f"Bearer {token}"
        connection = self.connection(certificate, source, timeout)
        try:
            connection.request(method, path, body=body, headers=fields)
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def admin(self, method, path, body=None, **options):
        """As the administrator with the token."""
        return self.request(method, path, body, token=self.token, **options)

    def raw(self, data, *, source=None, timeout=30, certificate=None):
        """What comes back for these bytes inside TLS, up to the end of the connection."""
        with self.connect(source, certificate, timeout) as link:
            link.sendall(data)
            return read_all(link)

    def connect(self, source=None, certificate=None, timeout=30):
        connection = self.connection(certificate, source, timeout)
        connection.connect()
        return connection.sock


def read_all(link):
    data = b""
    while True:
        try:
            piece = link.recv(65536)
        except (ssl.SSLError, ConnectionError):
            return data
        if not piece:
            return data
        data += piece


def assert_problem(reply, status):
    """RFC 9457, and nothing of it may be kept."""
    assert reply.status == status, reply
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.headers["Cache-Control"] == "no-store"
    said = reply.json
    assert (said["type"], said["status"]) == ("about:blank", status) and said["title"] and said["detail"]
    return said


def device_data(**more):
    return {"uuid": secrets.token_hex(8), "model": "tmote-sky", "vendor": "moteiv", "serial": secrets.token_hex(4)} | more
