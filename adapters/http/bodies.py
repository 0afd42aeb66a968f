"""The bodies that clients send: read strictly, and checked against the one description of their shape.

Each shape is an attrs class. The OpenAPI description is drawn from it, and what was sent is checked against it, all
fields at once. Limits that depend on the clock or on settings are rules of the core.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from urllib.parse import parse_qsl

from attrs import AttrsInstance, field, fields, frozen, has
from cattrs import ClassValidationError
from cattrs.gen import make_dict_structure_fn

from ...core import errors, model
from ...core.requests.wallet_transaction import TransactionReport
from ..strict import is_generic, strict_converter
from .schema import Note, is_open, note_of
from .sent import BodyRefused, BodyTooLarge, IncompleteBody, Sent

JSON = "application/json"
FORM_ENCODED = "application/x-www-form-urlencoded"
MOST = 2**53 - 1
"""The largest amount. Beyond it, JSON readers disagree about the number."""

B = TypeVar("B", bound=AttrsInstance)
Limits = Mapping[str, Callable[[int | None], str | None]]
"""For a field: the rule of the core that says what is wrong with a number, or with None in its place."""

_WHOLE = {"minimum": 0, "maximum": MOST}
_AMOUNT = ("in the smallest unit of money", _WHOLE)
_NO_AMOUNT = f"must be a whole number from 0 to {MOST}"
_Text = Annotated[str, Note("not empty", {"minLength": 1}, "must be a text")]
_TextOrNull = Annotated[
    str | None, Note("null while the money is in escrow", {"minLength": 1}, "must be a text or null")
]
_Amount = Annotated[int, Note(*_AMOUNT, _NO_AMOUNT)]
_AmountOrNull = Annotated[int | None, Note(*_AMOUNT, f"{_NO_AMOUNT}, or null")]
# Written in another script's digits, or with a colon, it could be signed as the id of another socket.
_SocketId = Annotated[
    str,
    Note(
        "of the connection that will listen",
        {"pattern": "^[0-9]{1,20}[.][0-9]{1,20}$"},
        "must be a socket's id, as 123.456",
    ),
]


@frozen(kw_only=True)
class Invitation(model.Invitation):
    """An invitation to a private show (D6, D7, D30)."""

    exp: Annotated[
        int,
        Note("until when the streamer may answer: Unix time in whole seconds, from ten seconds to an hour ahead"),
    ]
    duration: Annotated[int, Note("seconds of private show to pay for, six hours at most", {"minimum": 1})]
    amount: Annotated[
        int | None,
        Note(
            "the price that the viewer was shown; if it is another now, nothing happens",
            _WHOLE,
            f"{_NO_AMOUNT}, or null",
        ),
    ] = None


@frozen(kw_only=True)
class Answer:
    """The streamer's answer to an invitation (L2)."""

    agree: Annotated[bool, Note("true to agree, false to refuse", wrong="must be true or false")]


@frozen(kw_only=True)
class Transaction(TransactionReport):
    """A wallet's report of one transaction (L1)."""

    OPEN: ClassVar[bool] = True

    id: _Text
    ts: Annotated[int, Note("when it happened: Unix time in whole seconds, of the last 24 hours", _WHOLE)]
    from_account: _Text = field(alias="fromAccount")
    from_amount: _Amount = field(alias="fromAmount")
    to_account: _TextOrNull = field(default=None, alias="toAccount")
    to_amount: _AmountOrNull = field(default=None, alias="toAmount")
    tags: Annotated[Sequence[_Text], Note("of the transaction", wrong="must be a list of texts")]


@frozen(kw_only=True)
class Subscription:
    """What pusher-js sends before it listens on a private or presence channel (H1)."""

    OPEN: ClassVar[bool] = True

    socket_id: _SocketId
    channel_name: Annotated[str, Note("not empty", {"minLength": 1}, "must be a channel's name")]


class UnsupportedMediaType(BodyRefused):
    """The body is not ``wanted``. For JSON, this also keeps out the HTML forms of foreign pages."""

    code = reason = "unsupported_media_type"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"is not {wanted}")
        self.wanted = wanted


