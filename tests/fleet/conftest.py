"""One broker, and hosts with readers and agents of their own."""

import secrets

import pytest
from countersign_tests import agents, config
from countersign_tests.plant import Plant

RULES = [agents.RULE, config.rule("plant/%d/t", publish=["%d"], subscribe=["anyone"])]


@pytest.fixture(scope="module")
def issuer():
    return secrets.token_bytes(32)


@pytest.fixture
def issuer_file(issuer, tmp_path):
    path = tmp_path / "issuer.key"
    path.touch(0o600)
    path.write_text(issuer.hex() + "\n")
    return path


@pytest.fixture(scope="module")
def plant():
    with Plant(RULES) as plant:
        yield plant


@pytest.fixture
def own_plant():
    """One that a test may stop and start."""
    with Plant(RULES) as plant:
        yield plant
