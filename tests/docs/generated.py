"""The parts of the documents that are drawn from the code. To draw them again: ``python -m tests.docs.generated``.

A part is between a line ``<!-- generated: name -->`` and a line ``<!-- end -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from inspect import getdoc
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from show_goal.adapters.container import Container
from show_goal.adapters.telemetry.counters import COUNTERS
from show_goal.cli.explaining import print_answer
from show_goal.cli.flow import flow_of, mermaid
from show_goal.core.names import FEATURES_LEADERBOARDS, GOAL_CLASSES
from show_goal.core.receivers.registry import MATRIX
from show_goal.core.rules.states import TRANSITIONS, GoalState
from show_goal.testing import conformance
from show_goal.testing.conformance import Conformance
from tests.world import World

from .blocks import ROOT

LIFECYCLE = ROOT / "docs" / "lifecycle.md"
CONFORMANCE = ROOT / "docs" / "conformance.md"
FLOW = ROOT / "docs" / "flow.md"
OPERATIONS = ROOT / "docs" / "operations.md"
WORST_HOUR = ROOT / "docs" / "worst-hour.md"
LONGEST = 118
"""A line that is shown in a document."""
_PART = re.compile(r"^(<!-- generated: (\w+) -->\n)(.*?)^(<!-- end -->)$", re.DOTALL | re.MULTILINE)

SUITES: list[type[Conformance[Any]]] = [
    value for name, value in vars(conformance).items() if name.endswith("Conformance") and value is not Conformance
]

DOES: Mapping[str, str] = {
    "bind_exclusive_goal_to_trigger_exclusive_goal": "writes `context.exclusive_goal_id` into the goal it follows",
    "bind_exclusive_goals_to_session": "puts the goal into `exclusive_goal_pairs.{viewer_id}`, and sends `goal.added`",
    "bind_karaoke_goal_to_session": "makes the goal `karaoke_goal`, and sends `goal.added`",
    "bind_show_goal_to_funding_goal": "writes `context.show_goal_id` into the funding goal it follows",
    "bind_show_goals_to_session": (
        "pushes a funding goal's pair onto `show_goal_pairs`, or sets a pair's `show_goal`, and sends `goal.added`"
    ),
    "bind_trigger_private_goal_to_session": "pushes the goal onto `trigger_private_goals`, and sends `goal.added`",
    "cleanup_expired_exclusive_goal_pairs": "removes the pair if the streamer did not agree (N3)",
    "generate_livestream_feed": "adds an entry to the streamer's feed",
    "handle_trigger_private_goal_escrow": "triggers `settle_escrow`, due `settle_delay` after the end",
    "invalidate_cached_pusher_channel_data": "clears the caches of the streamer's channels",
    "notify_goal_ended": "sends `goal.ended` to the three channels",
    "notify_goal_progress_updated": "sends `goal.progress.updated` to the three channels",
    "notify_stream_authorized": "sends `stream.authorized` to the funding's payers, or to the exclusive viewer (N4)",
    "notify_stream_authorized_for_agreed_trigger_goal": (
        "if the streamer agreed: sends `stream.authorized` to the preview channel of each payer"
    ),
    "notify_stream_authorized_for_ended_exclusive_goal": "sends `stream.authorized` to the viewer once more (N4)",
    "notify_viewer_change_stream_for_show": "sends `stream.authorized` to the viewer who has just paid (N4)",
    "progress_trigger_goals": "for the tag LIVESTREAM_SESSION_TRIGGER_PRIVATE: triggers `increment_goal_progress`",
    "schedule_lifecycle_tasks": "triggers `deactivate_goal`, due at `exp`",
    "set_embedded_goal_ended": (
        "writes the end into the session: `goal_ended` (and `goal_agreed` if the streamer agreed), `funding_ended`, "
        "`show_ended`, `trigger_exclusive_ended`, `exclusive_ended`"
    ),
    "snapshot_rtc_sources": "stops the periodic snapshots of the streamer's sources, and resumes them at the end (N6)",
    "sync_trigger_goal_session_viewer": "if the streamer agreed: gives each payer a pass to the session",
    "track_goals": "records the goal for the statistics",
    "trigger_exclusive_goal_escrow_refund": "triggers `settle_escrow`, as for a private goal (N7, N8)",
    "trigger_exclusive_on_close_notification": "sends `exclusive.closed` to the three channels (N5)",
    "trigger_goal_complete": "triggers `deactivate_goal` when progress reaches the last level (N5)",
    "trigger_notify_goal_added": "sends `goal.added` to the three channels",
    "trigger_show_escrow_refund": "triggers `settle_escrow`, as for a private goal (N7)",
    "trigger_user_balance_updated": "sends `balance.decremented` and, with a `to_account`, `balance.incremented`",
    "update_and_notify_session_karaoke_goal": (
        "writes `karaoke_goal.progress`, and sends `session.karaoke-goal-updated` to the three channels, at most once a"
        " second (N5)"
    ),
    "update_order": "belongs to another feature: returns",
}
"""What each receiver does where it has an effect."""


def diagram() -> Iterator[str]:
    """The table of ``core/rules/states.py``."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield "    direction LR"  # downwards, the words of two arrows overlap
    yield f"    [*] --> {GoalState.CLAIMED}: an invitation is accepted"
    for move in TRANSITIONS:
        yield f"    {move.source} --> {move.target}: {move.by}"
    sources = {move.source for move in TRANSITIONS}
    for state in GoalState:
        if state not in sources:
            yield f"    {state} --> [*]"
    yield "```"


