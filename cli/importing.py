"""What a command is told to take from the host's code, as ``module:name``."""

from __future__ import annotations

import os
import sys


def look_here_too() -> None:
    """Import from the working directory as well, as ``celery -A`` does and a console script does not."""
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
