"""A request with an ``Idempotency-Key`` is carried out once. A retry gets the first answer again (D29)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from attrs import frozen

from ...ports.errors import Unavailable
from ...ports.ids import Ids
from ...ports.keyed_requests import KeyedRequests
from ...ports.wallet import Wallet
from ..errors import KeyReused, RequestUnderWay
from ..keyed_request import Accepted, KeyedRequest
from ..model import Invitation
from ..trace import guard
from ..trace import note as traced

Note = Callable[[Accepted], None]
"""Notes the answer that a request is about to earn."""


@frozen(kw_only=True)
class Once:
    keyed_requests: KeyedRequests
    wallet: Wallet
    ids: Ids

    def __call__(
        self,
        key: str,
        session_id: str,
        viewer_id: str,
        invitation: Invitation,
        now: datetime,
        act: Callable[[Note], Accepted],
    ) -> Accepted:
        """The first answer to the request with this key, or else what ``act`` returns now.

        If ``act`` raises, the key is free again. If the process dies, a retry goes on after ``LEASE``. ``act`` notes
        what it is about to do. If that is held by the time of a retry, it is the answer. Raises KeyReused,
        RequestUnderWay and Unavailable.
        """
        asked = f"exp={invitation.exp} duration={invitation.duration} amount={invitation.amount}"
        request = KeyedRequest(
            viewer_id=viewer_id, session_id=session_id, key=key, asked=asked, attempt=self.ids.new(), since=now
        )
        stored = self.keyed_requests.claim(request)
        guard(KeyReused() if stored.asked != asked else None, KeyReused)
        if stored.answer is not None:
            traced(goal_id=stored.answer.goal_id, transaction_id=stored.answer.transaction_id)
            return stored.answer
        guard(RequestUnderWay() if stored.attempt != request.attempt else None, RequestUnderWay)
        if held := self._held(stored.tried, invitation):
            self.keyed_requests.finish(request, held)
            return held
        try:
            accepted = act(partial(self.keyed_requests.note, request))
        except Exception:
            with suppress(Unavailable):  # then the lease frees the key
                self.keyed_requests.release(request)
            raise
        self.keyed_requests.finish(request, accepted)
        return accepted

    def _held(self, tried: Accepted | None, invitation: Invitation) -> Accepted | None:
        """What an attempt before has come to, although it got no answer. None if nothing is held for it."""
        hold = None if tried is None else self.wallet.find(tried.transaction_id)
        if tried is None or hold is None or not hold.placed_for(invitation):
            return None
        traced(goal_id=tried.goal_id, transaction_id=tried.transaction_id)
        return tried._replace(amount=hold.amount)
