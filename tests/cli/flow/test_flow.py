"""``show-goal flow`` draws what a container has registered."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from show_goal.adapters.container import Container
from show_goal.cli.commands import show_goal
from show_goal.cli.flow import Flow, flow_of, mermaid
from show_goal.cli.flow.model import Receiver
from show_goal.core import events, names
from show_goal.core.events import EVENTS, GoalAdded
from show_goal.core.receivers.matrix import Matrix
from show_goal.core.receivers.registry import MATRIX
from show_goal.core.settings import Settings
from show_goal.core.signals import Outcome
from tests.docs.test_code_blocks import ENVIRONMENT
from tests.world import World

from . import host

FORMS = ("", "--mermaid", "--json")


@pytest.fixture(scope="module")
def flow() -> Flow:
    return flow_of(Container.in_memory())


def run(*arguments: str, columns: str | None = "200") -> str:
    result = CliRunner().invoke(show_goal, ["flow", *filter(None, arguments)], env={"COLUMNS": columns})
    assert result.exit_code == 0, result.output
    return result.stdout


def receivers(flow: Flow, sender: str) -> dict[str, Receiver]:
    (signal,) = [signal for signal in flow.signals if signal.sender == sender]
    return {receiver.name: receiver for receiver in signal.receivers}


def test_every_event_has_its_receivers_in_order(flow: Flow) -> None:
    assert [signal.sender for signal in flow.signals] == [event.sender for event in EVENTS]
    assert set(EVENTS) == {event for event in vars(events).values() if hasattr(event, "sender")}
    for event, rows in MATRIX.rows.items():
        assert list(receivers(flow, event.sender)) == [row.name for row in rows]


def test_each_request_and_task_has_its_effects(flow: Flow) -> None:
    units = (*flow.requests, *flow.tasks)
    assert {unit.name: (set(unit.effects.tasks), set(unit.effects.signals)) for unit in units} == {
        "trigger_private_session": ({"create_goal", "transfer", "deactivate_goal"}, set()),
        "answer_goal": ({"deactivate_goal"}, set()),
        "switch_preset": ({"admit_viewers"}, {"session.preset-changed"}),
        "wallet_transaction": (set(), {"transaction.created"}),
        "create_goal": (set(), {"goal.created"}),
        "transfer": ({"deactivate_goal"}, {"transaction.created"}),
        "deactivate_goal": (set(), {"goal.ended"}),
        "increment_goal_progress": (set(), {"goal.progressed"}),
        "announce_progress": (set(), set()),
        "admit_viewers": (set(), set()),
        "settle_escrow": (set(), {"balance.incremented"}),
        "sweep": ({"deactivate_goal", "settle_escrow", "create_goal"}, set()),
    }


def test_a_receiver_has_its_own_effects_only(flow: Flow) -> None:
    binder = receivers(flow, "goal.created")["bind_trigger_private_goal_to_session"].effects
    assert (binder.signals, binder.notifications) == (("goal.added",), ())
    (sent,) = receivers(flow, "goal.added")["trigger_notify_goal_added"].effects.notifications
    assert (sent.event, sent.channels) == ("goal.added", names.announcement_channels("{streamer_id}"))
    ended = receivers(flow, "goal.ended")["notify_stream_authorized_for_agreed_trigger_goal"].effects
    assert [sent.channels for sent in ended.notifications] == [(names.preview_channel("{streamer_id}", "{viewer_id}"),)]
    progress = receivers(flow, "balance.decremented")["progress_trigger_goals"].effects
    assert progress.tasks == ("increment_goal_progress",)


def test_a_receiver_has_the_goal_classes_that_it_serves(flow: Flow) -> None:
    created = receivers(flow, "goal.created")
    assert created["bind_trigger_private_goal_to_session"].classes == (names.TRIGGER_PRIVATE_GOAL,)
    assert created["track_goals"].classes == flow.goal_classes
    assert receivers(flow, "goal.ended")["handle_trigger_private_goal_escrow"].classes == (names.TRIGGER_PRIVATE_GOAL,)
    assert receivers(flow, "transaction.created")["trigger_user_balance_updated"].classes is None
    assert receivers(flow, "transaction.created")["update_order"].classes == ()


def test_order_and_presence_come_from_the_container() -> None:
    added = tuple(reversed(MATRIX.rows[GoalAdded]))[1:]
    changed = flow_of(Container.in_memory(matrix=Matrix({**MATRIX.rows, GoalAdded: added})))
    assert list(receivers(changed, "goal.added")) == [row.name for row in added]


def test_a_hosts_own_class_is_drawn_with_the_receiver_that_serves_it() -> None:
    matrix = MATRIX.with_cell(GoalAdded, "draw_raffle", "RaffleGoal", lambda event, ports: Outcome.RAN)
    changed = flow_of(Container.in_memory(matrix=matrix))
    assert changed.goal_classes[-1] == "RaffleGoal"
    assert receivers(changed, "goal.added")["draw_raffle"].classes == ("RaffleGoal",)


def test_a_hosts_own_receivers_come_after_ours() -> None:
    flow = flow_of(host.container)
    *_, last = receivers(flow, "goal.progressed").values()
    assert (last.name, last.host) == ("count_progress", True)
    assert list(receivers(flow, "balance.incremented")) == ["mail_the_streamer"]
    assert "count_progress" not in receivers(flow, "goal.added")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["container", "make_container"])
def test_every_form_shows_a_hosts_own_receivers(form: str, name: str) -> None:
    printed = run(form, "--container", f"tests.cli.flow.host:{name}")
    assert printed.index("notify_goal_progress_updated") < printed.index("count_progress")
    assert "mail_the_streamer" in printed
    assert "count_progress" not in run(form)


def test_the_container_is_found_in_the_working_directory(tmp_path: Path) -> None:
    wiring = "from show_goal.adapters.container import Container\ncontainer = Container.in_memory()\n"
    wiring += "def ours(_, **__): pass\ncontainer.namespace().signal('user').connect(ours)\n"
    (tmp_path / "wiring.py").write_text(wiring)
    command = [str(Path(sys.executable).with_name("show-goal")), "flow", "--container", "wiring:container"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert "ours: the host's" in result.stdout


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_complete(flow: Flow, form: str) -> None:
    printed = run(form)
    wanted = [receiver.name for signal in flow.signals for receiver in signal.receivers]
    wanted += [unit.name for unit in (*flow.requests, *flow.tasks)] + [signal.sender for signal in flow.signals]
    wanted += [sent.event for sent in flow.notifications] + ["presence-stream@", ".preview."]
    assert [name for name in wanted if name not in printed] == []


def test_it_connects_to_no_server() -> None:
    flow = flow_of(Container.from_env({**ENVIRONMENT, "SHOW_GOAL_MONGODB_URI": "mongodb://127.0.0.1:1/"}))
    assert "track_goals" in receivers(flow, "goal.created")


def test_it_leaves_the_hosts_container_unchanged() -> None:
    world = World.make(settings=Settings(tag_prefix="acme"))
    flow_of(world.container)
    assert (world.traces, world.task_queue.queued(), world.notifier.notifications) == ([], [], [])


def test_every_arrow_of_the_flowchart_connects_two_nodes(flow: Flow) -> None:
    lines = mermaid(flow).splitlines()
    nodes = {found[1] for line in lines if (found := re.match(r" +(?:subgraph )?(\w+) ?[\[(>]", line))}
    arrows = [found.groups() for line in lines if (found := re.match(r" +(\w+) (?:-\.->|-->|--o) (\w+)$", line))]
    assert len(arrows) > 15
    assert len(arrows) == len({*arrows}), "each arrow once"
    assert len([line for line in lines if "event_goal_settled>" in line]) == 1, "each event once"
    assert {end for arrow in arrows for end in arrow} <= nodes
    assert len(nodes) == len({node.lower() for node in nodes})


def test_the_flowchart_escapes_the_name_of_a_hosts_receiver() -> None:
    class Odd:
        def __call__(self, _: str, **__: object) -> None: ...

        def __repr__(self) -> str:
            return '<a "partial" & {more}>'

    world, odd = World.make(), Odd()
    world.container.namespace().signal("features.leaderboards").connect(odd, sender="goal.added")
    assert "#60;a #34;partial#34; & #123;more#125;#62;" in mermaid(flow_of(world.container))


def test_the_json_document_has_the_flow(flow: Flow) -> None:
    document = json.loads(run("--json"))
    assert document["goal_classes"] == list(flow.goal_classes)
    assert [signal["sender"] for signal in document["signals"]] == [signal.sender for signal in flow.signals]


@pytest.mark.parametrize("columns", [80, 120])
def test_the_tree_fits_the_terminal(columns: int) -> None:
    assert max(map(len, run(columns=str(columns)).splitlines())) <= columns
