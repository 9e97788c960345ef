"""The end: what everybody got is compared with what the motes said."""

from .act_nonsense import NONSENSE

WAIT = 15


def play(scene):
    screen = scene.screen
    for mote in scene.motes:
        mote.finish()
    screen.act("What the broker knows now: countersign device list")
    for line in scene.command_line.administer("device", "list").stdout.splitlines():
        screen.quote(line)
    one, two, three, four = scene.motes
    screen.act("6  What mosquitto_sub got, against what the motes said")
    for mote in (one, two):
        scene.wait(lambda: len(scene.delivered(mote)) >= len(mote.said), WAIT, f"readings of {mote.identity} are missing")
        exactly(scene, mote, mote.said)
    exactly(scene, three, [text for text in three.said if str(NONSENSE) not in text])
    got = scene.delivered(four)
    screen.check(f"mote-4: {len(got)} readings, in order, each once, none after the block", got == four.said[: len(got)])
    known = sum(len(scene.delivered(mote)) for mote in scene.motes)
    screen.check("and nothing else from anybody", len(scene.delivered()) == known)
    accepted = len([line for line in scene.audit(event="publish", verdict="accept") if line["topic"].startswith("plant/")])
    screen.check(f"the audit has an accepted line for each of them: {accepted}", accepted == known)


def exactly(scene, mote, wanted):
    got = scene.delivered(mote)
    scene.screen.check(f"{mote.identity}: {len(got)} readings, in order, each once", got == wanted,
                       "" if got == wanted else f"{len(wanted)} were said")
