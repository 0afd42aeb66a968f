"""Races and mistakes that seeds seldom meet, written as plans."""

from __future__ import annotations

import pytest
from attrs import evolve

from show_goal.testing.simulator import Action, Fault, Host, Plan, Strike, Weather, run
from tests.testing.simulator.mistakes import (
    PledgeOutlivesItsRequest,
    RetryForgotten,
    RetrySoldAgain,
    ShowsForgottenByTheSwitch,
)

CLEAR = Weather(
    viewers=2,
    crowd=0,
    sessions=1,
    credit=1000,
    calls_back=False,
    max_backlog=500,
    ends_in_silence=False,
    echoes=False,
    neighbours=False,
)


def action(kind: str, *numbers: int, faults: tuple[Fault, ...] = ()) -> Action:
    first, second, third = (*numbers, 0, 0, 0)[:3]
    return Action(kind, (first, second, third), 1, faults)


def test_show_that_a_switch_forgets_is_found() -> None:
    """The settlement is late, and the session is on sd for the second time by then."""
    actions = (
        action("invite", 0, 0, 1),
        action("drain"),
        action("answer", 0, 1),
        action("drain"),
        action("wait", 1),
        action("switch_preset", 0, 1),
        action("switch_preset", 0, 0),
        action("wait", 6),
        action("switch_preset", 0, 1),
    )

    tried = run(Plan(seed=1, weather=CLEAR, actions=actions), ShowsForgottenByTheSwitch())

    assert tried.violation is not None
    assert tried.violation.invariant.startswith("an escrow is released when the streamer agreed")
    assert run(tried.plan, Host()).violation is None


@pytest.mark.parametrize("call", range(1, 5))
def test_viewer_who_joins_while_the_streamer_agrees_is_let_in_or_not_charged(call: int) -> None:
    """The streamer's answer is carried out before the joiner's ``transfer`` makes its ``call``-th port call."""
    agreement = Fault(call, Strike.MEANWHILE, action("work", 0))
    actions = (
        action("invite", 0, 0, 4),
        action("drain"),
        action("switch_preset", 0, 1),
        action("answer", 0, 1),
        action("invite", 1, 0, 4),
        action("work", 1, faults=(agreement,)),
    )

    tried = run(Plan(seed=1, weather=CLEAR, actions=actions), Host())

    assert tried.violation is None
    assert "transfer" in tried.trace[5].what
    assert "meanwhile" in tried.trace[5].what


def asked_twice(strike: Strike) -> Plan:
    """A joiner's request is struck as it triggers ``transfer``. They ask again, at another price."""
    actions = (
        action("invite", 0, 0, 4),
        action("invite", 1, 0, 4, faults=(Fault(4, strike),)),
        action("price", 0, 1),
        action("invite", 1, 0, 4),
    )
    return Plan(seed=1, weather=CLEAR, actions=actions)


@pytest.mark.parametrize("strike", [Strike.CRASH_AFTER, Strike.FAIL_BEFORE, Strike.FAIL_AFTER])
def test_a_joiner_is_promised_one_price_though_a_request_got_no_answer_D30(strike: Strike) -> None:
    tried = run(asked_twice(strike), Host())

    assert tried.violation is None
    assert "task_queue.trigger" in tried.trace[1].what
    assert "202" in tried.trace[3].what


def test_price_of_a_request_that_failed_is_no_promise_D30() -> None:
    broken = run(asked_twice(Strike.FAIL_BEFORE), PledgeOutlivesItsRequest()).violation

    assert broken is not None
    assert broken.invariant.startswith("a viewer pays the price of now")


AGAIN = (action("wait", 4), action("ask_again", 0, 1), action("drain"), action("answer", 1, 1))
NEXT_GOAL = (action("invite", 1, 0, 4), action("drain"))


@pytest.mark.parametrize(
    ("mistake", "then"), [(RetrySoldAgain, AGAIN), (RetryForgotten, (*NEXT_GOAL, *AGAIN))], ids=["agreed", "next goal"]
)
def test_key_that_is_sold_again_after_a_lost_answer_is_found_D29(mistake: type[Host], then: tuple[Action, ...]) -> None:
    """The request dies behind its transfer. It is repeated when the goal has been agreed to, and agreed to again."""
    actions = (
        action("invite", 0, 0, 144, faults=(Fault(8, Strike.CRASH_AFTER),)),
        action("drain"),
        action("switch_preset", 0, 1),
        action("answer", 0, 1),
        action("drain"),
        *then,
    )

    tried = run(Plan(seed=1, weather=evolve(CLEAR, careful=True), actions=actions), mistake())

    assert tried.violation is not None, [str(one) for one in tried.trace]
    assert tried.violation.invariant.startswith("a request with a key costs once")
    assert run(tried.plan, Host()).violation is None
