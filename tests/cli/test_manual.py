"""countersign(1), --help and the code name the same commands and options."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "docs/man/countersign.1").read_text()
OPTION = re.compile(r"(?<![\w-])(--?[A-Za-z][\w-]*)")


def plain(text):
    return re.sub(r"\\f[BIRP]", "", text).replace("\\-", "-")


def sections():
    """{heading: body} of each .SH and .SS."""
    parts = re.split(r"^\.S[SH] (.*)$", MANUAL, flags=re.M)
    return {plain(head).strip('"'): plain(body) for head, body in zip(parts[1::2], parts[2::2])}


def options_of(body):
    """What stands behind each .TP."""
    return {option for line in re.findall(r"^\.TP\n(-.*)$", body, re.M) for option in OPTION.findall(line)}


def manual():
    """{command: (options, body)}"""
    found = {}
    for head, body in sections().items():
        words = [word for word in head.split() if word.islower()]
        if head not in ("COMMANDS",) and words:
            found[" ".join(words)] = (options_of(body), body)
    return found


def help_of(*words):
    return subprocess.run([os.environ["COUNTERSIGN_CLI"], *words, "--help"], check=True, capture_output=True, text=True).stdout


def subcommands(text):
    listed = re.search(r"^Subcommands:\n((?:  .*\n)+)", text, re.M)
    return re.findall(r"^  ([a-z][\w-]*)", listed[1], re.M) if listed else []


def leaves(*words):
    names = subcommands(help_of(*words))
    return [leaf for name in names for leaf in leaves(*words, name)] if names else [" ".join(words)]


def options_in_help(text):
    lines = re.findall(r"^  (-\S+)", text, re.M)
    return {option for line in lines for option in line.split(",")}


COMMANDS = leaves()


def test_there_are_commands():
    assert len(COMMANDS) > 25


def test_the_manual_has_every_command_and_no_other():
    assert set(manual()) == set(COMMANDS)


def test_the_code_has_every_command_and_no_other():
    rows = set()
    for path in (ROOT / "client/cli").rglob("*.cpp"):
        rows |= set(re.findall(r'\bEntry\{\s*"([^"]+)"', path.read_text()))
    assert rows == {command.split()[-1] for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_manual_has_every_option_and_no_other(command):
    own, body = manual()[command]
    everything = sections()
    expected = own | {"-h", "--help"}
    if "connection options" in body:
        expected |= options_of(everything["CONNECTION OPTIONS"])
    if "message options" in body:
        expected |= options_of(everything["MESSAGE OPTIONS"])
    assert options_in_help(help_of(*command.split())) == expected


def test_every_environment_variable_is_explained():
    used = set()
    for path in (ROOT / "client/cli").rglob("*.cpp"):
        used |= set(re.findall(r'"(COUNTERSIGN_[A-Z_]+)"', path.read_text()))
    assert used == set(re.findall(r"COUNTERSIGN_[A-Z_]+", sections()["ENVIRONMENT"]))


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_the_manual_has_no_mistakes_that_man_sees():
    done = subprocess.run(
        ["groff", "-man", "-ww", "-z", "-Tutf8", str(ROOT / "docs/man/countersign.1")], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
