"""The options that several commands have."""

from __future__ import annotations

import click

from .host_object import host_object


def not_empty(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """The callback of an option whose text must say something. Raises BadParameter."""
    if not value.strip():
        raise click.BadParameter("it is empty")
    return value


CONTAINER = click.option(
    "--container",
    metavar="MODULE:NAME",
    callback=host_object,
    help="Use your own container, or what a function of yours returns.  [default: one of the SHOW_GOAL_* variables]",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on one line, on failure too.")
REASON = click.option("--reason", required=True, callback=not_empty, help="Why. It is kept, and goes into the log.")
