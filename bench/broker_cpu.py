"""Broker CPU per QoS 1 message: rules enforced, against the same broker without the plugin.

Both brokers take the same number of 64-byte payloads from 50 connections; what is measured is the CPU time of the
broker's process, all threads, from the kernel's scheduler statistics. Signing happens before the clock starts.
"""

import pathlib
import secrets
import selectors
import time

from countersign_tests import config, mqtt_packets
from countersign_tests import envelope as e
from countersign_tests.broker import Broker
from countersign_tests.plant import Plant

CONNECTIONS = 50
MESSAGES = 200
BURST = 1
PAYLOAD = b'{"temperature":21.50,"humidity":45.93,"mote":1,"reading":100001}'
PUBACK_BYTES = 4
assert len(PAYLOAD) == 64


def cpu_seconds(pid):
    """CPU time of all threads; never goes back, unlike a thread's own when it ends."""
    stats = pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(stat.read_text().split()[0]) for stat in stats) / 1e9


def topic_of(index):
    return f"plant/mote-{index:04}/read"


def bursts(topic, payloads):
    """The packets of one connection, in bursts."""
    packets = [
        mqtt_packets.publish(topic, payload, version=4, qos=1, packet_id=1 + i % 65000)
        for i, payload in enumerate(payloads)
    ]
    return [b"".join(packets[i:i + BURST]) for i in range(0, len(packets), BURST)]


def pump(sockets, work):
    """Sends each connection's bursts, the next one when the last is acknowledged."""
    selector = selectors.DefaultSelector()
    for sock, pending in zip(sockets, work):
        sock.setblocking(True)
        selector.register(sock, selectors.EVENT_READ, {"left": list(reversed(pending)), "acks": 0})
        sock.sendall(selector.get_key(sock).data["left"].pop())
    open_count = len(sockets)
    deadline = time.monotonic() + 120
    while open_count and time.monotonic() < deadline:
        for key, _ in selector.select(1):
            state = key.data
            state["acks"] += len(key.fileobj.recv(65536))
            if state["acks"] < BURST * PUBACK_BYTES:
                continue
            state["acks"] = 0
            if state["left"]:
                key.fileobj.sendall(state["left"].pop())
            else:
                selector.unregister(key.fileobj)
                open_count -= 1
    if open_count:
        raise RuntimeError(f"{open_count} connections got no answer")


def measure(pid, sockets, work):
    before = cpu_seconds(pid)
    pump(sockets, work)
    return (cpu_seconds(pid) - before) / (len(sockets) * MESSAGES)


def enforced():
    """Seconds of CPU per message with the plugin, every message verified and evaluated."""
    rule = config.rule("plant/%d/read", publish=["%d"], subscribe=["anyone"],
                       range=[{"pointer": "/temperature", "min": -40, "max": 85}])
    with Plant(rules=[rule], settings={"limits": {"enforce_after_messages": 1_000_000}}, log_type="error") as plant:
        devices = [plant.device(f"mote-{i:04}", suite=2) for i in range(CONNECTIONS)]
        topics = [topic_of(i) for i in range(CONNECTIONS)]
        work = [
            bursts(topic, [e.as_payload(device.seal(topic, PAYLOAD)) for _ in range(MESSAGES)])
            for device, topic in zip(devices, topics)
        ]
        sockets = [device.connection.socket for device in devices]
        cost = measure(plant.broker.process.pid, sockets, work)
        accepted = plant.admin.call("metrics")["accepted"]
        if accepted < CONNECTIONS * MESSAGES:
            raise RuntimeError(f"only {accepted} messages were accepted")
        return cost


def bare():
    """Seconds of CPU per message without the plugin."""
    broker = Broker(None, plugin="", log_type="error")
    try:
        broker.start()
        clients = [broker.client(f"mote-{i:04}-{secrets.token_hex(2)}") for i in range(CONNECTIONS)]
        work = [bursts(topic_of(i), [PAYLOAD] * MESSAGES) for i in range(CONNECTIONS)]
        return measure(broker.process.pid, [client.socket for client in clients], work)
    finally:
        broker.remove()


def run(rounds=5):
    """Interleaved rounds; the medians and their ratio."""
    pairs = [(bare(), enforced()) for _ in range(rounds)]
    without = sorted(pair[0] for pair in pairs)[rounds // 2]
    with_rules = sorted(pair[1] for pair in pairs)[rounds // 2]
    return {"bare_us": without * 1e6, "enforced_us": with_rules * 1e6, "ratio": with_rules / without}


if __name__ == "__main__":
    print(run())
