"""Runs texts that read like a session at a terminal.

    # a line for the reader
    $ countersign key new mote-3      a command for bash, in the session's own directory
    > more of it                      the lines that follow it, e.g. of a here-document
    made mote-3.key                   what it prints: all of it
    ! countersign: hint: ...          what it prints to standard error
    [5]                               its exit code, unless that is 0

`...` stands for any text, and on a line of its own for any lines. `await COMMAND` repeats a command until it succeeds.
"""

import os
import pathlib
import re
import subprocess

COMMAND_SECONDS = 60
FUNCTIONS = {"BASH_FUNC_await%%": '() { until "$@"; do sleep 0.02; done; }'}


class Step:
    def __init__(self, command, number):
        self.command, self.number = command, number
        self.output, self.errors, self.code = [], [], 0

    def take(self, line):
        if line.startswith("> "):
            self.command += "\n" + line[2:]
        elif re.fullmatch(r"\[\d+\]", line):
            self.code = int(line[1:-1])
        elif line.startswith("! "):
            self.errors.append(line[2:])
        else:
            self.output.append(line)


def parse(text):
    steps = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("$ "):
            steps.append(Step(line[2:], number))
        elif line and not line.startswith("#"):
            steps[-1].take(line)
    return steps


def pattern(lines):
    out = ""
    for line in lines:
        whole = r"(?:.*\n)*?" if line == "..." else r".*?".join(map(re.escape, line.split("..."))) + r"\n"
        out += whole
    return re.compile(out)


def fits(lines, text):
    """Blank lines count on neither side."""
    return pattern(lines).fullmatch("".join(line + "\n" for line in text.splitlines() if line)) is not None


def run(path, directory, environment):
    """Runs every step. Raises AssertionError with what came instead."""
    binary = pathlib.Path(os.environ["COUNTERSIGN_CLI"]).resolve()
    environment = os.environ | {"PATH": f"{binary.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"} | FUNCTIONS | environment
    for step in parse(path.read_text()):
        done = subprocess.run(
            ["bash", "-c", step.command], cwd=directory, env=environment, stdin=subprocess.DEVNULL, text=True,
            capture_output=True, timeout=COMMAND_SECONDS, start_new_session=True,
        )
        came = f"{path.name}:{step.number}: $ {step.command}\n{done.stdout}--- standard error\n{done.stderr}--- exit {done.returncode}"
        assert done.returncode == step.code, f"exit {step.code} was expected\n{came}"
        assert fits(step.output, done.stdout), f"this was expected:\n{chr(10).join(step.output)}\n{came}"
        assert fits(step.errors, done.stderr), f"these errors were expected:\n{chr(10).join(step.errors)}\n{came}"


def sessions(folder):
    """The session files of a folder beside this one."""
    return sorted((pathlib.Path(__file__).parent / "sessions" / folder).glob("*.session"))
