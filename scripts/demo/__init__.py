"""The whole story on real parts: `make demo`."""
