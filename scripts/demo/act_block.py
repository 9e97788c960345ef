"""Fifth act: mote 4's card is lost, and an administrator blocks it."""

from countersign_tests import mqtt_packets as packets

from .answers import NOT_LET_IN, SENT_AWAY, connack, disconnect
from .refusals import concerns, login_refused
from .screen import Row


def play(scene):
    mote = scene.motes[3]
    scene.screen.act("5  Mote 4's card is lost: countersign device block mote-4, while it publishes")
    scene.screen.heading()
    mark = scene.mark()
    line = scene.taps[mote.number].live()
    scene.command_line.block(mote)
    ended = scene.await_audit(mark, event="session", identity=mote.identity)
    left = scene.wait(lambda: answer_of(line, packets.DISCONNECT), 5, "mote 4 is still connected")
    scene.screen.attempt(Row(
        "mote 4: its connection", disconnect(left.code), f"session {ended['detail']}", disconnect(left.code) == SENT_AWAY))
    resume_refused(scene, mote, mark)
    login_refused(scene, mote, "mote 4: a login with the blocked card and PIN", "blocked")
    accepted = [line for line in scene.audit(mark, verdict="accept", identity=mote.identity) if line["at"] > ended["at"]]
    scene.screen.check("nothing of mote 4 was accepted after that", not accepted)


def answer_of(line, kind):
    return next((answer for answer in line.answers if answer.kind == kind), None)


def resume_refused(scene, mote, mark):
    """Its publisher still has readings to send, and comes back with a proof of its session."""
    recorded = scene.await_audit(mark, 15, concerns(mote), event="connect", verdict="refuse", why="blocked")["why"]
    lines = scene.taps[mote.number].lines
    refused = scene.wait(lambda: answer_of(lines[1], packets.CONNACK), 5, "mote 4 was not answered")
    mote.stop()
    answer = connack(refused.code)
    scene.screen.attempt(Row("mote 4: its next reading, its session resumed", answer, recorded, answer == NOT_LET_IN))