def receivers() -> Iterator[str]:
    """The receivers of ``core/receivers/registry.py``, in order."""
    for event, rows in MATRIX.rows.items():
        yield f"**`{event.sender}`** (signal `{event.signal}`)"
        yield ""
        yield "| | receiver | what it does |"
        yield "| --- | --- | --- |"
        for number, row in enumerate(rows, start=1):
            yield f"| {number} | `{row.name}` | {DOES[row.name]} |"
        yield ""


def matrix() -> Iterator[str]:
    """Which receiver has an effect for which class."""
    yield f"| | {' | '.join(GOAL_CLASSES)} | any other |"
    yield "| --- " * (len(GOAL_CLASSES) + 2) + "|"
    for event, rows in MATRIX.rows.items():
        if event.signal != FEATURES_LEADERBOARDS:
            continue
        yield f"| **{event.sender}** {'| ' * (len(GOAL_CLASSES) + 2)}".rstrip()
        for row in rows:
            cells = ("returns" if row.cell(_cls) is None else "effect" for _cls in (*GOAL_CLASSES, None))
            yield f"| `{row.name}` | {' | '.join(cells)} |"


def flow() -> Iterator[str]:
    """What ``show-goal flow --mermaid`` prints."""
    yield "```mermaid"
    yield mermaid(flow_of(Container.in_memory())).rstrip()
    yield "```"


def counters() -> Iterator[str]:
    """The table of ``adapters/telemetry/counters.py``."""
    yield "| counter | unit | attributes | what it counts |"
    yield "| --- | --- | --- | --- |"
    for counter in COUNTERS:
        attributes = ", ".join(f"`{name}`" for name in counter.attributes)
        yield f"| `{counter.name}` | `{counter.unit}` | {attributes} | {counter.description} |"


def why() -> Iterator[str]:
    """What ``show-goal why`` prints for a viewer who was refunded because the show never began."""
    world = World.make()
    accepted = world.invite()
    world.run_due()
    world.clock.advance(timedelta(seconds=20))
    world.agree(accepted.goal_id)
    world.wait(60)
    answer: Any = world.container.explain_money()(accepted.transaction_id)
    printed = StringIO()
    print_answer(Console(width=LONGEST, file=printed), answer)
    yield "```text"
    yield f"$ show-goal why {accepted.transaction_id}"
    yield from printed.getvalue().splitlines()
    yield "```"


def promises() -> Iterator[str]:
    """What each suite needs, and the promises that it tests."""
    for suite in SUITES:
        yield f"### {suite.__name__}"
        yield ""
        yield (getdoc(suite) or "").replace(":class:", "").replace("``", "`")
        yield ""
        yield "| promise | the adapter guarantees | optional |"
        yield "| --- | --- | --- |"
        for promise in suite.promises():
            optional = f"`{promise.capability} = False`" if promise.capability else ""
            yield f"| `{promise.name}` | {promise.sentence.replace('``', '`')} | {optional} |"
        yield ""


PARTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "diagram": diagram,
    "receivers": receivers,
    "matrix": matrix,
    "flow": flow,
    "counters": counters,
    "why": why,
    "promises": promises,
}
DOCUMENTS: Mapping[Path, tuple[str, ...]] = {
    LIFECYCLE: ("diagram", "receivers", "matrix"),
    FLOW: ("flow",),
    OPERATIONS: ("counters",),
    WORST_HOUR: ("why",),
    CONFORMANCE: ("promises",),
}


def drawn(text: str) -> str:
    """The document with every part drawn again."""
    return _PART.sub(lambda part: "\n".join([part[1], *PARTS[part[2]]()]).rstrip() + f"\n\n{part[4]}", text)


if __name__ == "__main__":
    for document in DOCUMENTS:
        document.write_text(drawn(document.read_text()))
