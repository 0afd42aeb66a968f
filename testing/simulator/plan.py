"""What a seed means: the weather of one run, and everything that will happen in it, decided before it begins.

An action's numbers say nothing by themselves; each is read against the platform as it stands when the action's turn
comes (the first due message, the second viewer). So a plan from which actions are taken out is still a plan, and a
failure can be made shorter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from random import Random
from typing import TypeVar

from attrs import field, frozen

T = TypeVar("T")


class Strike(StrEnum):
    """What goes wrong at a port's call."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    FAIL_BEFORE = "no effect, no answer"
    FAIL_AFTER = "effect, no answer"
    MEANWHILE = "meanwhile, before"
    """Somebody else's whole action runs between two calls of this one."""


@frozen
class Fault:
    """It strikes at the ``call``-th call of a port that the action makes, counted from 1."""

    call: int
    strike: Strike
    action: Action | None = None


@frozen
class Action:
    """``numbers`` choose whom and what; ``step`` is its place in the seed's plan, whatever was taken out."""

    kind: str
    numbers: tuple[int, int, int]
    step: int
    faults: tuple[Fault, ...] = ()


@frozen(kw_only=True)
class Weather:
    """What can go wrong in this run. No run has everything: a storm of one kind hides another."""

    viewers: int
    sessions: int
    credit: int
    """What each viewer begins with, in the smallest unit."""
    calls_back: bool
    """Whether the wallet reports its transactions itself (L1)."""
    loses: bool
    """Messages may be lost, or given up after too many retries."""
    ends_in_silence: bool
    """At the end the broker loses whatever it has: one sweep has to do (L6)."""
    echoes: bool
    """After the end every message comes once more."""
    neighbours: bool
    """Whether the host has shows, karaoke and exclusive shows as well (L5)."""
    disorder: Mapping[str, int] = field(factory=dict)
    """Weights of the disturbances."""
    strikes: Sequence[Strike] = ()
    rate: float = 0.0
    """How many actions in one are struck."""


@frozen(kw_only=True)
class Plan:
    seed: int
    weather: Weather
    actions: tuple[Action, ...]


ORDER = {
    "invite": 14,
    "retry": 4,
    "preview": 1,
    "answer": 7,
    "switch_preset": 5,
    "end_session": 1,
    "work": 22,
    "drain": 5,
    "wait": 10,
    "sweep": 5,
}
"""Weights of what happens on a good day."""

NEIGHBOURS = {"create": 6, "pay": 5, "finish": 5}
"""Weights of what the host does with the goals of neighbouring classes; in every other seed."""

RACES = {"overtake": 80}
"""What happens in the midst of another action alone; in the same seeds."""

DISORDER = {"duplicate": 6, "delay": 4, "lose": 3, "lose_everything": 1, "jump": 2}
LOSSES = ("lose", "lose_everything")

RATES = (0.1, 0.3, 0.5)
CALLS = {"drain": 60, "sweep": 40}
"""Among how many calls of an action a fault is placed, early rather than late; among 12 for every other."""
NUMBERS = 5040
"""Divides evenly by whatever an action chooses from."""


def pick(things: Sequence[T], number: int) -> T:
    """What an action's number chooses."""
    return things[number % len(things)]


def plan(seed: int, steps: int) -> Plan:
    """The plan of a seed: the same in every process, on every machine."""
    random = Random(seed)
    weather = _weather(random, neighbours=seed % 2 == 1)
    weights = {**_order(weather), **weather.disorder}
    kinds = random.choices(list(weights), weights=list(weights.values()), k=steps)
    actions = tuple(_action(random, kind, step, weather) for step, kind in enumerate(kinds, start=1))
    return Plan(seed=seed, weather=weather, actions=actions)


def _order(weather: Weather) -> Mapping[str, int]:
    return {**ORDER, **NEIGHBOURS} if weather.neighbours else ORDER


def _weather(random: Random, *, neighbours: bool) -> Weather:
    disorder = {kind: weight for kind, weight in DISORDER.items() if random.random() < 0.5}
    strikes = [strike for strike in Strike if random.random() < 0.5]
    return Weather(
        viewers=random.choice((1, 2, 3, 4)),
        sessions=random.choice((1, 1, 2, 3)),
        credit=random.choice((60, 200, 1000)),
        calls_back=random.random() < 0.3,
        loses=any(kind in disorder for kind in LOSSES),
        ends_in_silence=random.random() < 0.3,
        echoes=random.random() < 0.2,
        neighbours=neighbours,
        disorder=disorder,
        strikes=strikes,
        rate=random.choice(RATES) if strikes else 0.0,
    )


def _action(random: Random, kind: str, step: int, weather: Weather, depth: int = 0) -> Action:
    numbers = (random.randrange(NUMBERS), random.randrange(NUMBERS), random.randrange(NUMBERS))
    if random.random() >= weather.rate:
        return Action(kind, numbers, step)
    return Action(kind, numbers, step, (_fault(random, kind, step, weather, depth),))


def _fault(random: Random, kind: str, step: int, weather: Weather, depth: int) -> Fault:
    calls = CALLS.get(kind, 12)
    call, strike = 1 + min(random.randrange(calls), random.randrange(calls)), random.choice(weather.strikes)
    if strike is not Strike.MEANWHILE:
        return Fault(call, strike)
    if random.random() < 0.5:  # two of a kind race best
        order = {**_order(weather), **(RACES if weather.neighbours else {})}
        kind = random.choices(list(order), weights=list(order.values()))[0]
    if depth == MOST_DEPTH:
        return Fault(call, strike, Action(kind, (0, 0, 0), step))
    return Fault(call, strike, _action(random, kind, step, weather, depth + 1))


MOST_DEPTH = 3
