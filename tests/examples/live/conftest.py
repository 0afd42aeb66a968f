"""Chromium, and the page on a platform in memory or on real servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from attrs import frozen
from flask import Flask
from playwright.sync_api import Browser, Page
from pymongo.database import Database
from werkzeug.serving import make_server

from examples.live.__main__ import PUSHER_JS
from examples.live.in_memory import in_memory_site
from examples.live.metered import RULE
from examples.live.real import real_site
from show_goal.core.rules.settlement import SettlementRule, whole_once_begun
from show_goal.core.settings import Settings

from ...black_box import platform
from ...browser import PATIENCE, running_browser
from ...servers import PusherServer, Servers

SETTLE_DELAY, COOLDOWN = 5, 7
"""Seconds for which the page shows an end, or a cooldown: long enough for a slow machine to see it."""
Site = tuple[Flask, Callable[[Page], AbstractContextManager[None]]]


@frozen(kw_only=True)
class Live:
    """A running page. ``cut_off`` takes the channels away while the block runs."""

    address: str
    browser: Browser
    cut_off: Callable[[Page], AbstractContextManager[None]]

    def open(self, person: str, *, width: int = 420) -> Page:
        """Open one person's page in a new browser context and wait until it is live."""
        context = self.browser.new_context(viewport={"width": width, "height": 900})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{self.address}/as/{person}/")
        page.locator("#connection[data-state=live]").wait_for()
        return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def live(browser: Browser) -> Iterator[Live]:
    """The page on a platform in memory."""
    with _in_memory() as site, _opened(site, browser) as live:
        yield live


@pytest.fixture
def live_on_real_servers(
    browser: Browser, servers: Servers, mongo_database: Database[dict[str, Any]]
) -> Iterator[Live]:
    with _on_real_servers(servers, mongo_database) as site, _opened(site, browser) as live:
        yield live


@pytest.fixture
def metered(browser: Browser) -> Iterator[Live]:
    """The page in memory, where viewers pay for the time shown."""
    with _in_memory(RULE) as site, _opened(site, browser) as live:
        yield live


@pytest.fixture
def metered_on_real_servers(
    browser: Browser, servers: Servers, mongo_database: Database[dict[str, Any]]
) -> Iterator[Live]:
    with _on_real_servers(servers, mongo_database, metered=True) as site, _opened(site, browser) as live:
        yield live


@contextmanager
def _opened(site: Site, browser: Browser) -> Iterator[Live]:
    app, cut_off = site
    with _served(app) as address:
        yield Live(address=address, browser=browser, cut_off=cut_off)
        for context in browser.contexts:
            context.close()


@contextmanager
def _in_memory(rule: SettlementRule = whole_once_begun) -> Iterator[Site]:
    settings = Settings(settle_delay=timedelta(seconds=SETTLE_DELAY), cooldown=timedelta(seconds=COOLDOWN))
    with in_memory_site(settings, rule) as (app, events):

        @contextmanager
        def cut_off(page: Page) -> Iterator[None]:
            page.route("**/events?*", lambda route: route.abort())
            events.close_all()
            yield
            page.unroute("**/events?*")

        yield app, cut_off


@contextmanager
def _on_real_servers(servers: Servers, database: Database[dict[str, Any]], *, metered: bool = False) -> Iterator[Site]:
    """With its own Pusher stand-in, because the test kills it."""
    with ExitStack() as stack:
        pusher = stack.enter_context(PusherServer())
        addresses = Servers(servers.mongodb_uri, servers.rabbitmq_url, servers.redis_url, pusher.url)
        environment = {
            **platform.environment(addresses, servers.rabbitmq_url, database),
            **platform.PATIENT,
            "SHOW_GOAL_SETTLE_DELAY": str(SETTLE_DELAY),
            "SHOW_GOAL_COOLDOWN": str(COOLDOWN),
        }
        app = stack.enter_context(real_site(PUSHER_JS, environment, metered=metered))

        @contextmanager
        def cut_off(page: Page) -> Iterator[None]:
            pusher.kill()
            yield
            pusher.start()

        yield app, cut_off


@contextmanager
def _served(app: Flask) -> Iterator[str]:
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
