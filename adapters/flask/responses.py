"""JSON as it goes out. Nothing is cached: each answer is about somebody's money, or about this very moment."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Response


def json_response(
    status: int,
    body: Mapping[str, object],
    *,
    mimetype: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """``body`` as JSON; the host's JSON provider has no say in its form."""
    return Response(
        json.dumps(body), status=status, mimetype=mimetype, headers={"Cache-Control": "no-store", **(headers or {})}
    )
