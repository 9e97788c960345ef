"""Starting, stopping, the broker going away and coming back, and what the documents say."""

import json
import os
import pathlib
import re
import stat
import subprocess

import pytest
from countersign_tests import config
from countersign_tests.broker import wait_until
from countersign_tests.plant import SERVER_ID, Plant

from service import PROGRAM, Registrar, assert_problem

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "docs/registrar.md").read_text()


def run(*arguments, **options):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60, **options)


@pytest.fixture
def written(plant, pki, tmp_path):
    """A registrar whose configuration is written, not started."""
    registrar = Registrar(tmp_path, pki, plant)
    registrar.write_config()
    return registrar


# the command line

def test_a_configuration_is_checked(written):
    done = run("--config", written.path, "--check")
    assert (done.returncode, done.stderr) == (0, "") and "fine" in done.stdout


@pytest.mark.parametrize("name, change, words", [
    ("unknown key", {"colour": "red"}, 'unknown key "colour"'),
    ("no certificate", {"certificate": "/nowhere.crt"}, "/nowhere.crt: no certificate in PEM"),
    ("no key", {"key": "/nowhere.key"}, "/nowhere.key: cannot be read"),
    ("no authority", {"client_ca": "/nowhere.crt"}, "/nowhere.crt: no certificates in PEM"),
    ("no log", {"log": "/nowhere/requests.jsonl"}, "cannot open the log /nowhere/requests.jsonl"),
    ("no key file", {"broker": {"key_file": "/nowhere.key"}}, "/nowhere.key"),
    ("no address", {"listen": "localhost"}, "listen: no address: localhost"),
])
def test_a_fault_is_told_in_one_line_and_ends_it(written, name, change, words):
    written.settings |= change
    written.write_config()
    checks = [["--check"], []] if name != "no address" else [[]]
    for more in checks:
        done = run("--config", written.path, *more)
        assert done.returncode == 5, (name, done)
        assert done.stderr.startswith("countersign-registrar: ") and words in done.stderr, done.stderr


def test_a_key_that_is_anothers_or_open_to_all_is_refused(written, pki):
    written.settings["key"] = str(pki / "alice.key")
    written.write_config()
    assert "not the private key of" in run("--config", written.path, "--check").stderr
    loose = written.folder / "loose.key"
    loose.write_bytes((pki / "service.key").read_bytes())
    loose.chmod(0o644)
    written.settings["key"] = str(loose)
    written.write_config()
    assert "chmod 0600" in run("--config", written.path, "--check").stderr


def test_a_port_that_is_taken_is_told(registrar, written):
    written.settings["port"] = registrar.port
    written.write_config()
    done = run("--config", written.path)
    assert done.returncode == 4 and "cannot listen on 127.0.0.1" in done.stderr


