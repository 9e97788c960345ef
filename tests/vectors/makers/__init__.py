"""The families of vectors, one module each; every module has `vectors()`."""

from . import envelope, handshake, mfar, mfar_steps, session, standards

FAMILIES = (envelope, handshake, mfar, mfar_steps, session, standards)
