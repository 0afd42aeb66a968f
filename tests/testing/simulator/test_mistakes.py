"""The simulator finds mistakes: each is planted alone, and found among these seeds, as the breach of its promise."""

from __future__ import annotations

import pytest

from show_goal.testing.simulator import Host, simulate
from tests.testing.simulator import mistakes
from tests.testing.simulator import neighbour_mistakes as neighbours

STEPS = 200
pytestmark = pytest.mark.timeout(300)
"""Some are found after many seeds only, which takes a busy machine a while."""

FOUND = [
    (mistakes.ClaimWithoutTheAtomicCheck, range(100), "at most one ongoing private goal a session"),
    (mistakes.HoldWithoutTheTransactionId, range(10), "one hold a viewer and goal|money is constant"),
    (mistakes.HoldWithoutLookingAtTheBalance, range(50), "nobody has less than nothing"),
    (mistakes.RefundWithoutCompareAndSet, range(20), "money is constant"),
    (mistakes.DeactivateWithoutCompareAndSet, range(20), "a goal ends once"),
    (mistakes.InsertReplacesWhatStands, range(30), "a goal ends once"),
    (mistakes.ProgressWithoutTheInsertId, range(20), "a transaction counts once"),
    (mistakes.SettlementDecidedMoreThanOnce, range(500, 900), "what becomes of an escrow is decided once"),
    (mistakes.TransferBeforeTheClaim, range(30), "an accepted invitation is paid for"),
    (mistakes.BindBeforeInsert, range(5), "nothing is announced that does not exist|what is bound exists"),
    (mistakes.NoSignalsOnceTheGoalStands, range(40), "every bound goal was announced"),
    (mistakes.TransferHeldAfterTheEnd, range(20), "nothing is held for a goal that has ended|every hold ends"),
    (mistakes.SettlementWithoutThePreset, range(10), "released when agreed and showing on sd"),
    (mistakes.MoneyMovesBeforeTheDecision, range(5), "money moves as the goal's settlement was decided"),
    (mistakes.GoalAddedAtTheFirstBindingOnly, range(50), "every bound goal was announced"),
    (mistakes.EarlyAcknowledgement, range(5), "a message that the broker did not lose"),
    (mistakes.NoRetryOfWhatFailed, range(5), "a message that the broker did not lose"),
    (mistakes.SweepResumesNoClaim, range(50), "a sweep leaves nothing that is due"),
    (mistakes.SweepRefundsNoHold, range(20), "a sweep leaves nothing that is due"),
    (mistakes.SweepEndsNoGoal, range(5), "a sweep leaves nothing that is due"),
    (mistakes.SweepSettlesBeforeItTells, range(2050, 2070), "every goal's end is in its session"),
    (mistakes.SweepForgetsWhomItDidNotTell, range(400), "every goal's end is in its session"),
]

WITH_NEIGHBOURS = [
    (neighbours.TwoKaraokeGoalsAtOnce, range(1, 20, 2), "a pair has one show, a session one karaoke goal"),
    (neighbours.TwoShowsInAPair, range(1, 200, 2), "a pair has one show, a session one karaoke goal"),
    (neighbours.SnapshotsByOneSwitch, range(1, 100, 2), "snapshots rest exactly while"),
    (neighbours.SnapshotsNeverResumed, range(1, 20, 2), "snapshots are taken again"),
    (neighbours.EndMissedByTheBinder, range(501, 601, 2), "an end is never missed"),
    (neighbours.NoEndInTheSession, range(1, 20, 2), "every goal's end is in its session|whatever has ended is marked"),
    (neighbours.UnagreedPairsStay, range(1, 20, 2), "a request that ended without a consent leaves no pair"),
    (neighbours.AgreedPairsGo, range(1, 20, 2), "a request that was agreed to keeps its pair"),
    (neighbours.PaidForAShowThatHasNoPlace, range(1, 20, 2), "a goal that is followed names what has its place"),
    (neighbours.AConsentEarnsAnything, range(1, 20, 2), "released when the streamer has earned it"),
    (neighbours.OtherEscrowsForgotten, range(1, 40, 2), "what was held ends released or refunded, as was decided"),
]
"""Every other seed has neighbours."""


@pytest.mark.parametrize(
    ("mistake", "seeds", "promises"), FOUND + WITH_NEIGHBOURS, ids=lambda value: getattr(value, "__name__", "")
)
def test_planted_mistake_is_found(mistake: type[Host], seeds: range, promises: str) -> None:
    for seed in seeds:
        broken = simulate(seed, STEPS, mistake()).violation
        if broken is not None:
            assert broken.invariant.startswith(tuple(promises.split("|"))), (seed, broken)
            return
    pytest.fail(f"{mistake.__name__} is not found among {seeds} of {STEPS} steps")
