"""The replies for any web framework, as responses of Flask."""

from __future__ import annotations

from flask import Response

from ..http import Reply


def response(reply: Reply) -> Response:
    """The host's JSON provider does not change it."""
    return Response(reply.body, status=reply.status, headers=dict(reply.headers))
