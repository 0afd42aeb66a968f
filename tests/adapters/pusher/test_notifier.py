"""Notifications that fail, and the connection that they use."""

from __future__ import annotations

import os
import re
import socket
import time
import traceback
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from show_goal.adapters.pusher import PusherNotifier, PusherSettings
from show_goal.ports.errors import NotificationRefused, NotifierUnavailable
from show_goal.ports.notifier import Notification
from tests.builders import GOAL
from tests.servers import Servers
from tests.servers.ports import free_port

from .far_end import FarEnd, settings_of
from .settings import settings_from


@pytest.fixture
def far_end() -> Iterator[FarEnd]:
    with FarEnd() as far_end:
        yield far_end


def a_notification(**changes: Any) -> Notification:
    values = {"id": f"goal.added:{GOAL}", "event": "goal.added", "channels": ["private-user@1"], "payload": {}}
    return Notification(**{**values, **changes})


def refused(settings: PusherSettings, **changes: Any) -> str:
    return _failure(NotificationRefused, settings, **changes)


def unavailable(settings: PusherSettings) -> str:
    return _failure(NotifierUnavailable, settings)


def _failure(kind: type[Exception], settings: PusherSettings, **changes: Any) -> str:
    """The error's text. It and its traceback contain no secret and no signature."""
    with pytest.raises(kind) as failure:
        PusherNotifier(settings).notify(a_notification(**changes))
    printed = "".join(traceback.format_exception(failure.value))
    assert settings.secret not in printed
    assert not re.search(r"\b[0-9a-f]{64}\b", printed)
    return str(failure.value)


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ({"secret": "wrong-secret"}, "check key, secret and this machine's clock"),
        ({"key": "wrong-key"}, "check key, secret and this machine's clock"),
        ({"app_id": "404404"}, "app 404404) refused"),
    ],
)
def test_wrong_credentials_are_refused_for_good_with_what_to_check(
    servers: Servers, wrong: dict[str, str], advice: str
) -> None:
    text = refused(settings_from(servers.pusher_url, **wrong))
    assert f"refused goal.added:{GOAL}" in text
    assert advice in text


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "the request is not valid"),
        (401, "check key, secret and this machine's clock"),
        (403, "check in Pusher's dashboard whether the app is disabled or over its quota"),
        (404, "check app id, cluster and host"),
        (413, "the event is too large"),
    ],
)
def test_these_responses_are_final(far_end: FarEnd, status: int, advice: str) -> None:
    far_end.status, far_end.body = status, "because of this"
    text = refused(far_end.settings)
    assert "because of this" in text
    assert text.endswith(advice)
    assert len(far_end.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 402, 405, 408, 418, 429, 500, 502, 503, 504])
def test_every_other_response_may_be_retried_and_one_call_is_one_attempt(far_end: FarEnd, status: int) -> None:
    far_end.status, far_end.headers = status, {"Location": "/elsewhere"}
    assert str(status) in unavailable(far_end.settings)
    assert len(far_end.asked) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, "<html>Log in to the hotel's network</html>"), (200, ""), (200, "404: nothing here"), (None, "")],
    ids=["html", "nothing", "text", "hung up"],
)
def test_far_end_that_hangs_up_or_sends_no_json_of_pushers_is_unavailable(
    far_end: FarEnd, status: int | None, body: str
) -> None:
    far_end.status, far_end.body = status, body
    unavailable(far_end.settings)


def test_long_response_is_cut(far_end: FarEnd) -> None:
    far_end.status, far_end.body = 500, "x" * 100_000
    assert len(unavailable(far_end.settings)) < 1_000


def test_signature_that_the_far_end_repeats_is_masked(far_end: FarEnd) -> None:
    far_end.status, far_end.body = 401, f'you sent "{"0a" * 32}"'
    assert 'you sent "***"' in refused(far_end.settings)


def test_closed_port_is_unavailable_at_once() -> None:
    began = time.monotonic()
    assert "Connection refused" in unavailable(settings_of(free_port()))
    assert time.monotonic() - began < 1


