"""The page with another settlement rule: viewers pay for the time shown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta

from show_goal.adapters.container import Container
from show_goal.core.rules.settlement import ForTimeShown

RULE = ForTimeShown(grace=timedelta(seconds=10))
"""Who leaves the show comes back within a time that is short enough to watch."""


def container(environ: Mapping[str, str] = os.environ) -> Container:
    """For the web process and for the worker, ``show-goal worker --container examples.live.metered:container``."""
    return Container.from_env(environ, settlement_rule=RULE)
