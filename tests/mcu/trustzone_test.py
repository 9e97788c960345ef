"""Two worlds on one board: the secure image as it is released, beside a non-secure one that means ill.

What the trial is to attempt stands in page 3 of the flash, the first that is its own.
"""

import json
import re
import struct
import zlib

import pytest
from countersign_tests import config
from countersign_tests.firmware import PAGE_BYTES, Firmware, erased_flash, image_path
from countersign_tests.motes import images
from countersign_tests.plant import SERVER_ID, Plant

PRESET = "firmware-an505-trustzone"
OTHER_SIDE = "0x10200000"  # where the secure world sees what the other one runs
KEY, SEED = bytes([0x42]) * 32, bytes(range(64))
PASSWORD, FIELD = b"not for the other side", b"\x06serial" + b"nor this"
VAULT_PAGE, ORDER_PAGE, RING_PAGE, DATA_PAGE = 1, 3, 16, 256
DATA = [(2150, 4000), (2160, 4010)]
MAGIC = b"CSP1"
USE, READ_KEYS, READ_PROVISIONING, WRITE_KEYS, READ_MEMORY, READ_CODE, READ_CONTROL, JUMP = range(8)
INVALID_ENTRY, ATTRIBUTION = 1 << 0, 1 << 3  # of the secure fault status (ARMv8-M, SFSR); QEMU does not tell the address


def setting(tag, value):
    return struct.pack(">BB", tag, len(value)) + value


def with_crc(data):
    padded = data + b"\xff" * (-len(data) % 4)
    return zlib.crc32(padded, int.from_bytes(MAGIC, "big"))


def provisioning_page(key=KEY, server_id=b"broker.plant-1", port=1883, readings=1):
    settings = b"".join([
        setting(1, b"mote-3"), setting(2, server_id), setting(3, bytes([10, 0, 2, 2]) + struct.pack(">H", port)),
        setting(4, bytes([2, 0])), setting(5, bytes([10, 0, 2, 15, 255, 255, 255, 0, 10, 0, 2, 2])),
        setting(6, b"plant/mote-3/t"), setting(7, struct.pack(">II", 10, readings)),
        setting(9, struct.pack(">II", DATA_PAGE * PAGE_BYTES, len(DATA))), setting(14, PASSWORD), setting(18, FIELD)])
    secrets = key + SEED + bytes(4 * 32)
    page = MAGIC + struct.pack(">II", len(settings), with_crc(settings)) + settings
    return page.ljust(2048, b"\xff") + secrets + struct.pack(">I", with_crc(secrets))


def provision(flash, **told):
    erased_flash(flash)
    with open(flash, "r+b") as out:
        out.write(provisioning_page(**told))
        out.seek(DATA_PAGE * PAGE_BYTES)
        out.write(b"".join(struct.pack("<hH", *one) for one in DATA))


def image(other_side):
    other = image_path(other_side, PRESET).with_suffix(".bin")
    return ["-kernel", str(image_path("secure", PRESET)), "-device", f"loader,file={other},addr={OTHER_SIDE},force-raw=on"]


@pytest.fixture
def board(tmp_path):
    """A provisioned board whose other side attempts something; it ends with the test."""
    flash = tmp_path / "flash.bin"
    provision(flash)
    made = []

    def start(attempt):
        with open(flash, "r+b") as out:
            out.seek(ORDER_PAGE * PAGE_BYTES)
            out.write(struct.pack("<I", attempt))
        made.append(Firmware(image("trial"), "an505", flash=flash))
        return made[-1].start()

    yield start
    for firmware in made:
        firmware.remove()


def used(board):
    """A board whose other side has asked for everything, and has ended by itself."""
    firmware = board(USE)
    assert firmware.wait_exit() == 0
    assert "trial-over" in firmware.log(), firmware.output()
    return firmware


def refusals(firmware, what):
    return {line["why"] for line in firmware.lines("tried") if line["what"] == what}


@pytest.mark.parametrize("attempt", [READ_KEYS, READ_PROVISIONING, WRITE_KEYS, READ_MEMORY, READ_CODE, READ_CONTROL])
def test_what_is_secure_cannot_be_reached(board, attempt):
    firmware = board(attempt)
    assert firmware.wait_exit() == 0
    assert int(firmware.lines("secure-fault")[0]["status"], 16) & ATTRIBUTION
    assert not firmware.lines("read")
    assert "trial-over" not in firmware.log()


def test_secure_code_is_entered_by_its_gate_alone(board):
    firmware = board(JUMP)
    assert firmware.wait_exit() == 0
    assert int(firmware.lines("secure-fault")[0]["status"], 16) & INVALID_ENTRY
    assert "trial-over" not in firmware.log()


def test_a_write_that_was_tried_changed_nothing(board, tmp_path):
    used(board)
    before = (tmp_path / "flash.bin").read_bytes()[: ORDER_PAGE * PAGE_BYTES]
    assert board(WRITE_KEYS).wait_exit() == 0
    after = (tmp_path / "flash.bin").read_bytes()[: ORDER_PAGE * PAGE_BYTES]
    assert len([1 for a, b in zip(before[PAGE_BYTES:], after[PAGE_BYTES:]) if a != b]) < 200  # one more start, no page gone
    assert used(board).lines("login")[0]["done"] == "1"


