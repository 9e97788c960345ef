"""One broker and one registrar for each file of tests."""

import itertools

import pytest
from countersign_tests import config
from countersign_tests.plant import Plant

import pki as certificates
import service

RULES = [
    config.rule("plant/%d/t", subscribe="anyone"),
    config.rule("old/%d/t", subscribe="anyone", level="AUTH1"),
]
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    return certificates.make_all(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def plant():
    with Plant(RULES) as plant:
        yield plant


@pytest.fixture(scope="module")
def registrar(plant, pki, tmp_path_factory):
    with service.Registrar(tmp_path_factory.mktemp("registrar"), pki, plant) as registrar:
        yield registrar
        assert registrar.stop() == 0, registrar.output()


@pytest.fixture
def source():
    """A loopback address that nobody has used: limits count by address."""
    number = next(_numbers)
    return f"127.78.{number // 250}.{number % 250 + 1}"
