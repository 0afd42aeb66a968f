"""``show-goal check``: the doctor's findings, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click
from attrs import asdict
from celery import Celery
from celery.app.utils import find_app as celery_find_app
from dependency_injector import containers
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...core.trace import describe
from ..importing import look_here_too
from . import Examined, Status, checks_of, examine

STYLES = {Status.OK: "green", Status.WARNING: "yellow", Status.FAILURE: "bold red"}


def check(adapters: containers.Container, app: Celery | None, timeout: float, as_json: bool) -> bool:
    """Print what was found; whether nothing has failed."""
    with adapters.providers["database"]().client:
        examined = list(examine(checks_of(adapters, app), timeout))
    worst = max((one.finding.status for one in examined), key=list(Status).index)
    if as_json:
        checks = [{"name": one.name, **asdict(one.finding)} for one in examined]
        click.echo(json.dumps({"status": worst, "checks": checks}))
    else:
        Console(highlight=False).print(_table(examined))
    return worst is not Status.FAILURE


def find_app(name: str) -> Celery:
    """The Celery app that ``celery -A name`` would take. Raises BadParameter."""
    look_here_too()
    try:
        app = celery_find_app(name)
    except (ImportError, AttributeError, ValueError) as error:
        raise click.BadParameter(f"{name}: {describe(error)}", param_hint="--app") from error
    if not isinstance(app, Celery):
        raise click.BadParameter(f"{name} is no Celery app", param_hint="--app")
    return app


def _table(examined: Iterable[Examined]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, finding in ((one.name, one.finding) for one in examined):
        table.add_row(name, Text(finding.status, STYLES[finding.status]), Text(finding.summary, overflow="fold"))
        for advice in finding.advice:
            table.add_row("", "", Text(f"-> {advice}", overflow="fold"))
    return table
