"""A PC/SC client in a process of its own: pcsc-lite reads PCSCLITE_CSOCK_NAME once per process.

    with CardLink(host.env) as link:
        link.connect(uid)
        data, status = link.send("00200081")
"""

import json
import subprocess
import sys

PYTHON = "/usr/bin/python3"
ANSWER_SECONDS = 60
SELECT = "00a4040007f0435349474e01"


class CardLinkError(Exception):
    """What PC/SC refused; `code` is its number, as 0x8010001D."""

    def __init__(self, text, code=None):
        super().__init__(text)
        self.code = code


class CardLink:
    def __init__(self, env):
        import os
        self._process = subprocess.Popen(
            [PYTHON, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            env=os.environ | env,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self._process.poll() is None:
            self._process.stdin.close()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdout.close()

    def readers(self):
        return self._ask("readers")

    def present(self):
        """How many readers hold a card."""
        return self._ask("present")

    def await_present(self, count, seconds):
        self._ask("await_present", count, seconds)

    def connect(self, uid=None):
        """Shares the card with this UID (hex; without it the first), its applet selected."""
        return self._ask("connect", uid)

    def send(self, apdu):
        """Sends hex or bytes. Returns (data, status word). An empty answer is an error: the card is gone."""
        text = apdu if isinstance(apdu, str) else bytes(apdu).hex()
        data, status = self._ask("send", text)
        return bytes.fromhex(data), status

    def select(self):
        return self.send(SELECT)

    def time(self, apdu, count):
        """Microseconds of each of `count` exchanges, all of which must answer 9000."""
        return self._ask("time", apdu if isinstance(apdu, str) else bytes(apdu).hex(), count)

    def reset(self):
        """Resets the card under everybody, and keeps it."""
        self._ask("reset")

    def keep(self):
        """The reader is this application's alone, until the link is closed."""
        self._ask("keep")

    def hold(self):
        """Begins a transaction: everybody else waits for this card until `let_go`."""
        self._ask("hold")

    def let_go(self):
        self._ask("let_go")

    def _ask(self, *request):
        self._process.stdin.write(json.dumps(request) + "\n")
        line = self._process.stdout.readline()
        if not line:
            raise CardLinkError("the PC/SC process ended")
        answer = json.loads(line)
        if "error" in answer:
            raise CardLinkError(answer["error"], answer["code"])
        return answer["result"]


class Server:
    """The other process: obeys one JSON line at a time."""

    def __init__(self):
        from smartcard import scard
        self._scard = scard
        self._context = self._check(*scard.SCardEstablishContext(scard.SCARD_SCOPE_USER))
        self._card = None
        self._protocol = None

    def _check(self, code, *results):
        if code != self._scard.SCARD_S_SUCCESS:
            error = CardLinkError(self._scard.SCardGetErrorMessage(code), code & 0xFFFFFFFF)
            raise error
        return results[0] if len(results) == 1 else results

    def readers(self):
        return list(self._check(*self._scard.SCardListReaders(self._context, [])))

    def _states(self):
        asked = [(name, self._scard.SCARD_STATE_UNAWARE) for name in self.readers()]
        return self._check(*self._scard.SCardGetStatusChange(self._context, 0, asked))

    def present(self):
        return sum(bool(state[1] & self._scard.SCARD_STATE_PRESENT) for state in self._states())

    def await_present(self, count, seconds):
        import time
        deadline = time.monotonic() + seconds
        while True:
            states = self._states()
            present = sum(bool(state[1] & self._scard.SCARD_STATE_PRESENT) for state in states)
            if present == count:
                return
            if time.monotonic() > deadline:
                raise CardLinkError(f"{present} cards present, wanted {count}")
            known = [(state[0], state[1]) for state in states]
            self._scard.SCardGetStatusChange(self._context, 500, known)

    def connect(self, uid):
        for reader in self.readers():
            if self._open(reader) and (uid is None or uid in self._uid()):
                return reader
        raise CardLinkError(f"no card {uid}")

    def _open(self, reader):
        s = self._scard
        code, card, protocol = s.SCardConnect(
            self._context, reader, s.SCARD_SHARE_SHARED, s.SCARD_PROTOCOL_T0 | s.SCARD_PROTOCOL_T1)
        if code in (s.SCARD_E_NO_SMARTCARD, s.SCARD_W_REMOVED_CARD):
            return False
        self._check(code)
        self._card, self._protocol = card, protocol
        return True

    def _uid(self):
        data, status = self.send(SELECT)
        if status == 0x9000:
            return data[44:60]
        self._scard.SCardDisconnect(self._card, self._scard.SCARD_LEAVE_CARD)
        return ""

    def send(self, text):
        answer = self._transmit(list(bytes.fromhex(text)))
        return bytes(answer[:-2]).hex(), answer[-2] << 8 | answer[-1]

    def _transmit(self, command):
        header = {1: self._scard.SCARD_PCI_T0, 2: self._scard.SCARD_PCI_T1}[self._protocol]
        answer = self._check(*self._scard.SCardTransmit(self._card, header, command))
        if len(answer) < 2:
            # a card pulled under a command: PC/SC calls it a success of no bytes
            raise CardLinkError("the card is gone", self._scard.SCARD_W_REMOVED_CARD & 0xFFFFFFFF)
        return answer

    def time(self, text, count):
        import time
        command = list(bytes.fromhex(text))
        taken = []
        for _ in range(count):
            start = time.perf_counter_ns()
            answer = self._transmit(command)
            taken.append((time.perf_counter_ns() - start) / 1000)
            if answer[-2:] != [0x90, 0x00]:
                raise CardLinkError(f"status {bytes(answer[-2:]).hex()}")
        return taken

    def reset(self):
        s = self._scard
        self._protocol = self._check(*s.SCardReconnect(
            self._card, s.SCARD_SHARE_SHARED, s.SCARD_PROTOCOL_T0 | s.SCARD_PROTOCOL_T1, s.SCARD_RESET_CARD))

    def keep(self):
        s = self._scard
        self._protocol = self._check(*s.SCardReconnect(
            self._card, s.SCARD_SHARE_EXCLUSIVE, s.SCARD_PROTOCOL_T0 | s.SCARD_PROTOCOL_T1, s.SCARD_LEAVE_CARD))

    def hold(self):
        self._check(self._scard.SCardBeginTransaction(self._card))

    def let_go(self):
        self._check(self._scard.SCardEndTransaction(self._card, self._scard.SCARD_LEAVE_CARD))


def serve():
    server = None
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            server = server or Server()
            answer = {"result": getattr(server, name)(*arguments)}
        except CardLinkError as error:
            answer = {"error": str(error), "code": error.code}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
