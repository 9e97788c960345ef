"""Cuts the power of a board under load, and lets it come to rest again."""

import re
import subprocess

from .broker import START_SECONDS, wait_until
from .firmware import PAGE_BYTES
from .motes import RING_AT, RING_BYTES, programs

GDB_SECONDS = 60
LONGEST = 1.0  # seconds after a start within which a random cut falls
PROGRAM = "countersign::mcu::PsramFlash::program"
ERASE = "countersign::mcu::PsramFlash::erase"
LAST_IN_SECURE = 12  # a start with readings programs the secure world's flash about so often
ERASE_STEPS = 3_000  # instructions, about as many as an erasure takes
VAULT_PAGES = (1, 2)
NEARLY_FULL = 3_400  # bytes in the vault's page; it takes 3,576, and a start adds 132 (docs/mcu.md, section 3)
BLANK, TAKEN = b"\xff" * 4, bytes(4)


class Cuts:
    """`mote` takes some readings after each start, until the power goes. It ends switched off."""

    def __init__(self, mote, reader, random):
        self.mote, self.reader, self.random = mote, reader, random
        self.plant = mote.plant
        self.count = 0
        self.reached = 0  # cuts at the operation that was chosen
        self.erasures = 0  # of these, at an erasure
        self.compactions = 0  # of the vault's page
        self._ring_pages = set()
        self._vault = None  # (page, bytes in it)

    @property
    def ring_pages(self):
        """How many pages of the ring were begun."""
        return len(self._ring_pages)

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
        once it has no more to do if that is sooner. False then."""
        world = self.random.choice(programs(self.mote.board))
        secure = world != programs(self.mote.board)[-1]
        return self._at(world, PROGRAM, 1 + number % LAST_IN_SECURE if secure else number)

    def at_erasure(self):
        """Before the first page that is erased after a start, or while it is. False if none is."""
        vault_is_next = self._vault is not None and self._vault[1] > NEARLY_FULL
        world = programs(self.mote.board)[0 if vault_is_next else -1]
        return self._at(world, ERASE, 1, steps=self.random.choice((0, self.random.randint(1, ERASE_STEPS))))

    def _at(self, world, function, number, steps=0):
        idle = len(self.mote.lines("done")) + 1
        self.mote.start(gdb=True)
        wait_until(self.mote.gdb_path.exists, START_SECONDS, "no gdbstub")
        commands = ["set confirm off", "set height 0", f"target remote {self.mote.gdb_path}", f"hbreak {function}",
                    f"ignore 1 {number - 1}", "continue"] + ([f"stepi {steps}"] if steps else [])
        # gdb would let the board go on when it ends
        words = ["gdb-multiarch", "-nx", "-batch", str(world)] + [
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
        assert "Hardware assisted breakpoint 1 at" in said, said
        reached = re.search(r"\nBreakpoint 1[.,]", said) is not None  # 1.2 where the compiler made two of it
        self.reached += reached
        self.erasures += reached and function == ERASE
        return reached

    def _cut(self):
        self.mote.kill()
        self.count += 1
        self.reader.collect()
        self._look()

    def _look(self):
        """What the flash has gone through."""
        with open(self.mote.flash, "rb") as flash:
            content = flash.read(RING_AT + RING_BYTES)
        vault = [(page, len(content[page * PAGE_BYTES:(page + 1) * PAGE_BYTES].rstrip(b"\xff"))) for page in VAULT_PAGES]
        written = [one for one in vault if one[1]]
        if len(written) == 1:  # else it is being copied
            self.compactions += self._vault is not None and self._vault[0] != written[0][0]
            self._vault = written[0]
        heads = {content[at:at + 4] for at in range(RING_AT, RING_AT + RING_BYTES, PAGE_BYTES)}
        self._ring_pages |= heads - {BLANK, TAKEN}

    def finish(self):
        """Starts it once more and lets it send all it has. Every reading that was delivered."""
        boots = len(self.mote.lines("done")) + 1
        self.mote.start().wait_done(boots)
        self.mote.assert_sound()
        self.mote.kill()
        return self.reader.readings(self.mote.topic)
