"""Hiremath's table: what a smart card in a fleet of readers takes, beside what his patent says of his own.

Each term is defined in docs/smartcard.md, "How fast". Login and reader are measured by card_round_trip.py; here are
blocking and locating: one broker, and for the locator four hosts with four readers each, pcscd and `countersign agent`
on every host.
"""

import contextlib
import json
import os
import pathlib
import secrets
import select
import statistics
import subprocess
import time

import card_round_trip
from countersign_tests import agents, config, mqtt, mqtt_packets
from countersign_tests import envelope as e
from countersign_tests.broker import wait_until
from countersign_tests.plant import Plant

TIMES = 1000
WARM_UP = 8 * TIMES  # within what one session may send
HOSTS, READERS = 4, 4
RULES = [agents.RULE, config.rule("plant/%d/t", publish=["%d"], subscribe=["anyone"])]
BEFORE = 5  # accepted publishes of a session before its card is blocked
MOST_AFTER = 200  # and signed ones in stock
PATIENCE_SECONDS = 5
THEIRS_MS = {"login": 60, "reader": 0.85, "block": 1.56, "locate": 1.45}


def summary(seconds):
    times = sorted(one * 1000 for one in seconds)
    return {"times": len(times), "median_ms": statistics.median(times), "p99_ms": times[int(0.99 * (len(times) - 1))]}


# blocking


class Holder:
    """A card's session on one connection that publishes without pause: the next when the last was answered."""

    def __init__(self, plant, index):
        self.identity, self.card = f"holder-{index}", f"{index:016x}"
        plant.keys[self.identity] = secrets.token_bytes(32)
        plant.admin.register(self.identity, plant.keys[self.identity], card=self.card, kind="user")
        self.device = plant.client_of(self.identity, version=mqtt.V5, epoch=0)
        self.device.login()
        self.connection = self.device.connection
        self.stock = [self.packet(f"plant/{self.identity}/t") for _ in range(BEFORE + MOST_AFTER)]
        self.stock.reverse()

    def packet(self, topic):
        wire = e.as_payload(self.device.seal(topic, b"21.5"))
        return mqtt_packets.publish(topic, wire, version=5, qos=1, packet_id=self.connection.next_id())

    def publish(self):
        self.connection.send(self.stock.pop())

    def refused(self):
        """Whether what came now is a refusal, or the end of the connection. None: nothing yet."""
        self.connection._pump(0)
        acks, self.connection.acks = self.connection.acks, []
        if self.connection.closed or any(ack.code >= 0x80 for ack in acks):
            return True
        return False if acks else None

    def warm_up(self):
        for _ in range(BEFORE):
            self.publish()
            if self.connection.wait_ack(mqtt_packets.PUBACK).code >= 0x80:
                raise RuntimeError("a holder's publish was refused too early")


def block_once(admin, holder):
    """(from the command's sending to the first refusal, to the administrator's reply), in seconds."""
    holder.warm_up()
    text = json.dumps({"commands": [config.command("blockCard", card=holder.card)]})
    wire = e.as_payload(admin.seal("$CONTROL/countersign/v1", text, flags=e.SEALED))
    order = mqtt_packets.publish("$CONTROL/countersign/v1", wire, version=admin.version, qos=0)
    poll = select.poll()
    for connection in (holder.connection, admin.connection):
        poll.register(connection.socket, select.POLLIN)
    holder.publish()  # one is always under way
    start = time.perf_counter()
    admin.connection.send(order)
    refused = replied = None
    while refused is None or replied is None:
        if not poll.poll(PATIENCE_SECONDS * 1000):
            raise RuntimeError("blocked, and nothing happened")
        if refused is None and (answer := holder.refused()) is not None:
            if answer:
                refused = time.perf_counter() - start
                poll.unregister(holder.connection.socket) if holder.connection.socket.fileno() >= 0 else None
            else:
                holder.publish()
        if replied is None:
            admin.connection._pump(0)
            if admin.connection.messages:
                replied = time.perf_counter() - start
                (response,) = admin.receive_responses()
                if "error" in response:
                    raise RuntimeError(response["error"])
    holder.connection.abandon()
    return refused, replied


