"""How long one HANDSHAKE KEY, one checksum, one GET DATA by an agent's reader and one login take over real pcscd, on jCardSim."""

import json
import os
import pathlib
import statistics
import subprocess

from countersign_tests import config, smart_card
from countersign_tests.cards import CardHost
from countersign_tests.plant import SERVER_ID, Plant

TIMES = 1000
IDENTITY = "mote-1"


def personalised(host, holder):
    card = smart_card.SmartCard(host.link(0))
    card.select()
    card.personalise(bytes.fromhex(host.transport_keys[0]), bytes.fromhex(host.uids[0]), holder)
    card.select()
    card.verify(holder.pin)
    return card


def round_trips(card):
    """Medians in µs."""
    commands = {
        "handshake key": smart_card.apdu(0x88, 0x0001, b"\x06broker"),
        "checksum": smart_card.apdu(0x2A, 0x8E80, smart_card.tlv(0x80, bytes(32))),
    }
    return {name: statistics.median(card.link.time(command, TIMES)) for name, command in commands.items()}


def reader(build, host):
    """One GET DATA as an agent's reader does it: {"job": …, "exchange": …}"""
    command = [build / "bench/countersign_fleet_bench", "reader", host.uids[0], str(TIMES)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | host.env)
    return json.loads(done.stdout)


def logins(build, host, holder):
    """From a card in its reader and a known PIN to the first accepted publish."""
    topic = f"plant/{IDENTITY}/read"
    rule = config.rule("plant/%d/read", publish=["%d"], subscribe=["anyone"])
    with Plant(rules=[rule]) as plant:
        plant.keys[IDENTITY] = holder.key
        plant.admin.register(IDENTITY, holder.key)
        command = [build / "bench/countersign_login_bench", str(plant.broker.port), SERVER_ID, host.uids[0], holder.pin,
                   topic, str(TIMES)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | host.env)
    return json.loads(done.stdout)


def run(build):
    with CardHost(cards=1) as host:
        holder = smart_card.Holder(IDENTITY)
        card = personalised(host, holder)
        found = {"round_trips_us": round_trips(card)}
        card.link.close()
        return found | {"reader": reader(build, host), "login": logins(build, host, holder)}


if __name__ == "__main__":
    print(run(pathlib.Path(__file__).resolve().parent.parent / "build/release"))
