"""The flash of a device, made and looked at by countersign-flash.

COUNTERSIGN_FLASH_TOOL   the program (default: in COUNTERSIGN_BUILD_DIR)
"""

import json
import os
import pathlib
import subprocess
import tempfile

from .firmware import HOST_ADDRESS

# QEMU's user network, as it is unless told otherwise
DEVICE_ADDRESS, GATEWAY = "10.0.2.15/24", "10.0.2.2"
DATA_SET = pathlib.Path(__file__).resolve().parents[2] / "data/telosb-single-hop.csv"


def tool():
    build = os.environ.get("COUNTERSIGN_BUILD_DIR", "build/dev")
    return os.environ.get("COUNTERSIGN_FLASH_TOOL") or f"{build}/mcu-client/tools/countersign-flash"


def run_tool(*arguments):
    return subprocess.run([tool(), *map(str, arguments)], capture_output=True, text=True)


def tool_result(*arguments):
    """What it prints as JSON, line by line."""
    done = run_tool(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def key_file(directory, name, key):
    """A file that only we can read, with a key of 64 hex digits."""
    path = pathlib.Path(directory) / name
    path.touch(0o600)
    path.write_text(key + "\n")
    return path


def options_of(options):
    """`interval=10, live=True, command=["ping"]` as the command line has it. What is None or False is left out."""
    words = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            words.append(flag)
        elif value is not None and value is not False:
            for one in value if isinstance(value, (list, tuple)) else [value]:
                words += [flag, str(one)]
    return words


def provision(path, *, identity, key, broker_port, server_id="plant-broker", dhcp=False, mote=1, commanders=None, **options):
    """Makes the flash of a device at `path`, or makes it anew.

    `key` is 64 hex digits, or the path of a key file. The sensor replays `mote` of the real data set; None: it has no data.
    `commanders` maps identities to the 64 hex digits they share with the device. Other options are the tool's own, e.g.
    suite=1, interval=10, readings_count=20, live=True, sealed=True, topic="a/b", command=["ping"], command_port=7000,
    wake="aa55", will_topic="a/w", will_payload="gone".
    """
    options |= {"dhcp": True} if dhcp else {"address": DEVICE_ADDRESS, "gateway": GATEWAY}
    if mote is not None:
        options |= {"data": DATA_SET, "mote": mote}
    with tempfile.TemporaryDirectory(prefix="cs-flash-") as directory:
        alone = isinstance(key, str) and len(key) == 64
        files = [f"{who}:{key_file(directory, f'{who}.hex', secret)}" for who, secret in (commanders or {}).items()]
        return tool_result(
            "provision", "--force", "--out", path, "--identity", identity, "--server-id", server_id,
            "--key-file", key_file(directory, "device.hex", key) if alone else key,
            "--broker", f"{HOST_ADDRESS}:{broker_port}", *options_of(options | {"commander": files}))[0]


def inspect(path):
    return tool_result("inspect", path)[0]


def readings(path):
    """The readings that wait in its ring, oldest first."""
    return tool_result("readings", path)
