"""A sweep goes on while there is work and time, and no item keeps another from its turn (D43, D44)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from show_goal.adapters.memory import MemoryGoals
from show_goal.core.crowd import PART
from show_goal.core.errors import OutOfTime
from show_goal.core.model import Claim, Goal, Hold
from show_goal.core.settings import Settings
from show_goal.core.tasks.sweep import Swept
from show_goal.core.trace import Trace
from show_goal.ports.errors import StoreUnavailable, WalletUnavailable
from tests.builders import EXP, NOW, VIEWER, VIEWER_2, a_goal, a_hold, a_session
from tests.world import World, meanwhile

LATER = EXP + timedelta(seconds=60)
SECOND = timedelta(seconds=1)


@pytest.fixture
def world() -> World:
    """A platform whose sweeps read two items of a kind at a time."""
    return World.make(settings=Settings(sweep_limit=2))


def add_goals(world: World, number: int, **changes: Any) -> list[str]:
    """Goals of so many sessions, which are overdue ``LATER``, each with VIEWER's 1 in its escrow."""
    ids = [f"60a3{n:020x}" for n in range(number)]
    for n, goal_id in enumerate(ids):
        world.goals.insert(a_goal(id=goal_id, conditions={"session_id": f"5e56{n:020x}"}, **changes))
        world.wallet.hold(a_hold(goal_id, amount=1))
    return ids


def before(port: object, method: str, happens: Callable[[str], object]) -> Counter[str]:
    """Let something happen before each call of a port's method. Returns the calls, counted by their first argument."""
    call, calls = getattr(port, method), Counter[str]()

    def counted(first: str, *args: Any, **kwargs: Any) -> Any:
        calls[first] += 1
        happens(first)
        return call(first, *args, **kwargs)

    setattr(port, method, counted)
    return calls


def failing_sweep(world: World) -> ExceptionGroup[Exception]:
    with pytest.raises(ExceptionGroup) as caught:
        world.sweep()
    return caught.value


def nothing(_: str) -> None:
    """Happens."""


def test_a_sweep_goes_on_until_nothing_is_left(world: World) -> None:
    add_goals(world, 7)
    world.clock.move_to(LATER + SECOND * 5)
    assert world.sweep() == Swept(ended=7, settled=7)
    assert world.wallet.balance(VIEWER).held == 0
    assert len(world.notified("goal.ended")) == 7
    assert world.messages() == [], "what the sweep settles needs no task"
    assert world.sweep() == Swept()


def test_a_sweep_ends_when_its_time_is_over_and_the_next_one_goes_on(world: World) -> None:
    add_goals(world, 20)
    world.clock.move_to(LATER)
    before(world.goals, "end", lambda _: world.clock.advance(SECOND))
    sweeps = [world.sweep() for _ in range(3)]
    assert sweeps == [Swept(ended=13, settled=12, more=True), Swept(ended=7, settled=8), Swept()]


def test_items_that_take_long_do_not_keep_those_of_other_kinds_waiting(world: World) -> None:
    add_goals(world, 20)
    world.wallet.hold(a_hold())  # its goal was never created
    world.clock.move_to(LATER)
    before(world.goals, "end", lambda _: world.clock.advance(SECOND * 3))
    assert world.sweep().refunded == 1


def test_goals_that_fail_hide_none_behind_them_and_are_met_once(world: World) -> None:
    *broken, good = add_goals(world, 51)
    world.clock.move_to(LATER)

    def fail(goal_id: str) -> None:
        if goal_id in broken:
            raise StoreUnavailable("no answer")

    calls = before(world.goals, "end", fail)
    failures = failing_sweep(world)
    assert world.goal(good).settled
    assert calls == Counter([*broken, good]), "and not again because of its hold"
    assert failures.message == "50 of the sweep's steps failed"
    assert len(failures.exceptions) == 2, "a log has room for some of them"


