"""The threads that write keep their files apart from the broker's: no socket is theirs, and none is kept open by them."""

import os
import pathlib
import socket

import pytest
from countersign_tests import config
from countersign_tests.broker import wait_until
from countersign_tests.plant import Plant

CONNECTS = 1_000


@pytest.fixture(scope="module")
def plant():
    with Plant([config.rule("plant/%d/t", subscribe="anyone")]) as plant:
        yield plant


def tables(plant):
    """What each thread of the broker has open; first the broker's own."""
    pid = plant.broker.process.pid
    tasks = sorted(pathlib.Path(f"/proc/{pid}/task").iterdir(), key=lambda task: int(task.name))
    return [[os.readlink(file) for file in (task / "fd").iterdir()] for task in tasks]


def test_threads_that_write_hold_their_own_files_and_no_socket(plant):
    plant.device("mote-1")
    broker, *writers = tables(plant)
    assert any(file.startswith("socket:") for file in broker)
    assert not any(file.endswith((".db", ".jsonl")) for file in broker)
    files = [file for table in writers for file in table]
    assert sum(file.endswith("/audit.jsonl") for file in files) == 1
    assert sum(file.endswith("/countersign.db") for file in files) == 1
    assert not any(file.startswith(("socket:", "anon_inode:")) for file in files)


def test_a_thousand_connections_leave_nothing_open(plant):
    before = list(map(len, tables(plant)))
    for _ in range(CONNECTS):
        plant.broker.client("passer-by").disconnect()
    wait_until(lambda: list(map(len, tables(plant))) == before, 5, lambda: f"{before} became {tables(plant)}")


def test_a_client_sees_the_end_of_its_connection(plant):
    mote = plant.device("mote-2")
    plant.admin.call("block", identity="mote-2")
    mote.connection.wait_closed()


def test_after_rotations_and_a_stop_the_port_is_free(plant):
    before = list(map(len, tables(plant)))
    for _ in range(3):
        plant.reload()
    wait_until(lambda: list(map(len, tables(plant))) == before, 5, "a file of the audit was left open")
    plant.stop()
    with socket.socket() as port:
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # past connections linger, listeners may not
        port.bind(("127.0.0.1", plant.broker.port))
        port.listen()
