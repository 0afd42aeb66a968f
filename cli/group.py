"""The group of all commands: its exit status, and what it says when a command cannot run."""

from __future__ import annotations

from typing import Any

import click

from ..adapters.environment import ConfigurationError
from ..core.errors import ShowGoalError
from ..ports.errors import Unavailable
from .acting import sentence
from .terminal import shortened

EXIT_STATUS = """
\b
Exit status:
  0  success
  1  failure: a server does not answer, or a check, sweep or seed failed
  2  cannot start: wrong usage, wrong SHOW_GOAL_* variables, or something is
     not installed
"""
AWAY = "Is the server up, and its SHOW_GOAL_* variable right?"


class Commands(click.Group):
    """A group that says in one sentence what keeps a command from running."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            for problem in error.problems:
                click.echo(problem, err=True)
            ctx.exit(2)
        except Unavailable as error:
            raise click.ClickException(f"{shortened(str(error))}\n{AWAY}") from error
        except Exception as error:
            of_the_server = type(error).__module__.startswith("pymongo.")  # a wrong password, perhaps
            if not of_the_server and not isinstance(error, ShowGoalError):
                raise
            raise click.ClickException(sentence(error)) from error
