"""Where is the money, and why? Each way in which an invitation ends has its answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.decision import Rule, Settlement
from show_goal.core.last_sweep import LastSweep, SetAside
from show_goal.core.money import HoldState
from show_goal.core.operators.story import RULES, Line, Verdict
from show_goal.core.operators.timeline import in_order
from show_goal.core.rules.settlement import ForTimeShown
from show_goal.ports.errors import UnreadableDocument, WalletUnavailable
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_hold, a_session
from tests.world import World, meanwhile

from .asking import invite, why


def told(world: World, asked: str) -> list[str]:
    return [f"{line.source}: {line.says}" for line in why(world, asked).lines]


def asked_both(world: World, verdict: Verdict, says: str, ids: tuple[str, str]) -> None:
    """The goal and the transaction have the same answer."""
    for asked, kind in zip(ids, ("goal", "transaction"), strict=True):
        answer = why(world, asked)
        assert (answer.kind, answer.verdict, answer.asked) == (kind, verdict, asked)
        assert says in answer.says


def test_refused_by_the_wallet_nothing_was_charged_D33(world: World) -> None:
    accepted = world.invite()
    world.wallet.withdraw("payout", VIEWER, 1_000)
    world.run_due()
    ids = accepted.goal_id, accepted.transaction_id
    asked_both(world, Verdict.NOT_CHARGED, "The wallet refused the transfer, because there was too little money", ids)
    assert "wallet: nothing is or was held" in told(world, accepted.goal_id)


def test_a_joiner_who_was_refused_was_not_charged(world: World) -> None:
    goal_id, _ = invite(world)
    accepted = world.invite(VIEWER_2)
    assert "Nothing is held yet" in why(world, accepted.transaction_id).says
    world.wallet.withdraw("payout", VIEWER_2, 1_000)
    world.wait(300)
    answer = why(world, accepted.transaction_id)
    assert (answer.verdict, "the wallet refused the transfer" in answer.says) == (Verdict.NOT_CHARGED, True)
    assert why(world, goal_id).verdict is Verdict.HELD


def test_an_invitation_whose_tasks_were_lost_has_lapsed(world: World) -> None:
    accepted = world.invite()
    world.task_queue.purge()
    world.wait(300)
    answer = why(world, accepted.transaction_id)
    assert (answer.verdict, "it has lapsed: nothing was charged" in answer.says) == (Verdict.NOT_CHARGED, True)


@pytest.mark.parametrize("state", [HoldState.HELD, HoldState.REFUNDED])
def test_money_without_a_goal_goes_back(world: World, state: HoldState) -> None:
    hold = world.wallet.hold(a_hold())
    if state is HoldState.REFUNDED:
        world.wallet.refund(hold.transaction_id)
    says = "the goal was not created. It is settled at 2026-01-01 00:06:00 UTC, or by the next sweep"
    verdict = Verdict.HELD
    if state is HoldState.REFUNDED:
        verdict, says = Verdict.REFUNDED, "the goal was never created, so the invitation lapsed"
    asked_both(world, verdict, says, (GOAL, hold.transaction_id))


def test_a_claim_without_a_goal_says_who_asked(world: World) -> None:
    accepted = world.invite()
    messages = [message for message in world.messages() if message.name == "transfer"]
    world.task_queue.purge()
    world.task_queue.trigger(messages[0])
    world.run_due(quiet=True)
    lines = why(world, accepted.goal_id).lines
    assert lines[0] == Line(at=NOW, source="sessions", says=f"{VIEWER} asked for 90 s")


def test_held_while_the_goal_is_ongoing(world: World) -> None:
    ids = invite(world)
    asked_both(world, Verdict.HELD, "90 is held: the goal is ongoing, until 2026-01-01 00:05:00 UTC", ids)
    assert told(world, ids[0]) == [
        f"sessions: {VIEWER} asked for 90 s",
        f"wallet: {VIEWER} pays 90 for 90 s: {ids[1]}",
        f"statistics: goal.created {ids[0]}",
        f"statistics: goal.progressed {ids[1]}",
        f"feed: goal.added {ids[0]}",
        "goals: it ends at this time, if nobody answers before",
    ]


def test_refunded_because_nobody_answered(world: World) -> None:
    ids = invite(world)
    world.wait(300)
    asked_both(world, Verdict.HELD, "It is settled at 2026-01-01 00:06:00 UTC", ids)
    assert "goals: its settlement is due" in told(world, ids[0])
    world.wait(60)
    asked_both(world, Verdict.REFUNDED, "90 went back to the viewer: it ended without an answer", ids)


def test_refunded_because_the_streamer_refused(world: World) -> None:
    ids = invite(world)
    world.refuse(ids[0])
    world.wait(60)
    asked_both(world, Verdict.REFUNDED, "the streamer refused", ids)
    assert "no pass" not in " ".join(told(world, ids[0]))


def test_refunded_because_the_show_never_began_D40(world: World) -> None:
    ids = invite(world)
    world.agree(ids[0])
    world.wait(60)
    asked_both(world, Verdict.REFUNDED, "the show never began: the session was not on sd in time (rule no_show)", ids)
    assert told(world, ids[1])[-4:] == [
        "goals: it is decided: refunded, by the rule no_show",
        f"wallet: 90 refunded to {VIEWER}",
        "goals: its escrow is empty",
        f"passes: {VIEWER} has no pass",
    ]


def test_released_because_the_show_began_D40(world: World) -> None:
    ids = invite(world)
    world.agree(ids[0])
    world.clock.advance(timedelta(seconds=5))
    world.switch_preset("sd")
    world.wait(60)
    asked_both(world, Verdict.RELEASED, "90 went to the streamer: the streamer agreed, and the show began in time", ids)
    lines = why(world, ids[0]).lines
    assert Line(at=NOW + timedelta(seconds=5), source="goals", says="the show began") in lines
    assert f"wallet: 90 released to {STREAMER}" in told(world, ids[0])
    assert f"passes: {VIEWER} may watch from 2026-01-01 00:00:05 UTC to 2026-01-01 00:01:35 UTC" in told(world, ids[0])


def test_set_aside_because_the_wallet_fails_D43(world: World) -> None:
    ids = invite(world)
    world.task_queue.purge()
    world.clock.move_to(EXP + timedelta(seconds=60))
    meanwhile(world.wallet, "refund", lambda: _raise(WalletUnavailable("the bank is closed")))
    with pytest.raises(ExceptionGroup):
        world.sweep()
    asked_both(world, Verdict.SET_ASIDE, "it could not be moved: WalletUnavailable: the bank is closed", ids)
    assert "sweeps: set aside; attempt 2 is at this time" in told(world, ids[0])[-1]
    world.wait(60)
    world.sweep()
    asked_both(world, Verdict.REFUNDED, "it ended without an answer", ids)


def _raise(error: Exception) -> None:
    raise error


def test_what_is_set_aside_of_others_is_not_told(world: World) -> None:
    ids = invite(world)
    world.wait(300)
    other = SetAside(item=f"escrow {GOAL}", attempts=1, next_try=EXP, why="another's")
    world.sweeps.record(LastSweep(began=NOW, ended=NOW, done={}, failed=0, more=False, aside=[other]))
    assert why(world, ids[0]).verdict is Verdict.HELD


def test_a_session_that_cannot_be_read_is_told(world: World) -> None:
    goal_id, _ = invite(world)
    meanwhile(world.sessions, "fetch", lambda: _raise(UnreadableDocument(f"session {SESSION}: pricing is no map")))
    assert told(world, goal_id)[-1] == f"sessions: cannot be read: session {SESSION}: pricing is no map"


def test_a_decision_of_version_0_1_has_no_reason(world: World) -> None:
    ids = invite(world)
    world.goals.end(ids[0], NOW)
    world.goals.decide(ids[0], Settlement.REFUNDED)
    world.wallet.refund(ids[1])
    asked_both(world, Verdict.REFUNDED, "90 went back to the viewer: why was not kept", ids)
    assert "goals: it is decided: refunded, by the rule not kept" in told(world, ids[0])


def test_a_goal_without_exp_and_without_a_viewer(world: World) -> None:
    world.create(GOAL, "ShowFundingGoal", exp=None)
    transaction_id = world.hold(GOAL, f"show_funding:{GOAL}")
    asked_both(world, Verdict.HELD, "the goal is ongoing, until any time", (GOAL, transaction_id))
    hold = a_hold(transaction_id="t", exp=None, tags=["another's"])
    world.wallet.hold(evolve(hold, goal_id="unknown", escrow_id="trigger_private:unknown"))
    assert "It has no exp: refund it by hand" in why(world, "t").says


def test_payments_that_this_wallet_does_not_know_are_not_called_uncharged(world: World) -> None:
    goal_id, _ = invite(world)
    elsewhere = evolve(world.container.explain_money(), wallet=MemoryWallet())
    answer = elsewhere(goal_id)
    assert answer is not None
    assert "payments that this wallet does not know" in answer.says


def test_what_an_operator_did_has_its_reason(world: World) -> None:
    ids = invite(world)
    world.goals.end(ids[0], NOW, metadata={"reason": "the streamer fell ill"})
    asked_both(world, Verdict.HELD, "an operator ended it: the streamer fell ill", ids)
    world.wallet.refund(ids[1])
    world.tracker.track("operator.refunded", ids[1], {"reason": "ticket 17"})
    asked_both(world, Verdict.REFUNDED, "an operator refunded it: ticket 17", ids)
    assert f"statistics: operator.refunded {ids[1]}: ticket 17" in told(world, ids[1])


def test_nothing_is_known_of_another_id(world: World) -> None:
    assert world.container.explain_money()("somebody") is None


def test_a_line_without_a_time_stays_behind_the_line_before_it() -> None:
    first, last = (Line(at=at, source="wallet", says="") for at in (NOW, EXP))
    undated = Line(at=None, source="goals", says="")
    assert in_order([last, undated, first]) == [first, last, undated]
    assert in_order([undated]) == [undated]


def test_a_part_was_released_and_the_rest_went_back(world: World) -> None:
    hold = world.wallet.hold(a_hold())
    world.wallet.release(hold.transaction_id, 30)
    says = "30 of 90 went to the streamer, and 60 back to the viewer"
    asked_both(world, Verdict.RELEASED, says, (GOAL, hold.transaction_id))
    assert told(world, GOAL)[-2:] == [f"wallet: 30 released to {STREAMER}", f"wallet: 60 refunded to {VIEWER}"]


def test_every_rule_is_explained() -> None:
    assert {*RULES} == {*Rule}


def test_a_show_that_is_paid_for_by_its_time_says_what_was_shown() -> None:
    world = World.make(settlement_rule=ForTimeShown())
    world.sessions.add(a_session(preset="preview"))
    goal_id = world.invite(duration=300).goal_id
    world.run_due()
    world.agree(goal_id)
    world.switch_preset("sd")
    world.wait(70)
    assert "when the show is over" in why(world, goal_id).says
    world.switch_preset("preview")
    world.wait(600)
    parts = "70 of 300 went to the streamer, and 230 back to the viewer: viewers pay for the time that was shown"
    assert why(world, goal_id).says.startswith(parts)
    assert "goals: the session was on sd until 2026-01-01 00:01:10 UTC" in told(world, goal_id)


@pytest.mark.parametrize("seconds", [70, 300], ids=["left early", "played in full"])
def test_no_show_was_decided_while_it_went_on(seconds: int) -> None:
    world = World.make(settlement_rule=ForTimeShown())
    goal_id = world.invite(duration=300).goal_id
    world.run_due()
    world.agree(goal_id)
    world.switch_preset("sd")
    world.wait(seconds)
    world.switch_preset("preview")
    world.wait(60)
    (decided,) = [line for line in why(world, goal_id).lines if line.says.startswith("it is decided: released")]
    assert decided.at is None, "nobody keeps when it was"
