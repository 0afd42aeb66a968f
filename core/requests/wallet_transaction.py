"""The wallet reports a transaction: ``POST /notify/wallet/transaction`` (L1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from attrs import frozen

from ...ports.clock import Clock
from ..errors import InvalidTransaction
from ..events import TransactionCreated
from ..signals import Signals
from ..trace import Tracer, note

OLDEST = timedelta(days=1)
"""A report older than this is stale: a wallet that repeats itself for longer has been answered by the sweeper."""
LATEST = timedelta(minutes=5)
"""How far the wallet's clock may be ahead of ours."""
MOST = 2**53 - 1
"""The largest amount: beyond it, JSON means different numbers to different readers."""


@frozen(kw_only=True)
class WalletTransaction:
    signals: Signals
    clock: Clock
    tracer: Tracer

    def __call__(self, body: object) -> str:
        """Send ``transaction.created`` for a report whose signature has been checked; returns the transaction's id.

        ``body`` is the decoded JSON ``{id, ts, fromAccount, fromAmount, toAccount, toAmount, tags}``; unknown fields
        are ignored. Moves no money. A repeat is harmless: every receiver counts a transaction once. Raises
        InvalidTransaction; Unavailable and an ExceptionGroup of failed receivers: the wallet repeats its report.
        """
        with self.tracer.unit("wallet_transaction"):
            event = _parse(body, self.clock.now())
            note(transaction_id=event.transaction_id)
            self.signals.send(event)
            return event.transaction_id


def _parse(body: object, now: datetime) -> TransactionCreated:
    if not isinstance(body, dict):
        raise InvalidTransaction({"body": "must be a JSON object"})
    report = {name: body.get(name) for name in _FIELDS}
    errors = {name: form for name, (holds, form) in _FIELDS.items() if not holds(report[name])}
    if "ts" not in errors and not (now - OLDEST).timestamp() <= body["ts"] <= (now + LATEST).timestamp():
        errors["ts"] = "must lie in the last 24 hours"
    if errors:
        raise InvalidTransaction(errors)
    return TransactionCreated(
        transaction_id=body["id"],
        timestamp=datetime.fromtimestamp(body["ts"], UTC),
        tags=body["tags"],
        from_account=body["fromAccount"],
        from_amount=body["fromAmount"],
        to_account=body.get("toAccount"),
        to_amount=body.get("toAmount"),
    )


def _text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST


_AMOUNT = f"must be a whole number from 0 to {MOST}"
_FIELDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "id": (_text, "must be a text"),
    "ts": (_whole, "must be Unix time in whole seconds"),
    "fromAccount": (_text, "must be a text"),
    "fromAmount": (_whole, _AMOUNT),
    "toAccount": (lambda value: value is None or _text(value), "must be a text or null"),
    "toAmount": (lambda value: value is None or _whole(value), f"{_AMOUNT}, or null"),
    "tags": (lambda value: isinstance(value, list) and all(map(_text, value)), "must be a list of texts"),
}
