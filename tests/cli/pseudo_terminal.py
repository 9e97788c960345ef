"""A terminal that a test plays the person at."""

import fcntl
import os
import pty
import select
import struct
import termios
import time

SECONDS = 20


class Terminal:
    """A command at a pseudo-terminal of its own."""

    def __init__(self, arguments, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(os.environ["COUNTERSIGN_CLI"], ["countersign", *arguments], os.environ | environment)
        self.text = ""

    def resize(self, columns, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_until(self, wanted, after=0):
        """Reads until `wanted` stands in what came behind the first `after` characters; how much came by then."""
        deadline = time.monotonic() + SECONDS
        while wanted not in self.text[after:]:
            ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
            came = ready and self.read()
            assert came, f"{wanted!r} did not come: {self.text!r}"
            self.text += came
        return len(self.text)

    def read(self):
        """What has come, or nothing when nobody writes there any more."""
        try:
            return os.read(self.fd, 4096).decode()
        except OSError:
            return ""

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        """Reads the rest; the exit code."""
        while came := self.read():
            self.text += came
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