def test_holds_that_fail_hide_none_behind_them_and_are_met_once(world: World) -> None:
    *broken, good = [a_hold(f"60a4{n:020x}", amount=1).transaction_id for n in range(51)]
    for transaction_id in (*broken, good):
        world.wallet.hold(a_hold(transaction_id.split(":")[2], amount=1))
    world.clock.move_to(LATER)

    def fail(transaction_id: str) -> None:
        if transaction_id in broken:
            raise WalletUnavailable("no answer")

    calls = before(world.wallet, "refund", fail)
    failing_sweep(world)
    assert calls == Counter([*broken, good])
    assert world.wallet.balance(VIEWER).held == 50


def test_goals_that_take_long_and_fail_hide_none_behind_them_from_sweep_to_sweep(world: World) -> None:
    *broken, good = add_goals(world, 31)
    world.clock.move_to(LATER)

    def fail(goal_id: str) -> None:
        if goal_id in broken:
            world.clock.advance(SECOND)
            raise StoreUnavailable("no answer")

    before(world.goals, "end", fail)
    for _ in range(8):
        failing_sweep(world)
    assert world.goal(good).settled


def test_unpaid_claims_hide_no_paid_one(world: World) -> None:
    for number in range(20):
        claim = Claim(goal_id=f"60a5{number:020x}", exp=EXP)
        world.sessions.add(a_session(id=f"5e57{number:020x}", claim=claim))
    world.wallet.hold(a_hold(f"60a5{19:020x}"))
    assert world.sweep().resumed == 1


def test_sweeps_at_once_share_the_work(world: World) -> None:
    """The second one runs as a whole after the first one has ended three goals."""
    add_goals(world, 10)
    world.clock.move_to(LATER)
    second: list[Swept] = []

    def sweep_too(_: str) -> None:
        if sum(calls.values()) == 4:
            second.append(world.sweep())

    calls = before(world.goals, "end", sweep_too)
    first = world.sweep()
    (other,) = second
    assert (first.ended, other.ended) == (3, 7)
    assert all(goal.settled for goal in world.goals.all())
    assert world.wallet.balance(VIEWER).available == 1_000


def test_sweeps_that_began_at_different_times_take_the_items_of_a_page_in_different_orders() -> None:
    def order() -> list[str]:
        world = World.make()
        add_goals(world, 10)
        world.clock.move_to(LATER + SECOND * len(orders))
        ended = before(world.goals, "end", nothing)
        world.sweep()
        return [*ended]

    orders: list[list[str]] = []
    for _ in range(3):
        orders.append(order())
    assert len({tuple(one) for one in orders}) == 3
    last = orders.pop()
    assert order() == last, "the same time, the same order"


def test_a_list_that_cannot_be_read_stops_no_other_kind(world: World) -> None:
    (goal_id,) = add_goals(world, 1)
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)

    def fail() -> None:
        raise KeyError("_cls")

    meanwhile(world.goals, "overdue", fail)
    assert [type(error) for error in failing_sweep(world).exceptions] == [KeyError]
    assert world.wallet.balance(VIEWER).held == 0
    assert world.goal(goal_id).settled, "its hold was overdue, too"


def test_a_sweep_comes_to_an_end_although_an_adapter_always_lists_the_same(world: World) -> None:
    class TheSame(MemoryGoals):
        def overdue(self, now: Any, limit: int, after: str | None = None) -> Any:
            return super().overdue(now, limit)

    world = World.make(goals=TheSame(), settings=Settings(sweep_limit=2))
    goals: Any = world.container.goals()
    for n in range(5):
        goals.insert(a_goal(id=f"60a3{n:020x}", conditions={"session_id": f"5e56{n:020x}"}))
    before(goals, "end", lambda _: 1 / 0)
    world.clock.move_to(LATER)
    assert failing_sweep(world)


def test_all_money_of_a_turn_moves_before_the_first_is_told(world: World) -> None:
    """A receiver that kills its process, or hangs, delays no refund (D44)."""
    add_goals(world, 7)
    world.clock.move_to(LATER)

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    world.container.namespace().signal("features.leaderboards").connect(die, sender="goal.ended")
    with pytest.raises(SystemExit):
        world.sweep()
    assert world.wallet.balance(VIEWER).held == 0
    assert not any(goal.settled for goal in world.goals.all()), "the next sweep tells"


