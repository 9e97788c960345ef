"""With a real broker and cards behind pcscd, as sessions at a terminal. Cards are $CARD_1, $CARD_2; transport-1 and -2 their keys."""

import pytest
from countersign_tests import cards, config, plant

import terminal

CARDS = 2
RULES = [config.rule("plant/%d/+", publish=["%d"], subscribe=["anyone"])]


@pytest.mark.parametrize("path", terminal.sessions("card"), ids=lambda path: path.stem)
def test_session(path):
    with plant.Plant(rules=RULES) as running, cards.CardHost(cards=CARDS) as host:
        environment = dict(host.env)
        for index in range(CARDS):
            environment[f"CARD_{index + 1}"] = host.uids[index]
            transport = running.directory / f"transport-{index + 1}"
            transport.touch(mode=0o600)
            transport.write_text(host.transport_keys[index] + "\n")
        terminal.run(path, running.directory, environment | {
            "ADMIN": str(next(running.directory.glob("admin-*.key"))),
            "COUNTERSIGN_HOST": "127.0.0.1",
            "COUNTERSIGN_PORT": str(running.broker.port),
            "COUNTERSIGN_SERVER_ID": plant.SERVER_ID,
        })
