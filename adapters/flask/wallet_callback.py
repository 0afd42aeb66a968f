"""The wallet's callback, in its own blueprint.

Leave it out if your wallet does not call back. Otherwise put it where only the wallet comes, away from the prefix, the
login and the hooks of your users' routes.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence

from flask import Blueprint, Request, request

from ...core.requests.wallet_transaction import timestamp_error
from ...ports.errors import Unavailable
from ..container import Container
from .bodies import TRANSACTION, BodyRefused, parse_json, read_bytes, traced
from .openapi import SIGNATURE_HEADER, Operation, add_route
from .problems import failed, register_problems
from .responses import ReportTaken

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


def create_wallet_callback(container: Container) -> Blueprint:
    """POST ``/notify/wallet/transaction``, for reports that are signed with one of ``container.wallet_keys()``.

    Nobody needs to be logged in. 503 asks the wallet to repeat its report, which is harmless.
    """
    blueprint = Blueprint("show_goal_wallet", __name__)
    register_problems(blueprint, container)

    def wallet_transaction() -> ReportTaken:
        with traced(container, "wallet_transaction"):
            sent = parse_json(read_signed(request, container.wallet_keys()))
            report = TRANSACTION.structure(sent, {"ts": lambda ts: timestamp_error(ts, container.clock().now())})
        return ReportTaken(id=container.wallet_transaction()(report))

    # Whatever kept a receiver from running, the report must come again.
    blueprint.register_error_handler(ExceptionGroup, failed)
    add_route(blueprint, "POST", "/notify/wallet/transaction", wallet_transaction, WALLET_TRANSACTION)
    return blueprint


def read_signed(request: Request, keys: Sequence[str]) -> bytes:
    """The body, if it is signed: ``X-Wallet-Signature: sha256=<hex HMAC-SHA256 over the raw body>``.

    Nothing is read without a well-formed signature and a key, and no signature is computed over a body that is too
    large. Every key is compared, in constant time. Raises BadSignature, BodyTooLarge, IncompleteBody.
    """
    signature = _SIGNATURE.fullmatch(request.headers.get(SIGNATURE_HEADER, ""))
    if signature is None or not keys:
        raise BadSignature
    body = read_bytes(request, TRANSACTION.max_bytes)
    given = signature[1].lower()
    matches = [hmac.compare_digest(hmac.digest(key.encode(), body, "sha256").hex(), given) for key in keys]
    if not any(matches):
        raise BadSignature
    return body
