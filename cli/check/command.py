"""Prints the findings, for people or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click
from attrs import asdict
from celery import Celery
from rich.text import Text

from ...adapters.real_adapters import RealAdapters
from ...core.trace import describe
from ..terminal import print_line, terminal
from . import Finding, Status, checks_of, run_checks

STYLES = {Status.OK: "green", Status.WARNING: "yellow", Status.FAILURE: "bold red"}


def check(adapters: RealAdapters, app: object, timeout: float, as_json: bool) -> bool:
    """Print what was found. Returns whether nothing has failed.

    ``app`` is the Celery app that the host names, or None: then it is that of its container, or ours.
    """
    if app is not None and not isinstance(app, Celery):
        raise click.BadParameter(f"{app!r} is not a Celery app", param_hint="--app")
    hosts = app or _hosts_app(adapters)
    if hosts is not None:
        _import_tasks(hosts, "--container" if app is None else "--app")
    findings = run_checks(checks_of(adapters, hosts), timeout)
    worst = max((finding.status for finding in findings.values()), key=list(Status).index)
    if as_json:
        checks = [{"name": name, **asdict(finding)} for name, finding in findings.items()]
        click.echo(json.dumps({"status": worst, "checks": checks}))
    else:
        _print(findings)
    return worst is not Status.FAILURE


def _hosts_app(adapters: RealAdapters) -> Celery | None:
    """The one that the host has passed to its container, as what runs the tasks or as what publishes."""
    passed = (provider() for provider in (adapters.worker, adapters.celery_app) if provider.overridden)
    return next((app for app in passed if isinstance(app, Celery)), None)


def _import_tasks(app: Celery, option: str) -> None:
    """What the app's workers import: the flow's tasks may be registered there."""
    try:
        app.loader.import_default_modules()
    except ImportError as error:
        raise click.BadParameter(f"its workers cannot start: {describe(error)}", param_hint=option) from error


def _print(findings: Mapping[str, Finding]) -> None:
    console = terminal()
    for name, finding in findings.items():
        head = Text.assemble(name.ljust(10), (finding.status.ljust(9), STYLES[finding.status]))
        print_line(console, head, finding.summary)
        for advice in finding.advice:
            print_line(console, Text(" " * len(head)), f"-> {advice}")
