"""``python -m examples.monolith``: start everything, play one invitation, print each step, stop everything."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table
from rich.text import Text

from examples.monolith.play import play
from examples.monolith.running import running_monolith
from tests.servers import PusherSubscriber, ServerError, running_servers

STYLES = {"Sid": "magenta", "Alice": "cyan", "wallet": "yellow", "monolith": "green"}
SETTLE_SECONDS = 5


def main() -> int:
    console, progress = Console(), Console(stderr=True)

    def say(who: str, what: str) -> None:
        row = Table.grid(padding=(0, 2, 0, 0))
        row.add_column(width=8, style=STYLES[who])
        row.add_column()
        row.add_row(who, Text(what, overflow="fold"))
        console.print(row)

    try:
        with (
            running_servers(progress.print) as servers,
            TemporaryDirectory() as folder,
            running_monolith(servers, Path(folder), SETTLE_SECONDS) as monolith,
            PusherSubscriber(servers.pusher_url) as listener,
        ):
            progress.print(f"The monolith is ready at {monolith.address}\n")
            play(monolith, listener, say)
    except ServerError as error:
        progress.print(str(error), markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
