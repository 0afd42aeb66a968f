"""The wallet's callback, in a blueprint of its own.

A host whose wallet does not call back leaves it out; one whose wallet does may put it where the wallet alone comes to,
away from the prefix, the login and the hooks of its users' routes.
"""

from __future__ import annotations

from flask import Blueprint, Request, request

from ...core.errors import InvalidTransaction
from ...ports.errors import Unavailable
from ..container import Container
from ..problems import UNAVAILABLE
from .answers import ReportTaken
from .bodies import TRANSACTION
from .body import BodyTooLarge, IncompleteBody, MalformedJson, or_traced, parse_json
from .operation import Operation, add_route
from .problems import kinds, refused, register_problems
from .signature import BadSignature, read_signed

WALLET_TRANSACTION = Operation(
    summary="The wallet reports a transaction; a repeat is harmless",
    who="the wallet, by its signature",
    answer=ReportTaken,
    body=TRANSACTION,
    signed=True,
    problems=kinds(BadSignature, BodyTooLarge, IncompleteBody, MalformedJson, InvalidTransaction, Unavailable),
)


def create_wallet_callback(container: Container) -> Blueprint:
    """POST ``/notify/wallet/transaction``, believed when it is signed with one of ``container.wallet_keys()``.

    Nobody is logged in here. 503 asks the wallet to repeat its report, which is harmless.
    """
    blueprint = Blueprint("show_goal_wallet", __name__)
    register_problems(blueprint, container)

    def read(request: Request) -> object:
        return parse_json(read_signed(request, container.wallet_keys()))

    def wallet_transaction() -> ReportTaken:
        body = or_traced(read, request, container, "wallet_transaction")
        return ReportTaken(id=container.wallet_transaction()(body))

    # Whichever receivers failed, the report must come again.
    blueprint.register_error_handler(ExceptionGroup, lambda error: refused(UNAVAILABLE, error))
    add_route(blueprint, "POST", "/notify/wallet/transaction", wallet_transaction, WALLET_TRANSACTION)
    return blueprint
