"""Who may listen on which channel: nobody but those whom it is meant for (H2)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from show_goal.core import names
from show_goal.core.errors import BlockedOnChannel
from show_goal.core.model import Viewer
from show_goal.core.rules.channels import channel_forbidden, is_presence
from tests.builders import STREAMER, VIEWER, VIEWER_2, a_viewer

STREAMS = [f"{kind}-stream@{STREAMER}" for kind in ("private", "private-enc", "presence")]
PREVIEW = names.preview_channel(STREAMER, VIEWER)


def may_listen(channel: str, user_id: str = VIEWER, *tags: str) -> bool:
    return channel_forbidden(a_viewer(id=user_id, tags=tags), channel) is None


@pytest.mark.parametrize("channel", [f"private-user@{VIEWER}", f"private-enc-user@{VIEWER}"])
def test_a_users_channel_is_theirs_alone_H2(channel: str) -> None:
    assert may_listen(channel)
    assert not may_listen(channel, VIEWER_2)
    assert not may_listen(channel, STREAMER)


@pytest.mark.parametrize("channel", STREAMS)
def test_a_streams_channels_are_everybodys_whom_the_streamer_has_not_blocked_H2(channel: str) -> None:
    assert may_listen(channel)
    assert may_listen(channel, STREAMER)
    assert may_listen(channel, VIEWER, names.blocked_by(VIEWER_2))
    assert not may_listen(channel, VIEWER, names.blocked_by(STREAMER))


def test_who_is_blocked_is_told_nothing_that_others_are_not_D10() -> None:
    refusal = channel_forbidden(a_viewer(tags=[names.blocked_by(STREAMER)]), STREAMS[0])
    other = channel_forbidden(a_viewer(), "private-nowhere")
    assert isinstance(refusal, BlockedOnChannel)
    assert other is not None
    assert (refusal.code, refusal.reason) == ("channel_forbidden", "blocked")
    assert (other.code, other.reason) == ("channel_forbidden", "channel_forbidden")


def test_a_preview_is_its_viewers_and_its_streamers_H2() -> None:
    assert may_listen(PREVIEW)
    assert may_listen(PREVIEW, STREAMER)
    assert not may_listen(PREVIEW, VIEWER_2)


def test_every_channel_that_the_flow_uses_has_its_listeners_D4() -> None:
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
def test_everything_else_is_refused_H2(channel: str) -> None:
    assert not may_listen(channel)


def test_the_longest_name_is_pushers_H2() -> None:
    assert may_listen("private-stream@" + "a" * 185)


IDS = st.text(st.sampled_from("ab.-@"), min_size=1, max_size=4)
PATIENTLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure


@PATIENTLY
@given(listener=IDS, streamer=IDS, viewer=IDS)
def test_a_preview_has_no_third_listener_whatever_the_ids_are_H2(listener: str, streamer: str, viewer: str) -> None:
    if may_listen(names.preview_channel(streamer, viewer), listener):
        assert listener in (streamer, viewer)


@PATIENTLY
@given(listener=IDS, user=IDS)
def test_a_users_channel_has_no_second_listener_whatever_the_ids_are_H2(listener: str, user: str) -> None:
    assert not may_listen(f"private-user@{user}", listener) or listener == user


@PATIENTLY
@given(st.text(min_size=1))
def test_no_name_is_an_accident(channel: str) -> None:
    channel_forbidden(Viewer(id=channel), f"private-user@{channel}")
    assert not may_listen(channel)


def test_presence_is_what_shows_who_listens() -> None:
    assert [is_presence(channel) for channel in (*STREAMS, PREVIEW)] == [False, False, True, True]
