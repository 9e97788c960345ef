#!/usr/bin/python3
"""What a tree of ours may not hold: long files, other people's source, a machine's own paths, registries' host names.

usage: check_tree.py [ROOT]      (default: this repository)
"""
import pathlib
import re
import subprocess
import sys

MAX_LINES = 500
SOURCE = {".hpp", ".cpp", ".h", ".c", ".java", ".py", ".sh", ".cmake"}
# written apart, so that this file passes its own test
HOSTS = [".".join(parts) for parts in (
    ("deb", "debian", "org"), ("pypi", "org"), ("files", "pythonhosted", "org"), ("crates", "io"), ("registry", "npmjs", "org"),
    ("repo", "maven", "apache", "org"), ("repo1", "maven", "org"), ("proxy", "golang", "org"), ("conan", "io"),
)]
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home/[a-z]|root/|work/)" + r"|\.\./shared/")
FOREIGN_FOLDERS = {"third_party", "vendor", "external", "node_modules", "3rdparty", "deps"}
FOREIGN_LICENCE = re.compile(r"SPDX-License-Identifier: (?!Apache-2\.0)|GNU (?:Lesser )?General Public License|All rights reserved", re.I)
MAY_QUOTE_LICENCES = {"LICENSE", "scripts/check_tree.py"}


def text_of(path):
    try:
        return path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, IsADirectoryError):
        return None


def complaints(root, name):
    parts = pathlib.PurePosixPath(name)
    if FOREIGN_FOLDERS & set(parts.parts):
        yield "other people's source is found by the build, not kept here"
    text = text_of(root / name)
    if text is None:
        return
    if parts.suffix in SOURCE and text.count("\n") > MAX_LINES:
        yield f"{text.count(chr(10))} lines; {MAX_LINES} are the limit"
    for host in HOSTS:
        if re.search(r"(?<![\w.-])" + re.escape(host), text):
            yield f"names a registry's host ({host}): the machine's own settings decide that"
    if name not in MAY_QUOTE_LICENCES:
        if MACHINE_PATHS.search(text):
            yield f"names a path of one machine: {MACHINE_PATHS.search(text)[0]}"
        if parts.suffix in SOURCE and FOREIGN_LICENCE.search(text):
            yield "carries another licence's text"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True, capture_output=True, text=True
    ).stdout.split("\n")
    files = sorted(name for name in listed if name and (root / name).is_file())
    found = [(name, why) for name in files for why in complaints(root, name)]
    for name, why in found:
        print(f"{name}: {why}", file=sys.stderr)
    print(f"{len(files)} files, {len(found)} complaints")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
