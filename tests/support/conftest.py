"""Puts this directory on the path of the tests below it, so that they find `countersign_tests`."""
