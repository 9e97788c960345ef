"""The families of vectors, one module each; every module has `vectors()`."""

from . import envelope, handshake

FAMILIES = (envelope, handshake)