@pytest.mark.parametrize("interrupt", [OutOfTime, SystemExit])
@pytest.mark.parametrize("part", ["trace sink", "observer"])
def test_all_money_of_a_turn_moves_although_what_observes_ends_the_sweep_D44(
    part: str, interrupt: type[BaseException]
) -> None:
    """Each goal's money moves in a unit of its own. Whoever watches them must wait for the last one."""

    def end(unit: Trace) -> None:
        if unit.name != "sweep":
            raise interrupt

    class Ends:
        @contextmanager
        def unit(self, trace: Trace, received: object) -> Iterator[None]:
            yield
            end(trace)

        def receiver(self, trace: Trace, name: str, run: Callable[[], Any]) -> Any:
            return run()

        def headers(self) -> dict[str, str]:
            return {}

    watching: dict[str, Any] = {"trace_sink": end} if part == "trace sink" else {"observer": Ends()}
    world = World.make(settings=Settings(sweep_limit=2), **watching)
    add_goals(world, 7)
    world.wallet.hold(a_hold(viewer_id=VIEWER_2))  # its goal was never created
    world.clock.move_to(LATER)
    with pytest.raises(interrupt):
        world.sweep()
    assert [world.wallet.balance(viewer).held for viewer in (VIEWER, VIEWER_2)] == [0, 0]


def test_a_receiver_that_hangs_holds_up_no_money_of_any_kind_and_is_named(world: World) -> None:
    """A time limit interrupts each sweep there. Sweeps take goals in different orders, so all others are told."""
    goals = add_goals(world, 7)
    world.wallet.hold(a_hold(viewer_id=VIEWER_2))  # its goal was never created
    culprit = goals[3]

    def hang(*_: object, goal_id: str, **__: object) -> None:
        if goal_id == culprit:
            raise OutOfTime

    world.container.namespace().signal("features.leaderboards").connect(hang, sender="goal.ended")
    world.clock.move_to(LATER)
    with pytest.raises(OutOfTime):
        world.sweep()
    assert [world.wallet.balance(viewer).held for viewer in (VIEWER, VIEWER_2)] == [0, 0]
    for _ in range(20):
        world.clock.advance(SECOND)
        with pytest.raises(OutOfTime):
            world.sweep()
    assert [goal_id for goal_id in goals if not world.goal(goal_id).settled] == [culprit]
    last = world.sweeps.last()
    assert last is not None
    assert last.interrupted_at == culprit


def test_slow_receivers_lengthen_no_sweep_and_delay_no_money(world: World) -> None:
    goals = add_goals(world, 50)
    told = Counter[str]()

    def take_time(*_: object, goal_id: str, **__: object) -> None:
        told[goal_id] += 1
        world.clock.advance(SECOND * 2)

    world.container.namespace().signal("features.leaderboards").connect(take_time, sender="goal.ended")
    world.clock.move_to(LATER)
    sweep = world.sweep()
    assert (sweep.ended, sweep.more) == (50, True)
    assert world.wallet.balance(VIEWER).held == 0
    assert world.clock.now() - LATER <= Settings().sweep_time + SECOND * 2
    world.run_due()
    while world.sweep().more:
        world.run_due()
    assert all(world.goal(goal_id).settled for goal_id in goals)
    assert told == Counter(goals), "each once"


def reported(world: World) -> Counter[str]:
    """How often the host heard of each transaction's ``balance.incremented``."""
    counted = Counter[str]()
    connect = world.container.namespace().signal("user").connect
    connect(lambda _, **event: counted.update([event["transaction_id"]]), sender="balance.incremented", weak=False)
    return counted


