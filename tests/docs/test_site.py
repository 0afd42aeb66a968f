"""The site is whole: a reader without a network sees every page and every diagram."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from ..browser import PATIENCE, running_browser
from .blocks import PAGES, ROOT

DOCS = ROOT / "docs"
DIAGRAMS = {page: page.read_text().count("\n```mermaid\n") for page in PAGES if page.is_relative_to(DOCS)}
OPEN_SHADOWS = """
const attach = Element.prototype.attachShadow
Element.prototype.attachShadow = function (options) { return attach.call(this, { ...options, mode: 'open' }) }
"""
"""The theme draws a diagram where no test could look."""
DRAWN = "[...document.querySelectorAll('div.mermaid')].filter(one => one.shadowRoot.querySelector('svg')).length"


class Quiet(SimpleHTTPRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@pytest.fixture
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is served, as ``make docs`` builds it."""
    site = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.timeout(400)  # It builds the site and opens each page.
def test_no_page_needs_another_host_and_each_diagram_is_drawn_N10(address: str) -> None:
    asked: set[str] = set()
    with running_browser() as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.add_init_script(OPEN_SHADOWS)
        page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
        for source, count in DIAGRAMS.items():
            page.goto(f"{address}/{source.relative_to(DOCS).with_suffix('.html')}")
            page.wait_for_function("count => document.querySelectorAll('div.mermaid').length == count", arg=count)
            assert page.evaluate(DRAWN) == count, source
        find(page, "escrow")
    assert asked == {urlsplit(address).netloc}


def find(page: Page, word: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(word)
    page.locator(".md-search-result__link").first.wait_for()


def test_three_pages_have_diagrams() -> None:
    assert sum(map(bool, DIAGRAMS.values())) == 3
