"""The installed package: a program elsewhere finds it, builds on it, and publishes."""

import os
import subprocess

import pytest
from countersign_tests import config
from countersign_tests.plant import Plant

PROJECT = os.path.join(os.path.dirname(__file__), "project")
BUILD = os.environ["COUNTERSIGN_BUILD_DIR"]
FLAGS = os.environ.get("COUNTERSIGN_CONSUMER_FLAGS", "")


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    path = tmp_path_factory.mktemp("prefix")
    run("cmake", "--install", BUILD, "--prefix", path)
    return path


@pytest.fixture(scope="module")
def program(prefix, tmp_path_factory):
    build = tmp_path_factory.mktemp("build")
    run("cmake", "-S", PROJECT, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_FLAGS={FLAGS}")
    run("cmake", "--build", build)
    return build / "publish_once"


def test_headers_lie_where_their_includes_say(prefix):
    for header in ("countersign/client/client.hpp", "countersign/client/card/card.hpp"):
        assert (prefix / "include" / header).is_file()
    assert not (prefix / "include/countersign/client/session").exists(), "what is inside stays inside"


def test_a_program_elsewhere_publishes(program, tmp_path):
    with Plant([config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        plant.register("mote-1")
        key = tmp_path / "key"
        key.touch(0o600)
        key.write_text(f"version = 1\nidentity = mote-1\nkind = device\nkey = {plant.keys['mote-1'].hex()}\n"
                       "epoch = 0\nserver_id = plant-broker\n")
        with plant.subscriber("plant/#") as reader:
            run(program, key, plant.broker.port, "plant/mote-1/t", "21.5")
            assert reader.receive().payload == b"21.5"
        refused = subprocess.run([program, key, str(plant.broker.port), "plant/mote-2/t", "x"], capture_output=True)
        assert refused.returncode == 1, refused.stderr
