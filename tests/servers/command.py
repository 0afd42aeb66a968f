"""Commands that install something: quiet if they succeed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .process import ServerError


def run(command: Sequence[str], cwd: Path | None = None, variables: Mapping[str, str] = {}) -> None:
    """ServerError with the command's output if it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", **variables}
    result = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode:
        output = (result.stderr or result.stdout).splitlines()
        # The cause is at the top (npm) or at the bottom (apt-get, pip).
        shown = output if len(output) <= 16 else [*output[:8], "...", *output[-8:]]
        raise ServerError("\n".join([f"`{' '.join(command)}` failed:", *shown]))
