"""A request with an ``Idempotency-Key`` is carried out once. A retry gets the first answer again (D29)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from attrs import frozen

from ...ports.errors import Unavailable
from ...ports.ids import Ids
from ...ports.keyed_requests import KeyedRequests
from ..errors import KeyReused, RequestUnderWay
from ..keyed_request import Accepted, KeyedRequest
from ..model import Invitation
from ..trace import guard, note


@frozen(kw_only=True)
class Once:
    keyed_requests: KeyedRequests
    ids: Ids

    def __call__(
        self,
        key: str,
        session_id: str,
        viewer_id: str,
        invitation: Invitation,
        now: datetime,
        act: Callable[[], Accepted],
    ) -> Accepted:
        """The first answer to the request with this key, or else what ``act`` returns now.

        If ``act`` raises, the key is free again. If the process dies, a retry goes on after ``LEASE``. Raises
        KeyReused, RequestUnderWay and Unavailable.
        """
        asked = f"exp={invitation.exp} duration={invitation.duration} amount={invitation.amount}"
        request = KeyedRequest(
            viewer_id=viewer_id, session_id=session_id, key=key, asked=asked, attempt=self.ids.new(), since=now
        )
        stored = self.keyed_requests.claim(request)
        guard(KeyReused() if stored.asked != asked else None, KeyReused)
        if stored.answer is not None:
            note(goal_id=stored.answer.goal_id, transaction_id=stored.answer.transaction_id)
            return stored.answer
        guard(RequestUnderWay() if stored.attempt != request.attempt else None, RequestUnderWay)
        try:
            accepted = act()
        except Exception:
            with suppress(Unavailable):  # then the lease frees the key
                self.keyed_requests.release(request)
            raise
        self.keyed_requests.finish(request, accepted)
        return accepted
