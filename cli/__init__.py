"""The ``show-goal`` command. What it needs beyond the library is the extra ``cli``.

May import everything else that is shipped.
"""

from __future__ import annotations

import sys


def main() -> None:
    """The console script's entry point."""
    try:
        from .commands import show_goal
    except ModuleNotFoundError as missing:
        if missing.name not in ("click", "rich"):
            raise
        sys.exit("The show-goal command needs click and rich: pip install 'show-goal[cli]'")
    show_goal(prog_name="show-goal")
