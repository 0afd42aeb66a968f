"""Nothing to configure: without OpenTelemetry no cost and no error, without its SDK nothing comes of it."""

from __future__ import annotations

import subprocess
import sys

from show_goal.adapters.container import Container
from show_goal.adapters.telemetry import OpenTelemetryObserver
from show_goal.core.trace import taken_along
from tests.builders import a_create_goal
from tests.world import World

WITHOUT = """
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
from show_goal.adapters.container import Container
from show_goal.core.trace import taken_along
container = Container.in_memory()
assert container.observer() is None
with container.tracer().unit("request"):
    assert not taken_along()
assert "opentelemetry" not in sys.modules
"""


def test_without_opentelemetry_nobody_looks_on() -> None:
    result = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr


def test_with_opentelemetry_the_container_takes_it_by_itself() -> None:
    assert isinstance(Container.in_memory().observer(), OpenTelemetryObserver)


def test_without_its_sdk_nothing_comes_of_it() -> None:
    world = World.make()
    goal_id = world.invite().goal_id
    world.run_due()
    world.refuse(goal_id)
    assert all("trace_id" not in trace.ids for trace in world.traces)
    with world.container.tracer().unit("request"):
        assert taken_along() == {}


def test_a_host_may_switch_it_off() -> None:
    world = World.make(observer=None)
    world.container.create_goal()(a_create_goal())
    assert world.container.tracer().unit("request").observer is None


def test_outside_of_any_unit_a_message_takes_nothing_along() -> None:
    assert taken_along() == {}
