"""The whole protocol under one name: `from countersign_tests import protocol`."""

from .envelope import *  # noqa: F401,F403
from .handshake import *  # noqa: F401,F403
from .mfar import *  # noqa: F401,F403
from .primitives import *  # noqa: F401,F403
from .session import *  # noqa: F401,F403
