"""Without firmware there is nothing to test: ctest shows 77 as skipped."""

import pytest
from countersign_tests import config
from countersign_tests.firmware import image_path
from countersign_tests.motes import Mote, Reader
from countersign_tests.plant import Plant

SKIPPED = 77
BOARDS = ("an386", "an505")
NEEDS_NO_FIRMWARE = "flash_tool_test.py"


def pytest_sessionstart(session):
    host_alone = all(NEEDS_NO_FIRMWARE in argument for argument in session.config.args)
    if image_path("bringup") is None and not host_alone:
        pytest.exit("no firmware: scripts/build_firmware.sh builds it", returncode=SKIPPED)


@pytest.fixture(params=BOARDS)
def board(request):
    return request.param


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
def new_mote(board):
    """Makes provisioned boards, powered off; they end with the test."""
    made = []

    def make(plant, *arguments, **settings):
        made.append(Mote(plant, board, *arguments, **settings))
        return made[-1]

    yield make
    for mote in made:
        mote.remove()
