"""Rows about what was refused: what must be in the audit, and what the sender was told."""

import subprocess

from countersign_tests.broker import BrokerError

from .answers import said, told
from .processes import end
from .screen import Row

PATIENCE, MOMENT = 5.0, 1.5


def attempt(scene, tried, act, answer, why, **where):
    """One attempt: it must get this answer, and leave this refusal in the audit."""
    mark = scene.mark()
    got = act()
    recorded = recorded_since(scene, mark, why, **where)
    scene.screen.attempt(Row(tried, got, recorded, got == answer and recorded == why))


def recorded_since(scene, mark, why, predicate=None, **where):
    """`why` if the audit recorded that, else what it recorded instead."""
    try:
        return scene.await_audit(mark, PATIENCE, predicate, verdict="refuse", why=why, **where)["why"]
    except BrokerError:
        others = sorted({line["why"] for line in scene.audit(mark, verdict="refuse")})
        return f"not {why} but {', '.join(others) or 'nothing'}"


def concerns(mote):
    """Whether a line is about this mote: one refused before it proved anything has its name as a detail."""
    return lambda line: mote.identity in (line.get("identity"), line.get("detail"))


def refused(scene, mote, mark, tried, done, why):
    """A row for a command that must have failed, refused for `why`."""
    recorded = recorded_since(scene, mark, why, concerns(mote))
    scene.screen.attempt(Row(tried, told(done), recorded, recorded == why and done.returncode == 1))


def login_refused(scene, mote, tried, why):
    """A row for a login with the mote's own card and PIN, which the broker must leave unanswered."""
    mark = scene.mark()
    process = scene.command_line.start_login(mote)
    try:
        recorded = recorded_since(scene, mark, why, concerns(mote))
        answer = said_soon(process)
    finally:
        end(process)
    let_in = scene.audit(mark, event="handshake", verdict="accept", identity=mote.identity)
    scene.screen.attempt(Row(tried, answer, recorded, recorded == why and not let_in and process.returncode != 0))


def said_soon(process):
    """What a command says within a moment, or that it still waits for the broker."""
    try:
        output, errors = process.communicate(timeout=MOMENT)
    except subprocess.TimeoutExpired:
        return "no answer"
    return said(subprocess.CompletedProcess(process.args, process.returncode, output, errors))