def test_usage(tmp_path):
    assert run().returncode == run("--colour").returncode == 2
    assert run("--version").stdout.strip() == re.search(r"project\(\w+ VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert run("--config", tmp_path / "none.toml").returncode == 5


def test_an_admin_token_is_printed_with_its_line(plant, pki, tmp_path):
    done = run("make-admin-token")
    token, line = done.stdout.splitlines()
    hashes = re.fullmatch(r'admin_token_hashes = \["([0-9a-f]{64})"\]', line)
    assert re.fullmatch(r"csreg_[\w-]{43}", token) and hashes
    assert run("make-admin-token").stdout != done.stdout
    with Registrar(tmp_path, pki, plant, admin_token_hashes=[hashes[1]]) as registrar:
        assert registrar.get("/v1/devices", token=token).status == 200
        assert registrar.get("/v1/devices", token=hashes[1]).status == 401


def test_the_manual_page_names_the_options_of_the_help():
    page = (ROOT / "docs/man/countersign-registrar.1").read_text().replace("\\-", "-")
    offered = set(re.findall(r"^  (?:-h,)?(--[a-z-]+)|^  (make-admin-token)", run("--help").stdout, re.M))
    offered = {first or second for first, second in offered}
    told = set(re.findall(r"^(?:\\fB-h\\fR, )?\\fB(--[a-z-]+|make-admin-token)\\fR", page, re.M))
    assert offered == told
    done = subprocess.run(["groff", "-man", "-ww", "-z", ROOT / "docs/man/countersign-registrar.1"], capture_output=True, text=True)
    assert done.stderr == ""


# signals

def test_sigterm_ends_it_in_order(plant, pki, tmp_path):
    with Registrar(tmp_path, pki, plant) as registrar:
        idle = registrar.connect()
        assert registrar.stop() == 0
        idle.close()
        assert "stopping" in registrar.output()


def test_the_log_is_opened_anew(plant, pki, tmp_path):
    with Registrar(tmp_path, pki, plant) as registrar:
        assert stat.S_IMODE(registrar.log_path.stat().st_mode) == 0o640
        registrar.wait_line(status=200)
        moved = registrar.log_path.rename(tmp_path / "moved.jsonl")
        lines = len(moved.read_text().splitlines())
        registrar.reload()
        wait_until(registrar.log_path.exists, 5, "no new log")
        registrar.get("/nowhere")
        assert registrar.wait_line(status=404)
        assert len(moved.read_text().splitlines()) == lines


# the broker

def test_without_a_broker_it_serves_503_and_comes_back_by_itself(pki, tmp_path):
    with Plant([config.rule("plant/%d/t", subscribe="anyone")]) as plant, Registrar(tmp_path, pki, plant) as registrar:
        for kill in (False, True):
            plant.kill() if kill else plant.stop()
            wait_until(lambda: registrar.get("/healthz").status == 503, 15, "still online")
            for method, path, body in (("GET", "/v1/devices", None), ("POST", "/v1/enrolment-tokens", {}), ("DELETE", "/v1/devices/x", None)):
                reply = registrar.admin(method, path, body)
                assert_problem(reply, 503)
                assert int(reply.headers["Retry-After"]) >= 1
            assert_problem(registrar.get("/v1/devices"), 401)
            assert registrar.get("/openapi.yaml").status == 200
            plant.start()
            registrar.wait_online(60)
            assert registrar.admin("GET", "/v1/devices").status == 200
        assert "broker: connection lost" in registrar.output()


def test_it_starts_before_the_broker(pki, tmp_path):
    with Plant([config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        registrar = Registrar(tmp_path, pki, plant)
        plant.stop()
        with registrar_started(registrar):
            assert_problem(registrar.get("/healthz"), 503)
            wait_until(lambda: "cannot log in to the broker" in registrar.output(), 15, "not told")
            plant.start()
            registrar.wait_online(30)


class registrar_started:
    def __init__(self, registrar):
        self.registrar = registrar

    def __enter__(self):
        self.registrar.start(online=False)

    def __exit__(self, *_):
        self.registrar.__exit__()


# the documents

def block(name):
    return re.search(rf"<!-- test: {name} -->\n```sh\n(.*?)```", MANUAL, re.S)[1]


def test_the_way_to_start_it_works(pki, tmp_path):
    with Plant([config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        registrar = Registrar(tmp_path, pki, plant, register=False)
        registrar.settings["broker"]["key_file"] = "regserv.key"
        registrar.path = tmp_path / "countersign-registrar.toml"
        registrar.write_config()
        os.link(next(plant.directory.glob("admin-*.key")), tmp_path / "admin.key")
        commands = block("start").replace("countersign-registrar --config countersign-registrar.toml\n", "")
        tools = f'countersign() {{ "{os.environ["COUNTERSIGN_CLI"]}" "$@"; }}\n'
        tools += f'registrar() {{ "{PROGRAM}" "$@"; }}\n'
        commands = commands.replace("countersign-registrar make", "registrar make").replace("countersign-registrar --", "registrar --")
        environment = os.environ | {"COUNTERSIGN_HOST": "127.0.0.1", "COUNTERSIGN_PORT": str(plant.broker.port)}
        done = subprocess.run(["bash", "-euc", tools + commands], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert SERVER_ID in (tmp_path / "regserv.key").read_text()
        with registrar:
            assert registrar.admin("GET", "/v1/devices").status == 200


def test_the_examples_of_its_use_work(registrar):
    """In their own order, with this registrar's port and authority."""
    environment = os.environ | {"ADMIN_TOKEN": registrar.token}
    text = block("use").replace("\\\n", " ").replace("localhost:8443", f"localhost:{registrar.port}").replace("ca.crt", str(registrar.pki / "ours.crt"))
    commands = [line for line in text.splitlines() if line.startswith("curl ")]
    outputs = []
    for command in commands:
        done = subprocess.run(["bash", "-c", command + " --silent --show-error --fail-with-body"], env=environment, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        outputs.append(json.loads(done.stdout) if done.stdout else None)
        if len(outputs) == 1:
            environment["ENROLMENT_TOKEN"] = outputs[0]["token"]
    token, device, legacy, listed, removed = outputs
    assert legacy["user"] == "old-pump" and removed is None
    assert {device["user"], "old-pump"} <= {one["identity"] for one in listed["devices"]}


def test_the_unit_is_one_and_is_shut_tight(tmp_path):
    unit = (ROOT / "config/systemd/countersign-registrar.service").read_text()
    path = tmp_path / "countersign-registrar.service"
    path.write_text(unit.replace("/usr/local/bin/countersign-registrar", PROGRAM))
    checked = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True, timeout=60)
    complaints = [line for line in checked.stderr.splitlines() if "countersign-registrar" in line]
    assert not complaints, complaints
    exposure = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=25", path], capture_output=True, text=True, timeout=60)
    assert exposure.returncode == 0, exposure.stdout[-2000:]
