"""The same small host, whose viewers pay for the time shown."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from show_goal.adapters.container import Container
from show_goal.core.rules.settlement import ForTimeShown

from .app import app_of
from .platform import GUNICORN

GRACE = 6
METERED = ("--container", "tests.black_box.metered:container")
METERED_WEB = tuple(word.replace("app:", "metered:") for word in GUNICORN)


def container() -> Container:
    return Container.from_env(settlement_rule=ForTimeShown(grace=timedelta(seconds=GRACE)))


def make_app() -> Flask:
    return app_of(container())
