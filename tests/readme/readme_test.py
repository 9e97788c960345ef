"""The README's way into a Mosquitto that is already there, and the examples of config/, with the paths of a test."""

import os
import pathlib
import re
import subprocess

import pytest

from countersign_tests import mqtt
from countersign_tests.broker import Broker, free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
ACL = "user anna\ntopic readwrite plant/#\n"


def block(name):
    """The fenced block behind `<!-- test: name -->`."""
    return re.search(rf"<!-- test: {name} -->\n```\w*\n(.*?)```", README, re.S)[1]


def in_folder(text, folder):
    places = {
        "/etc/countersign": folder,
        "/var/lib/countersign": folder / "lib",
        "/var/log/countersign": folder,
        "/usr/local/lib/mosquitto_countersign.so": os.environ["COUNTERSIGN_PLUGIN"],
    }
    for place, instead in places.items():
        text = text.replace(place, str(instead))
    return text


def install(folder, name="countersign-observe.toml"):
    """Runs the README's commands with a configuration of ours in `folder`."""
    example = folder / "example.toml"
    example.write_text(in_folder((ROOT / "config" / name).read_text(), folder))
    commands = in_folder(block("install"), folder)
    commands = commands.replace("config/countersign-observe.toml", str(example), 1)
    commands = commands.replace("countersign setup", f"{os.environ['COUNTERSIGN_CLI']} setup --owner root", 1)
    done = subprocess.run(["sh", "-euc", commands], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (folder / "admin.key").stat().st_mode & 0o777 == 0o600


def plugin_lines(name, folder):
    return [line for line in in_folder(block(name), folder).splitlines() if not line.startswith("#")]


def exchange(broker, username=None, password=None):
    """What a system does that knows nothing of us: subscribe, publish, receive."""
    login = {"username": username, "password": password} if username else {}
    with broker.client("reader", **login) as reader, broker.client("pump", **login) as pump:
        assert list(reader.subscribe("plant/#")) == [0]
        pump.publish("plant/pump/pressure", b"4.2", qos=1)
        message = reader.receive(5)
        return message.topic, bytes(message.payload)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "lib").mkdir()
    return tmp_path


def test_alone_nothing_changes_and_the_audit_says_what_enforcing_would_refuse(folder):
    with Broker(None, plugin="", directory=folder) as broker:
        before = exchange(broker)
        broker.stop()
        install(folder)
        with Broker(None, plugin="", directory=folder, extra=plugin_lines("alone", folder)) as observed:
            assert exchange(observed) == before == ("plant/pump/pressure", b"4.2")
            line = observed.wait_for_audit(event="publish")
            assert (line["verdict"], line["why"], line["topic"]) == ("observe", "unsigned", "plant/pump/pressure")


def test_beside_password_and_acl_files_those_go_on_deciding(folder):
    (folder / "acl").write_text(ACL)
    passwords = folder / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "anna", "secret"], check=True, capture_output=True)
    own = [f"password_file {passwords}", f"acl_file {folder / 'acl'}"]
    install(folder)
    extra = plugin_lines("beside", folder) + own
    with Broker(None, plugin="", directory=folder, anonymous=False, extra=extra) as broker:
        assert exchange(broker, "anna", "secret") == ("plant/pump/pressure", b"4.2")
        with pytest.raises(mqtt.ConnectRefused):
            broker.client("stranger", username="anna", password="wrong")
        with broker.client("reader", username="anna", password="secret") as reader:
            reader.subscribe("#")
            with broker.client("writer", username="anna", password="secret") as writer:
                writer.publish("elsewhere/pressure", b"1", qos=1)
                writer.publish("plant/pump/pressure", b"2", qos=1)
            assert reader.receive(5).topic == "plant/pump/pressure"


def example_broker(folder):
    """A Mosquitto that includes config/mosquitto.conf, on a port of its own."""
    port = free_port()
    example = in_folder((ROOT / "config/mosquitto.conf").read_text(), folder)
    assert "\nlistener 1883 127.0.0.1\n" in example
    (folder / "conf.d").mkdir()
    (folder / "conf.d" / "countersign.conf").write_text(example.replace("listener 1883", f"listener {port}"))
    broker = Broker(None, plugin="", directory=folder, port=port)
    broker.conf_path.write_text(f"user root\nlog_dest file {broker.log_path}\nlog_type all\ninclude_dir {folder}/conf.d\n")
    return broker


def command(folder, *arguments):
    """Runs `countersign`, which must say yes."""
    done = subprocess.run(
        [os.environ["COUNTERSIGN_CLI"], *arguments], cwd=folder, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["countersign.toml", "countersign-observe.toml"])
def test_the_examples_load_as_they_are_and_doctor_finds_nothing_that_bites(folder, name):
    install(folder, name)
    with example_broker(folder) as broker:
        command(folder, "login", "--key-file", "admin.key", "--server-id", "plant-broker", "-p", str(broker.port))
        command(folder, "doctor", "--broker-config", broker.conf_path)
        with broker.client("reader") as reader, broker.client("passer-by") as stranger:
            reader.subscribe("building/#")
            stranger.publish("building/door", b"open", qos=1)
            assert reader.receive(5).payload == b"open"


def test_every_document_puts_the_plugin_where_it_is_installed():
    path = re.search(r"^plugin (\S+)$", block("alone"), re.M)[1]
    for name in ("README.md", "docs/configuration.md", "config/mosquitto.conf"):
        lines = re.findall(r"^plugin (\S+)$", (ROOT / name).read_text(), re.M)
        assert lines and set(lines) == {path}, name