def blocking():
    with Plant(RULES, settings={"limits": {"enforce_after_messages": 1_000_000}}, log_type="error") as plant:
        pairs = [block_once(plant.admin, Holder(plant, index + 1)) for index in range(TIMES)]
    return {"refused": summary(refused for refused, _ in pairs), "replied": summary(replied for _, replied in pairs)}


# locating


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat", encoding="ascii").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def processor_time(plant, hosts):
    """Seconds so far, by part."""
    pids = {"broker": [plant.broker.process.pid], "agents": [host.process.pid for host in hosts],
            "pcscd": [host.cards.service_pid() for host in hosts],
            "jCardSim": [int((host.cards.directory / "bridge.pid").read_text()) for host in hosts]}
    return {part: sum(map(cpu_seconds, several)) for part, several in pids.items()}


def locating(build):
    issuer = secrets.token_bytes(32)
    with contextlib.ExitStack() as stack:
        plant = stack.enter_context(Plant(RULES, log_type="error"))
        hosts = [agents.Host(plant, f"desk-{i}", cards=READERS) for i in range(HOSTS)]
        for host in hosts:
            stack.enter_context(host)
        uids = [host.issue(i, f"{host.name}-{i}", issuer).uid for host in hosts for i in range(READERS)]
        plant.register("clerk", kind="admin")
        key = agents.write_key_file(plant.directory / "clerk.key", "clerk", plant.keys["clerk"], kind="admin")
        wait_until(lambda: sum(one["connected"] for one in plant.admin.list_cards()["agents"]) == HOSTS, 30,
                   lambda: "not all agents are online")
        program = [build / "bench/countersign_fleet_bench", "locate", str(plant.broker.port), str(key)]
        subprocess.run([*program, str(WARM_UP), *uids], check=True, capture_output=True)  # until the JVMs have compiled it
        before = processor_time(plant, hosts)
        done = subprocess.run([*program, str(TIMES), *uids], check=True, capture_output=True, text=True)
        after = processor_time(plant, hosts)
    spent = {part: (after[part] - before[part]) * 1000 / TIMES for part in after}
    return json.loads(done.stdout) | {"cpu_ms_each": spent}


def run(build):
    """{"block": {"refused": …, "replied": …}, "locate": {…, "cpu_ms_each": {…}}}"""
    return {"block": blocking(), "locate": locating(build)}


def rows(found, card):
    """(term, theirs, median, p99, of)"""
    locate, block = found["locate"], found["block"]
    spent = ", ".join(f"{part} {each:.2f}" for part, each in locate["cpu_ms_each"].items())
    yield "user login", "login", card["login"], "card behind pcscd, TCP, handshake, first publish accepted"
    yield ("card reader response", "reader", card["reader"]["job"],
           f"transaction, SELECT, UID and GET DATA; GET DATA alone {card['reader']['exchange']['median_ms']:.2f} ms")
    yield ("card blocking", "block", block["refused"],
           f"from the command's sending; its reply after {block['replied']['median_ms']:.2f} ms")
    yield ("card reader locator", "locate", locate,
           f"{HOSTS * READERS} readers on {HOSTS} hosts; CPU for each, ms: {spent}")


def table(found, card):
    lines = ["| of a card in a fleet | Hiremath | ours, median | ours, 99 % within | of |", "|---|---|---|---|---|"]
    for term, name, ours, what in rows(found, card):
        lines.append(f"| {term} | {THEIRS_MS[name]} ms | {ours['median_ms']:.2f} ms | {ours['p99_ms']:.2f} ms "
                     f"| {ours['times']} times; {what} |")
    return "\n".join(lines) + "\n"


def main():
    """This table alone."""
    build = (pathlib.Path(__file__).resolve().parent.parent / "build/release").resolve()
    os.environ["COUNTERSIGN_PLUGIN"] = str(build / "broker-plugin/mosquitto_countersign.so")
    os.environ["COUNTERSIGN_CLI"] = str(build / "client/cli/countersign")
    card = card_round_trip.run(build)
    print(f"load {os.getloadavg()[0]:.1f}\n\n" + table(run(build), card))


if __name__ == "__main__":
    main()
