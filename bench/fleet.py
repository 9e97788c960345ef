"""A fleet: 100,000 registered devices, 2,000 of them connected and publishing real readings.

Broker CPU per QoS 1 message under a rule with evaluators (range, group and rate), against the same broker without the
plugin, and what a session costs in memory. The readings are those of tests/data before the first introduced event; a
device of the fleet repeats what one of the four motes measured, and is judged against the others of its group.

Both brokers run side by side and take turns; see broker_cpu.py. In a round each device sends one message, signed before
the clock starts, and all answers are awaited: so the broker never waits for the sender within a round.
"""

import collections
import contextlib
import csv
import os
import pathlib
import resource
import secrets
import socket
import statistics
import struct

import reputation
from broker_cpu import cpu_seconds
from countersign_tests import config, mqtt_packets
from countersign_tests import envelope as e
from countersign_tests.broker import Broker
from countersign_tests.plant import Plant

REGISTERED = int(os.environ.get("BENCH_FLEET_REGISTERED", 100_000))
CONNECTED = int(os.environ.get("BENCH_FLEET_CONNECTED", 2_000))
COMMANDS = 250  # in one administrator's message
ROUNDS = 2  # in one turn
TURNS = 20
WARM_UP_TURNS = 8  # until every device has reached AUTH3 and its score stands still
MOTES = 4
PUBACK_BYTES = 4
DRAIN_EVERY = 16
PATIENCE_SECONDS = 60

MEMBERS = {"indoor": ["mote-1-*", "mote-2-*"], "outdoor": ["mote-3-*", "mote-4-*"]}
RULE = config.rule(
    "plant/%d/read", publish=["%d"], subscribe=["anyone"],
    range=[{"pointer": "/humidity", "min": 20, "max": 75}, {"pointer": "/temperature", "min": 10, "max": 45}],
    group=[{"pointer": pointer, "members": members, "tolerance": tolerance, "window": 120}
           for pointer, tolerance in (("/humidity", 2.9), ("/temperature", 1.0)) for members in MEMBERS.values()],
    rate={"pointer": "/temperature", "stuck": 20},
)


def identity_of(index):
    return f"mote-{index % MOTES + 1}-{index // MOTES:05}"


def topic_of(index):
    return f"plant/{identity_of(index)}/read"


def readings():
    """What each mote measured before the first event, one payload for each round."""
    payloads = collections.defaultdict(list)
    with open(reputation.DATA, newline="", encoding="ascii") as file:
        for row in csv.DictReader(file):
            if int(row["reading"]) <= reputation.LEARNED:
                payloads[int(row["mote_id"])].append(
                    f'{{"temperature":{row["temperature"]},"humidity":{row["humidity"]},"mote":{row["mote_id"]},'
                    f'"reading":{100_000 + int(row["reading"])}}}'.encode())
    return payloads


