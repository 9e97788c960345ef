"""MQTT over WebSocket (RFC 6455), as much of it as a client needs: `Client(port, tls=WebSockets())`."""

import base64
import hashlib
import os
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FINAL, MASKED = 0x80, 0x80
# RFC 6455, section 1.3
ACCEPT_SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class WebSockets:
    """Stands where an `ssl.SSLContext` does; `tls` is one for the layer below."""

    def __init__(self, tls=None):
        self.tls = tls

    def wrap_socket(self, plain, server_hostname):
        below = self.tls.wrap_socket(plain, server_hostname=server_hostname) if self.tls else plain
        return WebSocket(below, server_hostname)


class WebSocket:
    """What a client does with a socket, over frames. Opens by itself."""

    def __init__(self, below, host):
        self.below = below
        self._raw = self._open(host)
        self._data = b""

    def _open(self, host):
        """Upgrades to MQTT (section 4.1). Returns what came after the answer."""
        key = base64.b64encode(os.urandom(16))
        self.below.sendall(
            b"GET /mqtt HTTP/1.1\r\nHost: " + host.encode() + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: " + key + b"\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n")
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._read()
        head, _, rest = answer.partition(b"\r\n\r\n")
        accept = base64.b64encode(hashlib.sha1(key + ACCEPT_SUFFIX).digest())
        if not head.startswith(b"HTTP/1.1 101 ") or accept not in head:
            raise OSError(f"no WebSocket: {head!r}")
        return rest

    def _read(self):
        data = self.below.recv(65536)
        if not data:
            raise OSError("closed inside a frame")
        return data

    # what a socket does

    def fileno(self):
        return self.below.fileno()

    def close(self):
        self.below.close()

    def pending(self):
        """Bytes that `recv` has without waiting; frames that are not whole yet count too."""
        return len(self._data) or len(self._raw) or getattr(self.below, "pending", lambda: 0)()

    def sendall(self, data):
        self._send_frame(BINARY, data)

    def recv(self, count):
        """Waits for a whole frame. Empty at the end."""
        while not self._data:
            try:
                kind, data = self._next_frame()
            except OSError:
                return b""
            if kind == CLOSE:
                return b""
            if kind == PING:
                self._send_frame(PONG, data)
            elif kind in (BINARY, CONTINUATION):
                self._data = data
        taken, self._data = self._data[:count], self._data[count:]
        return taken

    # frames, section 5.2

    def _send_frame(self, kind, data):
        size = len(data)
        if size < 126:
            length = struct.pack(">B", MASKED | size)
        elif size < 65536:
            length = struct.pack(">BH", MASKED | 126, size)
        else:
            length = struct.pack(">BQ", MASKED | 127, size)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        self.below.sendall(bytes([FINAL | kind]) + length + mask + masked)

    def _next_frame(self):
        first, size = self._take(2)
        if size == 126:
            size = int.from_bytes(self._take(2), "big")
        elif size == 127:
            size = int.from_bytes(self._take(8), "big")
        return first & 0x0F, self._take(size)

    def _take(self, count):
        while len(self._raw) < count:
            self._raw += self._read()
        taken, self._raw = self._raw[:count], self._raw[count:]
        return taken
