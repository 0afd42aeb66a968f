"""What becomes of a notification that does not get through, and of the connection that it takes."""

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

from .far_end import FarEnd
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


def unavailable(settings: PusherSettings, **changes: Any) -> str:
    return _failure(NotifierUnavailable, settings, **changes)


def _failure(kind: type[Exception], settings: PusherSettings, **changes: Any) -> str:
    """The error's text, after making sure that neither it nor its traceback gives a secret or a signature away."""
    with pytest.raises(kind) as failure:
        PusherNotifier(settings).notify(a_notification(**changes))
    printed = "".join(traceback.format_exception(failure.value))
    assert settings.secret not in printed
    assert not re.search(r"\b[0-9a-f]{64}\b", printed)
    return str(failure.value)


def test_wrong_secret_is_refused_for_good_and_says_what_to_check(servers: Servers) -> None:
    text = refused(settings_from(servers.pusher_url, secret="wrong-secret"))
    assert f"refused goal.added:{GOAL}" in text
    assert "check key, secret and this machine's clock" in text


def test_wrong_key_is_refused_for_good(servers: Servers) -> None:
    assert "check key, secret" in refused(settings_from(servers.pusher_url, key="wrong-key"))


def test_unknown_app_is_refused_for_good(servers: Servers) -> None:
    assert "app 404404) refused" in refused(settings_from(servers.pusher_url, app_id="404404"))


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
def test_these_answers_are_final(far_end: FarEnd, status: int, advice: str) -> None:
    far_end.status, far_end.body = status, "because of this"
    text = refused(far_end.settings)
    assert "because of this" in text
    assert text.endswith(advice)
    assert len(far_end.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 402, 405, 408, 418, 429, 500, 502, 503, 504])
def test_every_other_answer_may_be_better_next_time_and_one_call_is_one_attempt(far_end: FarEnd, status: int) -> None:
    far_end.status, far_end.headers = status, {"Location": "/elsewhere"}
    assert str(status) in unavailable(far_end.settings)
    assert len(far_end.asked) == 1


@pytest.mark.parametrize("body", ["<html>Log in to the hotel's network</html>", "", "404: nothing here"])
def test_success_in_other_words_than_pusher_s_is_none(far_end: FarEnd, body: str) -> None:
    far_end.body = body
    unavailable(far_end.settings)


def test_long_answer_is_cut(far_end: FarEnd) -> None:
    far_end.status, far_end.body = 500, "x" * 100_000
    assert len(unavailable(far_end.settings)) < 1_000


def test_signature_that_the_far_end_repeats_is_masked(far_end: FarEnd) -> None:
    far_end.status, far_end.body = 401, f'you sent "{"0a" * 32}"'
    assert 'you sent "***"' in refused(far_end.settings)


def test_far_end_that_hangs_up_is_unavailable(far_end: FarEnd) -> None:
    far_end.status = None
    unavailable(far_end.settings)


def test_closed_port_is_unavailable_at_once() -> None:
    began = time.monotonic()
    text = unavailable(
        PusherSettings(app_id="1", key="k", secret="hunter2", host="127.0.0.1", port=free_port(), ssl=False)
    )
    assert "Connection refused" in text
    assert time.monotonic() - began < 1


def test_far_end_that_never_answers_is_unavailable_after_the_timeout_of_one_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        text = unavailable(
            PusherSettings(app_id="1", key="k", secret="hunter2", host="127.0.0.1", port=port, ssl=False)
        )
        took = time.monotonic() - began
    assert "ReadTimeout" in text
    assert 0.9 < took < 3


@pytest.mark.parametrize("wrong", [{"channels": ["no spaces"]}, {"event": "e" * 201}])
def test_what_pusher_would_never_take_is_not_even_sent(far_end: FarEnd, wrong: dict[str, Any]) -> None:
    assert "cannot take" in refused(far_end.settings, **wrong)
    assert far_end.asked == []


def test_channels_go_out_in_one_call(far_end: FarEnd) -> None:
    PusherNotifier(far_end.settings).notify(a_notification(channels=["a", "b", "c"]))
    (asked,) = far_end.asked
    assert asked.line.startswith("POST /apps/1/events?auth_key=k&")


@pytest.mark.parametrize(("channels", "calls"), [(100, 1), (101, 2), (250, 3)])
def test_one_call_takes_a_hundred_channels(far_end: FarEnd, channels: int, calls: int) -> None:
    PusherNotifier(far_end.settings).notify(a_notification(channels=["c"] * channels))
    assert len(far_end.asked) == calls


def test_nothing_is_connected_before_the_first_notification(far_end: FarEnd) -> None:
    PusherNotifier(far_end.settings)
    assert far_end.asked == []


def test_connection_is_kept(far_end: FarEnd) -> None:
    notifier = PusherNotifier(far_end.settings)
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


def test_fork_takes_a_connection_of_its_own(far_end: FarEnd) -> None:
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


def test_proxy_of_the_machine_is_not_asked_for_loopback(far_end: FarEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
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
def test_hosted_service_is_found_by_its_cluster_through_the_proxy_of_the_machine(
    far_end: FarEnd, monkeypatch: pytest.MonkeyPatch, where: dict[str, Any], address: str
) -> None:
    far_end.status = 502
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{far_end.port}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    unavailable(PusherSettings(app_id="1", key="k", secret="hunter2", **where))
    assert [asked.line.split()[:2] for asked in far_end.asked] == [["CONNECT", address]]


def test_secret_is_not_printed_with_the_settings(far_end: FarEnd) -> None:
    assert "hunter2" not in repr(far_end.settings)
