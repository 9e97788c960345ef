"""Countersign's protocol, written a second time from its specification, and fixtures around real parts."""
