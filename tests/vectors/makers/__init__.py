"""The families of vectors, one module each; every module has `vectors()`."""

from . import card, envelope, handshake, mfar, mfar_steps, session, standards

FAMILIES = (card, envelope, handshake, mfar, mfar_steps, session, standards)
