"""The wallet reports a transaction: ``POST /notify/wallet/transaction`` (L1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from attrs import field, frozen, validators

from ...ports.clock import Clock
from ..errors import InvalidTransaction
from ..events import TransactionCreated
from ..signals import Signals
from ..trace import Tracer, note
from ..validation import at_least, not_empty, typed

OLDEST = timedelta(days=1)
"""An older report is stale: the sweeper has settled its goal long ago."""
LATEST = timedelta(minutes=5)
"""How far the wallet's clock may be ahead of ours."""


@frozen(kw_only=True, field_transformer=typed)
class TransactionReport:
    """A wallet's report. ``ts`` is Unix time in whole seconds; amounts are in the smallest unit.

    ``to_account`` is None while the money is in escrow.
    """

    id: str = field(validator=not_empty)
    ts: int
    from_account: str
    from_amount: int = field(validator=at_least(0))
    to_account: str | None = None
    to_amount: int | None = field(default=None, validator=validators.optional(at_least(0)))
    tags: Sequence[str]


@frozen(kw_only=True)
class WalletTransaction:
    signals: Signals
    clock: Clock
    tracer: Tracer

    def __call__(self, report: TransactionReport) -> str:
        """Send ``transaction.created`` for a report whose signature was checked, and return the transaction's id.

        Moves no money. A repeat is harmless: every receiver counts a transaction once. Raises InvalidTransaction for a
        stale report. After Unavailable or an ExceptionGroup of failed receivers, the wallet repeats its report.
        """
        with self.tracer.unit("wallet_transaction"):
            if wrong := timestamp_error(report.ts, self.clock.now()):
                raise InvalidTransaction({"ts": wrong})
            note(transaction_id=report.id)
            self.signals.send(
                TransactionCreated(
                    transaction_id=report.id,
                    timestamp=datetime.fromtimestamp(report.ts, UTC),
                    tags=report.tags,
                    from_account=report.from_account,
                    from_amount=report.from_amount,
                    to_account=report.to_account,
                    to_amount=report.to_amount,
                )
            )
            return report.id


def timestamp_error(ts: int | None, now: datetime) -> str | None:
    """What is wrong with the ts of a report, or with None in its place."""
    if ts is None:
        return "must be Unix time in whole seconds"
    if not (now - OLDEST).timestamp() <= ts <= (now + LATEST).timestamp():
        return "must lie in the last 24 hours"
    return None
