"""countersign-flash before the firmware as a program of this host: what one writes the other takes, and the other way round."""

import contextlib
import csv
import os
import pathlib
import random
import re
import stat
import struct
import subprocess
import zlib

import pytest
from countersign_tests import config
from countersign_tests import flash_image as flash
from countersign_tests.broker import free_port, wait_until
from countersign_tests.plant import Plant

ROOT = pathlib.Path(__file__).resolve().parents[2]
NODE = pathlib.Path(os.environ.get("COUNTERSIGN_BUILD_DIR", "build/dev")) / "mcu-client/countersign-node"
CLI = os.environ.get("COUNTERSIGN_CLI", "build/dev/client/cli/countersign")
KEY, SECRET = "11" * 32, "22" * 32
PAGE, FLASH_BYTES = 4096, 16 << 20
SECRETS_AT, RING_AT, DATA_AT = 2048, 16 * PAGE, 256 * PAGE
PLAIN = {"identity": "mote-1", "key": KEY, "broker_port": 1883}

needs_node = pytest.mark.skipif(not NODE.exists(), reason="countersign-node is not built")


@pytest.fixture
def image(tmp_path):
    return tmp_path / "flash.bin"


@pytest.fixture
def key(tmp_path):
    return flash.key_file(tmp_path, "mote.hex", KEY)


def arguments(out, key, **options):
    """The least that makes a flash."""
    least = {"out": out, "identity": "mote-1", "server_id": "plant-broker", "key_file": key, "broker": "10.0.2.2:1883"}
    return ["provision", *flash.options_of(least | ({} if "address" in options else {"dhcp": True}) | options)]


def complaint(*words):
    done = flash.run_tool(*words)
    assert done.stdout == ""
    assert all(line.startswith("countersign: ") for line in done.stderr.splitlines())
    return done.returncode, done.stderr


@contextlib.contextmanager
def running(image, port):
    with open(image.with_suffix(".log"), "ab") as log:
        node = subprocess.Popen([NODE, image, str(port)], stdout=log, stderr=log)
    try:
        yield node
    finally:
        node.kill()
        node.wait()


def run_offline(image, readings=3):
    """Lets the device start where no broker is, until so many readings wait."""
    with running(image, free_port()):
        wait_until(lambda: len(flash.readings(image)) >= readings, 20, lambda: str(flash.inspect(image)))


# provision

def test_what_was_provisioned_is_inspected(image):
    made = flash.provision(
        image, **PLAIN, suite=1, interval=250, readings_count=9, live=True, sealed=True, topic="a/b", mote=2,
        command=["ping", "rekey"], commanders={"boss": SECRET, "chief": KEY}, command_port=7000, wake="aa55", will_topic="a/w",
        will_payload="gone")
    assert flash.inspect(image)["settings"] == {
        "identity": "mote-1", "server_id": "plant-broker", "method": "a+", "suite": 1, "broker": "10.0.2.2:1883",
        "dhcp": False, "address": "10.0.2.15/24", "gateway": "10.0.2.2", "topic": "a/b", "interval_ms": 250, "readings": 9,
        "live": True, "sealed": True, "commands": ["ping", "rekey"], "commanders": ["boss", "chief"], "command_port": 7000,
        "wake": "aa55", "will_topic": "a/w", "will_payload": "gone", "registered_fields": [], "data_records": made["records"]}


def test_defaults(image):
    flash.provision(image, **PLAIN, dhcp=True, mote=None)
    settings = flash.inspect(image)["settings"]
    assert settings["dhcp"] and "address" not in settings
    assert (settings["suite"], settings["topic"], settings["interval_ms"]) == (2, "plant/mote-1/t", 1000)
    assert not (settings["live"] or settings["sealed"] or settings["commands"] or settings["data_records"])


def test_the_file_is_private_and_only_as_large_as_it_must_be(image):
    flash.provision(image, **PLAIN)
    facts = image.stat()
    assert stat.S_IMODE(facts.st_mode) == 0o600 and facts.st_size == FLASH_BYTES
    assert facts.st_blocks * 512 < 2 << 20
    content = image.read_bytes()
    assert set(content[PAGE:DATA_AT]) == {0xFF}


def test_the_data_set_is_the_motes_own(image):
    made = flash.provision(image, **PLAIN, mote=3)
    with open(flash.DATA_SET, newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["mote_id"] == "3"]
    expected = b"".join(
        struct.pack("<hH", round(float(row["temperature"]) * 100), round(float(row["humidity"]) * 100)) for row in rows)
    assert made["records"] == len(rows) > 1000
    assert image.read_bytes()[DATA_AT:DATA_AT + len(expected) + 8] == expected + b"\xff" * 8


