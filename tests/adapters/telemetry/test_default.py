"""What you get without configuring anything, with and without OpenTelemetry."""

from __future__ import annotations

import subprocess
import sys

from show_goal.adapters.container import Container
from show_goal.adapters.telemetry import OpenTelemetryObserver
from show_goal.core.trace import taken_along
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


def test_without_opentelemetry_there_is_no_observer() -> None:
    result = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr


def test_with_opentelemetry_the_container_observes_by_itself_unless_the_host_says_no() -> None:
    assert isinstance(Container.in_memory().observer(), OpenTelemetryObserver)
    assert Container.in_memory(observer=None).observer() is None


def test_without_the_sdk_or_outside_of_any_unit_messages_and_traces_have_no_trace_id() -> None:
    world = World.make()
    goal_id = world.invite().goal_id
    world.run_due()
    world.refuse(goal_id)
    assert all("trace_id" not in trace.ids for trace in world.traces)
    with world.container.tracer().unit("request"):
        assert taken_along() == {}
    assert taken_along() == {}