def test_no_report_is_lost_when_the_time_is_over(world: World) -> None:
    goals = add_goals(world, 20)
    world.goals.insert(a_goal(active=False, settled=True))
    world.wallet.hold(a_hold(amount=1))
    counted = reported(world)

    def take_time(*_: object, **__: object) -> None:
        world.clock.advance(SECOND * 2)

    for signal, sender in (("features.leaderboards", "goal.ended"), ("user", "balance.incremented")):
        world.container.namespace().signal(signal).connect(take_time, sender=sender)
    world.clock.move_to(LATER + SECOND * 5)
    world.sweep()
    assert world.wallet.balance(VIEWER).held == 0
    assert len(world.messages()) <= 1, "what the next sweep finds again fills no queue (D26)"
    world.run_due()
    while world.sweep().more:
        world.run_due()
    assert counted == Counter([a_hold().transaction_id, *(a_hold(goal_id).transaction_id for goal_id in goals)])


def test_no_report_is_lost_when_a_receiver_is_interrupted(world: World) -> None:
    goals = add_goals(world, 5)
    counted = reported(world)

    def hang() -> None:
        raise OutOfTime

    meanwhile(world.notifier, "notify", hang)
    world.clock.move_to(LATER + SECOND * 5)
    with pytest.raises(OutOfTime):
        world.sweep()
    world.sweep()
    assert counted == Counter(a_hold(goal_id).transaction_id for goal_id in goals)
    assert len(world.notified("goal.ended")) == 5


@pytest.mark.parametrize("interrupt", [OutOfTime, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize(
    ("port", "method"),
    [
        ("goals", "overdue"),
        ("goals", "end"),
        ("sessions", "unbound"),
        ("goals", "unsettled"),
        ("wallet", "overdue"),
        ("wallet", "refund"),
        ("notifier", "notify"),
        ("goals", "mark_settled"),
    ],
)
def test_no_interrupt_is_swallowed_D44(world: World, port: str, method: str, interrupt: type[BaseException]) -> None:
    add_goals(world, 1)
    world.clock.move_to(LATER)

    def stop() -> None:
        raise interrupt

    meanwhile(getattr(world, port), method, stop)
    with pytest.raises(interrupt):
        world.sweep()


def test_a_goal_that_another_sweep_settles_meanwhile_is_passed_over(world: World) -> None:
    (goal_id,) = add_goals(world, 1)
    world.goals.end(goal_id, NOW)
    world.clock.move_to(LATER)
    get = world.goals.get

    def settled(goal_id: str) -> Goal | None:
        world.goals.mark_settled(goal_id)
        return get(goal_id)

    world.goals.get = settled  # type: ignore[method-assign]
    assert world.sweep() == Swept()
    assert world.notified("goal.ended") == []


def test_a_hold_that_another_sweep_refunds_meanwhile_is_passed_over(world: World) -> None:
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)
    find = world.wallet.find

    def refunded(transaction_id: str) -> Hold | None:
        world.wallet.refund(transaction_id)
        return find(transaction_id)

    world.wallet.find = refunded  # type: ignore[method-assign]
    assert world.sweep() == Swept()


def test_no_report_of_crowds_is_lost_when_the_time_is_over(world: World) -> None:
    goals = add_goals(world, 6)
    payers = [f"payer {n}" for n in range(PART)]
    for payer in payers:
        world.wallet.credit(payer, 10)
    holds = [a_hold(goal_id, viewer_id=payer, amount=1) for goal_id in goals for payer in payers]
    for hold in holds:
        world.wallet.hold(hold)
    counted = reported(world)

    def take_time(*_: object, **__: object) -> None:
        world.clock.advance(SECOND * 4)

    world.container.namespace().signal("features.leaderboards").connect(take_time, sender="goal.ended")
    world.clock.move_to(LATER + SECOND * 5)
    world.sweep()
    world.run_due()
    while world.sweep().more:
        world.run_due()
    assert counted.keys() == {hold.transaction_id for hold in holds} | {a_hold(each).transaction_id for each in goals}
    assert all(world.goal(goal_id).settled for goal_id in goals)