class MalformedJson(BodyRefused):
    """Not JSON in UTF-8. NaN, a repeated key, half a surrogate, deep nesting and endless numbers are refused too."""

    code = reason = "malformed_json"


@frozen(kw_only=True)
class Body(Generic[B]):
    """At most ``max_bytes`` of ``media_type``, in the shape of ``kind``. ``refusal`` is for any other shape."""

    kind: type[B]
    refusal: type[errors.InvalidRequest]
    wanted: str = "must be a JSON object"
    media_type: str = JSON
    max_bytes: int = 4_096

    def refusals(self, *, signed: bool) -> Iterator[type[errors.Refused]]:
        """What a body may be refused for."""
        yield from (BodyTooLarge, IncompleteBody, self.refusal)
        if not signed:
            yield UnsupportedMediaType
        if self.media_type == JSON:
            yield MalformedJson

    def read(self, sent: Sent, limits: Limits | None = None) -> B:
        """The body of a request. Raises a BodyRefused, or ``refusal`` with every field that is wrong."""
        if sent.media_type() != self.media_type:
            raise UnsupportedMediaType(self.media_type)
        data = sent.body(self.max_bytes)
        return self.structure(parse_json(data) if self.media_type == JSON else parse_form(data), limits)

    def structure(self, sent: object, limits: Limits | None = None) -> B:
        """The typed body. Raises ``refusal`` with every field that is wrong.

        The use case checks the limits of a body whose shape is right. Here they are asked only when it is not, so that
        one response names every wrong field.
        """
        if not isinstance(sent, dict):
            raise self.refusal({"body": self.wanted})
        try:
            return _converter.structure(sent, self.kind)
        except ClassValidationError as error:
            misshapen = {note.name for _, note in error.group_exceptions()[0]}
            raise self.refusal(_wrong(self.kind, sent, misshapen, limits or {})) from None


def _wrong(kind: type[AttrsInstance], sent: dict[str, Any], misshapen: set[str], limits: Limits) -> dict[str, str]:
    unknown = () if is_open(kind) else sent.keys() - {each.alias for each in fields(kind)}
    wrong: dict[str, str | None] = dict.fromkeys(unknown, "is not known here")
    for each in fields(kind):
        if each.alias in limits:
            wrong[each.alias] = limits[each.alias](None if each.name in misshapen else sent[each.alias])
        elif each.name in misshapen:
            wrong[each.alias] = note_of(kind, each.name).wrong
    return {name: problem for name, problem in wrong.items() if problem is not None}


INVITATION = Body(
    kind=Invitation, refusal=errors.InvalidInvitation, wanted="must be a JSON object with exp and duration"
)
ANSWER = Body(kind=Answer, refusal=errors.InvalidAnswer, wanted="must be a JSON object with agree")
TRANSACTION = Body(kind=Transaction, refusal=errors.InvalidTransaction, max_bytes=65_536)
SUBSCRIPTION = Body(kind=Subscription, refusal=errors.InvalidSubscription, media_type=FORM_ENCODED)

_converter = strict_converter()


@_converter.register_structure_hook_factory(has)
def _structure_object(kind: type) -> Any:
    return make_dict_structure_fn(kind, _converter, _cattrs_use_alias=True, _cattrs_forbid_extra_keys=not is_open(kind))


def _structure_noted(value: object, hint: Any) -> object:
    structured = _converter.structure(value, hint.__origin__)
    if structured is not None and not hint.__metadata__[0].allows(structured):
        raise ValueError(f"{value!r} is out of range")
    return structured


_converter.register_structure_hook_func(is_generic(Annotated), _structure_noted)


def parse_json(data: bytes) -> object:
    """Raises MalformedJson."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()  # no store takes half a surrogate, which an escape may spell
    except (ValueError, RecursionError) as error:
        raise MalformedJson(str(error)) from None
    return value


def parse_form(data: bytes) -> dict[str, str | list[str]]:
    """A name that comes more than once has all of its values. What is not UTF-8 has no names."""
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(data.decode(), keep_blank_values=True)
    except UnicodeDecodeError:
        return {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Two readers may take two values of a repeated key."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a repeated key")
    return members


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
