"""Who is logged in. The host decides (D8)."""

from __future__ import annotations

from collections.abc import Callable

from flask import g

from ...core.model import Viewer

CurrentUser = Callable[[], Viewer | None]


def host_user() -> Viewer | None:
    """``flask.g.user``, or None when it is not set, is None or is anonymous: an object whose ``id`` is None.

    A Viewer is used as it is. Any other object is the host's own user. Its ``id`` is a string or becomes one by
    ``str()``, such as an ObjectId. Its ``tags`` are an iterable of strings, or None. A user that lacks either attribute
    is an error of the host, so that a blocked viewer never passes by mistake.
    """
    user = g.get("user")
    if user is None or isinstance(user, Viewer):
        return user
    if user.id is None:  # otherwise all anonymous users would be one viewer, with one account
        return None
    return Viewer(id=str(user.id), tags=user.tags or ())
