from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_mock import MockerFixture

from show_goal.core.errors import (
    Blocked,
    InsufficientBalance,
    InvalidInvitation,
    LivestreamTriggerQuotaExceeded,
    NoPrice,
    NotLoggedIn,
    OwnSession,
    Refused,
    SessionNotFound,
    ShowRunning,
)
from show_goal.core.messages import CreateGoal, Transfer
from show_goal.core.model import Claim, Session, ShowGoalPair, Viewer
from show_goal.core.requests.trigger_private import Accepted
from show_goal.core.settings import Settings
from show_goal.ports.errors import TaskQueueUnavailable
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_goal, a_session
from tests.world import World, meanwhile

FIRST_ID = "000000000000000000000001"
BOUND = Session.TriggerPrivateGoal(goal=GOAL)


def test_invitation_triggers_create_goal_with_exactly_the_seeds_arguments(world: World) -> None:
    world.invite(VIEWER, duration=90)

    create_goal, _ = world.messages()

    assert isinstance(create_goal, CreateGoal)
    assert create_goal.arguments() == {
        "goal_id": FIRST_ID,
        "active": True,
        "_cls": "TriggerPrivateGoal",
        "conditions": {"session_id": SESSION},
        "levels": [],
        "context": {"type": "trigger-private"},
        "metadata": {"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90},
        "exp": EXP,
    }


@pytest.mark.parametrize("prefix", ["swag", "acme"])
def test_invitation_triggers_transfer_with_exactly_the_seeds_arguments(prefix: str) -> None:
    world = World.make(settings=Settings(tag_prefix=prefix))
    world.invite(VIEWER, duration=90)

    _, transfer = world.messages()

    assert isinstance(transfer, Transfer)
    assert transfer.arguments() == {
        "goal_id": FIRST_ID,
        "transaction_id": f"session:trigger-private:{FIRST_ID}:{VIEWER}",
        "from_user_id": VIEWER,
        "to_user_id": STREAMER,
        "amount": 90,
        "tags": [f"{prefix}::livestream.session:{SESSION}.trigger_private:{FIRST_ID}"],
        "escrow_id": f"trigger_private:{FIRST_ID}",
    }
    assert transfer.headers() == {"duration": 90, "session_id": SESSION, "asked_exp": int(EXP.timestamp())}
    world.run_due()
    assert world.goal(FIRST_ID).progress == 1, "the tag is read with the same prefix"


def test_invitation_is_accepted_with_goal_transaction_amount_and_exp_D27(world: World) -> None:
    accepted = world.invite(VIEWER, duration=90)

    assert accepted == Accepted(
        goal_id=FIRST_ID, transaction_id=f"session:trigger-private:{FIRST_ID}:{VIEWER}", amount=90, exp=EXP
    )
    assert (world.goals.all(), world.wallet.holds()) == ([], []), "no worker has run yet (D1)"


# --- the order of the guards: each case breaks its own rule and every later one (D6, D8, D9) ---

BROKEN = {
    "pricing": {},
    "show_goal_pair": ShowGoalPair(funding_goal=GOAL),
    "trigger_private_goal": Session.TriggerPrivateGoal(goal=GOAL, goal_ended=NOW),
}
ENDED = {**BROKEN, "active": False}
PRICED = {**BROKEN, "pricing": {"sd": 60}}
BLOCKED = Viewer(id=VIEWER, tags={f"blocked-by:{STREAMER}"})
BLOCKED_STREAMER = Viewer(id=STREAMER, tags={f"blocked-by:{STREAMER}"})
POOR = Viewer(id="71e0000000000000000000ff")


@pytest.mark.parametrize(
    ("refusal", "viewer", "duration", "session"),
    [
        (NotLoggedIn, None, 0, ENDED),
        (InvalidInvitation, BLOCKED_STREAMER, 0, ENDED),
        (SessionNotFound, BLOCKED_STREAMER, 90, ENDED),
        (OwnSession, BLOCKED_STREAMER, 90, BROKEN),
        (Blocked, BLOCKED, 90, BROKEN),
        (NoPrice, POOR, 90, BROKEN),
        (ShowRunning, POOR, 90, PRICED),
        (LivestreamTriggerQuotaExceeded, POOR, 90, {**PRICED, "show_goal_pair": None}),
        (InsufficientBalance, POOR, 90, {}),
    ],
)
def test_guards_answer_in_the_seeds_order_D9(
    world: World, refusal: type[Refused], viewer: Viewer | None, duration: int, session: dict[str, object]
) -> None:
    world.sessions.add(a_session(**session))
    stored, accounts = world.sessions.get(SESSION), world.wallet.accounts()

    with pytest.raises(refusal):
        world.invite(viewer, duration=duration)

    assert world.messages() == []
    assert (world.sessions.get(SESSION), world.wallet.accounts()) == (stored, accounts), "a refusal changes nothing"


def test_unknown_session_is_not_found_D9(world: World) -> None:
    with pytest.raises(SessionNotFound):
        world.invite(session_id="not-an-object-id")


# --- the claim ---


def test_loser_of_the_race_adopts_the_winners_goal_D2(world: World) -> None:
    winner = Claim(goal_id=GOAL, exp=EXP - timedelta(seconds=9))
    meanwhile(world.sessions, "claim", lambda: world.sessions.claim(SESSION, winner, NOW))

    accepted = world.invite(VIEWER)

    assert (accepted.goal_id, accepted.exp) == (GOAL, winner.exp)
    assert world.kinds() == [Transfer], "the winner triggers create_goal"


def test_session_that_ends_while_the_request_is_checked_is_not_found(world: World) -> None:
    meanwhile(world.sessions, "claim", lambda: world.sessions.add(a_session(active=False)))

    with pytest.raises(SessionNotFound):
        world.invite()


def test_goal_whose_timer_is_late_is_ended_before_the_next_claim_D2(world: World) -> None:
    first = world.invite(VIEWER)
    world.run_due()
    world.task_queue.purge()  # the timer is lost
    world.clock.advance(timedelta(seconds=300 + 60))

    second = world.invite(VIEWER)
    world.run_due()

    ended, ongoing = world.goals.all()
    assert (ended.id, ended.active, ended.exp) == (first.goal_id, False, EXP)
    assert (ongoing.id, ongoing.active) == (second.goal_id, True)
    assert world.sessions.private_goals(SESSION)[0].goal_ended == EXP


def test_late_timer_does_not_shorten_or_skip_the_cooldown_D13(world: World) -> None:
    world.invite(VIEWER)
    world.run_due()
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=300 + 59))

    with pytest.raises(LivestreamTriggerQuotaExceeded) as caught:
        world.invite(VIEWER_2)

    assert caught.value.retry_at == EXP + timedelta(seconds=60)


