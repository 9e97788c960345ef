"""fail2ban with the filter and the jail of config/fail2ban, as commands: no server is started."""

import os
import pathlib
import re
import shutil
import subprocess

EXAMPLES = pathlib.Path(__file__).parents[3] / "config" / "fail2ban"
FILTER = EXAMPLES / "filter.d" / "countersign.conf"
JAIL = EXAMPLES / "jail.d" / "countersign.conf"


def matches(path, timezone="UTC"):
    """What the filter finds in a file, in order: (address, seconds since the epoch)."""
    done = subprocess.run(["fail2ban-regex", "-o", "<ip> <time>", path, FILTER], capture_output=True, text=True,
                          env=os.environ | {"TZ": timezone, "LC_ALL": "C"}, timeout=60)
    assert done.returncode == 0 or not done.stdout, done.stderr
    return [(address, float(time)) for address, time in (line.split() for line in done.stdout.splitlines())]


def configuration(root, logpath):
    """A copy of Debian's configuration below `root` with ours in it, and its jail's path."""
    shutil.copytree("/etc/fail2ban", root, ignore=shutil.ignore_patterns("jail.d", "*.local"))
    shutil.copytree(EXAMPLES, root, dirs_exist_ok=True)
    jail = root / "jail.d" / JAIL.name
    jail.write_text(re.sub(r"(?m)^logpath = .*", f"logpath = {logpath}", JAIL.read_text()))
    return jail


def client(root, *arguments):
    """fail2ban-client on a configuration: -t tests it, -d prints what a server would be told."""
    return subprocess.run(["fail2ban-client", "-c", root, *arguments], capture_output=True, text=True, timeout=60)
