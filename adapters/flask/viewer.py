"""Who is logged in: the host says (D8)."""

from __future__ import annotations

from collections.abc import Callable

from flask import g

from ...core.model import Viewer

CurrentUser = Callable[[], Viewer | None]


def host_user() -> Viewer | None:
    """``flask.g.user``; None when it is not set, None, or somebody anonymous, whose ``id`` is None.

    A Viewer is taken as it is. Any other object is the host's own user: its ``id`` (a string, or what ``str()`` turns
    into one, such as an ObjectId) and its ``tags`` (an iterable of strings, or None) are read. One that lacks either
    attribute is an error of the host's, so that a blocked viewer never passes by mistake.
    """
    user = g.get("user")
    if user is None or isinstance(user, Viewer):
        return user
    if user.id is None:  # or all who are not logged in would be one viewer, and share an account
        return None
    return Viewer(id=str(user.id), tags=frozenset(user.tags or ()))
