"""MongoDB's passing troubles, in the words of the ports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pymongo
from pymongo.errors import ConnectionFailure, PyMongoError

from ...core.trace import describe
from ...ports.errors import StoreUnavailable, Unavailable
from .settings import MongoSettings

_PASSING_LABELS = ("RetryableWriteError", "TransientTransactionError", "UnknownTransactionCommitResult")


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
    return isinstance(error, ConnectionFailure) or error.timeout or any(map(error.has_error_label, _PASSING_LABELS))
