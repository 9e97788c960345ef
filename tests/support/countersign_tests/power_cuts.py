"""Cuts the power of a board under load, and lets it come to rest again."""

import subprocess

from .broker import START_SECONDS, wait_until
from .motes import programs

GDB_SECONDS = 60
LONGEST = 1.0  # seconds after a start within which a random cut falls
OPERATION = "countersign::mcu::PsramFlash::program"


class Cuts:
    """`mote` takes some readings after each start, until the power goes. It ends switched off."""

    def __init__(self, mote, reader, random):
        self.mote, self.reader, self.random = mote, reader, random
        self.plant = mote.plant
        self.count = 0
        self.reached = 0  # cuts that fell before the operation that was chosen

    def at_random(self):
        """SIGKILL, wherever the program is."""
        self.mote.start()
        try:
            self.mote.process.wait(self.random.uniform(0, LONGEST))
        except subprocess.TimeoutExpired:
            pass
        else:
            raise AssertionError(f"it ended by itself\n{self.mote.output()}")
        self._cut()

    def at_operation(self, number):
        """Before the `number`th time since the start that the flash is programmed, in one of the worlds if there are two;
        once it has no more to do if that is sooner."""
        idle = len(self.mote.lines("done")) + 1
        self.mote.start(gdb=True)
        wait_until(self.mote.gdb_path.exists, START_SECONDS, "no gdbstub")
        commands = ["set confirm off", "set height 0", f"target remote {self.mote.gdb_path}", f"hbreak {OPERATION}",
                    f"ignore 1 {number - 1}", "continue"]
        # gdb would let the board go on when it ends
        words = ["gdb-multiarch", "-nx", "-batch", str(self.random.choice(programs(self.mote.board)))] + [
            word for one in [*commands, f"shell kill -9 {self.mote.process.pid}"] for word in ("-ex", one)]
        with open(self.mote.directory / "gdb.txt", "w") as output:
            gdb = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            wait_until(lambda: gdb.poll() is not None or len(self.mote.lines("done")) == idle, GDB_SECONDS,
                       lambda: f"neither cut nor done\n{self.mote.output()}")
        finally:
            self._cut()
            gdb.wait(GDB_SECONDS)
        said = (self.mote.directory / "gdb.txt").read_text()
        self.reached += "\nBreakpoint 1, " in said
        assert "Hardware assisted breakpoint 1 at" in said, said

    def _cut(self):
        self.mote.kill()
        self.count += 1
        self.reader.collect()

    def finish(self):
        """Starts it once more and lets it send all it has. Every reading that was delivered."""
        boots = len(self.mote.lines("done")) + 1
        self.mote.start().wait_done(boots)
        self.mote.assert_sound()
        self.mote.kill()
        return self.reader.readings(self.mote.topic)
