"""Third act: everything an attacker on mote 1's line can try, and from elsewhere."""

from .answers import NOT_LET_IN, REFUSED
from .attacker import Attacker
from .refusals import attempt, refused

NEEDED = 120
SILENCE = "no answer"


def play(scene):
    attacker = Attacker(scene)
    victim = scene.motes[0]
    scene.wait(lambda: len(attacker.overheard()) >= NEEDED, 20, "mote 1 is too slow")
    scene.screen.act("3  An attacker sits on mote 1's line, with raw sockets and all that mote 1 ever sent")
    scene.screen.heading()
    on_line = {"event": "publish", "identity": victim.identity}
    elsewhere = {"address": "127.0.0.66"}
    for tried, act, answer, why, where in (
        ("a made-up tag, on mote 1's connection", attacker.forge, REFUSED, "bad_tag", on_line),
        ("one bit of a reading flipped", attacker.flip, REFUSED, "bad_tag", on_line),
        ("a reading moved to another topic", attacker.move, REFUSED, "bad_tag", on_line),
        ("a reading without signature", attacker.speak_unsigned, REFUSED, "unsigned", on_line),
        ("mote 1's last reading, replayed at once", lambda: attacker.repeat(0), REFUSED, "duplicate", on_line),
        ("a reading replayed, 45 readings later", lambda: attacker.repeat(45), REFUSED, "replayed", on_line),
        ("a reading replayed, 100 readings later", lambda: attacker.repeat(100), REFUSED, "stale", on_line),
        ("that reading, replayed on another connection", attacker.repeat_elsewhere, REFUSED, "unknown_sender", elsewhere),
        ("a reading without signature, from there", attacker.speak_unsigned_elsewhere, REFUSED, "unsigned", elsewhere),
        ("mote 1's client id", attacker.steal_client_id, NOT_LET_IN, "denied", elsewhere),
        ("mote 1's client id, with a made-up proof", attacker.steal_client_id_with_proof, NOT_LET_IN, "bad_tag",
         elsewhere),
        ("mote 1's login, replayed", attacker.repeat_handshake, SILENCE, "old_epoch", elsewhere),
    ):
        attempt(scene, tried, act, answer, why, **where)
    insider(scene, scene.motes[1], victim)
    unharmed(scene, victim)


def insider(scene, thief, victim):
    """Mote 2 has a card and a session of its own, and signs for mote 1."""
    thief.finish()
    mark = scene.mark()
    done = scene.command_line.publish(thief, victim.topic, '{"temperature": 20.0}')
    refused(scene, thief, mark, "mote 2 signs a reading for mote 1's topic", done, "denied")
    scene.start_mote(thief)
    thief.feed()


def unharmed(scene, victim):
    """Mote 1 never noticed: same connection, same score, readings still arriving."""
    before = len(scene.delivered(victim))
    scene.wait(lambda: len(scene.delivered(victim)) > before + 5, 10, "mote 1 fell silent")
    last = scene.audit(event="publish", verdict="accept", identity=victim.identity)[-1]
    scene.screen.check("mote 1 goes on publishing on the same connection, its score untouched",
                       len(scene.taps[victim.number].lines) == 1 and victim.running() and last["score"] == 21,
                       f"{last['level']}, score {last['score']}")
