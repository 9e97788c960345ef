#!/usr/bin/python3
"""Who may include whom. Every #include line must follow an arrow of the table below.

usage: check_layers.py [ROOT]      (default: this repository)
"""
import pathlib
import re
import subprocess
import sys

CORE = "protocol/countersign"

# A room, and the rooms that it may include besides itself.
ARROWS = {
    "protocol/countersign": set(),
    "protocol/openssl": {"protocol/countersign"},
    "broker-plugin/config": {"protocol/openssl", "protocol/countersign"},
    "broker-plugin/dataserv": {"broker-plugin/config", "protocol/countersign"},
    "broker-plugin/store": {"broker-plugin/config", "protocol/openssl", "protocol/countersign"},
    "broker-plugin/engine": {"broker-plugin/config", "broker-plugin/dataserv", "broker-plugin/store", "protocol/openssl", "protocol/countersign"},
    "broker-plugin": {
        "broker-plugin/engine",
        "broker-plugin/config",
        "broker-plugin/store",
        "protocol/openssl",
        "protocol/countersign",
    },
    "client/library": {"protocol/openssl", "protocol/countersign"},
    "client/cli": {
        "client/library",
        "broker-plugin/config",
        "broker-plugin/store",
        "protocol/openssl",
        "protocol/countersign",
    },
    "registrar": {"client/library", "protocol/openssl", "protocol/countersign"},
    "mcu-client/flash": {"protocol/countersign"},
    "mcu-client/vault": {"mcu-client/flash", "protocol/countersign"},
    "mcu-client/core": {"mcu-client/vault", "mcu-client/flash", "protocol/countersign"},
    "mcu-client/app": {"mcu-client/core", "mcu-client/vault", "mcu-client/flash", "protocol/countersign"},
    # the secure image of one board is its port too
    "mcu-client/secure": {"mcu-client/port", "mcu-client/vault", "mcu-client/flash", "protocol/countersign"},
    "mcu-client/port": {
        "mcu-client/app",
        "mcu-client/core",
        "mcu-client/flash",
        "mcu-client/secure",
        "mcu-client/vault",
        "protocol/countersign",
    },
    "mcu-client/tools": {
        "mcu-client/app",
        "mcu-client/core",
        "mcu-client/flash",
        "mcu-client/port",
        "mcu-client/vault",
        "client/library",
        "protocol/openssl",
        "protocol/countersign",
    },
}
# These may include any room, except each other.
OUTER = ("bench", "tests")

# All that a freestanding core may ask of the standard library. The compiler does not enforce it.
CORE_HEADERS = set(
    "array bit compare concepts cstddef cstdint cstring limits span string_view type_traits utility".split()
)

# A third party's headers live with their only user. OpenSSL may be used wherever the host is.
THIRD_PARTY = [
    (re.compile(r"sqlite3\.h"), {"broker-plugin/store"}),
    (re.compile(r"Eigen/"), {"broker-plugin/dataserv"}),
    (re.compile(r"toml\+\+/"), {"broker-plugin/config", "registrar"}),
    (re.compile(r"mosquitto(_broker|_plugin)?\.h"), {"broker-plugin"}),
    (re.compile(r"(PCSC/)?(winscard|wintypes|pcsclite|reader)\.h"), {"client/library", "client/cli"}),
    (re.compile(r"mqtt/|MQTT"), {"client/library", "client/cli"}),
    (re.compile(r"CLI/"), {"client/cli", "mcu-client/tools", "registrar"}),
    (re.compile(r"httplib\.h"), {"registrar"}),
    (re.compile(r"(lwip|netif)/"), {"mcu-client/port"}),
    (re.compile(r"(mbedtls|psa)/"), {"mcu-client/vault", "mcu-client/port"}),
    (re.compile(r"gtest/|gmock/|benchmark/"), set()),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
CONDITIONAL = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif)\b")
ROOMS = sorted(list(ARROWS) + list(OUTER), key=len, reverse=True)


def room_of(path):
    return next((room for room in ROOMS if path.startswith(room + "/")), None)


def resolve(root, includer, text):
    """The file of ours that `text` names, relative to root, or None. It is looked for beside the includer, then in each room's base folder."""
    bases = [includer.parent, includer.parent.parent, root, root / "protocol", root / "broker-plugin", root / "client", root / "client/library", root / "mcu-client", root / "tests"]
    for base in bases:
        found = (base / text).resolve()
        if found.is_file() and root in found.parents:
            return found.relative_to(root).as_posix()
    return None


def quoted(root, path, room, text):
    target = resolve(root, root / path, text)
    if target is None:
        return f'"{text}" is no file of ours: third-party and std headers take <>'
    other = room_of(target)
    if other == room or (room in OUTER and other not in OUTER):
        return None
    if other not in ARROWS.get(room, ()):
        return f"{room} may not include {other} ({target})"
    return None


def angled(room, text):
    if room == CORE:
        return None if text in CORE_HEADERS else f"<{text}> is not on the core's list"
    if room in OUTER:
        return None
    for pattern, users in THIRD_PARTY:
        if pattern.match(text) and room not in users:
            return f"<{text}> belongs to {', '.join(sorted(users)) or 'tests and bench'}, not to {room}"
    return None


def complaints(root, path):
    room = room_of(path)
    if room is None:
        yield 0, "a C++ file outside every room"
        return
    for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1):
        if room == CORE and CONDITIONAL.match(line):
            yield number, "no conditional compilation in the core: platforms differ by file"
        match = INCLUDE.match(line)
        if not match:
            continue
        why = quoted(root, path, room, match[1]) if match[1] else angled(room, match[2])
        if why:
            yield number, why


def our_files(root):
    """What git tracks and what it would: a new file is checked before it is added."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.hpp", "*.cpp", "*.h", "*.c"],
        cwd=root, check=True, capture_output=True, text=True,
    ).stdout.split("\n")
    return sorted(path for path in listed if path and (root / path).is_file())


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()
    files = our_files(root)
    found = [(path, number, why) for path in files for number, why in complaints(root, path)]
    for path, number, why in found:
        print(f"{path}:{number}: {why}", file=sys.stderr)
    print(f"{len(files)} files, {len(found)} wrong arrows")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
