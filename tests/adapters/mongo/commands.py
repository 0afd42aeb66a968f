"""A pymongo listener that records what goes over the wire."""

from __future__ import annotations

from typing import Any

import bson
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

_OF_THE_WIRE = {"lsid", "txnNumber", "$db", "$clusterTime", "$readPreference", "maxTimeMS"}


class Commands(CommandListener):
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.reply_sizes: list[int] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.sent.append({name: value for name, value in event.command.items() if name not in _OF_THE_WIRE})

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self.reply_sizes.append(len(bson.encode(event.reply)))

    def failed(self, event: CommandFailedEvent) -> None:
        self.reply_sizes.append(len(bson.encode(event.failure)))

    @property
    def names(self) -> list[str]:
        return [next(iter(command)) for command in self.sent]

    def clear(self) -> None:
        self.sent.clear()
        self.reply_sizes.clear()
