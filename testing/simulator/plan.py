"""What a seed decides before the run begins: the weather, and every action with its faults.

An action's numbers mean nothing by themselves. Each is read when the action's turn comes: the first due message, the
second viewer. So a plan with some actions removed is still a plan, and a failing plan can be shortened.

To add a kind of action, give it a weight here and a method in ``actors.py``. To add a fault at a port's call, add a
``Strike`` here and carry it out in ``faults.py``. Both change what every seed means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from random import Random
from typing import TypeVar

from attrs import evolve, field, frozen

from ...core.rules.settlement import SettlementRule, whole_once_begun
from .rules import RuleKind, rule_of

T = TypeVar("T")


class Strike(StrEnum):
    """What can go wrong at a port's call."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    FAIL_BEFORE = "no effect, no answer"
    FAIL_AFTER = "effect, no answer"
    MEANWHILE = "meanwhile, before"  # another whole action runs between two calls of this one: a race


@frozen
class Fault:
    """Strikes at the ``call``-th port call that the action makes, counted from 1."""

    call: int
    strike: Strike
    action: Action | None = None  # what runs meanwhile


@frozen
class Action:
    """``numbers`` choose whom and what. ``step`` is the action's place in the seed's whole plan, counted from 1."""

    kind: str
    numbers: tuple[int, int, int]
    step: int
    faults: tuple[Fault, ...] = ()


class Part(StrEnum):
    """What only observes (D44)."""

    SINK = "the trace sink"
    LOG = "the log"
    OBSERVER_ENTERS = "the observer, as a unit begins"
    OBSERVER_LEAVES = "the observer, as a unit ends"
    OBSERVER_BEFORE = "the observer, before a receiver"
    OBSERVER_AFTER = "the observer, after a receiver"
    OBSERVER_HEADERS = "the observer, as a message is triggered"
    STATISTICS = "the statistics"
    FEED = "the feed"
    CHANNELS = "the channels"
    CACHES = "the channels' caches"
    RECORD = "the record of a sweep"
    LAST_RECORD = "the record of the last sweep"
    ON_GOAL_CREATED = "a host's receiver of goal.created"
    ON_GOAL_ADDED = "a host's receiver of goal.added"
    ON_GOAL_PROGRESSED = "a host's receiver of goal.progressed"
    ON_GOAL_ENDED = "a host's receiver of goal.ended"
    ON_TRANSACTION = "a host's receiver of transaction.created"
    ON_DECREMENT = "a host's receiver of balance.decremented"
    ON_INCREMENT = "a host's receiver of balance.incremented"


class How(StrEnum):
    """What is wrong with an observing part."""

    RAISES = "raises"
    HANGS = "hangs, until a time limit interrupts it"
    EXITS = "exits"


@frozen
class Watching:
    """The observing part of a run that fails every so many times that it is asked."""

    part: Part
    how: How
    every: int


BEFORE_ANYTHING = (Part.OBSERVER_ENTERS, Part.OBSERVER_HEADERS, Part.LAST_RECORD)
"""If one of these always ended its process, nothing would ever begin. So it does so every third time."""


@frozen(kw_only=True)
class Weather:
    """What can go wrong in this run. No run has everything: one kind of trouble hides another."""

    viewers: int
    crowd: int  # more viewers, who all join one show at once: more than a page of them (D43)
    sessions: int
    credit: int  # what each viewer begins with, in the smallest unit
    calls_back: bool  # the wallet reports its transactions itself (L1)
    max_backlog: int  # while so many messages wait, invitations are refused
    ends_in_silence: bool  # at the end the broker loses every message, and one sweep must repair everything (L6)
    echoes: bool  # after the end every message is delivered once more
    neighbours: bool  # the host has shows, karaoke and exclusive shows as well (L5)
    careful: bool = False  # clients send keys and the amount that they were shown, and prices change (D29, D30)
    watching: Watching | None = None  # what only observes, and fails (D44)
    disorder: Mapping[str, int] = field(factory=dict)  # weights of the disturbances
    strikes: Sequence[Strike] = ()
    rate: float = 0.0  # the share of actions that a fault strikes
    rule: SettlementRule = whole_once_begun
    per_minute: int = 60  # what a show costs at first
    shows_signs_of_life: bool = False  # the host writes into each session when it last saw it


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
"""Weights of what the host does with goals of the neighbour classes, in every other seed."""

CAREFUL = {"ask_again": 10, "price": 3}
"""What careful clients do, and why they should, in every fifth seed."""

METERED = {"show": 6, "switch_preset": 9, "leave_and_return": 6, "extend": 4, "die": 1, "end_session": 2}
"""What happens more often, or only, where viewers pay for what was shown."""
PER_MINUTE = (60, 90, 47, 7)

