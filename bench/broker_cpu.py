"""Broker CPU per QoS 1 message: rules enforced, against the same broker without the plugin; and per handshake.

Measured twice: with one plain subscriber who takes every message at QoS 0, and with nobody listening, where the broker
itself does the least and the plugin therefore weighs the most.

Both brokers run side by side and take turns: the same number of 64-byte payloads from 50 connections each. What is
measured is the CPU time of the broker's process, all threads, from the kernel's scheduler statistics. Signing happens
before the clock starts. Turns are short and many, so that what else the machine does falls on both.
"""

import contextlib
import pathlib
import secrets
import selectors
import statistics
import time

from countersign_tests import config, mqtt_packets
from countersign_tests import envelope as e
from countersign_tests.broker import Broker
from countersign_tests.plant import Plant

CONNECTIONS = 50
MESSAGES = 100
TURNS = 40
WARM_UP_TURNS = 2
HANDSHAKES = 500
PAYLOAD = b'{"temperature":21.50,"humidity":45.93,"mote":1,"reading":100001}'
PUBACK_BYTES = 4
DELIVERED_BYTES = 2 + 2 + len("plant/mote-0000/read") + 64  # PUBLISH, QoS 0, no properties
assert len(PAYLOAD) == 64


def cpu_seconds(pid):
    """CPU time of all threads; never goes back, unlike a thread's own when it ends."""
    stats = pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(stat.read_text().split()[0]) for stat in stats) / 1e9


def topic_of(index):
    return f"plant/mote-{index:04}/read"


def packets(topic, payloads):
    return [
        mqtt_packets.publish(topic, payload, version=4, qos=1, packet_id=1 + i)
        for i, payload in enumerate(payloads)
    ]


def pump(sockets, work, subscriber):
    """Sends each connection's packets, the next one when the last is acknowledged; reads what `subscriber` gets."""
    selector = selectors.DefaultSelector()
    owed = 0
    if subscriber is not None:
        owed = DELIVERED_BYTES * sum(map(len, work))
        selector.register(subscriber, selectors.EVENT_READ, None)
    for sock, pending in zip(sockets, work):
        sock.setblocking(True)
        selector.register(sock, selectors.EVENT_READ, {"left": list(reversed(pending)), "acks": 0})
        sock.sendall(selector.get_key(sock).data["left"].pop())
    open_count = len(sockets)
    deadline = time.monotonic() + 120
    while (open_count or owed) and time.monotonic() < deadline:
        for key, _ in selector.select(0):
            state = key.data
            got = len(key.fileobj.recv(65536))
            if state is None:
                owed -= got
                continue
            state["acks"] += got
            if state["acks"] < PUBACK_BYTES:
                continue
            state["acks"] = 0
            if state["left"]:
                key.fileobj.sendall(state["left"].pop())
            else:
                selector.unregister(key.fileobj)
                open_count -= 1
    if open_count or owed:
        raise RuntimeError(f"{open_count} connections got no answer, {owed} bytes were not delivered")


def subscribed(client):
    client.subscribe("plant/#")
    return client.socket


class Bare:
    """A broker without the plugin."""

    def __init__(self, stack):
        broker = Broker(None, plugin="", log_type="error")
        stack.callback(broker.remove)
        broker.start()
        clients = [broker.client(f"mote-{i:04}-{secrets.token_hex(2)}") for i in range(CONNECTIONS)]
        self.pid = broker.process.pid
        self.sockets = [client.socket for client in clients]
        self.subscribe = lambda: subscribed(broker.client("reader"))

    def work(self):
        return [packets(topic_of(i), [PAYLOAD] * MESSAGES) for i in range(CONNECTIONS)]


class Enforced:
    """A broker that verifies and evaluates every message."""

    def __init__(self, stack):
        rule = config.rule("plant/%d/read", publish=["%d"], subscribe=["anyone"],
                           range=[{"pointer": "/temperature", "min": -40, "max": 85}])
        # all handshakes come from one address here
        settings = {"limits": {"enforce_after_messages": 1_000_000},
                    "connections": {"strangers_per_address": 2 * CONNECTIONS}}
        self.plant = stack.enter_context(Plant(rules=[rule], settings=settings, log_type="error"))
        self.devices = [self.plant.device(f"mote-{i:04}", suite=2) for i in range(CONNECTIONS)]
        self.pid = self.plant.broker.process.pid
        self.sockets = [device.connection.socket for device in self.devices]
        self.subscribe = lambda: subscribed(self.plant.broker.client("reader"))

    def work(self):
        return [
            packets(topic_of(i), [e.as_payload(device.seal(topic_of(i), PAYLOAD)) for _ in range(MESSAGES)])
            for i, device in enumerate(self.devices)
        ]

    def check(self, turns):
        accepted = self.plant.admin.call("metrics")["accepted"]
        if accepted < turns * CONNECTIONS * MESSAGES:
            raise RuntimeError(f"only {accepted} messages were accepted")


def turn(side, subscriber):
    """Seconds of CPU per message in one turn."""
    work = side.work()
    before = cpu_seconds(side.pid)
    pump(side.sockets, work, subscriber)
    return (cpu_seconds(side.pid) - before) / (CONNECTIONS * MESSAGES)


def compare(bare, enforced, subscribers):
    """Medians over all turns, and the median of the ratios of neighbouring turns."""
    pairs = [(turn(bare, subscribers[0]), turn(enforced, subscribers[1])) for _ in range(WARM_UP_TURNS + TURNS)]
    del pairs[:WARM_UP_TURNS]
    return {
        "bare_us": statistics.median(pair[0] for pair in pairs) * 1e6,
        "enforced_us": statistics.median(pair[1] for pair in pairs) * 1e6,
        "ratio": statistics.median(pair[1] / pair[0] for pair in pairs),
    }


def handshakes(plant, suite):
    """Seconds of CPU for one handshake over TCP: connection, four messages, the epoch's commit and all.

    All come at once, as after a power cut: m1 of everybody, then m3 of everybody.
    """
    clients = [plant.client_of(f"mote-{i:04}", suite=suite) for i in range(CONNECTIONS)]
    before = cpu_seconds(plant.broker.process.pid)
    for _ in range(HANDSHAKES // CONNECTIONS):
        for client in clients:
            client.connect_auth0()
            client.send_auth(client.begin())
        for client in clients:
            client.send_auth(client.pending.answer(client.receive_auth()))
        for client in clients:
            client.finish(client.receive_auth())
            client.close()
    return (cpu_seconds(plant.broker.process.pid) - before) / HANDSHAKES


def run():
    """What a message costs, by who listens, and a handshake, by suite.

    {"messages": {"nobody": …, "one subscriber": …}, "handshakes_us": {1: …, 2: …}}
    """
    with contextlib.ExitStack() as stack:
        bare, enforced = Bare(stack), Enforced(stack)
        found = {"nobody": compare(bare, enforced, (None, None))}
        found["one subscriber"] = compare(bare, enforced, (bare.subscribe(), enforced.subscribe()))
        enforced.check(2 * (WARM_UP_TURNS + TURNS))
        return {"messages": found, "handshakes_us": {suite: handshakes(enforced.plant, suite) * 1e6 for suite in (1, 2)}}


if __name__ == "__main__":
    print(run())