def resident_bytes(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def prepare(sock):
    """Blocking, but not for ever."""
    sock.setblocking(True)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", PATIENCE_SECONDS, 0))
    return sock


class Subscriber:
    """Takes every message at QoS 0 and counts the bytes."""

    def __init__(self, broker):
        client = broker.client("reader")
        client.subscribe("plant/#")
        self.socket = prepare(client.socket)
        self.owed = 0

    def drain(self):
        with contextlib.suppress(BlockingIOError):
            self.take(socket.MSG_DONTWAIT)

    def finish(self):
        while self.owed > 0:
            self.take(0)

    def take(self, flags):
        got = self.socket.recv(1 << 20, flags)
        if not got:
            raise RuntimeError("the subscriber was cut off")
        self.owed -= len(got)


class Side:
    """One of the brokers with its connected devices. `sign` makes what travels of a reading."""

    def __init__(self, broker, sockets, sign):
        self.broker, self.pid = broker, broker.process.pid
        self.sockets = [prepare(sock) for sock in sockets]
        self.sign = sign
        self.payloads = readings()
        self.round = 0

    def work(self):
        """The packets of the next turn, round by round, and how many bytes a subscriber gets of them."""
        rounds, delivered = [], 0
        for _ in range(ROUNDS):
            packets = []
            for index in range(len(self.sockets)):
                payload = self.payloads[index % MOTES + 1][self.round]
                packets.append(mqtt_packets.publish(topic_of(index), self.sign(index, payload), version=4, qos=1,
                                                    packet_id=1 + self.round))
                delivered += len(mqtt_packets.publish(topic_of(index), payload, version=4))
            rounds.append(packets)
            self.round += 1
        return rounds, delivered

    def turn(self, subscriber):
        """Seconds of CPU per message in one turn."""
        rounds, delivered = self.work()
        subscriber.owed += delivered
        before = cpu_seconds(self.pid)
        for packets in rounds:
            self.send(packets, subscriber)
        subscriber.finish()
        return (cpu_seconds(self.pid) - before) / (ROUNDS * len(self.sockets))

    def send(self, packets, subscriber):
        for index, (sock, packet) in enumerate(zip(self.sockets, packets)):
            sock.sendall(packet)
            if index % DRAIN_EVERY == 0:
                subscriber.drain()
        for index, sock in enumerate(self.sockets):
            if len(sock.recv(PUBACK_BYTES, socket.MSG_WAITALL)) != PUBACK_BYTES:
                raise RuntimeError(f"{identity_of(index)} was cut off")
            if index % DRAIN_EVERY == 0:
                subscriber.drain()


class Nobody:
    """No subscriber."""

    owed = 0

    def drain(self):
        pass

    def finish(self):
        self.owed = 0


def bare(stack):
    """The broker without the plugin: (side, resident bytes of each connection)"""
    broker = Broker(None, plugin="", log_type="error")
    stack.callback(broker.remove)
    broker.start()
    before = resident_bytes(broker.process.pid)
    clients = [broker.client(f"{identity_of(i)}-{secrets.token_hex(2)}") for i in range(CONNECTED)]
    each = (resident_bytes(broker.process.pid) - before) / CONNECTED
    return Side(broker, [client.socket for client in clients], lambda index, payload: payload), each


def register(plant):
    """Registers the fleet as an administrator does, many commands at a time."""
    plant.keys |= {identity_of(i): secrets.token_bytes(32) for i in range(REGISTERED)}
    names = [identity_of(i) for i in range(REGISTERED)]
    for first in range(0, REGISTERED, COMMANDS):
        batch = names[first : first + COMMANDS]
        plant.admin.send_commands(*(config.register_device(name, plant.keys[name]) for name in batch))
        if any("error" in response for response in plant.admin.receive_responses(PATIENCE_SECONDS)):
            raise RuntimeError("a device could not be registered")


def enforced(stack):
    """The broker that verifies and evaluates: (plant, side, resident bytes of each connection with its session)"""
    plant = stack.enter_context(Plant(
        rules=[RULE], settings={"limits": {"enforce_after_messages": 1_000_000}}, log_type="error"))
    register(plant)
    pid = plant.broker.process.pid
    before = resident_bytes(pid)
    devices = [plant.device(identity_of(i), suite=2) for i in range(CONNECTED)]
    each = (resident_bytes(pid) - before) / CONNECTED
    side = Side(plant.broker, [device.connection.socket for device in devices],
                lambda index, payload: e.as_payload(devices[index].seal(topic_of(index), payload)))
    return plant, side, each


def compare(sides, subscribers):
    """Medians over all turns, and the median of the ratios of neighbouring turns."""
    pairs = [[side.turn(subscriber) for side, subscriber in zip(sides, subscribers)]
             for _ in range(WARM_UP_TURNS + TURNS)][WARM_UP_TURNS:]
    return {"bare_us": statistics.median(pair[0] for pair in pairs) * 1e6,
            "enforced_us": statistics.median(pair[1] for pair in pairs) * 1e6,
            "ratio": statistics.median(pair[1] / pair[0] for pair in pairs)}


def check(plant, found):
    """Every reading must have been found good: else something else was measured."""
    sent = len(found) * (WARM_UP_TURNS + TURNS) * ROUNDS * CONNECTED
    metrics = plant.admin.call("metrics")
    good = metrics["accepted"] >= sent and "out_of_range" not in metrics["refused"]
    if not good or plant.score(identity_of(0)) != ("AUTH3", 21):
        raise RuntimeError(f"not all of {sent} readings were accepted: {metrics}")


def run():
    """{"registered": …, "connected": …, "messages": {"nobody": …, "one subscriber": …}, "resident_bytes": …}"""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with contextlib.ExitStack() as stack:
        plant, with_plugin, each_session = enforced(stack)
        without, each_connection = bare(stack)
        sides = without, with_plugin
        found = {"nobody": compare(sides, (Nobody(), Nobody()))}
        found["one subscriber"] = compare(sides, [Subscriber(side.broker) for side in sides])
        check(plant, found)
        return {"registered": REGISTERED, "connected": CONNECTED, "messages": found,
                "resident_bytes": {"bare": each_connection, "enforced": each_session}}


if __name__ == "__main__":
    print(run())
