#!/usr/bin/python3
"""Writes every vector of this directory, byte for byte the same in each run.

    make_vectors.py            rewrite the .vec files
    make_vectors.py --check    exit 1 if a file differs, is missing or is left over
"""

import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

from makers import FAMILIES  # noqa: E402


def all_files():
    files = {}
    for family in FAMILIES:
        for vector in family.vectors():
            name = f"{vector.name}.vec"
            assert name not in files, name
            files[name] = vector.render()
    return files


def differences(files):
    present = {path.name: path.read_text() for path in HERE.glob("*.vec")}
    for name in sorted(files.keys() | present.keys()):
        if name not in present:
            yield f"{name}: missing"
        elif name not in files:
            yield f"{name}: left over"
        elif files[name] != present[name]:
            yield f"{name}: differs"


def write(files):
    for path in HERE.glob("*.vec"):
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (HERE / name).write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    files = all_files()
    if not options.check:
        write(files)
        print(f"{len(files)} vectors")
        return 0
    wrong = list(differences(files))
    for line in wrong:
        print(f"make_vectors: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
