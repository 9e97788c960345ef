"""Every `countersign` command that the demo runs. The one place that knows how they are spelled."""

import os
import pathlib
import subprocess

COMMAND_SECONDS = 40


class CommandFailed(Exception):
    pass


class CommandLine:
    """The real command. `port` and `environment` are filled in when broker and cards are there."""

    def __init__(self, binary, directory):
        self.binary = str(binary)
        self.folder = pathlib.Path(binary).resolve().parent
        self.directory = directory
        self.admin_key = directory / "admin.key"
        self.environment = {"COUNTERSIGN_HOST": "127.0.0.1"}

    def run(self, *arguments, secrets=(), check=True):
        """Runs it to its end. `secrets` are lines on descriptor 0, for --pin-fd 0."""
        done = subprocess.run(
            [self.binary, *map(str, arguments)], input="".join(f"{line}\n" for line in secrets), text=True,
            capture_output=True, timeout=COMMAND_SECONDS, env=self.full_environment(), cwd=self.directory,
            start_new_session=True)
        if check and done.returncode != 0:
            raise CommandFailed(f"countersign {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stderr}")
        return done

    def full_environment(self):
        return os.environ | self.environment

    # offline

    def set_up(self, toml, owner):
        self.run("setup", "--config", toml, "--owner", owner, "--admin-key", self.admin_key)

    def personalise(self, mote, transport_key):
        """A new k goes to the card, and to a file for `register`."""
        transport = self.directory / f"{mote.identity}.transport"
        transport.touch(mode=0o600)
        transport.write_text(transport_key + "\n")
        self.run("card", "personalise", mote.identity, mote.uid, "--transport-key", transport,
                 "--issuer-key", self.directory / "issuer.key", "--key-out", self.key_of(mote), "--pin-fd", "0",
                 secrets=(mote.pin, mote.puk))

    def key_of(self, mote):
        return self.directory / f"{mote.identity}.key"

    # administration

    def administer(self, *arguments, check=True):
        return self.run(*arguments, "--key-file", self.admin_key, check=check)

    def register(self, mote):
        self.administer("device", "register", self.key_of(mote), "--card-uid", mote.uid)
        self.key_of(mote).unlink()

    def block(self, mote):
        self.administer("device", "block", mote.identity)

    # with a card

    def card_of(self, mote):
        return ["--card", mote.uid]

    def start_login(self, mote):
        """`countersign login`, which may wait long for a broker that does not answer."""
        process = subprocess.Popen(
            [self.binary, "login", *self.card_of(mote), "--pin-fd", "0"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.full_environment(),
            cwd=self.directory, start_new_session=True)
        process.stdin.write(f"{mote.pin}\n")
        process.stdin.flush()
        return process

    def publish(self, mote, topic, text):
        """One message, which may be refused; the completed process."""
        return self.run("publish", *self.card_of(mote), "--pin-fd", "0", "-t", topic, "-m", text, "--json",
                        secrets=(mote.pin,), check=False)

    def start_publisher(self, mote, port, pin_fd, output):
        """`countersign publish -l`: lines of its stdin, as they come."""
        return subprocess.Popen(
            [self.binary, "publish", *self.card_of(mote), "--pin-fd", str(pin_fd), "-p", str(port), "-t", mote.topic,
             "-l"],
            stdin=subprocess.PIPE, stdout=output, stderr=output, text=True, env=self.full_environment(),
            cwd=self.directory, pass_fds=(pin_fd,), start_new_session=True)

    def start_subscriber(self, topic, output):
        with open(output, "wb") as file:
            return subprocess.Popen(
                [self.binary, "subscribe", "--key-file", str(self.admin_key), "-t", topic, "-v"],
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, env=self.full_environment(),
                cwd=self.directory, start_new_session=True)
