"""The wallet's reports. Only a signed one is read."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence

from ...core.requests.wallet_transaction import timestamp_error
from ...ports.errors import Unavailable
from ..container import Container
from .bodies import TRANSACTION, parse_json
from .operations import SIGNATURE_HEADER, Operation
from .responses import ReportTaken
from .route import Route, traced
from .sent import BodyRefused, Sent

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})", re.IGNORECASE | re.ASCII)


class BadSignature(BodyRefused):
    """The signature is missing, malformed or not by any of our keys, or we have no key."""

    code = reason = "bad_signature"


WALLET_TRANSACTION = Operation(
    tag="wallet",
    summary="Report a transaction. A repeat is harmless",
    who="the wallet, by its signature",
    response=ReportTaken,
    body=TRANSACTION,
    signed=True,
    errors=(BadSignature, Unavailable),
)


def wallet_routes(container: Container) -> list[Route]:
    """POST ``/notify/wallet/transaction``, for reports that are signed with one of ``container.wallet_keys()``.

    Nobody needs to be logged in. 503 asks the wallet to repeat its report, which is harmless.
    """

    def wallet_transaction(sent: Sent) -> ReportTaken:
        with traced(container, "wallet_transaction"):
            body = parse_json(read_signed(sent, container.wallet_keys()))
            report = TRANSACTION.structure(body, {"ts": lambda ts: timestamp_error(ts, container.clock().now())})
        return ReportTaken(id=container.wallet_transaction()(report))

    return [
        Route(
            container=container,
            name="wallet_transaction",
            method="POST",
            path="/notify/wallet/transaction",
            operation=WALLET_TRANSACTION,
            act=wallet_transaction,
        )
    ]


def read_signed(sent: Sent, keys: Sequence[str]) -> bytes:
    """The body, if it is signed: ``X-Wallet-Signature: sha256=<hex HMAC-SHA256 over the raw body>``.

    Nothing is read without a well-formed signature and a key, and no signature is computed over a body that is too
    large. Every key is compared, in constant time. Raises BadSignature, BodyTooLarge, IncompleteBody.
    """
    signature = _SIGNATURE.fullmatch(sent.header(SIGNATURE_HEADER) or "")
    if signature is None or not keys:
        raise BadSignature
    body = sent.body(TRANSACTION.max_bytes)
    given = signature[1].lower()
    matches = [hmac.compare_digest(hmac.digest(key.encode(), body, "sha256").hex(), given) for key in keys]
    if not any(matches):
        raise BadSignature
    return body
