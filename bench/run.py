#!/usr/bin/python3
"""Measures Countersign against its budgets (docs/design.md), prints ratios and writes bench/results/.

usage: run.py [BUILD_FOLDER]      (default: build/release)

Every figure stands beside what it is compared to, taken in the same run. Nothing here fails because of a time.
"""

import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/support")]

import broker_cpu  # noqa: E402
import card_round_trip  # noqa: E402
import fleet  # noqa: E402
import hiremath  # noqa: E402
import reputation  # noqa: E402
from countersign_tests import envelope as e  # noqa: E402

DEVICES = int(os.environ.get("BENCH_DEVICES", 1_000_000))
SESSIONS = 10_000


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def machine():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    return {"cpu": cpu, "cores": os.cpu_count(), "memory_gib": round(memory / 2**20, 1), "kernel": platform.release(),
            "load_at_start": os.getloadavg()[0]}


def micro(build):
    """The best of 9 interleaved runs each, which is what the machine's other work spoils least.

    {name: {"ns": …, "allocations": …}}
    """
    command = [build / "bench/countersign_bench", "--benchmark_format=json", "--benchmark_repetitions=9",
               "--benchmark_enable_random_interleaving=true", "--benchmark_min_time=0.2",
               "--benchmark_report_aggregates_only=false"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows = json.loads(done.stdout)["benchmarks"]
    found = {}
    for row in rows:
        if row["run_type"] == "iteration":
            best = found.setdefault(row["run_name"], {"ns": row["cpu_time"], "allocations": 0})
            best["ns"] = min(best["ns"], row["cpu_time"])
            best["allocations"] = max(best["allocations"], row.get("allocations", 0))
    return found


def in_folder(program, count):
    """What `program FOLDER COUNT` prints as JSON."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        done = subprocess.run([program, folder, str(count)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def wire():
    """Bytes that an envelope adds, by its tag, at the greatest sequence number of two bytes."""
    keys = e.direction_keys(bytes(32), "up")
    sizes = {}
    for tag, flags in (("full", 0), ("short", e.SHORT_TAG)):
        header = e.Header(flags=flags, kid=127, seq=16_383)
        claim = e.seal_claim(keys, header, "plant/mote-3/reading", b"", bytes(64))
        sizes[tag] = len(e.as_payload(claim)) - 64
    return sizes


def rows_of(found):
    """(what, measured, compared to, budget)"""
    judge, bare, ours = (found["micro"][name] for name in ("judge_accepts", "bare_hmac_keyed", "our_mac_key"))
    yield ("judge ÷ OpenSSL's HMAC, same bytes, keyed context", f"{judge['ns'] / bare['ns']:.2f}",
           f"{judge['ns']:.0f} ns ÷ {bare['ns']:.0f} ns", "≤ 1.25")
    yield ("judge ÷ our own HMAC, key made ready", f"{judge['ns'] / ours['ns']:.2f}",
           f"{judge['ns']:.0f} ns ÷ {ours['ns']:.0f} ns", "none")
    yield "allocations in judge", f"{judge['allocations']:.0f}", "operator new, counted", "0"
    cost = found["broker"]
    for listening, found_cost in cost["messages"].items():
        yield (f"broker CPU per message, enforced ÷ no plugin, {listening} listening", f"{found_cost['ratio']:.2f}",
               f"{found_cost['enforced_us']:.1f} µs ÷ {found_cost['bare_us']:.1f} µs", "≤ 1.10")
    yield from fleet_rows(found["fleet"])
    for tag, most in (("short", 12), ("full", 20)):
        yield f"overhead on the wire, {tag} tag, seq 16,383", f"{found['wire'][tag]} B", "kid below 128", f"{most} B"
    for suite, least in ((2, 5000), (1, 2000)):
        ns = found["micro"][f"handshake_suite_{suite}"]["ns"]
        yield (f"handshakes served a second, suite {suite}", f"{1e9 / ns:.0f}", f"{ns / 1000:.0f} µs each, T's side",
               f"≥ {least}")
        micros = cost["handshakes_us"][suite]
        yield (f"the same over TCP, with connection and commit, suite {suite}", f"{1e6 / micros:.0f}",
               f"{micros:.0f} µs of the broker's CPU each", f"≥ {least}")
    start = found["registry"]
    yield (f"start with {start['devices']:,} devices", f"{start['start_seconds']:.1f} s",
           f"{start['start_seconds_empty']:.2f} s with none", "≤ 5 s")
    yield "heap per registered device, no session", f"{start['bytes_per_device']:.0f} B", "mallinfo2, two starts", "≤ 256 B"
    session = found["session"]
    yield ("heap that a session adds, window 64, crypto context apart",
           f"{session['bytes_with_session'] - session['bytes_registered'] - session['bytes_crypto_context']:.0f} B",
           f"mallinfo2, {session['count']:,} sessions; the key has {session['bytes_crypto_context']:.0f} B more", "≤ 512 B")
    for name, micros in found["card"]["round_trips_us"].items():
        yield f"card {name} over pcscd, median", f"{micros / 1000:.2f} ms", "jCardSim, 1000 times", "≤ 0.25 ms"
    login = found["card"]["login"]
    yield ("login with card to the first accepted publish, median", f"{login['median_ms']:.1f} ms",
           f"{login['times']} times, 99 % within {login['p99_ms']:.0f} ms", "≤ 20 ms")


def fleet_rows(found):
    fleet_of = f"{found['connected']:,} of {found['registered']:,} devices, 3 evaluators"
    for listening, cost in found["messages"].items():
        yield (f"broker CPU per message, {fleet_of}, enforced ÷ no plugin, {listening} listening", f"{cost['ratio']:.2f}",
               f"{cost['enforced_us']:.1f} µs ÷ {cost['bare_us']:.1f} µs", "≤ 1.20")
        yield (f"the least that checking a signature costs there ÷ no plugin, {listening} listening",
               f"{cost['floor_ratio']:.2f}", f"{cost['floor_us']:.1f} µs ÷ {cost['bare_us']:.1f} µs", "none")
        yield (f"enforced ÷ that least, {listening} listening", f"{cost['above_floor']:.2f}",
               f"{cost['enforced_us']:.1f} µs ÷ {cost['floor_us']:.1f} µs", "none")
    with_session, alone = found["resident_bytes"]["enforced"], found["resident_bytes"]["bare"]
    yield ("resident memory of a connected device, crypto context and all", f"{with_session:.0f} B",
           f"{alone:.0f} B without the plugin", "none")


def table(rows):
    head = ("what", "measured", "of", "budget")
    lines = ["| " + " | ".join(row) + " |" for row in (head, ("---",) * 4, *rows)]
    return "\n".join(lines) + "\n"


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release").resolve()
    os.environ["COUNTERSIGN_PLUGIN"] = str(build / "broker-plugin/mosquitto_countersign.so")
    os.environ["COUNTERSIGN_FLOOR"] = str(build / "bench/countersign_floor_plugin.so")
    os.environ["COUNTERSIGN_CLI"] = str(build / "client/cli/countersign")
    found = {"machine": machine(), "when": datetime.date.today().isoformat()}
    parts = {
        "micro": lambda: micro(build),
        "wire": wire,
        "registry": lambda: in_folder(build / "bench/countersign_registry_bench", DEVICES),
        "session": lambda: in_folder(build / "bench/countersign_session_bench", SESSIONS),
        "broker": broker_cpu.run,
        "fleet": fleet.run,
        "reputation": reputation.run,
        "card": lambda: card_round_trip.run(build),
        "hiremath": lambda: hiremath.run(build),
    }
    for name, measure in parts.items():
        say(f"{name} …")
        found[name] = measure()
    text = table(rows_of(found)) + "\n" + reputation.table(found["reputation"])
    text += "\n" + hiremath.table(found["hiremath"], found["card"])
    about = found["machine"]
    note = f"{found['when']}, {about['cpu']}, {about['cores']} cores, load {about['load_at_start']:.1f} at the start.\n\n"
    folder = ROOT / "bench/results"
    folder.mkdir(exist_ok=True)
    (folder / "latest.md").write_text(note + text)
    (folder / "latest.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    print(note + text)


if __name__ == "__main__":
    main()
