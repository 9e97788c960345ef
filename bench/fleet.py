"""A fleet: 100,000 registered devices, 2,000 of them connected and publishing real readings.

Broker CPU per QoS 1 message under a rule with evaluators (range, group and rate), against the same broker without the
plugin and with one that does the least that can be done (floor_plugin.cpp), and what a session costs in memory. The
readings are those of tests/data before the first introduced event; a
device of the fleet repeats what one of the four motes measured, and is judged against the others of its group.

The brokers run side by side and take turns; see broker_cpu.py. In a round each device sends one message, signed before
the clock starts, and all answers are awaited: so the broker never waits for the sender within a round. Each round goes
in another order: what was allocated one after the other would else be read one after the other, as it never is. The sender looks
for answers now and then: were it asleep on a socket, the broker that is behind would pay for waking it up with each
answer, and the one that keeps pace would not.

The broker is started anew between registration and the devices' coming, as one in use was: what a hundred thousand
registrations in a row leave behind in its heap is not measured (docs/decisions/0038).
"""

import collections
import contextlib
import csv
import itertools
import os
import pathlib
import random
import resource
import secrets
import socket
import statistics
import struct
import time

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
LOOK_EVERY_SECONDS = 0.002

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


def awaited(sock, size):
    """What has come, looked for now and then: the broker must not pay for waking us up."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            return sock.recv(size, socket.MSG_DONTWAIT)
        except BlockingIOError:
            time.sleep(LOOK_EVERY_SECONDS)
    raise RuntimeError("the broker does not answer")


class Subscriber:
    """Takes every message at QoS 0 and counts the bytes."""

    def __init__(self, broker):
        client = broker.client("reader")
        client.subscribe("plant/#")
        self.socket = prepare(client.socket)
        self.owed = 0

    def drain(self):
        with contextlib.suppress(BlockingIOError):
            self.count(self.socket.recv(1 << 20, socket.MSG_DONTWAIT))

    def finish(self):
        while self.owed > 0:
            self.count(awaited(self.socket, 1 << 20))

    def count(self, got):
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
        self.order = random.Random(1)

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
        for count, index in enumerate(self.order.sample(range(len(packets)), len(packets))):
            self.sockets[index].sendall(packets[index])
            if count % DRAIN_EVERY == 0:
                subscriber.drain()
        for index, sock in enumerate(self.sockets):
            if len(awaited(sock, PUBACK_BYTES)) != PUBACK_BYTES:
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


def floor(stack):
    """The broker that does the least with each message that one which checks signatures can do."""
    keys = [e.direction_keys(secrets.token_bytes(32), "up") for _ in range(CONNECTED)]
    broker = Broker(None, plugin=os.environ["COUNTERSIGN_FLOOR"], log_type="error",
                    plugin_options={"keys": "keys"})
    stack.callback(broker.remove)
    (broker.directory / "keys").write_text(
        "".join(f"{identity_of(i)} {one.mac.hex()}\n" for i, one in enumerate(keys)))
    broker.start()
    clients = [broker.client(identity_of(i)) for i in range(CONNECTED)]
    seq = itertools.count()

    def sign(index, payload):
        header = e.Header(flags=0, kid=1, seq=next(seq) // CONNECTED)
        return e.as_payload(e.seal_claim(keys[index], header, topic_of(index), b"", payload))

    return Side(broker, [client.socket for client in clients], sign)


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
    plant.restart()
    pid = plant.broker.process.pid
    before = resident_bytes(pid)
    devices = [plant.device(identity_of(i), suite=2) for i in range(CONNECTED)]
    each = (resident_bytes(pid) - before) / CONNECTED
    side = Side(plant.broker, [device.connection.socket for device in devices],
                lambda index, payload: e.as_payload(devices[index].seal(topic_of(index), payload)))
    return plant, side, each


def compare(sides, subscribers):
    """Medians over all turns of bare, floor and enforced, and the medians of the ratios of neighbouring turns."""
    turns = [[side.turn(subscriber) for side, subscriber in zip(sides, subscribers)]
             for _ in range(WARM_UP_TURNS + TURNS)][WARM_UP_TURNS:]
    bare, floor, enforced = zip(*turns)

    def ratio(one, other):
        return statistics.median(a / b for a, b in zip(one, other))

    return {"bare_us": statistics.median(bare) * 1e6, "floor_us": statistics.median(floor) * 1e6,
            "enforced_us": statistics.median(enforced) * 1e6, "ratio": ratio(enforced, bare),
            "floor_ratio": ratio(floor, bare), "above_floor": ratio(enforced, floor)}


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
        sides = without, floor(stack), with_plugin
        found = {"nobody": compare(sides, [Nobody()] * len(sides))}
        found["one subscriber"] = compare(sides, [Subscriber(side.broker) for side in sides])
        check(plant, found)
        return {"registered": REGISTERED, "connected": CONNECTED, "messages": found,
                "resident_bytes": {"bare": each_connection, "enforced": each_session}}


if __name__ == "__main__":
    print(run())
