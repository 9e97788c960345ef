"""A TLS server before a plain broker, which says what each client asked for and got."""

import contextlib
import select
import socket
import ssl
import threading


class TlsFront:
    """Takes one connection at a time. `seen`: (version, cipher, application protocol) of each that came about."""

    def __init__(self, context, broker_port):
        self.context, self.broker_port, self.seen = context, broker_port, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def serve(self):
        while True:
            try:
                taken, _ = self.listener.accept()
            except OSError:
                return
            with taken, contextlib.suppress(OSError), self.context.wrap_socket(taken, server_side=True) as client:
                self.seen.append((client.version(), client.cipher()[0], client.selected_alpn_protocol()))
                with socket.create_connection(("127.0.0.1", self.broker_port)) as broker:
                    relay(client, broker)


def relay(client, broker):
    while True:
        ready = [client] if client.pending() else select.select([client, broker], [], [])[0]
        for source in ready:
            chunk = source.recv(65536)
            if not chunk:
                return
            (broker if source is client else client).sendall(chunk)


def context(folder, version=None, ciphers=None, alpn=None):
    """Of `server.crt` in `folder`; speaks only `version`, knows only `ciphers` and `alpn`."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / "server.crt", folder / "server.pem")
    if version:
        made.minimum_version = made.maximum_version = version
    if ciphers:
        made.set_ciphers(ciphers)
    if alpn:
        made.set_alpn_protocols([alpn])
    return made
