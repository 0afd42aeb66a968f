from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from show_goal.adapters.memory import MemorySessions
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
    TransactionConflict,
)
from show_goal.core.messages import CreateGoal, DeactivateGoal, Transfer
from show_goal.core.model import Claim, Session, ShowGoalPair, Viewer
from show_goal.core.requests.trigger_private import Accepted
from show_goal.core.settings import Settings
from show_goal.ports.errors import TaskQueueUnavailable
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_goal, a_session
from tests.world import World

FIRST_ID = "000000000000000000000001"


def messages(world: World) -> list[object]:
    return [queued.message for queued in world.task_queue.queued()]


def test_invitation_triggers_create_goal_with_exactly_the_seeds_arguments(world: World) -> None:
    world.invite(VIEWER, duration=90)

    create_goal, _ = messages(world)

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


def test_invitation_triggers_transfer_with_exactly_the_seeds_arguments(world: World) -> None:
    world.invite(VIEWER, duration=90)

    _, transfer = messages(world)

    assert isinstance(transfer, Transfer)
    assert transfer.arguments() == {
        "goal_id": FIRST_ID,
        "transaction_id": f"session:trigger-private:{FIRST_ID}:{VIEWER}",
        "from_user_id": VIEWER,
        "to_user_id": STREAMER,
        "amount": 90,
        "tags": [f"swag::livestream.session:{SESSION}.trigger_private:{FIRST_ID}"],
        "escrow_id": f"trigger_private:{FIRST_ID}",
    }
    assert transfer.headers() == {"duration": 90, "session_id": SESSION}


def test_invitation_is_accepted_with_goal_transaction_amount_and_exp_D27(world: World) -> None:
    accepted = world.invite(VIEWER, duration=90)

    assert accepted == Accepted(
        goal_id=FIRST_ID, transaction_id=f"session:trigger-private:{FIRST_ID}:{VIEWER}", amount=90, exp=EXP
    )


def test_request_waits_for_no_worker_D1(world: World) -> None:
    world.invite()

    assert world.goals.all() == []
    assert world.wallet.holds() == []


def test_tag_bears_the_platforms_prefix_D4() -> None:
    world = World.make(settings=Settings(tag_prefix="acme"))
    world.invite()

    transfer = messages(world)[1]

    assert isinstance(transfer, Transfer)
    assert transfer.tags == [f"acme::livestream.session:{SESSION}.trigger_private:{FIRST_ID}"]
    world.run_due()
    assert world.goal(FIRST_ID).progress == 1, "it is read by the same prefix"


# --- the guards' order: each breaks its own rule and every later one, and the earliest answers (D9) ---

BROKEN_SESSION = {
    "pricing": {},
    "show_goal_pair": ShowGoalPair(funding_goal=GOAL),
    "trigger_private_goal": Session.TriggerPrivateGoal(goal=GOAL, goal_ended=NOW),
}
BLOCKED = Viewer(id=VIEWER, tags={f"blocked-by:{STREAMER}"})
POOR = Viewer(id="71e0000000000000000000ff")


@pytest.mark.parametrize(
    ("refusal", "viewer", "session"),
    [
        (SessionNotFound, Viewer(id=STREAMER, tags={f"blocked-by:{STREAMER}"}), {**BROKEN_SESSION, "active": False}),
        (OwnSession, Viewer(id=STREAMER, tags={f"blocked-by:{STREAMER}"}), BROKEN_SESSION),
        (Blocked, BLOCKED, BROKEN_SESSION),
        (NoPrice, POOR, BROKEN_SESSION),
        (ShowRunning, POOR, {**BROKEN_SESSION, "pricing": {"sd": 60}}),
        (LivestreamTriggerQuotaExceeded, POOR, {**BROKEN_SESSION, "pricing": {"sd": 60}, "show_goal_pair": None}),
        (InsufficientBalance, POOR, {}),
    ],
)
def test_guards_answer_in_the_seeds_order_D9(
    world: World, refusal: type[Refused], viewer: Viewer, session: dict[str, object]
) -> None:
    world.sessions.add(a_session(**session))

    with pytest.raises(refusal):
        world.invite(viewer)


def test_nobody_logged_in_is_refused_before_the_body_is_looked_at_D8(world: World) -> None:
    with pytest.raises(NotLoggedIn):
        world.invite(None, duration=0)


