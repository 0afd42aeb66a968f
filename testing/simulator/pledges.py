"""What viewers who join were promised, computed from the wallet's calls (D30)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from attrs import define

from ...core.errors import InsufficientBalance, Refused
from ...core.messages import Transfer
from ...core.money import Hold, Pledge, Statement
from .faults import Calls


@define
class Promise:
    """A pledge that the wallet kept. ``asked`` counts the requests for it."""

    pledge: Pledge
    asked: int = 0
    over: int | None = None
    """After how many port calls it was gone; None while it stands."""


class Pledges:
    """Watches the wallet. A request may have got a promise and no answer, so what was answered does not tell."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._promises: dict[str, list[Promise]] = defaultdict(list)  # by transaction id

    def since(self, transaction_id: str, call: int) -> set[int]:
        """Every amount that the viewer was promised at some time from that port call on."""
        promises = self._promises[transaction_id]
        return {one.pledge.amount for one in promises if one.over is None or one.over > call}

    def wallet_pledge(
        self, result: Statement, user_id: str, transaction_id: str, pledge: Pledge | None, now: datetime
    ) -> None:
        stands = self._standing(transaction_id)
        if pledge is not None and result.pledge == pledge and (stands is None or stands.pledge != pledge):
            self._end(transaction_id)  # the clock may have passed its exp, and gone back
            stands = Promise(pledge)
            self._promises[transaction_id].append(stands)
        if stands is not None and pledge is not None:
            stands.asked += pledge.duration == stands.pledge.duration

    def wallet_take_back(self, result: None, user_id: str, transaction_id: str) -> None:
        stands = self._standing(transaction_id)
        if stands is not None and stands.asked == 1:
            self._end(transaction_id)

    def wallet_hold(self, result: Hold, hold: Hold) -> None:
        self._end(hold.transaction_id)

    def transfer_refused(self, transfer: Transfer, refusal: Refused) -> None:
        if isinstance(refusal, InsufficientBalance):
            self._end(transfer.transaction_id)

    def _standing(self, transaction_id: str) -> Promise | None:
        return next((one for one in self._promises[transaction_id] if one.over is None), None)

    def _end(self, transaction_id: str) -> None:
        stands = self._standing(transaction_id)
        if stands is not None:
            stands.over = self._calls.made
