"""The pytest plugin. In your topmost ``conftest.py``::

    pytest_plugins = ["show_goal.testing.plugin"]

It loads only where you ask for it. It needs the extra ``testing``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..adapters.container import Container
from .platform import Platform


@pytest.fixture
def show_goal_container() -> Iterator[Container]:
    """Every port in memory. Override it to pass adapters, settings, guards or a namespace of your own."""
    with Container.in_memory() as container:
        yield container


@pytest.fixture
def show_goal(show_goal_container: Container) -> Platform:
    """A platform in memory and in virtual time, new for each test."""
    return Platform(show_goal_container)