def test_wrong_body_is_refused_before_the_session_is_fetched_D6(world: World) -> None:
    with pytest.raises(InvalidInvitation):
        world.invite(session_id="nowhere", exp=0)


def test_unknown_session_is_not_found_D9(world: World) -> None:
    with pytest.raises(SessionNotFound):
        world.invite(session_id="not-an-object-id")


def test_refusal_changes_nothing(world: World) -> None:
    session, accounts = world.sessions.get(SESSION), world.wallet.accounts()

    with pytest.raises(InsufficientBalance):
        world.invite(POOR)

    assert messages(world) == []
    assert world.sessions.get(SESSION) == session
    assert world.wallet.accounts() == accounts


# --- joining, retrying ---


def test_second_viewer_joins_the_ongoing_goal_at_their_own_price_D16(world: World) -> None:
    first = world.invite(VIEWER, duration=90)
    world.run_due()
    second = world.invite(VIEWER_2, duration=30, exp=int(EXP.timestamp()) + 60)

    assert (second.goal_id, second.amount) == (first.goal_id, 30)
    assert second.exp == first.exp, "exp stays the first viewer's"
    assert [type(message) for message in messages(world) if not hasattr(message, "exp")] == [Transfer]


def test_goal_that_is_claimed_and_not_bound_yet_is_created_again_by_a_joiner_D2(world: World) -> None:
    world.invite(VIEWER)
    world.task_queue.purge()
    world.invite(VIEWER_2)

    assert [type(message) for message in messages(world)] == [CreateGoal, Transfer]
    world.run_due()
    assert [goal.id for goal in world.goals.all()] == [FIRST_ID]


def test_goal_stays_the_first_viewers_whoevers_create_goal_arrives_first_D16(world: World) -> None:
    world.invite(VIEWER, duration=90)
    world.task_queue.purge()  # it is late, or lost
    world.invite(VIEWER_2, duration=30)
    world.run_due()

    metadata = world.goal(FIRST_ID).metadata
    assert (metadata["triggered_by"], metadata["prepaid_duration"]) == (VIEWER, 90)


def test_same_viewer_again_is_accepted_and_charged_once_D15(world: World) -> None:
    first = world.invite(VIEWER)
    world.run_due()
    again = world.invite(VIEWER)
    world.run_due()

    assert again == first
    assert world.wallet.accounts()[VIEWER].held == 90


def test_retry_is_accepted_although_the_rest_would_not_pay_again_D14(world: World) -> None:
    world.invite(VIEWER, duration=1_000)
    world.run_due()
    assert world.wallet.accounts()[VIEWER].available == 0

    assert world.invite(VIEWER, duration=1_000).amount == 1_000


def test_same_viewer_with_another_amount_conflicts_D15(world: World) -> None:
    world.invite(VIEWER, duration=90)
    world.run_due()
    before = world.wallet.accounts()

    with pytest.raises(TransactionConflict):
        world.invite(VIEWER, duration=91)

    assert messages(world)[1:] == []
    assert world.wallet.accounts() == before


def test_free_show_is_accepted_from_an_empty_wallet_D11(world: World) -> None:
    world.sessions.add(a_session(pricing={"sd": 0}))

    assert world.invite(POOR).amount == 0


def test_balance_is_checked_against_the_amount_that_is_transferred_D11(world: World) -> None:
    assert world.invite(VIEWER, duration=1_000).amount == 1_000
    with pytest.raises(InsufficientBalance):
        world.invite(VIEWER_2, duration=1_001)


# --- the claim ---


class RacingSessions:
    """Sessions in which somebody else does something between the guards and the claim."""

    def __init__(self, world: World, meanwhile: Callable[[], object]) -> None:
        self._sessions = world.sessions
        self._meanwhile = meanwhile

    def __getattr__(self, name: str) -> object:
        return getattr(self._sessions, name)

    def claim(self, session_id: str, claim: Claim, now: object) -> Claim | None:
        self._meanwhile()
        return self._sessions.claim(session_id, claim, now)  # type: ignore[arg-type]


def test_loser_of_the_race_adopts_the_winners_goal_D2(world: World) -> None:
    winner = Claim(goal_id=GOAL, exp=EXP - timedelta(seconds=9))
    racing = RacingSessions(world, lambda: world.sessions.claim(SESSION, winner, NOW))
    loser = World.make(sessions=racing)

    accepted = loser.invite(VIEWER)

    assert (accepted.goal_id, accepted.exp) == (GOAL, winner.exp)
    assert [type(message) for message in messages(loser)] == [CreateGoal, Transfer]


