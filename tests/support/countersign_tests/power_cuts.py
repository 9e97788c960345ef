"""Cuts the power of a board under load, and lets it come to rest again."""

import subprocess

from .broker import START_SECONDS, wait_until

GDB_SECONDS = 60
LONGEST = 1.0  # seconds after a start within which a random cut falls
OPERATION = "countersign::mcu::PsramFlash::program"


class Cuts:
    """`mote` takes some readings after each start, until the power goes. It ends switched off."""

    def __init__(self, mote, reader, random):
        self.mote, self.reader, self.random = mote, reader, random
        self.plant = mote.plant
        self.count = 0

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
        """Before the `number`th time since the start that it programs flash."""
        self.mote.start(gdb=True)
        wait_until(self.mote.gdb_path.exists, START_SECONDS, "no gdbstub")
        commands = ["set confirm off", "set height 0", f"target remote {self.mote.gdb_path}", f"hbreak {OPERATION}",
                    f"ignore 1 {number - 1}", "continue"]
        words = ["gdb-multiarch", "-nx", "-batch"] + [word for one in commands for word in ("-ex", one)]
        # it ends at the breakpoint, and the board would go on: it is stopped first
        done = subprocess.run(words + ["-ex", f"shell kill -9 {self.mote.process.pid}", self.mote.image[1]],
                              capture_output=True, text=True, timeout=GDB_SECONDS)
        assert "Breakpoint 1, " in done.stdout, done.stdout + done.stderr
        self._cut()

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
