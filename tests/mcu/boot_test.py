"""The boards and our port alone: they boot, reach a real broker, notice the cable, and end well when the program does not.

The image is told what to do by page 0 of its flash: "BRNG", the broker's port, a mode.
"""

import struct

import pytest
from countersign_tests.broker import Broker
from countersign_tests.firmware import Firmware, erased_flash, image_path

LEAVE, STAY, HANG, FAULT, OVERFLOW = range(5)
STACK_BYTES = 2048
STARTS = [("firmware-an386", "an386"), ("firmware-an505", "an505"), ("firmware-an386-dhcp", "an386")]
BOARDS = STARTS[:2]


@pytest.fixture(scope="module")
def broker():
    with Broker(plugin="") as running:
        yield running


@pytest.fixture
def board(broker, tmp_path):
    """Makes boards whose page 0 says `mode`; they end with the test."""
    made = []

    def make(preset, name, mode, port=None, **options):
        flash = tmp_path / f"flash-{len(made)}.bin"
        erased_flash(flash)
        with open(flash, "r+b") as page:
            page.write(b"BRNG" + struct.pack(">HB", port or broker.port, mode))
        firmware = Firmware(image_path("bringup", preset), name, flash=flash, **options)
        made.append(firmware)
        return firmware.start()

    yield make
    for firmware in made:
        firmware.remove()


@pytest.mark.parametrize("preset, name", STARTS)
def test_it_boots_reaches_the_broker_and_ends_by_its_own_reset(board, broker, preset, name):
    firmware = board(preset, name, LEAVE)
    assert firmware.wait_exit() == 0
    assert firmware.wait_for("boot")["board"] == name
    assert firmware.wait_for("flash")["works"] == "1"
    assert firmware.wait_for("network-up")["address"] == "a00020f"
    assert firmware.wait_for("connack")["code"] == "0"
    assert int(firmware.wait_for("stack")["peak"]) <= STACK_BYTES
    assert "as bringup" in broker.log()


@pytest.mark.parametrize("preset, name", STARTS)
def test_it_notices_that_the_cable_is_out_and_in_again(board, preset, name):
    firmware = board(preset, name, STAY)
    firmware.wait_for("connack")
    firmware.set_link(False)
    firmware.wait_for("network-down")
    firmware.set_link(True)
    firmware.wait_for("network-up", after=1)
    # the connection has outlived it
    assert [line["state"] for line in firmware.lines("link")] == ["1", "2"]


@pytest.mark.parametrize("preset, name", BOARDS)
def test_it_notices_that_the_broker_is_gone(board, preset, name):
    with Broker(plugin="") as short_lived:
        firmware = board(preset, name, STAY, port=short_lived.port)
        firmware.wait_for("connack")
    firmware.wait_for("link", state=0)


@pytest.mark.parametrize("preset, name", BOARDS)
def test_nobody_listens(board, preset, name):
    with Broker(plugin="") as short_lived:
        port = short_lived.port
    firmware = board(preset, name, STAY, port=port)
    firmware.wait_for("link", state=0, after=1)
    assert not firmware.lines("connack")


@pytest.mark.parametrize("preset, name", BOARDS)
def test_the_watchdog_says_where_a_program_stands_still_and_resets_it(board, preset, name):
    firmware = board(preset, name, HANG)
    assert firmware.wait_exit() == 0
    assert int(firmware.wait_for("watchdog")["pc"], 16) != 0


@pytest.mark.parametrize("preset, name", BOARDS)
@pytest.mark.parametrize("mode", [FAULT, OVERFLOW])
def test_a_fault_is_reported_and_resets(board, preset, name, mode):
    firmware = board(preset, name, mode)
    assert firmware.wait_exit() == 0
    assert firmware.wait_for("fault")["exception"] == "3"


def test_two_boards_do_not_disturb_each_other(board, broker):
    first, second = (board(*BOARDS[0], STAY, mac=f"52:54:00:00:00:0{i}") for i in (1, 2))
    assert first.wait_for("connack")["code"] == second.wait_for("connack")["code"] == "0"
    # they have one client id, so the broker lets the younger have it
    broker.wait_for_log("Client bringup already connected")
