"""The broker fixture runs the broker that the environment names, and no other."""

import os
import subprocess

import pytest

from countersign_tests import mqtt
from countersign_tests.broker import Broker


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    for name in ("COUNTERSIGN_PLUGIN", "COUNTERSIGN_PRELOAD"):
        monkeypatch.delenv(name, raising=False)


def named_version():
    """What the binary says of itself: "mosquitto version 2.0.11"."""
    binary = os.environ.get("COUNTERSIGN_MOSQUITTO", "/usr/sbin/mosquitto")
    said = subprocess.run([binary, "-h"], capture_output=True, text=True, timeout=10)
    return said.stdout.splitlines()[0]


@pytest.mark.parametrize("version", (mqtt.V311, mqtt.V5))
def test_the_broker_that_answers_is_the_one_named(version):
    with Broker() as broker, broker.client("reader", version) as reader:
        reader.subscribe("$SYS/broker/version")
        assert reader.receive().payload.decode() == named_version()


def test_a_broker_that_is_not_there_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("COUNTERSIGN_MOSQUITTO", str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError):
        Broker(directory=tmp_path).start()
