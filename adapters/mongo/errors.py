"""A deadline for every call, and MongoDB's temporary errors as the ports' Unavailable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pymongo
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from ...core.trace import describe
from ...ports.errors import StoreUnavailable, Unavailable
from .settings import MongoSettings

_TEMPORARY_LABELS = ("RetryableWriteError", "TransientTransactionError", "UnknownTransactionCommitResult")

_TEMPORARY_CODES = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        89,  # NetworkTimeout
        133,  # FailedToSatisfyReadPreference
        134,  # ReadConcernMajorityNotAvailableYet
        202,  # NetworkInterfaceExceededTimeLimit
        262,  # ExceededTimeLimit
        9001,  # SocketException
    }
)
"""What a router of a sharded cluster answers when a shard is down. A failed read carries no label."""


@contextmanager
def within(settings: MongoSettings, unavailable: type[Unavailable] = StoreUnavailable) -> Iterator[None]:
    """Give everything inside ``settings.timeout_ms`` in total. Raise ``unavailable`` if a retry may help.

    An error that no retry cures (a wrong password, a missing right, a broken document) stays pymongo's own.
    """
    try:
        with pymongo.timeout(settings.timeout_ms / 1000):
            yield
    except PyMongoError as error:
        if not _temporary(error):
            raise
        raise unavailable(f"MongoDB did not answer: {describe(error)}") from error


def _temporary(error: PyMongoError) -> bool:
    if isinstance(error, OperationFailure) and error.code in _TEMPORARY_CODES:
        return True
    return isinstance(error, ConnectionFailure) or error.timeout or any(map(error.has_error_label, _TEMPORARY_LABELS))
