"""The routes in FastAPI, on its threads. In memory here: ``Container.from_env()`` for real servers.

Services: none.
Install:  pip install . fastapi uvicorn
Run:      uvicorn --app-dir examples fastapi_app:app
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fastapi import Depends, FastAPI, Request, Response

from show_goal.adapters.container import Container
from show_goal.adapters.http import Route, Sent, channel_routes, user_routes, wallet_routes
from show_goal.core.model import Viewer

MOST = 65_537
"""Bytes: one more than any body may have."""


def create_app(container: Container, current_user: Callable[..., Viewer | None]) -> FastAPI:
    """``current_user`` is a dependency, as FastAPI has them."""
    app = FastAPI()
    serve(app, [*user_routes(container), *channel_routes(container)], current_user)
    serve(app, wallet_routes(container), nobody)  # only if your wallet calls back
    return app


def serve(app: FastAPI, routes: Iterable[Route], current_user: Callable[..., Viewer | None]) -> None:
    for route in routes:
        app.add_api_route(
            route.path, endpoint(route, current_user), methods=[route.method], name=route.name, include_in_schema=False
        )


def endpoint(route: Route, current_user: Callable[..., Viewer | None]) -> Callable[..., Response]:
    """FastAPI calls a function without ``async`` in a thread, where it may wait for MongoDB and the broker."""

    def answer(
        request: Request,
        viewer: Viewer | None = Depends(current_user),  # noqa: B008
        body: bytes = Depends(first_bytes),
    ) -> Response:
        sent = Sent(
            viewer=viewer,
            variables=request.path_params,
            query=request.query_params.getlist,
            header=request.headers.get,
            read=lambda most: body[:most],
        )
        reply = route.answer(sent)
        return Response(reply.body, reply.status, dict(reply.headers))

    return answer


async def first_bytes(request: Request) -> bytes:
    """So much of the body as is needed to know that it is too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) >= MOST:
            break
    return body


def nobody() -> None:
    """The wallet has no login: it signs."""


def your_user(request: Request) -> Viewer | None:
    """Your login: here it trusts a header, which yours must not."""
    user_id = request.headers.get("X-User")
    return Viewer(id=user_id, tags=frozenset()) if user_id else None


app = create_app(Container.in_memory(), your_user)
