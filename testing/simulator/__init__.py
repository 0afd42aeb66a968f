"""A deterministic simulator: the real requests, tasks and receivers, over ports that fail, crash and lose messages.

| you look for | module |
| --- | --- |
| your own receivers, adapters and promises: ``Host`` | ``world`` |
| what a seed decides, and which faults there are | ``plan`` |
| what is simulated: streamers, workers, the clock | ``actors``; ``viewers``; the host's other goals: ``neighbours`` |
| where faults strike | ``faults`` for ports; ``network`` for the broker and its workers; ``observing`` |
| what is true after every step, and at the end | ``step_invariants``, ``end_invariants`` |
| what is checked at each port call | ``ledger`` for money; ``pledges``; ``watchers``; ``slots`` for shows and karaoke |
| what a show costs | ``rules``; ``shown`` watches; ``recorded``, ``bought``, ``oracle``, ``paid`` work it out |
| how a seed is replayed, and how a failure is shortened | ``simulation``, ``shrinking`` |

May import core, ports, the container and the adapters in memory.
"""

from .plan import Action, Fault, Plan, Strike, Weather, plan
from .records import Violation
from .rules import RuleKind
from .shrinking import shrink
from .simulation import Run, Step, run, simulate, soak
from .world import Host, Invariant, World

__all__ = [
    "Action",
    "Fault",
    "Host",
    "Invariant",
    "Plan",
    "RuleKind",
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
