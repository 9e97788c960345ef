"""Which devices the tests are for, and what they need. Without them there is nothing to test: ctest shows 77 as skipped.

A test that takes `new_mote` is run for both boards that QEMU emulates; with `@pytest.mark.host(1, 2)` for the reference firmware
as a program of this host too, with these suites; with `emulated=False` for that alone.

COUNTERSIGN_BOARDS   "emulated" or "host": for these alone (default: for both)
"""

import os

import pytest
from countersign_tests import config
from countersign_tests.firmware import image_path
from countersign_tests.motes import DEFAULT_SUITE, EMULATED, HOST, Reader, host_program, make_mote
from countersign_tests.plant import Plant

SKIPPED = 77
NEEDS_NO_FIRMWARE = "flash_tool_test.py"
CHOSEN = os.environ.get("COUNTERSIGN_BOARDS")


def pytest_configure(config):
    config.addinivalue_line("markers", "host(*suites): also for the reference firmware as a program of this host")


def pytest_sessionstart(session):
    host_alone = CHOSEN == HOST or all(NEEDS_NO_FIRMWARE in argument for argument in session.config.args)
    if image_path("bringup") is None and not host_alone:
        pytest.exit("no firmware: scripts/build_firmware.sh builds it", returncode=SKIPPED)
    if CHOSEN == HOST and host_program() is None:
        pytest.exit("countersign-node is not built", returncode=SKIPPED)


def pytest_generate_tests(metafunc):
    if "new_mote" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker("host")
    suites = mark.args if mark and host_program() and CHOSEN != "emulated" else ()
    boards = EMULATED if CHOSEN != HOST and (not mark or mark.kwargs.get("emulated", True)) else ()
    devices = [(board, None) for board in boards] + [(HOST, suite) for suite in suites]
    metafunc.parametrize("device", devices, ids=[board + (f"-suite{suite}" if suite else "") for board, suite in devices])


@pytest.fixture
def suite(device):
    """Of the handshakes. The boards that are built for these tests know one only."""
    return device[1] or DEFAULT_SUITE


@pytest.fixture
def new_plant():
    """Makes plants whose broker enforces signatures on readings; they end with the test."""
    made = []

    def make(rules=(), **options):
        plant = Plant([config.rule("plant/%d/t", subscribe="anyone"), *rules], **options)
        made.append(plant)
        return plant.__enter__()

    yield make
    for plant in made:
        plant.__exit__()


@pytest.fixture
def plant(new_plant):
    return new_plant()


@pytest.fixture
def reader(plant):
    with Reader(plant) as reader:
        yield reader


@pytest.fixture
def new_mote(device, suite):
    """Makes provisioned devices, powered off; they end with the test."""
    board, _ = device
    made = []

    def make(plant, *arguments, **settings):
        made.append(make_mote(plant, board, *arguments, **({"suite": suite} | settings)))
        return made[-1]

    yield make
    for mote in made:
        mote.remove()
