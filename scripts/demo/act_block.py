"""Fifth act: mote 4's card is lost, and an administrator blocks it."""

from .act_cards import log_of
from .refusals import concerns, login_refused
from .screen import Row

WAIT = 15


def play(scene):
    mote = scene.motes[3]
    scene.screen.act("5  Mote 4's card is lost: countersign device block mote-4, while it publishes")
    scene.screen.heading()
    mark = scene.mark()
    scene.command_line.block(mote)
    line = scene.await_audit(mark, WAIT, concerns(mote), verdict="refuse", why="blocked")
    tried = {"publish": "its next reading", "connect": "its session, resumed"}.get(line["event"], "its next login")
    mote.pause()
    scene.screen.attempt(Row(tried, "connection closed", line["why"], True))
    mote.stop()
    mark = scene.mark()
    login_refused(scene, mote, "a login with the blocked card and its PIN", "blocked")
    after = scene.audit(mark, event="publish", verdict="accept", identity=mote.identity)
    scene.screen.check("nothing of mote 4 was accepted after that", not after, log_of(scene, mote) if after else "")
