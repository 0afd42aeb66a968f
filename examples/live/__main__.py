"""``python -m examples.live``: start everything, and print the address."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask

from show_goal.adapters.environment import ConfigurationError
from show_goal.core.rules.settlement import whole_once_begun
from tests.servers import ServerError, running_servers

from .in_memory import in_memory_site
from .metered import RULE
from .real import real_site

PUSHER_JS = (
    Path(__file__).parents[2] / ".servers" / "pusher" / "node_modules" / "pusher-js" / "dist" / "web" / "pusher.min.js"
)


@click.command()
@click.option(
    "--in-memory", is_flag=True, help="Run everything in this process, with server-sent events. Needs no server."
)
@click.option("--metered", is_flag=True, help="Viewers pay for the time shown, and not for the whole show.")
@click.option("--port", default=5050, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--pusher-js",
    default=PUSHER_JS,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file of pusher-js that the page loads.",
)
def main(in_memory: bool, metered: bool, port: int, pusher_js: Path) -> None:
    """Show a streamer and two viewers side by side in the browser.

    It uses the servers that the SHOW_GOAL_* variables name. Without variables it starts its own; if that fails, it runs
    in memory. There is no login, so it listens only on loopback.
    """
    if in_memory or not _serve_on_real_servers(port, pusher_js, metered):
        with in_memory_site(rule=RULE if metered else whole_once_begun) as (app, _):
            _serve(app, port, "in memory")


def _serve_on_real_servers(port: int, pusher_js: Path, metered: bool) -> bool:
    """Return False, after printing why, if a server or the file is missing."""
    try:
        with _servers() as environment, real_site(pusher_js, environment, metered=metered) as app:
            _serve(app, port, "on real servers")
    except (ServerError, ConfigurationError) as missing:
        click.echo(f"{missing}\nRunning in memory instead.", err=True)
        return False
    return True


def _serve(app: Flask, port: int, where: str) -> None:
    click.echo(f"\nSid, Alice and Bob are at http://127.0.0.1:{port} ({where}; Ctrl-C ends it)\n")
    app.run("127.0.0.1", port, threaded=True)


@contextmanager
def _servers() -> Iterator[Mapping[str, str]]:
    if "SHOW_GOAL_MONGODB_URI" in os.environ:
        yield os.environ
        return
    with running_servers(lambda line: click.echo(line, err=True)) as servers:
        yield {**os.environ, **servers.as_settings()}


if __name__ == "__main__":
    main()
