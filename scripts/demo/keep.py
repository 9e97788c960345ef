"""KEEP=1: broker and cards go on, motes 1 and 2 go on publishing, and a person is told what to type."""

import shlex
import signal

SLOW_SECONDS = 1.0

TYPE = (
    ("what plain subscribers see", "mosquitto_sub -h $COUNTERSIGN_HOST -p $COUNTERSIGN_PORT -t 'plant/#' -v"),
    ("who signed it, at which level", "countersign subscribe -t 'plant/#'"),
    ("forge a reading: refused", "mosquitto_pub -V 5 -q 1 -h $COUNTERSIGN_HOST -p $COUNTERSIGN_PORT -t plant/mote-1/climate -m 20"),
    ("what the audit says", "tail -n 3 -f $DEMO/audit.jsonl"),
    ("the devices", "countersign device list"),
    ("the cards", "countersign card list"),
    ("forgive mote 4 its lost card", "countersign device unblock mote-4"),
    ("publish with it (PIN 4444)", "countersign publish --card $CARD_4 -t plant/mote-4/climate -m '{\"temperature\":21.5}'"),
    ("forgive mote 3 its nonsense", "countersign device reinstate mote-3"),
    ("publish with it (PIN 3333)", "countersign publish --card $CARD_3 -t plant/mote-3/climate -m '{\"temperature\":21.5}'"),
    ("block mote 1 while it publishes", "countersign device block mote-1"),
)


def wait(scene):
    """Returns on Ctrl-C or SIGTERM."""
    for mote in scene.motes[:2]:
        scene.start_mote(mote)
        mote.feed(SLOW_SECONDS)
    write_environment(scene)
    tell(scene)
    try:
        signal.pause()
    except KeyboardInterrupt:
        scene.screen.line("\nstopping everything")


def write_environment(scene):
    """What the commands need, to be read by a shell."""
    line = scene.command_line
    variables = line.environment | {"DEMO": scene.directory, "COUNTERSIGN_KEY_FILE": line.admin_key}
    variables |= {f"CARD_{mote.number}": mote.uid for mote in scene.motes}
    text = "".join(f"export {name}={shlex.quote(str(value))}\n" for name, value in variables.items())
    text += f"PATH={shlex.quote(str(line.folder))}:$PATH\n"
    (scene.directory / "env").write_text(text)


def tell(scene):
    screen = scene.screen
    screen.act("Everything is still running; motes 1 and 2 publish. In another terminal:")
    screen.line()
    screen.line(f"  . {scene.directory}/env")
    for what, command in TYPE:
        screen.line()
        screen.line("  " + screen.style("dim", f"# {what}"))
        screen.line(f"  {command}")
    screen.line()
    screen.line("Ctrl-C here stops everything.")
