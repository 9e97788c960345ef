"""What stands between a device and its broker: it relays, is away, changes what passes, or is itself a bad broker."""

import contextlib
import select
import socket
import threading

from . import mqtt_packets as packets
from .broker import wait_until

ACCEPT_SECONDS = 0.05
CONNACK = packets.packet(packets.CONNACK, b"\0\0")


class Proxy:
    """A port of this host's loopback. Who connects there is served by `behaviour(connection)` in a thread of its own,
    until the `with` ends; by default that is `relay` to `target`."""

    def __init__(self, target, behaviour=None):
        self.target = target
        self.behaviour = behaviour or self.relay
        self.connections = 0
        self.stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads, self._open, self._silent, self._lock = [], [], [], threading.Lock()

    def __enter__(self):
        self._start()
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self):
        self.stopping.clear()
        self._listener.settimeout(ACCEPT_SECONDS)
        thread = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        thread.start()
        self._threads.append(thread)

    def _accept(self, listener):
        while not self.stopping.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            with self._lock:
                self._open.append(connection)
                self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, contextlib.suppress(OSError):
            self.behaviour(connection)

    def close(self):
        """Nobody listens at the port any more, and who was connected is cut off."""
        self.stopping.set()
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()
        self._threads.clear()

    def open(self, behaviour=None):
        """Listens again, on the same port."""
        self.behaviour = behaviour or self.relay
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._start()

    def become(self, behaviour=None):
        """Behaves so from now on; who is connected is cut off."""
        self.behaviour = behaviour or self.relay
        self.connections = 0
        self.cut()

    def cut(self):
        with self._lock:
            for connection in self._open + self._silent:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._open.clear()
            self._silent.clear()

    def fall_silent(self):
        """Who is connected stays so, but nothing is relayed any more, in neither direction; who connects anew is served."""
        with self._lock:
            self._silent += self._open
            self._open.clear()

    # behaviours

    def relay(self, connection, change=None):
        """`change(kind, flags, body)` is asked for each packet that goes down: it returns the bytes to send instead, or
        None for the packet as it is."""
        with socket.create_connection(("127.0.0.1", self.target)) as broker:
            broker.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            down = _Changed(connection, change) if change else connection
            while not self.stopping.is_set():
                if connection in self._silent:
                    return self.wait(connection)
                for ready in select.select([connection, broker], [], [], ACCEPT_SECONDS)[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    (broker if ready is connection else down).sendall(data)

    def wait_connections(self, count, timeout=240):
        """Until so many have come since `behaviour` was set. A board gives each that does not answer ten seconds, and pauses in between."""
        wait_until(lambda: self.connections >= count, timeout, lambda: f"{self.connections} of {count} connections")

    def wait_some(self, connection, seconds=1.0):
        """As `wait`, for some time."""
        connection.settimeout(seconds)
        while connection.recv(65536):
            pass

    def wait(self, connection):
        """Reads and says nothing, until the other side has enough."""
        connection.settimeout(ACCEPT_SECONDS)
        while not self.stopping.is_set():
            try:
                if not connection.recv(65536):
                    return
            except TimeoutError:
                continue


class _Changed:
    def __init__(self, connection, change):
        self.connection, self.change, self.buffer = connection, change, b""

    def sendall(self, data):
        self.buffer += data
        while (taken := take_packet(self.buffer)) is not None:
            kind, flags, body, size = taken
            changed = self.change(kind, flags, body)
            self.connection.sendall(self.buffer[:size] if changed is None else changed)
            self.buffer = self.buffer[size:]


def take_packet(data):
    """(kind, flags, body, bytes) of the first whole packet, or None."""
    reader = packets.PacketReader(data)
    try:
        first, size = reader.number(">B"), reader.vbi()
        body = reader.take(size)
    except (ValueError, IndexError):
        return None
    return first >> 4, first & 15, body, reader.at


def read_packet(connection):
    data = b""
    while (taken := take_packet(data)) is None:
        more = connection.recv(4096)
        if not more:
            raise OSError("it is gone")
        data += more
    return taken


def welcome(connection):
    """Takes CONNECT and accepts it. The client id."""
    _, _, body, _ = read_packet(connection)
    connection.sendall(CONNACK)
    reader = packets.PacketReader(body)
    reader.text(), reader.take(4)
    return reader.text().decode()