def test_secrets_are_where_the_device_takes_them_and_nowhere_else(image):
    flash.provision(image, **PLAIN, commanders={"boss": SECRET})
    content = image.read_bytes()
    assert content[SECRETS_AT:SECRETS_AT + 32].hex() == KEY
    assert content[SECRETS_AT + 96:SECRETS_AT + 128].hex() == SECRET
    assert content.count(bytes.fromhex(KEY)) == content.count(bytes.fromhex(SECRET)) == 1
    for command in ("inspect", "readings"):
        done = flash.run_tool(command, image, "--json")
        assert KEY not in done.stdout + done.stderr and SECRET not in done.stdout + done.stderr


def test_each_flash_has_a_seed_of_its_own(image):
    seeds = set()
    for _ in range(3):
        flash.provision(image, **PLAIN)
        seeds.add(image.read_bytes()[SECRETS_AT + 32:SECRETS_AT + 96])
    assert len(seeds) == 3 and all(len(set(seed)) > 16 for seed in seeds)


def test_nothing_is_overwritten_unless_forced(image, key):
    image.write_bytes(b"precious")
    code, words = complaint(*arguments(image, key))
    assert (code, image.read_bytes()) == (5, b"precious") and "exists" in words
    assert flash.run_tool(*arguments(image, key), "--force").returncode == 0
    assert image.stat().st_size == FLASH_BYTES and [path.name for path in image.parent.iterdir() if "new" in path.name] == []


@pytest.mark.parametrize("options, words", [
    ({"broker": "10.0.2.2"}, "is no A.B.C.D:PORT"),
    ({"broker": "10.0.2.2:0"}, "is no A.B.C.D:PORT"),
    ({"broker": "10.0.2.256:1883"}, "is no A.B.C.D:PORT"),
    ({"broker": "localhost:1883"}, "is no A.B.C.D:PORT"),
    ({"identity": "mote 1"}, "who is the device?"),
    ({"server_id": "#"}, "which server"),
    ({"suite": 3}, "--suite"),
    ({"interval": 0}, "--interval"),
    ({"address": "10.0.2.15/24"}, "how does the device get its address?"),
    ({"address": "10.0.2.15/24", "gateway": "10.0.3.1"}, "is no address in"),
    ({"address": "10.0.2.15/31", "gateway": "10.0.2.14"}, "is no A.B.C.D/LEN"),
    ({"address": "10.0.2.15", "gateway": "10.0.2.2"}, "is no A.B.C.D/LEN"),
    ({"address": "10.0.2.15/24", "gateway": "10.0.2.2", "dhcp": True}, "how does the device get its address?"),
    ({"topic": "a/+"}, "--topic"),
    ({"topic": "t" * 129}, "--topic"),
    ({"will_payload": "gone"}, "needs --will-topic"),
    ({"wake": "aa55"}, "needs --command-port"),
    ({"wake": "aa5", "command_port": 1}, "--wake"),
    ({"wake": "aa" * 17, "command_port": 1}, "--wake"),
    ({"command": [f"word-{i}" for i in range(9)]}, "at most 8"),
    ({"command": ["w" * 200] * 4}, "do not fit"),
    ({"commander": "boss"}, "is no ID:FILE"),
])
def test_what_no_device_would_take_is_a_matter_of_usage(image, key, options, words):
    code, said = complaint(*arguments(image, key, **options))
    assert (code, image.exists()) == (2, False) and words in said, said


def test_files_that_others_read_are_refused(image, key, tmp_path):
    key.chmod(0o644)
    code, words = complaint(*arguments(image, key))
    assert (code, image.exists()) == (5, False) and "chmod 600" in words
    code, words = complaint(*arguments(image, tmp_path / "none"))
    assert code == 5


@pytest.mark.parametrize("text, words", [
    ("reading,mote_id\n", "line 1"),
    ("{heading}\n1,1,1,45.93\n", "line 2"),
    ("{heading}\n1,1,1,45.93,warm,0\n", "line 2"),
    ("{heading}\n1,1,1,45.93,400,0\n", "line 2"),
    ("{heading}\n1,1,1,nan,20,0\n", "line 2"),
    ("{heading}\n1,2,1,45.93,20,0\n", "has 0 readings"),
    ("", "line 1"),
])
def test_a_data_set_that_is_none(image, key, tmp_path, text, words):
    path = tmp_path / "data.csv"
    path.write_text(text.replace("{heading}", "reading,mote_id,indoor,humidity,temperature,label"))
    code, said = complaint(*arguments(image, key, data=path))
    assert code == 5 and words in said, said


# keys of the client's

def new_key(directory, name):
    path = directory / f"{name}.key"
    subprocess.run([CLI, "key", "new", name, "-o", path, "--server-id", "plant-broker"], check=True, capture_output=True)
    return path


