"""A deterministic simulator: the real use cases, tasks and receivers on ports that fail, crash, repeat and forget.

May import core, ports, the container and the adapters in memory.
"""

from .host import Host, Invariant
from .plan import Action, Fault, Plan, Strike, Weather, plan
from .records import Violation
from .shrinking import shrink
from .simulation import Run, Step, run, simulate
from .soaking import Outcome, soak
from .world import World

__all__ = [
    "Action",
    "Fault",
    "Host",
    "Invariant",
    "Outcome",
    "Plan",
    "Run",
    "Step",
    "Strike",
    "Violation",
    "Weather",
    "World",
    "plan",
    "run",
    "shrink",
    "simulate",
    "soak",
]
