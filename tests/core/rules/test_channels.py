"""Who may listen on which channel (H2)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from show_goal.core import names
from show_goal.core.rules.channels import channel_forbidden, is_presence
from tests.builders import STREAMER, VIEWER, VIEWER_2, a_viewer

STREAMS = [f"{kind}-stream@{STREAMER}" for kind in ("private", "private-enc", "presence")]
PREVIEW = names.preview_channel(STREAMER, VIEWER)


def may_listen(channel: str, user_id: str = VIEWER, *tags: str) -> bool:
    return channel_forbidden(a_viewer(id=user_id, tags=tags), channel) is None


@pytest.mark.parametrize("channel", [f"private-user@{VIEWER}", f"private-enc-user@{VIEWER}"])
def test_only_the_user_listens_on_their_channel_H2(channel: str) -> None:
    assert [may_listen(channel, who) for who in (VIEWER, VIEWER_2, STREAMER)] == [True, False, False]


def test_only_viewer_and_streamer_listen_on_a_preview_H2() -> None:
    assert [may_listen(PREVIEW, who) for who in (VIEWER, VIEWER_2, STREAMER)] == [True, False, True]


@pytest.mark.parametrize("channel", STREAMS)
def test_everybody_whom_the_streamer_has_not_blocked_listens_on_a_stream_H2(channel: str) -> None:
    assert may_listen(channel)
    assert may_listen(channel, STREAMER)
    assert may_listen(channel, VIEWER, names.blocked_by(VIEWER_2))
    assert not may_listen(channel, VIEWER, names.blocked_by(STREAMER))


def test_blocked_viewer_sees_the_same_code_as_others_D10() -> None:
    blocked = channel_forbidden(a_viewer(tags=[names.blocked_by(STREAMER)]), STREAMS[0])
    other = channel_forbidden(a_viewer(), "private-nowhere")

    assert blocked is not None
    assert other is not None
    assert (blocked.code, blocked.reason) == ("channel_forbidden", "blocked")
    assert (other.code, other.reason) == ("channel_forbidden", "channel_forbidden")


def test_streamer_may_listen_on_every_channel_of_the_flow_D4() -> None:
    used = {*names.announcement_channels(STREAMER), *names.cached_channels(STREAMER), PREVIEW}
    assert [channel for channel in used if not may_listen(channel, STREAMER)] == []


@pytest.mark.parametrize(
    "channel",
    [
        "",
        VIEWER,
        f"user@{VIEWER}",
        f"presence-user@{VIEWER}",
        f"presence-enc-stream@{STREAMER}",
        f"private-encrypted-stream@{STREAMER}",
        f"private-stream-viewer@{STREAMER}.preview.{VIEWER}",
        f"private-user@{VIEWER} ",
        f"private-user@{VIEWER}\n",
        f"private-user@{VIEWER}\0",
        f" private-user@{VIEWER}",
        f"Private-user@{VIEWER}",
        f"private-user@{VIEWER}:{{}}",
        f"private-user@{VIEWER},private-user@{VIEWER_2}",
        f"private-user@{VIEWER_2}.{VIEWER}",
        f"private-user@{VIEWER_2}#{VIEWER}",
        "private-user@*",
        "private-user@",
        "private-stream@",
        "private-stream@" + "a" * 186,
        "private-stream@\u0665",
        f"private-stream@{STREAMER}.x",
        f"{PREVIEW}.preview.{VIEWER}",
        f"{names.preview_channel(STREAMER, VIEWER_2)}.preview.{VIEWER}",
        f"presence-stream-viewer@{STREAMER}.preview.",
        f"presence-stream-viewer@.preview.{VIEWER}",
        f"presence-stream-viewer@{VIEWER}",
        "#server-to-user-" + VIEWER,
        "cache-stream@" + STREAMER,
    ],
)
def test_every_other_name_is_refused_H2(channel: str) -> None:
    assert not may_listen(channel)


def test_name_may_be_as_long_as_pusher_allows_H2() -> None:
    assert may_listen("private-stream@" + "a" * 185)


IDS = st.text(st.sampled_from("ab.-@"), min_size=1, max_size=4)
PATIENTLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure


@PATIENTLY
@given(listener=IDS, streamer=IDS, viewer=IDS)
def test_preview_has_no_third_listener_with_any_ids_H2(listener: str, streamer: str, viewer: str) -> None:
    if may_listen(names.preview_channel(streamer, viewer), listener):
        assert listener in (streamer, viewer)


@PATIENTLY
@given(listener=IDS, user=IDS)
def test_users_channel_has_no_second_listener_with_any_ids_H2(listener: str, user: str) -> None:
    assert not may_listen(f"private-user@{user}", listener) or listener == user


@PATIENTLY
@given(st.text(min_size=1))
def test_arbitrary_text_is_refused_and_raises_nothing(channel: str) -> None:
    channel_forbidden(a_viewer(), f"private-user@{channel}")
    assert not may_listen(channel)


def test_presence_channels_are_known_by_their_prefix() -> None:
    assert [is_presence(channel) for channel in (*STREAMS, PREVIEW)] == [False, False, True, True]