def test_a_key_file_says_whose_it_is(image, tmp_path):
    path = new_key(tmp_path, "mote-7")
    assert flash.run_tool(*arguments(image, path, identity=None, server_id=None)).returncode == 0
    settings = flash.inspect(image)["settings"]
    assert (settings["identity"], settings["server_id"], settings["topic"]) == ("mote-7", "plant-broker", "plant/mote-7/t")
    code, words = complaint(*arguments(image, path, identity="mote-8", force=True))
    assert code == 2 and "mote-7" in words
    code, words = complaint(*arguments(image, path, identity=None, server_id="other", force=True))
    assert code == 2 and "plant-broker" in words


def test_a_key_that_was_used_is_refused(image, tmp_path):
    path = new_key(tmp_path, "mote-7")
    path.write_text(path.read_text().replace("epoch = 0", "epoch = 4"))
    code, words = complaint(*arguments(image, path, identity=None))
    assert (code, image.exists()) == (5, False) and "epoch is 4" in words


def test_a_registration_becomes_a_device_of_mfar(image, tmp_path):
    path = tmp_path / "mote-9.key"
    path.touch(0o600)
    path.write_text(
        "version = 1\nidentity = mote-9\nkind = device\nmethod = mfar\n" f"key = {KEY}\npassword = hush-hush\n"
        "data.uuid = 0123456789\ndata.model = TelosB\nsuite = 1\n")
    assert flash.run_tool(*arguments(image, path, identity=None)).returncode == 0
    done = flash.run_tool("inspect", image, "--json")
    assert '"method":"mfar"' in done.stdout and '"registered_fields":["uuid","model"]' in done.stdout
    assert "hush" not in done.stdout and "0123456789" not in done.stdout


# inspect and readings

def test_a_flash_that_never_ran(image):
    flash.provision(image, **PLAIN)
    found = flash.inspect(image)
    assert found["secrets"] == "present"
    assert [found[region]["content"] for region in ("vault", "device", "ring")] == ["blank"] * 3
    assert (found["vault"]["next_epoch"], found["vault"]["starts"], found["vault"]["free_bytes"] > 3000) == (1, 0, True)
    assert (found["ring"]["waiting"], found["ring"]["oldest"], found["ring"]["pages"]) == (0, None, 64)
    assert flash.readings(image) == []


@needs_node
def test_a_flash_of_a_device_without_a_link(image):
    flash.provision(image, **PLAIN, interval=20, commanders={"boss": SECRET})
    run_offline(image)
    found = flash.inspect(image)
    vault, ring = found["vault"], found["ring"]
    assert found["secrets"] == "in the key store" and bytes.fromhex(KEY) not in image.read_bytes()[:PAGE]
    assert {record["name"]: record["secret"] for record in vault["records"]} == {
        "message": False, "starts": False, "seed": True, "which key counts": False, "how many command keys": False,
        "device key 1": True, "command key 1": True} | ({"epoch": False} if vault["next_epoch"] > 1 else {})
    assert (vault["starts"], vault["last_kid"], vault["key_change"]) == (1, 0, False)
    waiting = flash.readings(image)
    assert [ring["oldest"], ring["newest"], ring["waiting"]] == [waiting[0]["number"], waiting[-1]["number"], len(waiting)]
    assert ring["greatest"] == ring["newest"] < vault["next_message"]
    assert all(f'"n":{one["number"]},' in one["text"] for one in waiting)

    before = image.read_bytes()
    assert flash.run_tool("inspect", image).returncode == flash.run_tool("readings", image).returncode == 0
    assert image.read_bytes() == before, "looking changed it"

    run_offline(image, len(waiting) + 3)
    again = flash.inspect(image)["vault"]
    assert again["starts"] == 2 and again["next_message"] > vault["next_message"] and again["generation"] > vault["generation"]


@needs_node
def test_payloads_that_are_no_text_are_shown_in_hex(image):
    flash.provision(image, **PLAIN, interval=20)
    run_offline(image)
    content = bytearray(image.read_bytes())
    at = RING_AT + 16  # behind the head of the page: the first entry, its head, its payload, and a CRC begun with its address
    words = (content[at + 2] + 3) // 4 * 4
    content[at + 4] = 0x07
    struct.pack_into("<I", content, at + 4 + words, zlib.crc32(content[at:at + 4 + words], at))
    image.write_bytes(content)
    first = flash.readings(image)[0]
    assert first["hex"].startswith("07") and "text" not in first
    assert flash.run_tool("readings", image).stdout.startswith(f"{first['number']} 0x07")