def test_goal_bound_before_there_were_claims_is_joined(world: World) -> None:
    world.goals.insert(a_goal(exp=EXP))
    world.sessions.add(a_session(trigger_private_goal=BOUND))

    accepted = world.invite(VIEWER_2)

    assert (accepted.goal_id, accepted.exp) == (GOAL, EXP)
    assert world.kinds() == [Transfer]


def test_goal_bound_before_there_were_claims_blocks_no_other_if_it_ends_meanwhile_D2(world: World) -> None:
    world.sessions.add(a_session(trigger_private_goal=BOUND))
    world.goals.insert(a_goal())
    meanwhile(world.sessions, "claim", lambda: world.end(GOAL))

    assert world.invite().goal_id == GOAL
    world.run_due()

    session = world.sessions.get(SESSION)
    assert session.ongoing_private_goal(world.clock.now()) is None
    assert session.trigger_private_goal == Session.TriggerPrivateGoal(goal=GOAL, goal_ended=NOW)


def test_bound_goal_that_no_store_has_does_not_block_the_next_one(world: World) -> None:
    world.sessions.add(a_session(trigger_private_goal=BOUND))

    assert world.invite().goal_id == FIRST_ID


# --- what the operator sees ---


def test_trace_names_each_guard_with_its_verdict_in_order_D28(world: World) -> None:
    world.invite()

    guards = ["not_logged_in", "session_not_found", "own_session", "blocked", "no_price", "show_running", "cooldown"]
    guards += ["transaction_conflict", "price_changed", "insufficient_balance"]
    assert world.steps("trigger_private_session", "guard") == [(guard, "passed") for guard in guards]


def test_trace_of_a_refusal_has_the_true_reason_D10(world: World) -> None:
    with pytest.raises(Blocked):
        world.invite(BLOCKED)

    trace = world.trace("trigger_private_session")
    assert (trace["outcome"], trace["reason"]) == ("refused", "blocked")
    assert trace["steps"][-1] == {
        "kind": "guard",
        "name": "blocked",
        "outcome": "refused",
        "code": "private_show_unavailable",
    }


def test_broker_that_is_down_fails_the_request_and_the_same_request_succeeds_later_D27_D28(
    world: World, mocker: MockerFixture
) -> None:
    down = TaskQueueUnavailable("connect to amqp://guest:secret@10.0.0.1 refused")
    trigger = mocker.patch.object(world.task_queue, "trigger", autospec=True, side_effect=down)

    with pytest.raises(TaskQueueUnavailable):
        world.invite()

    trace = world.trace("trigger_private_session")
    assert trace["outcome"] == "failed"
    assert trace["reason"] == "TaskQueueUnavailable: connect to amqp://***@10.0.0.1 refused", "without the password"
    assert world.wallet.holds() == []
    claim = world.sessions.get(SESSION).claim
    assert claim is not None
    mocker.stop(trigger)
    assert world.invite().goal_id == claim.goal_id
    world.run_due(quiet=True)
    assert len(world.wallet.holds()) == 1
