"""Who is logged in. The host decides (D8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g
from werkzeug.local import LocalProxy

from ...core.model import Viewer

CurrentUser = Callable[[], object]
"""Returns what :func:`read_user` reads."""


def host_user() -> Viewer | None:
    """``flask.g.user``, or None when it is not set: see :func:`read_user`."""
    return read_user(g.get("user"))


def read_user(user: Any) -> Viewer | None:
    """The viewer that the host's user is. None for None, and for an anonymous user.

    A proxy, such as ``flask_login.current_user``, is read at once. A user is anonymous if its ``is_anonymous`` is true
    or its ``id`` is None. A Viewer is used as it is. Any other object is the host's own user: its ``id`` is a text, a
    whole number, a UUID or an ObjectId, its ``tags`` a list or set of texts, or None. Anything else raises InvalidValue
    or AttributeError, so that a blocked viewer never passes by mistake (D48).
    """
    user = _behind(user)
    if user is None or type(user) is Viewer:
        return user
    anonymous = getattr(user, "is_anonymous", False)
    if anonymous() if callable(anonymous) else anonymous:
        return None
    user_id, tags = _behind(user.id), _behind(user.tags)
    if user_id is None:  # otherwise all anonymous users would be one viewer, with one account
        return None
    return Viewer(id=user_id, tags=frozenset() if tags is None else tags)


def _behind(value: Any) -> Any:
    return value._get_current_object() if type(value) is LocalProxy else value
