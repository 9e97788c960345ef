#!/usr/bin/python3
"""How much flash, RAM and stack the firmware takes, in each configuration, and where it goes.

usage: mcu_size.py [--json] [--no-run] [--record RELEASE]

Builds each configuration in build/size. Code counts for the file that it was written in, also where the compiler put it
into another function. Stack is the most that was in use in runs under QEMU before the enforcing broker of build/release: the
first start of a device, its login by each method that it has, its will, readings until T has them, and proofs demanded
meanwhile. Then what signing costs in instructions, and how long
it takes from power on to the first reading. --no-run leaves out all that runs. Differences are to what was recorded last in mcu-client/size.csv; --record adds this one to it.
Exit code 1: a budget is missed.
"""
import argparse
import bisect
import contextlib
import csv
import dataclasses
import datetime
import itertools
import json
import pathlib
import os
import re
import statistics
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASES = ROOT / "mcu-client" / "size.csv"
FIELDS = ["flash", "ram", "stack"]
# name, preset, image, options, where its stack is, budget of FIELDS
CONFIGURATIONS = [
    ("suite 2, static address", "firmware-an386", "firmware", {}, "an386", {"flash": 40960, "ram": 14336, "stack": 2048}),
    ("suite 2, A+ alone", "firmware-an386", "firmware", {"COUNTERSIGN_MFAR": "OFF"}, "an386", {}),
    ("suite 2, DHCP", "firmware-an386", "firmware", {"COUNTERSIGN_DHCP": "ON"}, "an386", {}),
    ("suite 1, static address", "firmware-an386", "firmware", {"COUNTERSIGN_SUITE1": "ON"}, "an386", {}),
    ("an505, one world", "firmware-an505", "firmware", {}, "an505", {}),
    ("an505, secure world", "firmware-an505-trustzone", "secure", {}, "secure", {"flash": 16384}),
    ("an505, secure, A+ alone", "firmware-an505-trustzone", "secure", {"COUNTERSIGN_MFAR": "OFF"}, "secure", {"flash": 16384}),
    ("an505, non-secure world", "firmware-an505-trustzone", "firmware", {}, None, {}),
]
NON_SECURE, SEAL = "0x10200000", 8
MEASURE = "measure"
READINGS, BOOTS = 100, 9
RUN_SECONDS = 60
DEMANDING = {"limits": {"enforce_after_messages": 30}}
# what main_measure.cpp and a boot say: the most there may be
COSTS = {
    "HMAC over 64 bytes, instructions": 9000,
    "envelope of 64 bytes, instructions": None,
    "signed QoS 0 publish, instructions": 18000,
    "power on to first accepted publish, ms": 50,
}
# the first pattern that a file's path has decides
ORIGINS = [
    ("MQTT codec and session", r"mcu-client/core/(mqtt_|packet_framer)"),
    ("core", r"mcu-client/core/|protocol/countersign/"),
    ("flash", r"mcu-client/flash/"),
    ("vault", r"mcu-client/vault/"),
    ("application", r"mcu-client/app/"),
    ("gate", r"mcu-client/secure/"),
    ("port", r"mcu-client/port/"),
    ("lwIP", r"third_party/lwip/"),
    ("mbedTLS", r"third_party/mbedtls/"),
]
LIBRARY = "C library, compiler"
REST = "literals, padding"
# MQTT clients of others, object code for Cortex-M4 by the same compiler at -Os, without TLS: docs/mcu.md
ANCHORS = {
    "lwIP apps/mqtt 2.2.1": 4123,
    "Paho embedded-c, MQTTClient-C": 4380,
    "coreMQTT 2.3.1": 6898,
    "wolfMQTT, 3.1.1": 7560,
    "coreMQTT 5.0.2, MQTT 5": 19414,
}


@dataclasses.dataclass
class Row:
    name: str
    flash: int
    ram: int
    stack: int | None
    parts: dict
    budget: dict

    def over(self):
        return [field for field, most in self.budget.items() if (getattr(self, field) or 0) > most]


