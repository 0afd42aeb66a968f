"""Every string that leaves the process, byte for byte as in the seed (D4). Note where it has ``-`` and where ``_``."""

from __future__ import annotations

import re
from functools import lru_cache

from .border import BLOCKED_BY

FEATURES_LEADERBOARDS = "features.leaderboards"
GOAL_CREATED = "goal.created"
GOAL_ADDED = "goal.added"
GOAL_PROGRESSED = "goal.progressed"
GOAL_ENDED = "goal.ended"

GOAL_PROGRESS_UPDATED = "goal.progress.updated"
STREAM_AUTHORIZED = "stream.authorized"
STREAM_UNAUTHORIZED = "stream.unauthorized"
GOAL_SETTLED = "goal.settled"
SHOW_BEGAN = "show.began"
SHOW_ENDED = "show.ended"
INVITATION_LAPSED = "invitation.lapsed"
OPERATOR_REFUNDED = "operator.refunded"
KARAOKE_GOAL_UPDATED = "session.karaoke-goal-updated"
EXCLUSIVE_CLOSED = "exclusive.closed"

EXT_WALLET = "ext.wallet"
TRANSACTION_CREATED = "transaction.created"
USER = "user"
BALANCE_DECREMENTED = "balance.decremented"
BALANCE_INCREMENTED = "balance.incremented"
FEATURES_LIVESTREAM = "features.livestream"
PRESET_CHANGED = "session.preset-changed"

TRIGGER_PRIVATE_GOAL = "TriggerPrivateGoal"
SHOW_FUNDING_GOAL = "ShowFundingGoal"
SHOW_GOAL = "ShowGoal"
KARAOKE_GOAL = "KaraokeGoal"
TRIGGER_EXCLUSIVE_GOAL = "TriggerExclusiveGoal"
EXCLUSIVE_GOAL = "ExclusiveGoal"
GOAL_CLASSES = (
    TRIGGER_PRIVATE_GOAL,
    SHOW_FUNDING_GOAL,
    SHOW_GOAL,
    KARAOKE_GOAL,
    TRIGGER_EXCLUSIVE_GOAL,
    EXCLUSIVE_GOAL,
)
"""The classes that the library knows. Goals of a host's classes are created, announced, ended and settled too (N9)."""

PRESET_SD = "sd"
PRESET_PREVIEW = "preview"

TRIGGER_PRIVATE_CONTEXT = {"type": "trigger-private"}
FUNDING_GOAL_ID = "funding_goal_id"
SHOW_GOAL_ID = "show_goal_id"
TRIGGER_EXCLUSIVE_GOAL_ID = "trigger_exclusive_goal_id"
EXCLUSIVE_GOAL_ID = "exclusive_goal_id"

_TRANSFER_TAG = re.compile(r"::livestream\.session:(?P<session_id>[^.:]+)\.trigger_private:(?P<goal_id>[^.:]+)$")

_TRANSACTION = re.compile(r"session:trigger-private:(?P<goal_id>[^:]+):(?P<viewer_id>.+)", re.DOTALL)


def transaction_id(goal_id: str, viewer_id: str) -> str:
    """One viewer and one goal have one transaction id, so nobody is charged twice (D15)."""
    return f"session:trigger-private:{goal_id}:{viewer_id}"


def ids_of_transaction(transaction_id: str) -> tuple[str, str] | None:
    """The goal id and the viewer id in the transaction id of a private goal. None for another id."""
    found = _TRANSACTION.fullmatch(transaction_id)
    return None if found is None else (found["goal_id"], found["viewer_id"])


def renamed_transaction(transaction_id: str, user_id: str, alias: str) -> str:
    """The transaction id with the alias of its viewer. Another one's stays."""
    if not transaction_id.endswith(f":{user_id}"):
        return transaction_id
    return transaction_id.removesuffix(user_id) + alias


def transfer_tag(prefix: str, session_id: str, goal_id: str) -> str:
    """The tag LIVESTREAM_SESSION_TRIGGER_PRIVATE."""
    return f"{prefix}::livestream.session:{session_id}.trigger_private:{goal_id}"


def ids_of(tag: str) -> tuple[str, str] | None:
    """The session id and goal id in a transfer's tag, with any prefix. None for another tag."""
    found = _TRANSFER_TAG.search(tag)
    return None if found is None else (found["session_id"], found["goal_id"])


def goal_of(tag: str, prefix: str) -> str | None:
    """The goal id in a tag that is LIVESTREAM_SESSION_TRIGGER_PRIVATE, byte for byte. None for another tag."""
    ids = ids_of(tag)
    return ids[1] if ids is not None and tag == transfer_tag(prefix, *ids) else None


def escrow_id(goal_id: str, _cls: str = TRIGGER_PRIVATE_GOAL) -> str:
    """The goal's escrow: its class in snake case without ``Goal``, and its id (N7)."""
    return f"{_kind(_cls)}:{goal_id}"


@lru_cache(maxsize=64)
def _kind(_cls: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", _cls.removesuffix("Goal")).lower()


def preview_channel(streamer_id: str, viewer_id: str) -> str:
    """The channel on which one viewer hears that they may see the stream."""
    return f"presence-stream-viewer@{streamer_id}.preview.{viewer_id}"


def user_channel(user_id: str) -> str:
    """The channel on which only this user hears."""
    return f"private-user@{user_id}"


def blocked_by(streamer_id: str) -> str:
    return f"{BLOCKED_BY}{streamer_id}"


def announcement_channels(streamer_id: str) -> tuple[str, ...]:
    """The three channels that are notified of a goal, in the seed's order."""
    return (f"presence-stream@{streamer_id}", f"private-stream@{streamer_id}", f"private-user@{streamer_id}")


def cached_channels(streamer_id: str) -> tuple[str, ...]:
    """The channels whose cached data is stale after a goal has changed (D25)."""
    return (
        f"private-user@{streamer_id}",
        f"private-enc-user@{streamer_id}",
        f"private-stream@{streamer_id}",
        f"private-enc-stream@{streamer_id}",
    )
