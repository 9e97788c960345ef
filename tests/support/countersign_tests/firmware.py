"""A board under qemu-system-arm, in a directory of its own, its flash in a file.

The device reaches what listens on this host's loopback at `HOST_ADDRESS`, through QEMU's user network; nothing leaves the machine.

COUNTERSIGN_FIRMWARE_DIR   where the presets build (default: beside COUNTERSIGN_BUILD_DIR): firmware-an386/NAME.elf and so on
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile

from .broker import BrokerError, wait_until

HOST_ADDRESS = "10.0.2.2"
FLASH_BYTES = 16 << 20
PAGE_BYTES = 4096
START_SECONDS = 15.0
STOP_SECONDS = 15.0
ERASED_PAGES = 256


class FirmwareError(Exception):
    pass


def image_path(name, preset="firmware-an386"):
    """The ELF file of an image, or None where it is not built."""
    build = pathlib.Path(os.environ.get("COUNTERSIGN_BUILD_DIR", "build/dev"))
    path = pathlib.Path(os.environ.get("COUNTERSIGN_FIRMWARE_DIR", build.parent)) / preset / f"{name}.elf"
    return path if path.exists() else None


def erased_flash(path):
    """A flash whose first pages are erased. What lies behind them is a hole in the file."""
    with open(path, "wb") as out:
        out.write(b"\xff" * (ERASED_PAGES * PAGE_BYTES))
        out.truncate(FLASH_BYTES)


class Qmp:
    """QEMU's control socket."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(START_SECONDS)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rw")
        self._lines.readline()
        self.command("qmp_capabilities")

    def command(self, name, /, **arguments):
        self._lines.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self._lines.flush()
        while True:
            answer = json.loads(self._lines.readline())
            if "error" in answer:
                raise FirmwareError(answer["error"]["desc"])
            if "return" in answer:
                return answer["return"]

    def close(self):
        self._lines.close()
        self._socket.close()


class Program:
    """What runs as a device in a process of its own: its flash is a file, its log another, both in `directory`."""

    def __init__(self, *, flash=None, directory=None):
        self._temporary = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="cs-mcu-"))
        self.flash = pathlib.Path(flash or self.directory / "flash.bin")
        self.process = None
        self.log_path = self.directory / "uart.log"
        self.printed_path = self.directory / "printed.txt"
        if not self.flash.exists():
            erased_flash(self.flash)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.remove()

    # life

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """Power off, and its exit code. The flash keeps what was written."""
        return self._end(signal.SIGTERM)

    def kill(self):
        """SIGKILL: the power is cut wherever the program is."""
        return self._end(signal.SIGKILL)

    def restart(self):
        self.kill()
        return self.start()

    def _end(self, number):
        if self.running():
            self.process.send_signal(number)
        return self.wait_exit()

    def wait_exit(self, timeout=STOP_SECONDS):
        """The exit code of a device that resets itself or is told to stop."""
        if self.process is None:
            return None
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_SECONDS)
            raise FirmwareError(f"the device did not stop\n{self.output()}") from None

    def remove(self):
        """Ends it whatever its state, and removes a directory that was made here."""
        if self.running():
            self.kill()
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    # what it wrote

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def output(self):
        """What was printed beside the log, and the log, for messages to people."""
        return self.printed() + self.log()

    def printed(self):
        return self.printed_path.read_text(errors="replace") if self.printed_path.exists() else ""

    def lines(self, event):
        """The complete log lines of one event, each a dictionary of its `key=value`."""
        whole = self.log().rpartition("\n")[0].splitlines()
        return [
            {"event": event} | dict(re.findall(r"([\w-]+)=(\S*)", line)) for line in whole if line.split(" ")[0] == event]

    def wait_for(self, event, timeout=START_SECONDS, after=0, **fields):
        """The first line of `event`, from its index `after`, that has these fields."""
        def matches(line):
            return all(line.get(key) == str(value) for key, value in fields.items())

        def find():
            running = self.running()
            line = next(filter(matches, self.lines(event)[after:]), None)
            if line is None and not running:
                raise FirmwareError(f"the device stopped before {event} {fields}\n{self.output()}")
            return line
        try:
            return wait_until(find, timeout, lambda: f"not logged: {event} {fields}\n{self.output()}")
        except BrokerError as error:
            raise FirmwareError(str(error)) from None


class Firmware(Program):
    """A board that QEMU emulates."""

    def __init__(self, image, board="an386", *, flash=None, directory=None, mac=None, forward=None, icount=None, extra=()):
        """`image` is an ELF file, or a list of QEMU's arguments that load one. `flash` is a 16 MiB file, made erased if
        absent. `forward` maps loopback ports of this host to the device's own."""
        super().__init__(flash=flash, directory=directory)
        self.board = board
        self.image = ["-kernel", str(image)] if isinstance(image, (str, os.PathLike)) else list(image)
        self.mac, self.forward, self.icount, self.extra = mac, forward or {}, icount, list(extra)
        self.gdb_path = self.directory / "gdb.sock"
        self._qmp_path = self.directory / "qmp.sock"
        self._qmp = None

    def start(self, gdb=False):
        """Power on. The log goes on behind the one of before. With `gdb` the board waits, its gdbstub on `gdb_path`."""
        for stale in (self.gdb_path, self._qmp_path):
            stale.unlink(missing_ok=True)
        with open(self.printed_path, "ab") as output:
            self.process = subprocess.Popen(
                self._command(gdb), stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=self.directory)
        return self

    def _command(self, gdb):
        forwards = "".join(f",hostfwd=tcp:127.0.0.1:{host}-:{guest}" for host, guest in self.forward.items())
        nic = "nic,model=lan9118,netdev=n0" + (f",macaddr={self.mac}" if self.mac else "")
        command = [
            "qemu-system-arm", "-M", f"mps2-{self.board}", "-display", "none", "-monitor", "none", "-no-reboot",
            "-chardev", f"file,id=uart,path={self.log_path},append=on", "-serial", "chardev:uart",
            "-qmp", f"unix:{self._qmp_path},server=on,wait=off",
            "-netdev", f"user,id=n0{forwards}", "-net", nic,
            "-object", f"memory-backend-file,id=flash,size={FLASH_BYTES},mem-path={self.flash},share=on",
            "-machine", "memory-backend=flash",
        ]
        if self.icount is not None:
            command += ["-icount", str(self.icount)]
        if gdb:
            command += ["-S", "-chardev", f"socket,id=gdb,path={self.gdb_path},server=on,wait=off", "-gdb", "chardev:gdb"]
        return command + self.image + self.extra

    def _end(self, number):
        self._close_qmp()
        return super()._end(number)

    def remove(self):
        self._close_qmp()
        super().remove()

    # the cable

    def qmp(self):
        if self._qmp is None:
            wait_until(self._qmp_path.exists, START_SECONDS, lambda: f"no control socket\n{self.output()}")
            self._qmp = Qmp(self._qmp_path)
        return self._qmp

    def set_link(self, up):
        self.qmp().command("set_link", name="n0", up=up)

    def _close_qmp(self):
        if self._qmp is not None:
            self._qmp.close()
            self._qmp = None