def test_session_that_ends_while_the_request_is_checked_is_not_found(world: World) -> None:
    ending = RacingSessions(world, lambda: world.sessions.add(a_session(active=False)))

    with pytest.raises(SessionNotFound):
        World.make(sessions=ending).invite()


def test_goal_whose_timer_is_late_is_ended_before_the_next_is_claimed_D2(world: World) -> None:
    first = world.invite(VIEWER)
    world.run_due()
    world.task_queue.purge()  # the timer is lost
    world.clock.advance(timedelta(seconds=300 + 60))

    second = world.invite(VIEWER)
    world.run_due()

    assert second.goal_id != first.goal_id
    ended, ongoing = world.goals.all()
    assert (ended.active, ended.exp) == (False, EXP)
    assert (ongoing.active, ongoing.id) == (True, second.goal_id)
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
    world.sessions.add(a_session(trigger_private_goal=Session.TriggerPrivateGoal(goal=GOAL)))

    accepted = world.invite(VIEWER_2)

    assert (accepted.goal_id, accepted.exp) == (GOAL, EXP)
    assert [type(message) for message in messages(world)] == [Transfer]


class EndedMeanwhile(MemorySessions):
    """A goal from before there were claims ends after the request has looked at it, before its claim is made."""

    world: World

    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        self.world.container.deactivate_goal()(DeactivateGoal(goal_id=claim.goal_id))
        return super().claim(session_id, claim, now)


def test_goal_bound_before_there_were_claims_blocks_no_other_when_it_ends_meanwhile_D2() -> None:
    sessions = EndedMeanwhile()
    sessions.world = world = World.make(sessions=sessions)
    sessions.add(a_session(trigger_private_goal=Session.TriggerPrivateGoal(goal=GOAL)))
    world.goals.insert(a_goal())
    assert world.invite().goal_id == GOAL
    world.run_due()

    session = sessions.get(SESSION)
    assert session.ongoing_private_goal(world.clock.now()) is None
    assert session.trigger_private_goal == Session.TriggerPrivateGoal(goal=GOAL, goal_ended=NOW)


def test_bound_goal_that_no_store_knows_does_not_block_the_next_one(world: World) -> None:
    world.sessions.add(a_session(trigger_private_goal=Session.TriggerPrivateGoal(goal=GOAL)))

    assert world.invite().goal_id == FIRST_ID


# --- what the operator sees ---


def test_trace_names_each_guard_with_its_verdict_in_order_D28(world: World) -> None:
    world.invite()

    assert world.steps("trigger_private_session", "guard") == [
        ("not_logged_in", "passed"),
        ("session_not_found", "passed"),
        ("own_session", "passed"),
        ("blocked", "passed"),
        ("no_price", "passed"),
        ("show_running", "passed"),
        ("cooldown", "passed"),
        ("transaction_conflict", "passed"),
        ("insufficient_balance", "passed"),
    ]


def test_trace_of_a_refusal_holds_the_true_reason_D10(world: World) -> None:
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


class BrokenTaskQueue:
    def trigger(self, message: object, *, eta: object = None) -> None:
        raise TaskQueueUnavailable("connect to amqp://guest:secret@10.0.0.1 refused")


def test_broker_that_is_down_fails_the_request_and_the_same_request_succeeds_later_D27() -> None:
    world = World.make(task_queue=BrokenTaskQueue())

    with pytest.raises(TaskQueueUnavailable):
        world.invite()

    assert world.wallet.holds() == []
    claim = world.sessions.get(SESSION).claim
    again = World.make(sessions=world.sessions)
    assert claim is not None
    assert again.invite().goal_id == claim.goal_id
    again.run_due()
    assert len(again.wallet.holds()) == 1


def test_trace_of_a_failure_holds_no_password_D28() -> None:
    world = World.make(task_queue=BrokenTaskQueue())

    with pytest.raises(TaskQueueUnavailable):
        world.invite()

    trace = world.trace("trigger_private_session")
    assert trace["outcome"] == "failed"
    assert trace["reason"] == "TaskQueueUnavailable: connect to amqp://***@10.0.0.1 refused"
