"""The routes for any web framework, in Flask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import urlencode

from flask import Blueprint, request
from werkzeug.wsgi import get_input_stream

from ..http import Route, Sent
from ..http.bodies import FORM_ENCODED
from .openapi import add_route
from .viewer import CurrentUser, read_user

_CONVERTERS = {
    "{session_id}": "<objectid:session_id>",
    "{goal_id}": "<objectid:goal_id>",
    "{preset}": '<any("sd","preview"):preset>',
}


def add_routes(blueprint: Blueprint, routes: Iterable[Route], current_user: CurrentUser = lambda: None) -> None:
    for route in routes:
        rule = re.sub(r"{\w+}", lambda variable: _CONVERTERS[variable[0]], route.path)
        add_route(blueprint, route.method, rule, _view(route, current_user), route.operation)


def _view(route: Route, current_user: CurrentUser) -> Callable[..., object]:
    def view(**variables: object) -> object:
        viewer = read_user(current_user())
        return route.act(
            Sent(viewer=viewer, variables=variables, query=request.args.getlist, header=_header, read=_read)
        )

    view.__name__ = route.name
    return view


def _header(name: str) -> str | None:
    return None if name == "Content-Length" and _form_was_read() else request.headers.get(name)


def _read(most: int) -> bytes:
    if _form_was_read():
        return urlencode(list(request.form.items(multi=True))).encode()
    # Werkzeug silently cuts a chunked stream off at this length. (Before Flask 3.1, a single request has no
    # max_content_length of its own.)
    vars(request)["stream"] = get_input_stream(request.environ, max_content_length=most)
    return request.get_data()


def _form_was_read() -> bool:
    """By a hook of the host, which has left nothing to read again."""
    return request.mimetype == FORM_ENCODED and "form" in vars(request)
