"""Real pcscd with virtual cards, in network and mount namespaces of its own.

    with CardHost(cards=4) as host:
        subprocess.run(["countersign", "card", "list"], env=os.environ | host.env)
        host.eject(0)

vpcd listens on every interface and knows no password, so it never runs outside a namespace. Needs root, or
`unshare -r`. A reader's index is the bridge's; pcscd lists readers in an order of its own: find a card by its UID.

COUNTERSIGN_CARD_BRIDGE   the bridge's jar (default: what Maven built in smartcard-applet/target)
"""

import glob
import os
import pathlib
import queue
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from . import card_link

MAX_CARDS = 16
FIRST_PORT = 36000
READY_SECONDS = 60.0
ANSWER_SECONDS = 20.0
STOP_SECONDS = 10.0
LONGEST_SOCKET_PATH = 107

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
DRIVERS = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
JAR = REPOSITORY / "smartcard-applet" / "target" / "countersign-card-bridge.jar"
JAVA_OPTIONS = ["-XX:+UseSerialGC", "-Xmx96m", "-Xshare:auto", "--add-modules", "jdk.net"]


class CardHostError(Exception):
    pass


class CardHost:
    """One pcscd with `cards` readers, a card with an unpersonalised applet in each.

    env              what a PC/SC client's environment must hold before its first call
    transport_keys   hex, one per card
    uids             hex, the UID of the card now in each reader
    """

    def __init__(self, cards=1):
        if not 1 <= cards <= MAX_CARDS:
            raise ValueError(f"one pcscd serves 1 to {MAX_CARDS} readers")
        self.cards = cards
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cs-cards-"))
        self.transport_keys = [secrets.token_hex(32) for _ in range(cards)]
        self.uids = [None] * cards
        self.socket = self.directory / "sock" / "pcscd.comm"
        self.env = {"PCSCLITE_CSOCK_NAME": str(self.socket)}
        self._process = None
        self._reader = None
        self._daemon = None
        self._lines = queue.Queue()
        self._inside = set(range(cards))
        self._moved = threading.Condition()

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    # life

    def start(self):
        """Returns when pcscd has powered every card. Raises `CardHostError` with the logs."""
        if len(str(self.socket)) > LONGEST_SOCKET_PATH:
            raise CardHostError(f"TMPDIR is too long for a socket: {self.socket}")
        if not bridge_jar().exists():
            raise CardHostError(f"no bridge at {bridge_jar()}: mvn -B -f smartcard-applet/pom.xml package")
        self._lay_out()
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        namespaces = ["unshare", *as_root, "--mount", "--net", str(HERE / "card_namespace.sh"), str(self.directory)]
        self._process = subprocess.Popen(
            [*namespaces, *self._bridge_command()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            bufsize=1, start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read_lines, daemon=True)
        self._reader.start()
        self._await_ready(set(range(self.cards)), READY_SECONDS)
        return self

    def stop(self):
        """Ends the bridge, and with it pcscd, by their process ids; removes the directory."""
        if self._process is not None:
            self._end_process()
            self._process = None
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None
        shutil.rmtree(self.directory, ignore_errors=True)

    def _lay_out(self):
        for name in ("sock", "run", "conf", "lib", "keys"):
            (self.directory / name).mkdir()
        (self.directory / "keys").chmod(0o700)
        for pair in range((self.cards + 1) // 2):
            self._add_reader_pair(pair)
        for index, key in enumerate(self.transport_keys):
            (self.directory / "keys" / str(index)).write_text(key)

    def _add_reader_pair(self, pair):
        """The driver keeps its two slots in static memory: each pair of readers needs a copy of its own."""
        drivers = sorted(glob.glob(DRIVERS + "*"))
        if not drivers:
            raise CardHostError(f"no {DRIVERS}: install vsmartcard-vpcd")
        shutil.copyfile(os.path.realpath(drivers[0]), self._library(pair))
        self._configure(pair)

    def _library(self, pair):
        return self.directory / "lib" / f"libifdvpcd{pair}.so"

    def _configure(self, pair):
        port = FIRST_PORT + 2 * pair
        (self.directory / "conf" / f"pair{pair}").write_text(
            f'FRIENDLYNAME "Countersign Test {pair}"\nDEVICENAME /dev/null:{port:#x}\n'
            f"LIBPATH {self._library(pair)}\nCHANNELID {port:#x}\n"
        )

    def _bridge_command(self):
        command = ["java", *JAVA_OPTIONS, "-jar", str(bridge_jar()), "--connect-ms", "30000",
                   "--reconnect-ms", "30000"]
        for index in range(self.cards):
            command += ["--card", f"port={FIRST_PORT + index},transport=@{self.directory}/keys/{index}"]
        return command

    def _end_process(self):
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for name in ("bridge.pid", "daemon.pid"):
                self._kill(name)
            self._process.kill()
            self._process.wait()
        if self._reader is not None:
            self._reader.join(STOP_SECONDS)
        self._process.stdout.close()

    def _kill(self, name):
        try:
            os.kill(int((self.directory / name).read_text()), signal.SIGKILL)
        except (OSError, ValueError):
            pass

    # the service itself

    def kill_service(self, how=signal.SIGKILL):
        """Ends pcscd as a crash would, its socket left behind; the cards stay in their readers."""
        os.kill(self.service_pid(), how)
        if self._daemon is not None:
            self._daemon.wait()

    def start_service(self, readers=None):
        """Starts pcscd again after `kill_service`, with its first `readers` readers (an even number); waits for their cards."""
        for name in ("pcscd.pid", "pcscd.comm"):
            (self.directory / "sock" / name).unlink(missing_ok=True)
        served = self.cards if readers is None else readers
        for pair in range((self.cards + 1) // 2):
            (self.directory / "conf" / f"pair{pair}").unlink(missing_ok=True)
            if 2 * pair < served:
                self._configure(pair)
        bridge = (self.directory / "bridge.pid").read_text().strip()
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        with open(self.directory / "pcscd.log", "ab") as log:
            self._daemon = subprocess.Popen(
                ["nsenter", "--target", bridge, *user, "--mount", "--net", "pcscd", "--foreground", "--error",
                 "--config", str(self.directory / "conf")], stdout=log, stderr=log, start_new_session=True)
        (self.directory / "daemon.pid").write_text(str(self._daemon.pid))
        self._await_ready({index for index in self._inside if index < served}, READY_SECONDS, count=served)

    def swap_without_service(self, first, second):
        """Exchanges two cards while pcscd is away."""
        self._command(f"swap {first} {second}")

    def service_pid(self):
        return int((self.directory / "daemon.pid").read_text())

    # commands to the bridge

    def eject(self, index, wait=True):
        """Pulls the card. With `wait`, returns when pcscd has seen it go (up to 0.4 s later)."""
        self._command(f"eject {index}")
        self._note_removal(index)
        if wait:
            self._await_settled()

    def insert(self, index):
        """Puts a pulled card back, its memory kept; returns when pcscd has powered it.

        Waits first for a trap that is about to pull it.
        """
        self._await_out(index)
        self._await_settled()
        self._command(f"insert {index}")
        self._await_ready({index}, ANSWER_SECONDS)

    def swap(self, first, second):
        """Exchanges the cards of two readers; returns when pcscd has powered both."""
        self.eject(first, wait=False)
        self.eject(second)
        self._command(f"swap {first} {second}")
        self._await_ready({first, second}, ANSWER_SECONDS)

    def eject_on_next_apdu(self, index, ins=None, before=False):
        """Arms a trap: the card is pulled at its next APDU, or at the next with this INS.

        The card runs the command and only the answer is lost; with `before` it never sees it.
        """
        verb = "pull-before" if before else "pull-during"
        self._command(f"{verb} {index}" + ("" if ins is None else f" {ins:02x}"))

    def await_pulled(self, index):
        """Returns when a trap has sprung in that reader and pcscd has seen the card go."""
        self._await_out(index)
        self._await_settled()

    def reset(self, index):
        """A warm reset by another application, through pcscd."""
        with card_link.CardLink(self.env) as link:
            link.connect(self.uids[index])
            link.reset()

    def link(self, index):
        """A PC/SC connection to that card from a process of its own, selected. A context manager."""
        link = card_link.CardLink(self.env)
        try:
            link.connect(self.uids[index])
        except BaseException:
            link.close()
            raise
        return link

    def logs(self):
        texts = []
        for name in ("pcscd.log", "bridge.log"):
            path = self.directory / name
            texts.append(f"--- {name}\n" + (path.read_text(errors="replace") if path.exists() else ""))
        return "\n".join(texts)

    # what the bridge says

    def _read_lines(self):
        for line in self._process.stdout:
            words = line.split()
            if words[0] == "pulled":
                self._note_removal(int(words[1]))
                continue
            if words[0] == "ready":
                self._note_insertion(int(words[1]), words[2])
            self._lines.put(words)
        self._lines.put(["ended"])

    def _note_insertion(self, index, uid):
        with self._moved:
            self.uids[index] = uid
            self._inside.add(index)

    def _note_removal(self, index):
        with self._moved:
            self._inside.discard(index)
            self._moved.notify_all()

    def _await_out(self, index):
        with self._moved:
            if not self._moved.wait_for(lambda: index not in self._inside, ANSWER_SECONDS):
                raise CardHostError(f"card {index} is in its reader")

    def _command(self, text):
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()
        words = self._await_line(lambda words: words[0] in ("ok", "error"), ANSWER_SECONDS)
        if words[0] == "error":
            raise CardHostError(" ".join(words))

    def _await_ready(self, missing, seconds, count=MAX_CARDS):
        while missing:
            words = self._await_line(lambda words: words[0] == "ready" and int(words[1]) in missing, seconds)
            missing = missing - {int(words[1])}
        self._await_settled(count)

    def _await_line(self, wanted, seconds):
        """The first line that is `wanted`; others stay for whoever waits for them."""
        deadline = time.monotonic() + seconds
        passed = []
        try:
            while True:
                words = self._next_line(deadline)
                if wanted(words):
                    return words
                passed.append(words)
        finally:
            for words in passed:
                self._lines.put(words)

    def _next_line(self, deadline):
        try:
            words = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise CardHostError(f"the card host does not answer\n{self.logs()}") from None
        if words[0] in ("ended", "gone"):
            raise CardHostError(f"the card host {' '.join(words)}\n{self.logs()}")
        return words

    def _await_settled(self, readers=MAX_CARDS):
        """Returns when pcscd's clients see as many cards as there are in the first `readers` readers.

        pcscd looks every 0.4 s: a card put back before that would never have been away for it.
        """
        with card_link.CardLink(self.env) as link:
            link.await_present(len([index for index in self._inside if index < readers]), ANSWER_SECONDS)


def bridge_jar():
    return pathlib.Path(os.environ.get("COUNTERSIGN_CARD_BRIDGE", JAR))
