"""The container for a command that acts: the host's own, or one of the environment whose wallet has the money."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from ..adapters.container import Container
from ..adapters.environment import ConfigurationError, adapters_from
from ..core.errors import ShowGoalError
from ..core.model import Goal
from ..core.trace import Trace
from .host_object import container_of
from .terminal import brief, shortened

if TYPE_CHECKING:
    from ..adapters.real_adapters import RealAdapters


@contextmanager
def acting(container: object) -> Iterator[Container]:
    """``container`` is what the option names, None without it. Raises ConfigurationError if the money is elsewhere."""
    if container is not None:
        yield container_of(container)
        return
    with Container.from_env(trace_sink=_not_logged) as ours:
        refuse_money_elsewhere(ours)
        yield ours


def environments_or(container: object) -> Container:
    """For a command that goes on: the host's own container, or one of the environment. Raises ConfigurationError."""
    if container is not None:
        return container_of(container)
    with Container.from_env() as looked:  # it is closed again: a worker forks
        refuse_money_elsewhere(looked)
    return Container.from_env()


@contextmanager
def standing_on(container: object) -> Iterator[RealAdapters]:
    """The servers of ``--container``, or else those that the environment names. For commands that look at servers.

    Raises ConfigurationError. Raises BadParameter if the container does not know its servers.
    """
    if container is None:
        ours = adapters_from(os.environ)  # says if a driver is not installed
        with ours.opened():
            yield ours
        return
    real = container_of(container).real
    if real is None:
        raise click.BadParameter(
            "it was made by neither from_settings nor from_env, so this command knows none of its servers",
            param_hint="--container",
        )
    yield real


def _not_logged(_trace: Trace) -> None:
    """The command prints what it did."""


def refuse_money_elsewhere(container: Container) -> None:
    """Raises ConfigurationError if its wallet does not know the money. What cannot be looked at proves nothing."""
    goal: Goal | None = None
    with suppress(Exception):
        goal = container.money_elsewhere()()
    if goal is not None:
        raise ConfigurationError(
            [
                f"The wallet of this command does not know the payments of goal {goal.id}: is the money in a wallet of "
                "your own? Then pass your container, as --container monolith.wiring:container."
            ]
        )


@contextmanager
def failures_as_json(as_json: bool, **nothing: object) -> Iterator[None]:
    """With ``--json``, print ``nothing`` with the ``failures`` when the command fails. The error goes on."""
    try:
        yield
    except (click.ClickException, click.Abort):  # wrong usage, or the user said no
        raise
    except Exception as error:
        failures = error.problems if isinstance(error, ConfigurationError) else [sentence(error)]
        if as_json:
            print_json({**nothing, "failures": [*failures]})
        raise


def print_json(document: Mapping[str, object]) -> None:
    click.echo(json.dumps(document))


def sentence(error: Exception) -> str:
    """What went wrong. A refusal without a text of its own says what its kind means."""
    if not isinstance(error, ShowGoalError):
        return brief(error)
    return shortened(str(error)) or (type(error).__doc__ or "").partition("\n")[0]
