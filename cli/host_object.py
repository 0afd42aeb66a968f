"""How an option takes an object from the host's own code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import cast

import click
from dependency_injector.containers import Container as AnyContainer

from ..adapters.container import Container
from ..core.trace import describe


def host_object(_context: click.Context, _parameter: click.Parameter, value: str | None) -> object:
    """The callback of an option ``MODULE:NAME``: imports it, from the working directory too, as ``celery -A`` does.

    None without the option. Raises BadParameter.
    """
    if value is None:
        return None
    module, _, name = value.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise click.BadParameter(f"{value} cannot be imported: {describe(error)}") from error


def container_of(found: object) -> Container:
    """A container, or what a function of the host's makes. Raises BadParameter."""
    container = found() if callable(found) and not isinstance(found, AnyContainer) else found
    # An instance of a declarative container is a DynamicContainer, so its providers tell what it is.
    if not isinstance(container, AnyContainer) or "signals" not in container.providers:
        raise click.BadParameter(f"{container!r} is not a Show Goal container", param_hint="--container")
    return cast(Container, container)
