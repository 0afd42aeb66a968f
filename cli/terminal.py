"""What the commands print: lines that wrap at the terminal's width, or stay whole when the output is piped."""

from __future__ import annotations

import os
import re
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from ..core.last_sweep import SetAside
from ..core.trace import describe

UNLIMITED = 100_000
LONGEST_ERROR = 300
_TOPOLOGY = re.compile(r", (full error|Topology Description):.*")
"""What a driver adds to an error, and nobody reads."""


def terminal() -> Console:
    """Standard output. Piped output is not wrapped unless ``COLUMNS`` is set, so that ``grep`` sees whole lines."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = UNLIMITED
    return console


def print_line(console: Console, head: Text, body: str, style: str = "") -> None:
    """Print ``head`` and ``body``. What does not fit continues below ``body``; a word or an id is never broken."""
    room = max(console.width - len(head), 20)
    for line in wrap(body, room, break_long_words=False, break_on_hyphens=False) or [""]:
        text = head + Text(line, style)
        text.rstrip()
        console.print(text, soft_wrap=True)
        head = Text(" " * len(head))


def counted(count: int, singular: str, plural: str = "") -> str:
    """``1 goal``, ``2 goals``. ``plural`` is for what an ``s`` at the end does not make one."""
    return f"{count:,} {singular if count == 1 else plural or f'{singular}s'}"


def set_aside(one: SetAside) -> str:
    """One thing that a sweep could not do (D43), in words."""
    tried = counted(one.attempts, "attempt")
    return f"{one.item} is set aside after {tried}, and tried again at {one.next_try:%H:%M:%S} UTC: {one.why}"


def brief(error: Exception) -> str:
    """The error on one line, without passwords, and without the topology that a driver may add."""
    return shortened(describe(error))


def shortened(text: str) -> str:
    line = _TOPOLOGY.sub("", " ".join(text.split()))
    return line if len(line) <= LONGEST_ERROR else f"{line[:LONGEST_ERROR]} ..."
