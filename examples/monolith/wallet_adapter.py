"""The company's wallet service as Show Goal's wallet: one HTTP call per method."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import requests

from show_goal.core.errors import InsufficientBalance, TransactionConflict, TransactionUnknown
from show_goal.core.money import Audit, Balance, Hold, HoldState, Payment, Statement
from show_goal.ports.errors import WalletUnavailable
from show_goal.ports.page import Page

REFUSALS = {"conflict": TransactionConflict, "insufficient": InsufficientBalance, "unknown": TransactionUnknown}
"""By the wallet's error code, not by status: a proxy in between has 404s of its own."""


class HttpWallet:
    """The wallet at ``url``, the address of a book. Threads and forked processes may share it: it keeps no connection.

    A call raises WalletUnavailable if there is no response within ``timeout`` seconds, or one that the API does not
    promise. It may have moved money or not; to repeat it is safe.
    """

    calls_back = True
    releases_parts = False

    def __init__(self, url: str, token: str, timeout: float = 1.0) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = timeout

    def statement(self, user_id: str, transaction_id: str | None) -> Statement:
        given = {"user": user_id} if transaction_id is None else {"user": user_id, "hold": transaction_id}
        found = self._get("balance", given)
        hold = found["hold"]
        return Statement(available=found["available"], hold=None if hold is None else _read(hold))

    def hold(self, hold: Hold) -> Hold:
        return _read(self._post("hold", _write(hold)))

    def release(self, transaction_id: str, amount: int | None = None) -> Hold:
        """The service releases whole holds only, so nobody passes an ``amount``."""
        return _read(self._post("release", {"id": transaction_id}))

    def refund(self, transaction_id: str) -> Hold:
        return _read(self._post("refund", {"id": transaction_id}))

    def find(self, transaction_id: str) -> Hold | None:
        try:
            return _read(self._get("find", {"id": transaction_id}))
        except TransactionUnknown:
            return None

    def holds_of(self, escrow_id: str, limit: int, after: str | None = None) -> Page[Hold]:
        asked = {"escrow": escrow_id, "limit": limit + 1, **(json.loads(after) if after else {})}
        holds = self._get("holds", asked)
        page = holds[:limit]
        last = {"after_settled": int(page[-1]["state"] != "held"), "after_id": page[-1]["id"]} if page else None
        return Page([_read(hold) for hold in page], json.dumps(last) if last and len(holds) > limit else None)

    def overdue(self, before: datetime, limit: int, after: str | None = None) -> Page[Hold]:
        asked = {"expired": _text(before), "limit": limit, **(json.loads(after) if after else {})}
        holds = self._get("holds", asked)
        last = {"after_expiry": holds[-1]["expires"], "after_id": holds[-1]["id"]} if holds else None
        return Page([_read(hold) for hold in holds], json.dumps(last) if last else None)

    def balance(self, user_id: str) -> Balance:
        found = self._get("balance", {"user": user_id})
        return Balance(available=found["available"], held=found["held"])

    def history(self, user_id: str, limit: int) -> Sequence[Hold | Payment]:
        found = self._get("history", {"user": user_id, "limit": limit})
        return [_read_payment(one) if "change" in one else _read(one) for one in found]

    def audit(self, before: datetime) -> Audit:
        return Audit(**self._get("audit", {"expired": _text(before)}))

    def deposit(self, payment_id: str, user_id: str, amount: int) -> Payment:
        """The company's payment pages call it; Show Goal does not."""
        return self._pay("deposit", Payment(id=payment_id, user_id=user_id, amount=amount))

    def withdraw(self, payment_id: str, user_id: str, amount: int) -> Payment:
        return self._pay("withdraw", Payment(id=payment_id, user_id=user_id, amount=amount, withdrawn=True))

    def _pay(self, what: str, payment: Payment) -> Payment:
        self._post(what, {"id": payment.id, "user": payment.user_id, "amount": payment.amount})
        return payment

    def _get(self, what: str, given: dict[str, Any]) -> Any:
        return self._ask("GET", what, params=given)

    def _post(self, what: str, body: dict[str, Any]) -> Any:
        return self._ask("POST", what, json=body)

    def _ask(self, method: str, what: str, **given: Any) -> Any:
        try:
            response = requests.request(
                method, f"{self._url}/{what}", headers=self._headers, timeout=self._timeout, **given
            )
            if response.ok:
                return response.json()
            code = response.json()["error"]
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise WalletUnavailable(f"no valid response from the wallet to {what}: {type(error).__name__}") from error
        if code in REFUSALS:
            raise REFUSALS[code](f"the wallet refuses {what}: {code}")
        raise WalletUnavailable(f"the wallet failed {what} with {response.status_code}: {code}")


def _read_payment(row: dict[str, Any]) -> Payment:
    change: int = row["change"]
    return Payment(id=row["id"], user_id=row["user"], amount=abs(change), withdrawn=change < 0)


def _write(hold: Hold) -> dict[str, Any]:
    return {
        "id": hold.transaction_id,
        "payer": hold.from_user_id,
        "payee": hold.to_user_id,
        "escrow": hold.escrow_id,
        "amount": hold.amount,
        "expires": None if hold.exp is None else _text(hold.exp),
        "tags": [*hold.tags],
        "note": {"goal_id": hold.goal_id, "duration": hold.duration, "asked_exp": hold.asked_exp},
    }


def _read(hold: dict[str, Any]) -> Hold:
    return Hold(
        transaction_id=hold["id"],
        goal_id=hold["note"]["goal_id"],
        escrow_id=hold["escrow"],
        from_user_id=hold["payer"],
        to_user_id=hold["payee"],
        amount=hold["amount"],
        duration=hold["note"]["duration"],
        tags=hold["tags"],
        exp=None if hold["expires"] is None else datetime.fromisoformat(hold["expires"]),
        state=HoldState(hold["state"]),
        asked_exp=hold["note"]["asked_exp"],
    )


def _text(time: datetime) -> str:
    """ISO 8601 in UTC, always of the same length, so that texts sort by time."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")
