"""What is drawn is what is registered."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from show_goal.adapters.container import Container
from show_goal.cli.commands import show_goal
from show_goal.cli.flow import Flow, flow_of, mermaid, svg
from show_goal.core import names
from show_goal.core.events import EVENTS, Event, GoalAdded
from show_goal.core.receivers import registry
from show_goal.core.receivers.matrix import Matrix
from show_goal.core.settings import Settings
from show_goal.core.signals import Outcome
from tests.docs.test_code_blocks import ENVIRONMENT
from tests.world import World

from . import host

EVERYTHING = ("", "--mermaid", "--svg", "--json")


@pytest.fixture(scope="module")
def flow() -> Flow:
    return flow_of(Container.in_memory())


def run(*arguments: str, columns: int = 200) -> str:
    result = CliRunner().invoke(show_goal, ["flow", *filter(None, arguments)], env={"COLUMNS": str(columns)})
    assert result.exit_code == 0, result.output
    return result.stdout


def receivers(flow: Flow, sender: str) -> dict[str, Any]:
    (signal,) = [signal for signal in flow.signals if signal.sender == sender]
    return {receiver.name: receiver for receiver in signal.receivers}


def test_every_event_is_there_with_its_receivers_in_their_order(flow: Flow) -> None:
    assert [signal.sender for signal in flow.signals] == [event.sender for event in EVENTS]
    assert set(EVENTS) == {event for event in Event.__subclasses__() if event.__module__ == Event.__module__}
    for sender, ours in (
        ("goal.created", registry.GOAL_CREATED),
        ("goal.added", registry.GOAL_ADDED),
        ("goal.progressed", registry.GOAL_PROGRESSED),
        ("goal.ended", registry.GOAL_ENDED),
        ("transaction.created", registry.TRANSACTION_CREATED),
        ("balance.decremented", registry.BALANCE_DECREMENTED),
    ):
        assert list(receivers(flow, sender)) == [receiver.__name__ for receiver in ours]


def test_what_each_request_and_task_sets_off(flow: Flow) -> None:
    does = {unit.name: (set(unit.does.tasks), set(unit.does.signals)) for unit in flow.units}
    assert does == {
        "trigger_private_session": ({"create_goal", "transfer", "deactivate_goal"}, set()),
        "answer_goal": ({"deactivate_goal"}, set()),
        "switch_preset": (set(), {"session.preset-changed"}),
        "wallet_transaction": (set(), {"transaction.created"}),
        "create_goal": (set(), {"goal.created"}),
        "transfer": (set(), {"transaction.created"}),
        "deactivate_goal": (set(), {"goal.ended"}),
        "increment_goal_progress": (set(), {"goal.progressed"}),
        "settle_escrow": (set(), {"balance.incremented"}),
        "sweep": ({"deactivate_goal", "settle_escrow", "create_goal"}, set()),
    }


def test_a_receiver_is_told_what_it_does_itself_and_not_what_those_do_who_hear_it(flow: Flow) -> None:
    binder = receivers(flow, "goal.created")["bind_trigger_private_goal_to_session"]
    assert (binder.does.signals, binder.does.notifications) == (("goal.added",), ())
    (told,) = receivers(flow, "goal.added")["trigger_notify_goal_added"].does.notifications
    assert (told.event, told.channels) == ("goal.added", names.announcement_channels("{streamer_id}"))
    (told,) = receivers(flow, "goal.ended")["notify_stream_authorized_for_agreed_trigger_goal"].does.notifications
    assert told.channels == (names.preview_channel("{streamer_id}", "{viewer_id}"),)
    assert receivers(flow, "balance.decremented")["progress_trigger_goals"].does.tasks == ("increment_goal_progress",)


def test_for_which_goals_a_receiver_has_an_effect(flow: Flow) -> None:
    created = receivers(flow, "goal.created")
    assert created["bind_trigger_private_goal_to_session"].classes == (names.TRIGGER_PRIVATE_GOAL,)
    assert created["track_goals"].classes == flow.goal_classes
    assert receivers(flow, "goal.ended")["handle_trigger_private_goal_escrow"].classes == (names.TRIGGER_PRIVATE_GOAL,)
    assert receivers(flow, "transaction.created")["trigger_user_balance_updated"].classes is None
    assert receivers(flow, "transaction.created")["update_order"].returns


def test_what_is_registered_otherwise_is_drawn_otherwise() -> None:
    """Order and presence come from the container that is read, and from nowhere else."""
    added = tuple(reversed(registry.GOAL_ADDED))[1:]
    changed = flow_of(Container.in_memory(matrix=Matrix({**registry.MATRIX.rows, GoalAdded: added})))
    assert list(receivers(changed, "goal.added")) == [receiver.__name__ for receiver in added]


def test_a_hosts_own_class_is_drawn_with_what_serves_it() -> None:
    matrix = registry.MATRIX.with_cell(GoalAdded, "draw_raffle", "RaffleGoal", lambda event, ports: Outcome.RAN)
    changed = flow_of(Container.in_memory(matrix=matrix))
    assert changed.goal_classes[-1] == "RaffleGoal"
    assert receivers(changed, "goal.added")["draw_raffle"].classes == ("RaffleGoal",)


def test_a_hosts_own_receivers_are_there_after_ours() -> None:
    flow = flow_of(host.container)
    assert list(receivers(flow, "goal.progressed"))[-1] == "count_progress"
    assert receivers(flow, "goal.progressed")["count_progress"].host
    assert list(receivers(flow, "balance.incremented")) == ["mail_the_streamer"]
    assert "count_progress" not in receivers(flow, "goal.added")


@pytest.mark.parametrize("form", EVERYTHING)
@pytest.mark.parametrize("name", ["container", "make_container"])
def test_a_hosts_own_receivers_are_in_every_form(form: str, name: str) -> None:
    told = run(form, "--container", f"tests.cli.flow.host:{name}")
    assert told.index("notify_goal_progress_updated") < told.index("count_progress")
    assert "mail_the_streamer" in told
    assert "count_progress" not in run(form)


def test_the_command_finds_a_container_in_the_working_directory(tmp_path: Path) -> None:
    wiring = "from show_goal.adapters.container import Container\ncontainer = Container.in_memory()\n"
    wiring += "def ours(_, **__): pass\ncontainer.namespace().signal('user').connect(ours)\n"
    (tmp_path / "wiring.py").write_text(wiring)
    command = [str(Path(sys.executable).with_name("show-goal")), "flow", "--container", "wiring:container"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert "ours: the host's" in result.stdout


@pytest.mark.parametrize("name", ["nowhere.to.be:found", "tests.cli.flow.host:nothing", "tests", ""])
def test_a_container_that_is_none_is_wrong_usage(name: str) -> None:
    result = CliRunner().invoke(show_goal, ["flow", "--container", name])
    assert result.exit_code == 2
    assert "--container" in result.stderr


@pytest.mark.parametrize("form", EVERYTHING)
def test_every_form_has_everything(flow: Flow, form: str) -> None:
    told = run(form)
    wanted = [receiver.name for signal in flow.signals for receiver in signal.receivers]
    wanted += [unit.name for unit in flow.units] + [signal.sender for signal in flow.signals]
    wanted += [told.event for told in flow.notifications] + ["presence-stream@", ".preview."]
    assert [name for name in wanted if name not in told] == []


def test_nothing_is_asked_of_the_containers_servers() -> None:
    flow = flow_of(Container.from_env({**ENVIRONMENT, "SHOW_GOAL_MONGODB_URI": "mongodb://127.0.0.1:1/"}))
    assert "track_goals" in receivers(flow, "goal.created")


def test_a_hosts_world_is_left_as_it_was() -> None:
    world = World.make(settings=Settings(tag_prefix="acme"))
    flow_of(world.container)
    assert world.traces == []
    assert world.task_queue.queued() == []
    assert world.notifier.notifications == []


def test_the_same_flow_is_drawn_the_same(flow: Flow) -> None:
    again = flow_of(Container.in_memory())
    assert (mermaid(again), svg(again)) == (mermaid(flow), svg(flow))


def test_every_end_of_an_arrow_is_a_node(flow: Flow) -> None:
    lines = mermaid(flow).splitlines()
    nodes = {found[1] for line in lines if (found := re.match(r" +(?:subgraph )?(\w+) ?[\[(>]", line))}
    arrows = [found.groups() for line in lines if (found := re.match(r" +(\w+) (?:-\.->|-->|--o) (\w+)$", line))]
    assert len(arrows) > 15
    assert {end for arrow in arrows for end in arrow} <= nodes
    assert len(nodes) == len({node.lower() for node in nodes})


def test_a_name_that_is_no_word_breaks_no_form() -> None:
    world = World.make()
    signal = world.container.namespace().signal("features.leaderboards")

    class Odd:
        def __call__(self, _: str, **__: object) -> None: ...

        def __repr__(self) -> str:
            return '<a "partial" & {more}>'

    odd = Odd()
    signal.connect(odd, sender="goal.added")
    flow = flow_of(world.container)
    ET.fromstring(svg(flow))
    assert "#60;a #34;partial#34; & #123;more#125;#62;" in mermaid(flow)


def test_the_picture_is_well_formed_and_nothing_lies_outside_of_it(flow: Flow) -> None:
    root = ET.fromstring(svg(flow))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    boxes = [box.attrib for box in root.iter("{http://www.w3.org/2000/svg}rect") if "x" in box.attrib]
    assert len(boxes) == len(flow.units) + len(flow.signals) + len(flow.notifications)
    for box in boxes:
        assert float(box["x"]) + float(box["width"]) < width
        assert float(box["y"]) + float(box["height"]) < height
    tops = sorted((float(box["x"]), float(box["y"]), float(box["height"])) for box in boxes)
    for (x, y, tall), (next_x, next_y, _) in pairwise(tops):
        assert x != next_x or y + tall < next_y, "no box lies over another"


def test_the_document_for_programs(flow: Flow) -> None:
    document = json.loads(run("--json"))
    assert document["goal_classes"] == list(flow.goal_classes)
    assert [signal["sender"] for signal in document["signals"]] == [signal.sender for signal in flow.signals]


@pytest.mark.parametrize("columns", [80, 120])
def test_the_tree_keeps_to_the_terminal(columns: int) -> None:
    assert max(map(len, run(columns=columns).splitlines())) <= columns
