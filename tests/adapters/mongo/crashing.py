"""A database through which a worker dies or pauses just before one of its commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, cast

from pymongo.collection import Collection
from pymongo.database import Database

from .documents import Document

COMMANDS = {
    "find",
    "find_one",
    "find_one_and_update",
    "insert_one",
    "insert_many",
    "update_one",
    "update_many",
    "bulk_write",
    "aggregate",
}


class Crash(BaseException):
    """Not an Exception: nothing catches the end of a process."""


def crash(*_: object) -> None:
    raise Crash


class Interruption:
    """Lets ``length`` commands through, and calls ``interrupt`` before the next one."""

    def __init__(self, length: int, interrupt: Callable[[], object]) -> None:
        self._left = length
        self._interrupt = interrupt

    @property
    def happened(self) -> bool:
        return self._left < 0

    def before_command(self) -> None:
        self._left -= 1
        if self._left == -1:
            self._interrupt()

    def of(self, database: Database[Document]) -> Database[Document]:
        return cast("Database[Document]", _Database(database, self))


def interrupted_anywhere(
    database: Database[Document], interrupt: Callable[[], object], at_least: int
) -> Iterator[Database[Document]]:
    """Databases that interrupt a call before its first command, then before its second, until it has no more.

    It must have ``at_least`` so many.
    """
    for length in count():
        interruption = Interruption(length, interrupt)
        yield interruption.of(database)
        if not interruption.happened:
            assert length >= at_least, "there was too little to interrupt"
            return


class _Collection:
    def __init__(self, collection: Collection[Document], interruption: Interruption) -> None:
        self._collection = collection
        self._interruption = interruption

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._collection, name)
        if name not in COMMANDS:
            return attribute

        def command(*args: Any, **options: Any) -> Any:
            self._interruption.before_command()
            return attribute(*args, **options)

        return command


class _Database:
    def __init__(self, database: Database[Document], interruption: Interruption) -> None:
        self._database = database
        self._interruption = interruption

    def get_collection(self, name: str, **options: Any) -> Any:
        return _Collection(self._database.get_collection(name, **options), self._interruption)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)