@needs_node
def test_a_device_made_from_a_key_file_is_heard(image, tmp_path):
    key = new_key(tmp_path, "mote-1")
    with Plant(rules=[config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        hexadecimal = re.search(r"key = ([0-9a-f]{64})", key.read_text())[1]
        plant.admin.call("registerDevice", identity="mote-1", key=hexadecimal, suites=[2])
        flash.provision(image, identity="mote-1", key=key, broker_port=plant.broker.port, interval=20)
        with running(image, plant.broker.port):
            plant.broker.wait_for_log("mote-1")
            wait_until(lambda: flash.inspect(image)["vault"]["last_kid"] != 0, 20, lambda: str(flash.inspect(image)))
            wait_until(lambda: flash.inspect(image)["ring"]["greatest"] > 40, 20, lambda: str(flash.inspect(image)))
    found = flash.inspect(image)
    assert found["vault"]["next_epoch"] > 1 and found["ring"]["greatest"] > found["ring"]["waiting"]


def is_answered(image):
    """Whatever is in the flash: an answer, and no fault of the program's."""
    inspected, read = flash.run_tool("inspect", image, "--json"), flash.run_tool("readings", image)
    assert inspected.returncode == 0 and inspected.stdout.count("\n") == 1, inspected.stderr
    assert read.returncode in (0, 5) and "unexpected" not in read.stderr and "ERROR" not in read.stderr, read.stderr
    assert flash.run_tool("inspect", image).returncode == 0


@needs_node
def test_arbitrary_content_is_survived(image):
    flash.provision(image, **PLAIN, interval=20, command=["ping"], will_topic="a/w", will_payload="gone")
    run_offline(image)
    good, dice = image.read_bytes()[:80 * PAGE], random.Random(5)
    used = [at for at in range(0, len(good), 4) if good[at:at + 4] != b"\xff" * 4]
    for turn in range(25):
        content = bytearray(good)
        for _ in range(dice.randrange(1, 40)):
            content[dice.choice(used) + dice.randrange(4)] ^= 1 << dice.randrange(8)
        if turn % 5 == 0:
            source, target = dice.randrange(80) * PAGE, dice.randrange(80) * PAGE
            content[target:target + PAGE] = content[source:source + PAGE]
        image.write_bytes(content)
        is_answered(image)


@pytest.mark.parametrize("byte", [0, 0xFF, 0x5A, None])
def test_a_file_that_was_never_a_flash(image, byte):
    image.write_bytes(random.Random(7).randbytes(80 * PAGE) if byte is None else bytes([byte]) * (80 * PAGE))
    is_answered(image)
    found = flash.inspect(image)
    assert (found["settings"], found["secrets"]) == (None, "missing")
    assert found["vault"]["content"] == ("blank" if byte == 0xFF else "unreadable")


@pytest.mark.parametrize("size", [0, 100, PAGE, 80 * PAGE - 1, 79 * PAGE])
@pytest.mark.parametrize("command", ["inspect", "readings"])
def test_a_file_of_another_size(image, command, size):
    image.write_bytes(b"\xff" * size)
    assert complaint(command, image)[0] == 5


@pytest.mark.parametrize("command", ["inspect", "readings"])
def test_no_file(command, tmp_path):
    assert complaint(command, tmp_path / "none")[0] == complaint(command, tmp_path)[0] == 5


# the command line

def test_usage():
    for words in ([], ["erase"], ["inspect"], ["inspect", "--secret"], ["provision"]):
        assert complaint(*words)[0] == 2
    assert flash.run_tool("--help").returncode == flash.run_tool("inspect", "-h").returncode == 0
    version = re.search(r"project\(\w+ VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert flash.run_tool("--version").stdout.strip() == version


def test_results_that_cannot_be_written(image):
    flash.provision(image, **PLAIN)
    with open("/dev/full", "w") as full:
        done = subprocess.run([flash.tool(), "inspect", image], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 5 and "standard output" in done.stderr


def test_the_manual_page_names_the_commands_and_options_of_the_help():
    page = ROOT / "docs/man/countersign-flash.1"
    text = page.read_text().replace("\\-", "-").split(".SH COMMANDS")[1].split(".SH OPTIONS")[0]
    told = dict(zip(re.findall(r"^\.SS (.*)$", text, re.M), re.split(r"^\.SS .*$", text, flags=re.M)[1:]))
    offered = re.findall(r"^  ([a-z]+) ", flash.run_tool("--help").stdout.split("Subcommands:")[1], re.M)
    assert set(told) == set(offered) and len(told) == 3
    for command in offered:
        lines = re.findall(r"^  (-\S+)", flash.run_tool(command, "--help").stdout, re.M)
        options = {option for line in lines for option in line.split(",")} - {"-h", "--help"}
        named = {option for line in re.findall(r"^\.TP\n(.*)$", told[command], re.M) for option in re.findall(r"\\fB(--?[a-z-]+)", line)}
        assert options == named, command
    done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8", page], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
