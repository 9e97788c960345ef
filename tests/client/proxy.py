"""A TCP relay between a client and the broker that can cut a connection in the middle of a packet."""

import selectors
import socket
import threading


class Proxy:
    def __init__(self, target):
        self.target = target
        self.cuts = 0
        self._left = None
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        self._thread.join(5)
        self._listener.close()

    def cut_after(self, count):
        """The connection ends, both ways, when so many more bytes have come from the client."""
        self._left = count

    def _serve(self):
        self._listener.settimeout(0.1)
        while not self._stopped.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            with client, socket.create_connection(("127.0.0.1", self.target)) as broker:
                self._relay(client, broker)

    def _relay(self, client, broker):
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, broker)
            selector.register(broker, selectors.EVENT_READ, client)
            while not self._stopped.is_set():
                for key, _ in selector.select(0.1):
                    if not self._pass(key.fileobj, key.data, key.fileobj is client):
                        return

    def _pass(self, source, sink, upward):
        try:
            data = source.recv(65536)
            if upward and self._left is not None:
                data, self._left = data[:self._left], self._left - len(data)
            sink.sendall(data)
        except OSError:
            return False
        if self._left is not None and self._left <= 0:
            self._left = None
            self.cuts += 1
            return False
        return bool(data)
