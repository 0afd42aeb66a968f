"""What a client has sent, of any web framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import field, frozen

from ...core import errors
from ...core.model import Viewer


class BodyRefused(errors.Refused):
    """Nobody looks into the body."""


class BodyTooLarge(BodyRefused):
    """More than ``limit`` bytes."""

    code = reason = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class IncompleteBody(BodyRefused):
    """The body broke off: fewer bytes than Content-Length, or an invalid chunk."""

    code = reason = "incomplete_body"


@frozen(kw_only=True)
class Sent:
    """One request, as the host's framework has it. The host has logged the viewer in."""

    viewer: Viewer | None = None
    variables: Mapping[str, object] = field(factory=dict)
    """Those of the path. Each is a text, or ``str()`` makes it one."""
    query: Callable[[str], Sequence[str]] = lambda name: ()
    """All values that the query has for a name: the ``getlist`` of most frameworks."""
    header: Callable[[str], str | None] = lambda name: None
    """A header by its name, in any case: the ``headers.get`` of most frameworks."""
    read: Callable[[int], bytes] = lambda most: b""
    """At most so many bytes of the body, from its beginning. It may raise anything if the body breaks off."""

    def id(self, name: str) -> str:
        """A variable of the path. Ids are compared in lower case."""
        return str(self.variables[name]).lower()

    def media_type(self) -> str:
        """Without parameters; empty if there is none."""
        return (self.header("Content-Type") or "").partition(";")[0].strip().lower()

    def body(self, most: int) -> bytes:
        """The body as it came. Raises BodyTooLarge, IncompleteBody."""
        length = self._content_length()
        if length > most:
            raise BodyTooLarge(most)
        try:
            data = self.read(most + 1)
        except Exception as error:  # an invalid chunk, a client that hung up: each server raises something else
            raise IncompleteBody("the body broke off") from error
        if len(data) > most:
            raise BodyTooLarge(most)
        if len(data) < length:  # a server that marks the end of its input raises nothing
            raise IncompleteBody(f"{len(data)} of {length} bytes")
        return data

    def _content_length(self) -> int:
        """Zero if it is not said. A chunked body has none that counts."""
        said = self.header("Content-Length") or ""
        readable = said.isascii() and said.isdigit() and len(said) < 1_000 and not self.header("Transfer-Encoding")
        return int(said) if readable else 0
