"""The boards and our port alone: they boot, reach a real broker, notice the cable, and end well when the program does not.

The image is told what to do by page 0 of its flash: "BRNG", the broker's port, a mode.
"""

import contextlib
import os
import socket
import struct
import threading

import pytest
from countersign_tests.broker import Broker, free_port
from countersign_tests.firmware import Firmware, erased_flash, image_path

LEAVE, STAY, HANG, FAULT, OVERFLOW = range(5)
STACK_BYTES = 2048
ECHO_PORT = 7
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


@pytest.fixture
def listener(board):
    """A board, and the port of this host where it echoes."""
    port = free_port()
    firmware = board(*BOARDS[0], STAY, forward={port: ECHO_PORT})
    firmware.wait_for("connack")
    return firmware, port


@pytest.fixture
def peer(listener):
    _, port = listener
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.settimeout(20)
        yield connection


def receive(connection, size):
    whole = b""
    while len(whole) < size and (part := connection.recv(65536)):
        whole += part
    return whole


def test_what_it_echoes_is_what_it_was_sent(peer):
    sent = os.urandom(300_000)
    sender = threading.Thread(target=peer.sendall, args=(sent,))
    sender.start()
    assert receive(peer, len(sent)) == sent
    sender.join()


def test_many_small_segments_come_in_order(peer):
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sent = b""
    for i in range(2000):
        part = i.to_bytes(2, "big") * (1 + i % 7)
        peer.sendall(part)
        sent += part
    assert receive(peer, len(sent)) == sent


def test_a_second_peer_is_turned_away_and_the_first_stays(peer):
    peer.sendall(b"first")
    assert receive(peer, 5) == b"first"
    with socket.create_connection(peer.getpeername(), 5) as second:
        second.settimeout(10)
        second.sendall(b"second")
        with contextlib.suppress(ConnectionResetError):
            assert second.recv(16) == b""
    peer.sendall(b"again")
    assert receive(peer, 5) == b"again"


def test_a_peer_that_never_reads_does_not_stop_other_connections(broker, listener, peer):
    firmware, _ = listener
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer.settimeout(0.5)
    with contextlib.suppress(TimeoutError):
        for _ in range(1_000_000):
            peer.sendall(b"unread")
    broker.client("bringup")  # takes the board's client id, so that its connection ends
    firmware.wait_for("link", state=0)
