"""fail2ban with the filter and the jail of config/fail2ban, as commands: no server is started."""

import collections
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess

from . import config

EXAMPLES = pathlib.Path(__file__).parents[3] / "config" / "fail2ban"
FILTER = EXAMPLES / "filter.d" / "countersign.conf"
JAIL = EXAMPLES / "jail.d" / "countersign.conf"


def matches(path, timezone="UTC"):
    """What the filter finds in a file, in order: (address, seconds since the epoch)."""
    done = subprocess.run(["fail2ban-regex", "-o", "<ip> <time>", path, FILTER], capture_output=True, text=True,
                          env=os.environ | {"TZ": timezone, "LC_ALL": "C"}, timeout=60)
    assert done.returncode == 0 or not done.stdout, done.stderr
    return [(address, float(time)) for address, time in (line.split() for line in done.stdout.splitlines())]


class Watch:
    """What the filter makes of the lines that something leaves in a plant's audit. The plant has `RULE`."""

    RULE = config.rule("watched/#", mode="observe", publish="anyone", subscribe="anyone")

    def __init__(self, plant, directory):
        self.plant, self.path, self._numbers = plant, directory / "lines.jsonl", itertools.count(1)

    def written(self):
        """How many lines the audit has, once all that happened is written: an observed message of its own comes last."""
        topic = f"watched/marker/{id(self)}/{next(self._numbers)}"
        with self.plant.broker.client("marker") as marker:
            marker.publish(topic, b"plain", qos=1)
            self.plant.broker.wait_for_audit(topic=topic)
        return self.plant.mark()

    def tell(self, act):
        """How many refusals `act` leaves, observed ones included, and how often fail2ban would count each address."""
        begin = self.written()
        act()
        end = self.written()
        written = self.plant.broker.audit_path.read_text().splitlines(keepends=True)[begin:end]
        # the marker need not be the last: a tick may end somebody's session behind it
        lines = [line for line in written if '"topic":"watched/marker/' not in line]
        self.path.write_text("".join(lines))
        refusals = sum(json.loads(line).get("verdict") in ("refuse", "observe") for line in lines)
        return refusals, dict(collections.Counter(address for address, _ in matches(self.path)))


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
