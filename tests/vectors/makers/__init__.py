"""The families of vectors, one module each; every module has `vectors()`."""

from . import envelope, handshake, session, standards

FAMILIES = (envelope, handshake, session, standards)