def run(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{done.stdout[-3000:]}{done.stderr[-3000:]}\ncountersign: {' '.join(map(str, command))} failed")
    return done.stdout


def build(name, preset, image, options):
    directory = ROOT / "build" / "size" / re.sub(r"\W+", "-", name)
    switches = [f"-D{key}={value}" for key, value in options.items()]
    run("cmake", "--preset", preset, "-B", directory, *switches)
    run("cmake", "--build", directory, "--target", image)
    return directory / f"{image}.elf"


def symbols(elf):
    """(address, size, type) of each symbol that has a size."""
    for line in run("arm-none-eabi-nm", "-S", elf).splitlines():
        if found := re.match(r"([0-9a-f]+) ([0-9a-f]+) (\w) ", line):
            yield int(found[1], 16), int(found[2], 16), found[3]


def variables(elf):
    """The source file of each variable, by address: link-time optimisation keeps where a variable was described first."""
    units, described, entry, offset = [], {}, "", 0
    for line in run("arm-none-eabi-readelf", "--debug-dump=info", elf).splitlines():
        if found := re.match(r" <(\d+)><([0-9a-f]+)>: .*\((\w+)\)", line):
            offset, entry = int(found[2], 16), found[3]
        elif entry == "DW_TAG_compile_unit" and "DW_AT_name " in line:
            units.append((offset, line.rpartition(": ")[2].strip()))
        elif entry == "DW_TAG_variable" and (found := re.search(r"DW_AT_abstract_origin: <0x([0-9a-f]+)>", line)):
            offset = int(found[1], 16)
        elif entry == "DW_TAG_variable" and (found := re.search(r"DW_AT_location .*DW_OP_addr: ([0-9a-f]+)\)", line)):
            described[int(found[1], 16)] = offset
    starts = [start for start, _ in units]
    return {at: units[bisect.bisect_right(starts, offset) - 1][1] for at, offset in described.items()}


def origin_of(path):
    return next((origin for origin, pattern in ORIGINS if re.search(pattern, path)), None)


def code_origins(elf, ranges):
    """The origin of every halfword of code. What a function of ours uses of the standard library's headers counts as ours."""
    ranges = list(ranges)
    addresses = [at for start, size in ranges for at in range(start, start + size, 2)]
    with tempfile.TemporaryFile("w+") as wanted:
        wanted.write("".join(f"{at:#x}\n" for at in addresses))
        wanted.seek(0)
        files = iter(subprocess.run(
            ["arm-none-eabi-addr2line", "-e", elf], stdin=wanted, capture_output=True, text=True, check=True).stdout.splitlines())
    for _, size in ranges:
        found = [origin_of(path) for path in itertools.islice(files, (size + 1) // 2)]
        last = next(filter(None, found), LIBRARY)
        for origin in found:
            last = origin or last
            yield last


def breakdown(elf, flash, ram):
    """Bytes of flash and of RAM for each origin."""
    parts = {origin: [0, 0] for origin, _ in ORIGINS} | {LIBRARY: [0, 0]}
    # a handler may have several names
    code, files = {}, variables(elf)
    for address, size, kind in symbols(elf):
        # constants lie among the code
        if kind in "tTwW" and address not in files:
            code[address & ~1] = size
            continue
        origin = origin_of(files.get(address, "")) or LIBRARY
        parts[origin][0] += size if kind not in "bB" else 0
        parts[origin][1] += size if kind in "bBdD" else 0
    for origin in code_origins(elf, code.items()):
        parts[origin][0] += 2
    parts[REST] = [total - sum(part[i] for part in parts.values()) for i, total in enumerate((flash, ram))]
    return parts


def totals(elf):
    """Flash and static RAM, as the linker script counts them."""
    values = {}
    for line in run("arm-none-eabi-nm", elf).splitlines():
        value, _, name = line.split()[-3:] if len(line.split()) == 3 else ("0", "", "")
        values[name] = int(value, 16)
    return values["flash_bytes"], values["static_ram_bytes"]


def use_release():
    """The parts that a device meets, and the tool that makes its flash, unless others are named."""
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    release = ROOT / "build" / "release"
    os.environ.setdefault("COUNTERSIGN_PLUGIN", str(release / "broker-plugin" / "mosquitto_countersign.so"))
    os.environ.setdefault("COUNTERSIGN_CLI", str(release / "client" / "cli" / "countersign"))
    os.environ.setdefault("COUNTERSIGN_FLASH_TOOL", str(release / "mcu-client" / "tools" / "countersign-flash"))


@contextlib.contextmanager
def running(image, board, readings, method="a+", settings=None):
    """A device that was never on before, with a broker and a reader of all: (firmware, plant, reader)."""
    from countersign_tests import config
    from countersign_tests.firmware import Firmware
    from countersign_tests.flash_image import provision
    from countersign_tests.motes import Reader, write_registration
    from countersign_tests.plant import Plant
    settings = {"audit": {"events": "all"}} | (settings or {})
    rules = [config.rule("plant/%d/t", subscribe="anyone"), config.rule("plant/%d/last", subscribe="anyone", wills=True)]
    with tempfile.TemporaryDirectory(prefix="cs-size-") as directory, \
            Plant(rules, settings=settings) as plant, Reader(plant, "plant/+/t") as reader:
        if method == "mfar":
            registration = plant.register_data(suites=[2])
            identity, key = registration.user, write_registration(pathlib.Path(directory) / "device.key", registration)
        else:
            identity = "mote-1"
            plant.register(identity)
            key = plant.keys[identity].hex()
        flash = pathlib.Path(directory) / "flash.bin"
        provision(flash, identity=identity, key=key, broker_port=plant.broker.port, interval=10, readings_count=readings,
                  will_topic=f"plant/{identity}/last", will_payload="gone")
        with Firmware(image, board, flash=flash) as firmware:
            yield firmware, plant, reader


def methods(options):
    return ["a+"] if options.get("COUNTERSIGN_MFAR") == "OFF" else ["a+", "mfar"]


def measure_stack(elf, board, options):
    """The most that the image's one stack held."""
    def one(method):
        with running(elf, board, READINGS, method, DEMANDING) as (firmware, _, _):
            return int(firmware.wait_for("done", RUN_SECONDS)["stack"])
    return max(map(one, methods(options)))


def measure_secure_stack(elf, options):
    """The same of the secure world, which tells nobody: a debugger stops it in the gate after some readings. What the stack
    never held is still as the board's RAM began, zero."""
    other = elf.with_name("firmware.bin")
    image = ["-kernel", str(elf), "-device", f"loader,file={other},addr={NON_SECURE},force-raw=on"]

    def one(method):
        with running(image, "an505", 20 * READINGS, method, DEMANDING) as (firmware, _, reader):
            reader.wait_readings(READINGS)
            stub, dump = firmware.directory / "late.sock", firmware.directory / "stack.bin"
            firmware.qmp().command("human-monitor-command", **{"command-line": f"gdbserver unix:{stub},server=on,wait=off"})
            commands = [f"target remote {stub}", "hbreak countersign::mcu::GateDesk::serve", "continue",
                        f"dump binary memory {dump} &stack_bottom &stack_seal"]
            words = [word for command in commands for word in ("-ex", command)]
            subprocess.run(["gdb-multiarch", "-nx", "-batch", elf, *words], stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=RUN_SECONDS, check=True)
            return len(dump.read_bytes().lstrip(b"\0")) + SEAL
    return max(map(one, methods(options)))


def measure_instructions(elf, board):
    """What main_measure.cpp counts, by its name: one instruction is one nanosecond of the board."""
    from countersign_tests.broker import Broker
    from countersign_tests.firmware import Firmware, erased_flash
    with tempfile.TemporaryDirectory(prefix="cs-size-") as directory, Broker(plugin="") as broker:
        flash = pathlib.Path(directory) / "flash.bin"
        erased_flash(flash)
        with open(flash, "r+b") as page:
            page.write(b"MEAS" + struct.pack(">H", broker.port))
        with Firmware(elf, board, flash=flash, icount="shift=0") as firmware:
            firmware.wait_exit(60)
            lines = firmware.lines("measured")
    return {line["what"]: int(line["instructions"]) for line in lines if line["done"] == "1"}


def boot_time(elf):
    """Milliseconds from power on to T's first accepted publish: the board's own until T let it in, then T's."""
    with running(elf, "an386", 1) as (firmware, plant, reader):
        reader.wait_readings(1)
        online = int(firmware.wait_for("online", RUN_SECONDS)["ms"])
        audit = [line for line in plant.broker.audit() if line.get("identity") == "mote-1"]
    at = {line["event"]: datetime.datetime.fromisoformat(line["at"].replace("Z", "+00:00")) for line in reversed(audit)}
    return online + round((at["publish"] - at["handshake"]).total_seconds() * 1000)


def measure_costs():
    name, preset, _, options, board, _ = CONFIGURATIONS[0]
    counted = measure_instructions(build(name, preset, MEASURE, options), board)
    elf = build(name, preset, "firmware", options)
    boots = [boot_time(elf) for _ in range(BOOTS)]
    sent = counted["publish-64"] + counted["publish-64-answer"]
    found = [counted["mac-64-prepared"], counted["sign-64"], sent, statistics.median(boots)]
    return dict(zip(COSTS, found))


def measure(name, preset, image, options, stack_in, budget, with_run):
    elf = build(name, preset, image, options)
    flash, ram = totals(elf)
    stack = None
    if stack_in == "secure" and with_run:
        build(name, preset, "firmware", options)
        stack = measure_secure_stack(elf, options)
    elif stack_in and with_run:
        stack = measure_stack(elf, stack_in, options)
    return Row(name, flash, ram, stack, breakdown(elf, flash, ram), budget)


def last_release():
    if not RELEASES.exists():
        return {}
    with open(RELEASES, newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {row["configuration"]: row for row in rows if row["release"] == rows[-1]["release"]}


def record(release, rows):
    fresh = not RELEASES.exists()
    with open(RELEASES, "a", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        if fresh:
            lines.writerow(["release", "configuration", *FIELDS])
        lines.writerows([release, row.name, *(getattr(row, field) for field in FIELDS)] for row in rows)


def difference(before, row, field):
    old, new = before.get(row.name, {}).get(field), getattr(row, field)
    return "" if not old or new is None else f"{new - int(old):+d}"


def print_tables(rows, before):
    print(f"{'configuration':28}" + "".join(f"{field:>9}{'':>8}" for field in FIELDS) + "  over budget")
    for row in rows:
        cells = "".join(f"{getattr(row, f) or '-':>9}{difference(before, row, f):>8}" for f in FIELDS)
        over = ", ".join(f"{field} by {getattr(row, field) - row.budget[field]}" for field in row.over())
        print(f"{row.name:28}{cells}  {over}")
    print("\nwhere flash and static RAM go" + "".join(f"{row.name[:15]:>17}" for row in rows)[1:])
    for origin in rows[0].parts:
        cells = (f"{row.parts[origin][0]:>10}{row.parts[origin][1]:>7}" for row in rows)
        print(f"{origin:28}" + "".join(cells))
    print("\nMQTT clients, bytes of code")
    for name, size in {"this one": rows[0].parts[ORIGINS[0][0]][0], **ANCHORS}.items():
        print(f"{name:40}{size:>7}")


def print_costs(costs):
    print("\nwhat it costs" + f"{'':27}{'found':>7}{'most':>8}")
    for name, found in costs.items():
        most = COSTS[name]
        over = f"  over by {found - most:g}" if most and found > most else ""
        print(f"{name:40}{found:>7g}{most or '-':>8}{over}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--no-run", action="store_true")
    parser.add_argument("--record", metavar="RELEASE")
    options = parser.parse_args()
    use_release()
    rows = [measure(*each, with_run=not options.no_run) for each in CONFIGURATIONS]
    costs = {} if options.no_run else measure_costs()
    before = last_release()
    if options.json:
        found = {"rows": [dataclasses.asdict(row) for row in rows], "costs": costs, "anchors": ANCHORS, "before": before}
        print(json.dumps(found))
    else:
        print_tables(rows, before)
        print_costs(costs)
    if options.record:
        record(options.record, rows)
    missed = any(COSTS[name] and found > COSTS[name] for name, found in costs.items())
    return 1 if missed or any(row.over() for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
