"""With a real broker and key files, as sessions at a terminal. Each has a broker of its own; its administrator's key is $ADMIN."""

import getpass

import pytest
from countersign_tests import config, plant

import terminal

RULES = [
    config.rule("plant/%d/+", publish=["%d"], subscribe=["anyone"], range={"pointer": "/c", "min": -40, "max": 85}),
    config.rule("hall/%d/+", publish=["role:speaker"], subscribe=["role:listener"]),
    config.rule("tank/%d/+", publish=["%d"], subscribe=["anyone"], short_tags=True, retained=True, qos2="allow"),
    config.rule("safe/%d/+", publish=["%d"], subscribe=["anyone"], sealed=True),
    config.rule("bank/%d/+", publish=["%d"], subscribe=["anyone"], card="require"),
]


@pytest.mark.parametrize("path", terminal.sessions("broker"), ids=lambda path: path.stem)
def test_session(path):
    with plant.Plant(rules=RULES) as running:
        terminal.run(path, running.directory, {
            "ME": getpass.getuser(),
            "ADMIN": str(next(running.directory.glob("admin-*.key"))),
            "COUNTERSIGN_HOST": "127.0.0.1",
            "COUNTERSIGN_PORT": str(running.broker.port),
            "BROKER_PORT": str(running.broker.port),
            "AUDIT": str(running.broker.audit_path),
        })
