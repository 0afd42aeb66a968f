"""The HTTP API. A caller sends the token. Money moves by POST, and each POST may be repeated."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Flask, abort, request
from werkzeug.exceptions import HTTPException

from examples.monolith.wallet_service.callback import Callback
from examples.monolith.wallet_service.ledger import Conflict, Insufficient, Ledger, Unknown

REFUSALS = {Conflict: (409, "conflict"), Insufficient: (402, "insufficient"), Unknown: (404, "unknown")}
PARAMETERS = {
    "id": str,
    "payer": str,
    "payee": str,
    "escrow": str,
    "amount": int,
    "expires": str | None,
    "tags": list,
    "note": dict,
}
"""The parameters of a hold. ``note`` is for the caller's own use."""


def create_api(ledger: Ledger, callback: Callback, token: str) -> Flask:
    api = Flask(__name__, static_folder=None)
    api.add_url_rule("/", view_func=lambda: {"alive": True})
    views = Views(ledger, callback)
    for view in (views.balance, views.find, views.holds, views.history, views.audit):
        api.add_url_rule(f"/<book>/{view.__name__}", view_func=view)
    for view in (views.deposit, views.withdraw, views.hold, views.release, views.refund):
        api.add_url_rule(f"/<book>/{view.__name__}", view_func=view, methods=["POST"])
    for refusal in REFUSALS:
        api.register_error_handler(refusal, _refused)
    api.register_error_handler(KeyError, _incomplete)
    api.register_error_handler(HTTPException, _failed)

    @api.before_request
    def authorize() -> None:
        sent = request.headers.get("Authorization", "")
        if request.path != "/" and not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
            abort(401)

    return api


class Views:
    def __init__(self, ledger: Ledger, callback: Callback) -> None:
        self._ledger = ledger
        self._callback = callback

    def deposit(self, book: str) -> Any:
        return self._pay(book, 1)

    def withdraw(self, book: str) -> Any:
        return self._pay(book, -1)

    def hold(self, book: str) -> Any:
        body = request.get_json()
        parameters = {name: body[name] for name in PARAMETERS}
        if not all(isinstance(parameters[name], kind) for name, kind in PARAMETERS.items()):
            abort(400)
        held = self._ledger.hold(book, {**parameters, "amount": _amount(body)})
        self._callback.wake()
        return held

    def release(self, book: str) -> Any:
        return self._settle(book, "released")

    def refund(self, book: str) -> Any:
        return self._settle(book, "refunded")

    def balance(self, book: str) -> Any:
        return self._ledger.balance(book, request.args["user"], request.args.get("hold"))

    def find(self, book: str) -> Any:
        hold = self._ledger.find(book, request.args["id"])
        if hold is None:
            raise Unknown(request.args["id"])
        return hold

    def holds(self, book: str) -> Any:
        """The holds of an ``escrow``, or those that are ``expired``, behind a place in the list."""
        given, limit = request.args, request.args.get("limit", 100, int)
        if "escrow" in given:
            place = given.get("after_settled", 0, int), given.get("after_id", "")
            return [*self._ledger.of_escrow(book, given["escrow"], limit, place)]
        after = given.get("after_expiry", ""), given.get("after_id", "")
        return [*self._ledger.expired(book, given["expired"], limit, after)]

    def history(self, book: str) -> Any:
        return [*self._ledger.history(book, request.args["user"], int(request.args["limit"]))]

    def audit(self, book: str) -> Any:
        return self._ledger.audit(book, request.args["expired"])

    def _pay(self, book: str, sign: int) -> Any:
        body = request.get_json()
        self._ledger.pay(book, str(body["id"]), str(body["user"]), sign * _amount(body))
        return {}

    def _settle(self, book: str, state: str) -> Any:
        settled = self._ledger.settle(book, str(request.get_json()["id"]), state)
        self._callback.wake()
        return settled


def _amount(body: dict[str, Any]) -> int:
    amount = body["amount"]
    if type(amount) is not int or amount < 0:
        abort(400)
    return amount


def _refused(error: Exception) -> Any:
    status, code = REFUSALS[type(error)]
    return {"error": code, "id": str(error)}, status


def _incomplete(error: Exception) -> Any:
    return {"error": f"{error} is missing"}, 400


def _failed(error: Exception) -> Any:
    return {"error": str(error)}, getattr(error, "code", 500)