def test_the_gate_takes_no_pointer_into_secure_memory(board):
    firmware = used(board)
    assert len(firmware.lines("smuggling")) == 4
    assert refusals(firmware, "honest") == {"none"}
    for what in ("in", "out", "text", "request", "reply", "settings", "around-out"):
        assert refusals(firmware, what) == {"denied"}, what
    assert refusals(firmware, "around") == {"too_large"}
    assert refusals(firmware, "unknown") == {"malformed"}
    assert refusals(firmware, "far") == {"out_of_range"}


def test_one_number_is_signed_for_one_message(board):
    firmware = used(board)
    assert firmware.lines("login")[0] == {"event": "login", "done": "1", "at": "finished", "kid": "77"}
    assert refusals(firmware, "sign-without-session") == {"unknown_kid"}
    assert refusals(firmware, "sign") == refusals(firmware, "sign-again") == {"none"}
    assert firmware.lines("tags")[0]["same"] == "1"
    for what in ("sign-other", "sign-earlier-other", "sign-never-asked"):
        assert refusals(firmware, what) == {"replayed"}, what
    assert refusals(firmware, "sign-later") == {"none"}


def test_no_number_comes_again_after_a_start(board):
    before = used(board).lines("numbers")[0]
    again = used(board)
    assert int(again.lines("upcoming")[0]["number"]) > int(before["second"])
    assert int(again.lines("numbers")[0]["first"]) > int(before["second"])


def test_the_other_side_is_told_who_it_is_and_no_secret(board, tmp_path):
    firmware = used(board)
    told = firmware.lines("settings")[0]
    assert (told["parsed"], told["identity"], told["password"], told["fields"]) == ("1", "mote-3", "*", "0")
    assert not re.search(KEY.hex(), firmware.log())
    flash = (tmp_path / "flash.bin").read_bytes()
    assert KEY not in flash[:PAGE_BYTES], "the secrets of provisioning are destroyed once the store has them"
    assert KEY in flash[VAULT_PAGE * PAGE_BYTES : ORDER_PAGE * PAGE_BYTES]
    assert KEY not in flash[ORDER_PAGE * PAGE_BYTES :]


def test_the_reference_firmware_works_across_the_boundary(tmp_path):
    """The real broker enforces; the mote starts twice, and each reading comes once, in order."""
    flash = tmp_path / "flash.bin"
    with Plant(rules=[config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        plant.register("mote-3")
        provision(flash, key=plant.keys["mote-3"], server_id=SERVER_ID.encode(), port=plant.broker.port, readings=5)
        with plant.broker.client("reader") as reader:
            reader.subscribe("plant/mote-3/t")
            for _ in range(2):
                with Firmware(image("firmware"), "an505", flash=flash) as firmware:
                    firmware.wait_for("done", taken=5)
                    firmware.kill()
            readings = [json.loads(reader.receive(topic="plant/mote-3/t").payload) for _ in range(10)]
    numbers = [one["n"] for one in readings]
    assert numbers == sorted(set(numbers))
    assert [one["prev"] for one in readings[1:5]] == numbers[:4]


# a mote that cannot go on, in one world and in two

def break_store(flash):
    with open(flash, "r+b") as out:
        out.seek(VAULT_PAGE * PAGE_BYTES)
        out.write(bytes(range(256)) * (2 * PAGE_BYTES // 256))


def break_ring(flash):
    """Three pages, each later than the one before, round and round: no ring was ever written so."""
    with open(flash, "r+b") as out:
        for turn in range(3):
            at = (RING_PAGE + turn) * PAGE_BYTES
            head = struct.pack("<II", turn * 0x5555, 0)
            out.seek(at)
            out.write(head + struct.pack("<I", zlib.crc32(head, at)))


@pytest.fixture
def broken(tmp_path):
    """A provisioned mote whose flash something broke; it ends with the test."""
    made = []

    def start(name, damage):
        flash = tmp_path / "flash.bin"
        provision(flash)
        damage(flash)
        made.append(Firmware(images(name), name, flash=flash))
        return made[-1].start()

    yield start
    for firmware in made:
        firmware.remove()


@pytest.mark.parametrize("name, damage, why", [("an386", break_store, "key"), ("an386", break_ring, "ring"), ("an505", break_ring, "ring")])
def test_a_mote_that_cannot_go_on_says_so_and_the_watchdog_starts_it_anew(broken, name, damage, why):
    firmware = broken(name, damage)
    firmware.wait_for("fault", why=why)
    assert firmware.running(), "the watchdog gives it a while"
    assert firmware.wait_exit() == 0
    assert not firmware.lines("online")


def test_a_secure_side_without_its_keys_never_starts_the_other(broken):
    firmware = broken("an505", break_store)
    assert firmware.wait_exit() == 0
    assert firmware.lines("secure-fault")[0]["status"] == "none"
    assert not firmware.lines("boot")
