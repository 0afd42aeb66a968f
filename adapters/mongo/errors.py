"""MongoDB's passing troubles, in the words of the ports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pymongo
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from ...core.trace import describe
from ...ports.errors import StoreUnavailable, Unavailable
from .settings import MongoSettings

_PASSING_LABELS = ("RetryableWriteError", "TransientTransactionError", "UnknownTransactionCommitResult")

_PASSING_CODES = frozenset(
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
"""What a server says of others behind it, as mongos of a shard that is away. Of a read no label says the same."""


@contextmanager
def within(settings: MongoSettings, unavailable: type[Unavailable] = StoreUnavailable) -> Iterator[None]:
    """Bound everything inside by ``settings.timeout_ms`` in all; raise ``unavailable`` for what a repeat may cure.

    What no repeat cures - a wrong password, a missing right, a broken document - stays the driver's own error.
    """
    try:
        with pymongo.timeout(settings.timeout_ms / 1000):
            yield
    except PyMongoError as error:
        if not _passing(error):
            raise
        raise unavailable(f"MongoDB did not answer: {describe(error)}") from error


def _passing(error: PyMongoError) -> bool:
    if isinstance(error, OperationFailure) and error.code in _PASSING_CODES:
        return True
    return isinstance(error, ConnectionFailure) or error.timeout or any(map(error.has_error_label, _PASSING_LABELS))