def test_far_end_that_never_responds_is_unavailable_after_the_timeout_of_one_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        assert "ReadTimeout" in unavailable(settings_of(silent.getsockname()[1]))
        assert 0.9 < time.monotonic() - began < 3


@pytest.mark.parametrize("wrong", [{"channels": ["no spaces"]}, {"event": "e" * 201}])
def test_notification_that_pusher_never_takes_is_not_sent(far_end: FarEnd, wrong: dict[str, Any]) -> None:
    assert "cannot take" in refused(far_end.settings, **wrong)
    assert far_end.asked == []


@pytest.mark.parametrize(("channels", "calls"), [(3, 1), (100, 1), (101, 2), (250, 3)])
def test_one_call_takes_a_hundred_channels(far_end: FarEnd, channels: int, calls: int) -> None:
    PusherNotifier(far_end.settings).notify(a_notification(channels=["c"] * channels))
    assert len(far_end.asked) == calls
    assert far_end.asked[0].line.startswith("POST /apps/1/events?auth_key=k&")


def test_first_notification_opens_a_connection_and_the_next_ones_use_it(far_end: FarEnd) -> None:
    notifier = PusherNotifier(far_end.settings)
    assert far_end.asked == []
    for _ in range(3):
        notifier.notify(a_notification())
    assert len({asked.client_port for asked in far_end.asked}) == 1


def test_close_ends_the_connection_and_the_next_notification_opens_another(far_end: FarEnd) -> None:
    notifier = PusherNotifier(far_end.settings)
    notifier.close()
    for _ in range(2):
        notifier.notify(a_notification())
        notifier.close()
    assert len({asked.client_port for asked in far_end.asked}) == 2


def test_forked_process_opens_another_connection(far_end: FarEnd) -> None:
    notifier = PusherNotifier(far_end.settings)
    notifier.notify(a_notification())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child does nothing but notify
        child = os.fork()
    if child == 0:
        try:
            notifier.notify(a_notification())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    notifier.notify(a_notification())
    parent, forked, parent_again = (asked.client_port for asked in far_end.asked)
    assert parent == parent_again != forked


def test_threads_share_a_notifier(far_end: FarEnd) -> None:
    notifier = PusherNotifier(far_end.settings)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: notifier.notify(a_notification()), range(40)))
    assert len(far_end.asked) == 40


def use_proxy(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """The machine's proxy for every address, as its environment says."""
    for scheme in ("http", "https", "all"):
        for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper()):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_loopback_needs_no_proxy(far_end: FarEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    use_proxy(monkeypatch, free_port())
    PusherNotifier(far_end.settings).notify(a_notification())
    assert len(far_end.asked) == 1


@pytest.mark.parametrize(
    ("where", "address"),
    [
        ({}, "api.pusherapp.com:443"),
        ({"cluster": "eu"}, "api-eu.pusher.com:443"),
        ({"cluster": "eu", "host": "pusher.example", "port": 8443}, "pusher.example:8443"),
    ],
)
def test_hosted_service_is_found_by_its_cluster_through_the_machines_proxy(
    far_end: FarEnd, monkeypatch: pytest.MonkeyPatch, where: dict[str, Any], address: str
) -> None:
    far_end.status = 502
    use_proxy(monkeypatch, far_end.port)
    unavailable(PusherSettings(app_id="1", key="k", secret="hunter2", **where))
    assert [asked.line.split()[:2] for asked in far_end.asked] == [["CONNECT", address]]


def test_machines_proxy_is_looked_up_once(far_end: FarEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    far_end.status = 502
    use_proxy(monkeypatch, far_end.port)
    notifier = PusherNotifier(PusherSettings(app_id="1", key="k", secret="hunter2"))
    for _ in range(2):
        with pytest.raises(NotifierUnavailable):
            notifier.notify(a_notification())
        use_proxy(monkeypatch, free_port())
    assert len(far_end.asked) == 2


def test_secret_is_not_printed_with_the_settings(far_end: FarEnd) -> None:
    assert far_end.settings.secret not in repr(far_end.settings)
