"""What needs neither broker nor card, as sessions at a terminal."""

import getpass

import pytest

import terminal


@pytest.mark.parametrize("path", terminal.sessions("offline"), ids=lambda path: path.stem)
def test_session(path, tmp_path):
    terminal.run(path, tmp_path, {"ME": getpass.getuser()})
