"""A database through which a worker dies just before one of its commands."""

from __future__ import annotations

from typing import Any, cast

from pymongo.collection import Collection
from pymongo.database import Database

from .documents import Document

COMMANDS = {"find", "find_one", "find_one_and_update", "insert_one", "update_one", "aggregate"}


class Crash(BaseException):
    """Not an Exception: nothing catches the end of a process."""


class Fuse:
    """Lets ``length`` commands through, and burns."""

    def __init__(self, length: int) -> None:
        self.left = length

    def burn(self) -> None:
        if self.left == 0:
            raise Crash
        self.left -= 1


class _CrashingCollection:
    def __init__(self, collection: Collection[Document], fuse: Fuse) -> None:
        self._collection = collection
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._collection, name)
        if name not in COMMANDS:
            return attribute

        def command(*args: Any, **options: Any) -> Any:
            self._fuse.burn()
            return attribute(*args, **options)

        return command


class _CrashingDatabase:
    def __init__(self, database: Database[Document], fuse: Fuse) -> None:
        self._database = database
        self._fuse = fuse

    def get_collection(self, name: str, **options: Any) -> Any:
        return _CrashingCollection(self._database.get_collection(name, **options), self._fuse)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


def crashing(database: Database[Document], fuse: Fuse) -> Database[Document]:
    return cast("Database[Document]", _CrashingDatabase(database, fuse))
