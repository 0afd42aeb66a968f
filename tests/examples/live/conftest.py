"""Chromium, and the page's platform twice: in memory, and on real servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from attrs import frozen
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from pymongo.database import Database
from werkzeug.serving import make_server

from examples.live.__main__ import PUSHER_JS
from examples.live.in_memory import in_memory_site
from examples.live.real import real_site
from show_goal.core.settings import Settings

from ...black_box import platform
from ...servers import ProgramMissing, PusherServer, Servers
from ...servers.chromium import Chromium, find_chromium

SETTLE_DELAY, COOLDOWN = 8, 10
"""Seconds for which the page tells of an end, or of a rest: a slow machine has to see it meanwhile."""
PATIENCE = 40_000
"""How long the page may take for anything, in milliseconds."""


@frozen(kw_only=True)
class Live:
    """A running page. ``cut_off`` takes the channels away until the block ends."""

    address: str
    browser: Browser
    cut_off: Callable[[Page], AbstractContextManager[None]]

    def open(self, person: str, *, width: int = 420) -> Page:
        """The page of one person, in a browser context of its own; it is through with its first questions."""
        context = self.browser.new_context(viewport={"width": width, "height": 900})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{self.address}/as/{person}/")
        page.locator("#connection[data-state=live]").wait_for()
        return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@contextmanager
def chromium() -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        raise ProgramMissing(Chromium)
    options = ["--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--no-first-run", *options],
            timeout=PATIENCE,
        )
        yield browser
        browser.close()


@pytest.fixture(params=["in memory", "real servers"])
def live(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Live]:
    site = in_memory() if request.param == "in memory" else _on_real_servers(request)
    with site as (app, cut_off), served(app) as address:
        yield Live(address=address, browser=browser, cut_off=cut_off)
        for context in browser.contexts:
            context.close()


@contextmanager
def in_memory() -> Iterator[tuple[Flask, Callable[[Page], Any]]]:
    settings = Settings(settle_delay=timedelta(seconds=SETTLE_DELAY), cooldown=timedelta(seconds=COOLDOWN))
    with in_memory_site(settings) as (app, events):

        @contextmanager
        def cut_off(page: Page) -> Iterator[None]:
            page.route("**/events?*", lambda route: route.abort())
            events.close_all()
            yield
            page.unroute("**/events?*")

        yield app, cut_off


@contextmanager
def _on_real_servers(request: pytest.FixtureRequest) -> Iterator[tuple[Flask, Callable[[Page], Any]]]:
    """A Pusher stand-in of the test's own, as it is killed."""
    servers: Servers = request.getfixturevalue("servers")
    database: Database[dict[str, Any]] = request.getfixturevalue("mongo_database")
    with ExitStack() as stack:
        pusher = stack.enter_context(PusherServer())
        addresses = Servers(servers.mongodb_uri, servers.rabbitmq_url, servers.redis_url, pusher.url)
        environment = {
            **platform.environment(addresses, servers.rabbitmq_url, database),
            **platform.PATIENT,
            "SHOW_GOAL_SETTLE_DELAY": str(SETTLE_DELAY),
            "SHOW_GOAL_COOLDOWN": str(COOLDOWN),
        }
        app = stack.enter_context(real_site(PUSHER_JS, environment))

        @contextmanager
        def cut_off(page: Page) -> Iterator[None]:
            pusher.kill()
            yield
            pusher.start()

        yield app, cut_off


@contextmanager
def served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]  # an event stream ends with its browser
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
