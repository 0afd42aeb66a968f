"""Chromium, driven by Playwright: for the live page and for the documentation's site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from .servers import ProgramMissing
from .servers.chromium import Chromium, find_chromium

PATIENCE = 40_000
"""How long the browser may take for anything, in milliseconds."""
_QUIET = ["--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@contextmanager
def running_browser() -> Iterator[Browser]:
    """It asks nobody for anything by itself. Without Chromium, the test is left out."""
    program = find_chromium()
    if program is None:
        raise ProgramMissing(Chromium)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--no-first-run", *_QUIET],
            timeout=PATIENCE,
        )
        yield browser
        browser.close()
