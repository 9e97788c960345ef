"""Fourth act: mote 3 has its card and its session, and talks nonsense."""

import json

from .act_cards import log_of
from .refusals import login_refused
from .screen import Row

NONSENSE = 999.9
FALL, SPARE = 19, 4
WAIT = 15


def play(scene):
    mote = scene.motes[2]
    scene.screen.act("4  Mote 3 goes mad: card, session and signatures are right, its readings are not")
    mote.pause()
    scene.wait(lambda: len(scene.delivered(mote)) == len(mote.said), WAIT, "mote 3 lost readings")
    scene.screen.heading()
    mark = scene.mark()
    fall(scene, mote, mark)
    prove_itself(scene, mote, mark)
    wash(scene, mote)
    be_expelled(scene, mote)


def talk_nonsense(mote, count):
    for number in range(count):
        mote.say(json.dumps({"reading": 90000 + number, "temperature": NONSENSE, "humidity": 0}))


def scores(scene, mote, mark):
    return [line["score"] for line in scene.audit(mark, event="publish", identity=mote.identity, why="out_of_range")]


def notices(scene, mote, why):
    """How often its publisher was told this, in notices that the broker signed."""
    return sum(line.endswith(why) for line in log_of(scene, mote).splitlines())


def level_line(scene, mote, mark, detail):
    return scene.await_audit(mark, event="level", identity=mote.identity, detail=detail)


def fall(scene, mote, mark):
    talk_nonsense(mote, FALL)
    line = level_line(scene, mote, mark, "fell")
    steps = scores(scene, mote, mark)
    told = scene.wait(lambda: notices(scene, mote, "out_of_range") >= FALL and FALL, WAIT, "mote 3 was not told")
    scene.screen.attempt(Row(
        f"mote 3: {FALL} readings of {NONSENSE} °C", f"{told} notices, score {steps[0] + 1} → {steps[-1]}", "out_of_range",
        steps == list(range(20, 1, -1))))
    scene.screen.attempt(Row(
        "mote 3: what that does to its level", f"AUTH3 → {line['level']}", line["detail"], line["level"] == "AUTH2"))


def prove_itself(scene, mote, mark):
    """The next message is refused until the card has answered; the client does that by itself."""
    talk_nonsense(mote, 1)
    turned_away = scene.await_audit(mark, event="publish", identity=mote.identity, why="enforcement")
    demanded = scene.await_audit(mark, event="enforcement", identity=mote.identity)
    scene.screen.attempt(Row(
        "mote 3: one more, without proving itself first", f"proof {demanded['detail']}", turned_away["why"],
        turned_away["verdict"] == "refuse"))
    passed = scene.await_audit(mark, event="enforcement", identity=mote.identity, detail="passed")
    scene.screen.attempt(Row(
        "mote 3's card proves itself: a second chance", f"{passed['level']}, score {passed['score']}", passed["detail"],
        passed["score"] == 10 and passed["level"] == "AUTH2"))


def wash(scene, mote):
    """More nonsense, then a fresh login with the real card: the score must stay where it was."""
    mark = scene.mark()
    talk_nonsense(mote, SPARE)
    scene.wait(lambda: len(scores(scene, mote, mark)) >= SPARE, WAIT, lambda: "mote 3 was not judged\n" + log_of(scene, mote))
    mote.finish()
    before, mark = scores(scene, mote, mark)[-1], scene.mark()
    scene.start_mote(mote)
    line = scene.await_audit(mark, event="handshake", verdict="accept", identity=mote.identity)
    scene.screen.attempt(Row(
        f"mote 3: a fresh login, to wash a score of {before}", f"let in: {line['level']}, score {line['score']}",
        f"score {line['score']}", line["score"] == before < 10))


def be_expelled(scene, mote):
    mark = scene.mark()
    talk_nonsense(mote, 10)
    line = level_line(scene, mote, mark, "expelled")
    over = scene.await_audit(mark, event="session", identity=mote.identity)
    scene.screen.attempt(Row(
        "mote 3: nonsense again, down to a score of 2", f"AUTH2 → {line['level']}, session {over['detail']}", line["detail"],
        line["level"] == "AUTH0"))
    mote.stop()
    login_refused(scene, mote, "mote 3: a login with the right card and PIN", "expelled")
    delivered = scene.delivered(mote)
    scene.screen.check("no subscriber ever saw a word of it", not any(str(NONSENSE) in text for text in delivered))
