"""One platform behind each web framework: the same requests, with the framework's own test client."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import django.test
from attrs import field, frozen
from django.conf import settings
from flask import request

from examples import django_app
from show_goal.adapters.flask import create_app
from show_goal.core.model import Viewer
from tests.world import World

USER = "X-User"
HEADERS = ("Content-Type", "Cache-Control", "Retry-After")


@frozen(kw_only=True)
class Asked:
    method: str
    path: str
    user: str = ""
    data: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Answered:
    status: int
    headers: Mapping[str, str | None]
    body: bytes

    @classmethod
    def of(cls, status: int, headers: Any, body: bytes) -> Answered:
        return cls(status=status, headers={name: headers.get(name) for name in HEADERS}, body=body)

    def code(self) -> str | None:
        code: str | None = json.loads(self.body).get("code")
        return code


Ask = Callable[[Asked], Answered]


def viewer(user_id: str | None) -> Viewer | None:
    return Viewer(id=user_id) if user_id else None


def headers_of(asked: Asked) -> dict[str, str]:
    return {USER: asked.user, **asked.headers}


def in_flask(world: World) -> Ask:
    client = create_app(world.container, lambda: viewer(request.headers.get(USER))).test_client()

    def ask(asked: Asked) -> Answered:
        length = {"CONTENT_LENGTH": asked.headers.get("Content-Length", str(len(asked.data)))}
        answer = client.open(
            asked.path, method=asked.method, data=asked.data, headers=headers_of(asked), environ_overrides=length
        )
        return Answered.of(answer.status_code, answer.headers, answer.data)

    return ask


def the_fastapi_example() -> Any:
    sys.path.append(str(Path(sys.prefix) / "fastapi"))  # apart from the rest, see pyproject.toml
    try:
        from examples import fastapi_app
    finally:
        sys.path.pop()
    return fastapi_app


def in_fastapi(world: World) -> Ask:
    fastapi_app = the_fastapi_example()
    with warnings.catch_warnings(action="ignore"):  # Starlette's client would rather have another httpx
        from fastapi.testclient import TestClient
    app = fastapi_app.create_app(world.container, fastapi_app.your_user)

    def ask(asked: Asked) -> Answered:
        with TestClient(app) as client:
            answer = client.request(asked.method, asked.path, content=asked.data, headers=headers_of(asked))
        return Answered.of(answer.status_code, answer.headers, answer.content)

    return ask


def in_django(world: World) -> Ask:
    if not settings.configured:
        settings.configure(MIDDLEWARE=django_app.MIDDLEWARE, SECRET_KEY="tests", ALLOWED_HOSTS=["testserver"])
    urls = ModuleType("urls")
    vars(urls)["urlpatterns"] = django_app.create_urls(world.container, django_app.your_user)

    def ask(asked: Asked) -> Answered:
        with django.test.override_settings(ROOT_URLCONF=urls):
            client: Any = django.test.Client(enforce_csrf_checks=True)
            answer = client.generic(asked.method, asked.path, asked.data, headers=headers_of(asked))
        return Answered.of(answer.status_code, answer.headers, answer.content)

    return ask
