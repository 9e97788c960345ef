#!/usr/bin/python3
"""Builds the port of docs/mcu.md from its code blocks, and runs it against nothing or against a broker.

usage: check_porting_guide.py --flash-tool FILE [--broker A.B.C.D:PORT --key-file FILE]
       check_porting_guide.py --keep DIRECTORY

A block counts if a comment `port: FILE` stands before it. Without a broker the port must say that it is offline, twice, keep
its readings, and leave no secret in the provisioning page; with one, where the key's identity is registered, that readings
go out. --keep builds there, and runs nothing.
Exit code 77: no sources of mbedTLS (scripts/mcu_sources.sh), so the test is skipped.
"""
import argparse
import os
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "mcu.md"
BLOCK = re.compile(r"^<!-- port: (\S+) -->\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PIECES = {"CMakeLists.txt", "link.hpp", "flash.hpp", "sensor.hpp", "main.cpp"}
NOBODY = "127.0.0.1:1"
PATIENCE_S = 20
SKIPPED = 77


def fail(why):
    sys.exit(f"countersign: {why}")


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"{command[0]} failed\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


def extract(directory):
    blocks = dict(BLOCK.findall(GUIDE.read_text()))
    if set(blocks) != PIECES:
        fail(f"{GUIDE.name} has the pieces {sorted(blocks)}, not {sorted(PIECES)}")
    for name, text in blocks.items():
        (directory / name).write_text(text)


def build(directory):
    """The program."""
    extract(directory)
    out = directory / "build"
    run("cmake", "-S", directory, "-B", out, "-G", "Ninja", f"-DCOUNTERSIGN_DIR={ROOT}", "-DCMAKE_BUILD_TYPE=Debug",
        "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all")
    run("cmake", "--build", out, "--target", "my-sensor", "-j", os.environ.get("JOBS", "2"))
    return out / "my-sensor"


def provision(tool, directory, broker, key_file):
    """The flash of a device, and its key if we made it up."""
    key = None
    names = []
    if key_file is None:
        key, key_file = secrets.token_bytes(32), directory / "key.hex"
        key_file.touch(0o600)
        key_file.write_text(key.hex() + "\n")
        names = ["--identity", "my-sensor", "--server-id", "plant-broker"]
    image = directory / "flash.bin"
    run(tool, "provision", "--out", image, "--key-file", key_file, *names, "--broker", broker, "--dhcp", "--interval", "100")
    return image, key


def wait_for(program, image, word, times):
    """Runs the program until it has said `word` so many times."""
    process = subprocess.Popen([program, image], stdout=subprocess.PIPE, text=True)
    patience = threading.Timer(PATIENCE_S, process.kill)
    patience.start()
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if sum(one.startswith(word) for one in said) == times:
                return said
        fail(f"it did not say '{word}' {times} times:\n{''.join(said)}")
    finally:
        patience.cancel()
        process.kill()
        process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flash-tool", type=pathlib.Path)
    parser.add_argument("--broker", metavar="A.B.C.D:PORT")
    parser.add_argument("--key-file", type=pathlib.Path)
    parser.add_argument("--keep", metavar="DIRECTORY", type=pathlib.Path)
    options = parser.parse_args()
    if not (ROOT / "build" / "third_party" / "mbedtls").exists():
        print("countersign: no sources of mbedTLS: skipped", file=sys.stderr)
        return SKIPPED
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        print(build(options.keep))
        return 0
    if options.flash_tool is None or (options.broker is None) != (options.key_file is None):
        parser.error("--flash-tool, and --broker with --key-file")
    with tempfile.TemporaryDirectory(prefix="cs-port-") as name:
        directory = pathlib.Path(name)
        program = build(directory)
        image, key = provision(options.flash_tool, directory, options.broker or NOBODY, options.key_file)
        said = wait_for(program, image, *(("ready", 3) if options.broker else ("offline", 2)))
        if not options.broker and not run(options.flash_tool, "readings", image):
            fail("no reading waits in the ring")
        if key is not None and key in image.read_bytes()[:4096]:
            fail("the key is still in the provisioning page")
    print("".join(said), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
