"""Without firmware there is nothing to test: ctest shows 77 as skipped."""

import pytest
from countersign_tests.firmware import image_path

SKIPPED = 77


def pytest_sessionstart(session):
    if image_path("bringup") is None:
        pytest.exit("no firmware: scripts/build_firmware.sh builds it", returncode=SKIPPED)
