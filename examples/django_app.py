"""The routes in Django. In memory here: ``Container.from_env()`` for real servers.

Services: none.
Install:  pip install . django
Run:      django-admin runserver --pythonpath examples --settings django_app
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path
from django.views.decorators.csrf import csrf_exempt

from show_goal.adapters.container import Container
from show_goal.adapters.http import Route, Sent, channel_routes, user_routes, wallet_routes
from show_goal.core.model import Viewer

CurrentUser = Callable[[HttpRequest], Viewer | None]


def urls(routes: Iterable[Route], current_user: CurrentUser) -> Iterator[URLPattern]:
    """One pattern for each path, whatever its methods."""
    by_path = sorted(routes, key=lambda route: route.path)
    for _, same_path in groupby(by_path, key=lambda route: route.path):
        methods = {route.method: route for route in same_path}
        regex = next(iter(methods.values())).regex.removeprefix("/")
        yield re_path(f"^{regex}$", view_of(methods, current_user))


def view_of(methods: dict[str, Route], current_user: CurrentUser) -> Callable[..., HttpResponseBase]:
    """Exempt from CSRF tokens: browsers send no foreign page's JSON, and no foreign DELETE or PATCH."""

    def view(request: HttpRequest, **variables: str) -> HttpResponseBase:
        route = methods.get(request.method or "")
        if route is None:
            return HttpResponseNotAllowed(methods)
        sent = Sent(
            viewer=current_user(request),
            variables=variables,
            query=request.GET.getlist,
            header=request.headers.get,
            read=request.read,
        )
        reply = route.answer(sent)
        return HttpResponse(reply.body, status=reply.status, headers=reply.headers)

    exempt: Callable[..., HttpResponseBase] = csrf_exempt(view)
    return exempt


def create_urls(container: Container, current_user: CurrentUser) -> list[URLPattern]:
    ours = [*user_routes(container), *channel_routes(container)]
    wallets = wallet_routes(container)  # only if your wallet calls back
    return [*urls(ours, current_user), *urls(wallets, lambda request: None)]


def your_user(request: HttpRequest) -> Viewer | None:
    """Your login: here it trusts a header, which yours must not. With Django's it is ``request.user``, and its id."""
    user_id = request.headers.get("X-User")
    return Viewer(id=user_id, tags=frozenset()) if user_id else None


DEBUG = True
SECRET_KEY = "an example"
ROOT_URLCONF = __name__
MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
urlpatterns = create_urls(Container.in_memory(), your_user)
