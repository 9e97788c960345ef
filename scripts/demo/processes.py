"""Other programs: ending them, and what they call themselves."""

import os
import subprocess


def end(process):
    """Ends a process by its id, gently first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def version_of(command):
    """The first word of `command`'s output that begins with a digit, for people."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, env=os.environ | {"LC_ALL": "C"})
    except OSError:
        return "?"
    words = (done.stdout + done.stderr).split()
    return next((word.strip(",.") for word in words if word[:1].isdigit()), "?")
