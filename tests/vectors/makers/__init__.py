"""The families of vectors, one module each; every module has `vectors()`."""

from . import card, command, envelope, handshake, mfar, mfar_steps, rekey, session, standards

FAMILIES = (card, command, envelope, handshake, mfar, mfar_steps, rekey, session, standards)
