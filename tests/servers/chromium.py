"""The browser in which the tests drive the live page."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

from .server import Program, find_program

BROWSERS = Path(__file__).parents[2] / ".servers" / "browsers"


class Chromium(Program):
    title = "Chromium"
    variable = "CHROMIUM"

    @classmethod
    def missing(cls) -> str | None:
        return None if find_chromium() else "there is no Chromium that starts"


def find_chromium() -> str | None:
    """The one that CHROMIUM names, else the machine's, else the one that Playwright has downloaded."""
    if own := os.environ.get(Chromium.variable):
        return own
    installed = [find_program(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    downloaded = map(str, sorted(BROWSERS.glob("*/*/*headless*shell")))
    return next((program for program in (*installed, *downloaded) if program and _starts(program)), None)


@cache
def _starts(program: str) -> bool:
    """A snap does not count: it sees no temporary folder, so no test can drive it."""
    if Path(program).resolve().name == "snap" or b"/snap/" in Path(program).read_bytes()[:4096]:
        return False
    return subprocess.run([program, "--version"], capture_output=True, timeout=60).returncode == 0