RACES = {"overtake": 80}
"""What happens only in the middle of another action, in the same seeds."""

CROWD = {"crowd": 2}
"""In one of 51 seeds, as it takes long."""
CROWDS = (110, 250, 310)

DISORDER = {"duplicate": 6, "delay": 4, "lose": 3, "lose_everything": 1, "jump": 2}

QUEUES = {"rush": 3, "pause": 4, "refuse": 3, "poison": 5, "upgrade": 4}
"""What happens to the queues and the workers, in every third seed."""
BACKLOGS = (5, 15)
ENDLESS_BACKLOG = 500

RATES = (0.1, 0.3, 0.5)
CALLS = {"drain": 60, "sweep": 40, "crowd": 4000, "show": 60, "extend": 60}
"""A fault strikes among this many calls of an action, early ones more often."""
CALLS_OF_OTHERS = 12
NUMBERS = 5040  # divisible by every number of things that an action chooses from
MOST_DEPTH = 3  # how deep an action runs inside another one


class NothingToDo(Exception):
    """The action has nothing to choose from at this moment."""


def pick(things: Sequence[T], number: int) -> T:
    """What an action's number chooses. Raises NothingToDo."""
    if not things:
        raise NothingToDo
    return things[number % len(things)]


def plan(seed: int, steps: int, kind: RuleKind = RuleKind.WHOLE) -> Plan:
    """The plan of a seed under a settlement rule: the same in every process, on every machine."""
    random = Random(seed)
    crowd = pick(CROWDS, seed // 51) if seed % 51 == 49 else 0  # none of those with troubles of queues
    weather = _weather(random, crowd, neighbours=seed % 2 == 1, queues=seed % 3 == 2)
    weather = evolve(weather, careful=seed % 5 == 3, watching=_watching(seed // 7) if seed % 7 == 4 else None)
    weather = evolve(weather, rule=rule_of(kind, seed))
    if weather.rule.metered:
        weather = _metered(weather, Random(f"metered {seed}"))
    weights = {**_order(weather), **weather.disorder}
    kinds = random.choices(list(weights), weights=list(weights.values()), k=steps)
    actions = tuple(_action(random, kind, step, weather) for step, kind in enumerate(kinds, start=1))
    return Plan(seed=seed, weather=weather, actions=actions)


def _metered(weather: Weather, random: Random) -> Weather:
    """What is drawn only where viewers pay for what was shown, so that other runs stay what they are."""
    return evolve(
        weather,
        credit=weather.credit * 3,
        per_minute=random.choice(PER_MINUTE),
        shows_signs_of_life=random.random() < 0.5,
    )


def _watching(number: int) -> Watching:
    """Each part in each way, one after the other."""
    part, how = pick(list(Part), number), pick(list(How), number // len(Part))
    every = pick((1, 2, 5), number // len(Part) // len(How))
    return Watching(part, how, 3 if part in BEFORE_ANYTHING and how is not How.RAISES else every)


def _order(weather: Weather) -> Mapping[str, int]:
    more = (
        (weather.neighbours, NEIGHBOURS),
        (weather.crowd, CROWD),
        (weather.careful, CAREFUL),
        (weather.rule.metered, METERED),
    )
    return ORDER | {kind: weight for so, kinds in more if so for kind, weight in kinds.items()}


def _weather(random: Random, crowd: int, *, neighbours: bool, queues: bool) -> Weather:
    troubles = {**DISORDER, **QUEUES} if queues else DISORDER
    disorder = {kind: weight for kind, weight in troubles.items() if random.random() < 0.5}
    strikes = [strike for strike in Strike if random.random() < 0.5]
    return Weather(
        viewers=random.choice((1, 2, 3, 4)),
        crowd=crowd,
        sessions=random.choice((1, 1, 2, 3)),
        credit=random.choice((60, 200, 1000)),
        calls_back=random.random() < 0.3,
        max_backlog=random.choice(BACKLOGS) if queues else ENDLESS_BACKLOG,
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
    calls = CALLS.get(kind, CALLS_OF_OTHERS)
    call, strike = 1 + min(random.randrange(calls), random.randrange(calls)), random.choice(weather.strikes)
    if strike is not Strike.MEANWHILE:
        return Fault(call, strike)
    if random.random() < 0.5:  # otherwise two of a kind, which race best
        order = {**_order(weather), **(RACES if weather.neighbours else {})}
        kind = random.choices(list(order), weights=list(order.values()))[0]
    if depth == MOST_DEPTH:
        return Fault(call, strike, Action(kind, (0, 0, 0), step))
    return Fault(call, strike, _action(random, kind, step, weather, depth + 1))
