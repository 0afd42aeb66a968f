"""What each route wants to be sent, for the description. The core reads bodies itself, and says what is wrong with each
field; a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from attrs import frozen

from ...core.requests.authorize_channel import SOCKET_ID
from ...core.requests.wallet_transaction import MOST
from .body import FORM, JSON, MAX_BYTES
from .schema import Note
from .signature import MAX_BYTES as MAX_SIGNED_BYTES

_Text = Annotated[str, Note("not empty", {"minLength": 1})]
_Amount = Annotated[int, Note("in the smallest unit of money", {"minimum": 0, "maximum": MOST})]


@frozen(kw_only=True)
class Invitation:
    """An invitation to a private show (D6, D7)."""

    exp: Annotated[
        int,
        Note("until when the streamer may answer: Unix time in whole seconds, in the future, an hour ahead at most"),
    ]
    duration: Annotated[int, Note("seconds of private show to pay for, six hours at most", {"minimum": 1})]


@frozen(kw_only=True)
class Answer:
    """The streamer's answer to an invitation (L2)."""

    agree: bool


@frozen(kw_only=True)
class Transaction:
    """A wallet's report of one transaction (L1)."""

    OPEN: ClassVar[bool] = True

    id: _Text
    ts: Annotated[int, Note("when it happened: Unix time in whole seconds, of the last 24 hours", {"minimum": 0})]
    fromAccount: _Text  # noqa: N815, the wallet's word
    fromAmount: _Amount  # noqa: N815
    toAccount: Annotated[str, Note("null while the money is in escrow", {"minLength": 1})] | None = None  # noqa: N815
    toAmount: _Amount | None = None  # noqa: N815
    tags: list[_Text]


@frozen(kw_only=True)
class Subscription:
    """What pusher-js sends before it listens on a private or presence channel (H1)."""

    OPEN: ClassVar[bool] = True

    socket_id: Annotated[str, Note("of the connection that will listen", {"pattern": f"^{SOCKET_ID}$"})]
    channel_name: Annotated[str, Note("not empty", {"minLength": 1})]


@frozen
class Body:
    """How one of them travels: at most ``limit`` bytes of ``media_type``."""

    form: type
    media_type: str = JSON
    limit: int = MAX_BYTES


INVITATION = Body(Invitation)
ANSWER = Body(Answer)
TRANSACTION = Body(Transaction, limit=MAX_SIGNED_BYTES)
SUBSCRIPTION = Body(Subscription, FORM)
