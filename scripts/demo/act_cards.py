"""First and second act: four cards become four motes, and their readings flow."""

BRISK = 14


def personalise(scene):
    screen = scene.screen
    screen.act("1  Four cards become four motes")
    for mote, transport_key in zip(scene.motes, scene.cards.transport_keys):
        scene.command_line.personalise(mote, transport_key)
        scene.command_line.register(mote)
        known = scene.audit(event="admin", verdict="accept", detail=f"registerDevice {mote.identity}")
        screen.check(f"card {mote.uid} is {mote.identity}", bool(known), "countersign card personalise, device register")


def publish(scene):
    """All four motes publish; returns when each has reached AUTH3."""
    screen = scene.screen
    screen.act("2  They publish real readings, signed; plain subscribers read them")
    for mote in scene.motes:
        scene.start_mote(mote)
        mote.feed()
    for mote in scene.motes:
        scene.wait(lambda: len(scene.delivered(mote)) >= BRISK, 30, lambda: f"{mote.identity} is silent\n{log_of(scene, mote)}")
    screen.say("mosquitto_sub prints:")
    for mote in scene.motes:
        screen.quote(f"{mote.topic} {scene.delivered(mote)[0]}")
    screen.say("countersign subscribe also shows who signed it, at which level and score:")
    for line in seen_rising(scene):
        screen.quote(line)
    for mote in scene.motes:
        raised = scene.await_audit(event="level", detail="raised", identity=mote.identity)
        screen.check(f"{mote.identity} behaved for {raised['score'] - 10} readings: AUTH2 → {raised['level']}",
                     raised["level"] == "AUTH3", f"score 10 → {raised['score']}")


def seen_rising(scene):
    """What the watcher printed of mote 3 as it rose."""
    path = scene.directory / "watched.txt"

    def find():
        lines = [line for line in path.read_text(errors="replace").splitlines() if "mote-3" in line]
        top = next((at for at, line in enumerate(lines) if "AUTH3" in line), None)
        return None if top is None else lines[max(top - 2, 0) : top + 1]
    return scene.wait(find, 10, lambda: "the watcher saw nobody rise\n" + path.read_text(errors="replace")[-2000:])


def log_of(scene, mote):
    return (scene.directory / f"{mote.identity}.log").read_text(errors="replace")
