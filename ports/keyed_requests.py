"""The requests that clients have marked with a key, and the first answer to each (D29)."""

from __future__ import annotations

from typing import Protocol

from ..core.keyed_request import Accepted, KeyedRequest


class KeyedRequests(Protocol):
    """One request for each viewer, session and key. An adapter may forget it after 24 h (``KEPT``).

    Every method is atomic, may raise StoreUnavailable, and may be repeated.
    """

    def claim(self, request: KeyedRequest) -> KeyedRequest:
        """Store the request, unless another one has its key. Return the one that is stored.

        Who gets their own ``attempt`` back may act. Everybody else must not.

        Promises:
            - takes: A free key takes the request, with every field.
            - own: The same key of another viewer, or in another session, is another key.
            - stands: A request stays while it may not go to the other one (``KeyedRequest.may_go_to``).
            - goes_on: The key of a request without an answer goes to a retry after ``LEASE``.
            - forgets: Any key is free again ``KEPT`` after its request was stored.
            - one: Of many calls at once, one stores its request, and every caller gets that one.
        """
        ...

    def note(self, request: KeyedRequest, tried: Accepted) -> None:
        """Note the answer that the request is about to earn.

        Promises:
            - notes: A retry that gets the key reads it as `tried`, also after a release.
            - attempt: Nothing changes if another attempt has the key, or none.
        """
        ...

    def finish(self, request: KeyedRequest, answer: Accepted) -> None:
        """Store the answer beside the request.

        Promises:
            - answers: A later claim of the key returns the request with this answer.
            - attempt: Nothing changes if another attempt has the key, or none.
        """
        ...

    def release(self, request: KeyedRequest) -> None:
        """Forget a request that came to nothing, so that the key is free for another attempt.

        Promises:
            - frees: The key is free. If something was tried, only for a retry of the same body.
            - attempt: Nothing changes if another attempt has the key, or the request has its answer.
        """
        ...
