"""Mistakes that somebody could make. Each is a host of the simulator with one thing wrong in it."""

from __future__ import annotations

from typing import Any

from dependency_injector import providers

from show_goal.adapters.container import Container
from show_goal.core.events import Event, GoalCreated, GoalEnded
from show_goal.core.names import EXCLUSIVE_GOAL, SHOW_FUNDING_GOAL, SHOW_GOAL, TRIGGER_EXCLUSIVE_GOAL
from show_goal.core.receivers.registry import MATRIX
from show_goal.core.rules.settlement import ForTimeShown
from show_goal.core.trace import Tracer
from show_goal.testing.simulator import Host
from tests.testing.simulator import wrong_queues as queues
from tests.testing.simulator import wrong_settlements as settlements
from tests.testing.simulator import wrong_stores as stores
from tests.testing.simulator import wrong_tasks as tasks


def with_adapter(port: str, wrong: type) -> type[Host]:
    """The wrong adapter for one port."""

    class WrongAdapter(Host):
        def adapters(self, clock: Any) -> dict[str, Any]:
            return {**super().adapters(clock), port: wrong()}

    return WrongAdapter


def with_task(name: str, wrong: type, port: str = "", adapter: type = object) -> type[Host]:
    """The wrong class for one request or task, on the ports of the right one; with a wrong adapter, if you say so."""

    class WrongTask(with_adapter(port, adapter) if port else Host):  # type: ignore[misc]
        def connect(self, container: Container) -> None:
            provider = getattr(container, name)
            right = provider()
            made_of = {attribute.name: getattr(right, attribute.name) for attribute in wrong.__attrs_attrs__}  # type: ignore[attr-defined]
            provider.override(providers.Object(wrong(**made_of)))

    return WrongTask


def with_rule(wrong: type[ForTimeShown]) -> type[Host]:
    """The wrong settlement rule, with the minimum and the grace of the seed's."""

    class WrongRule(Host):
        def connect(self, container: Container) -> None:
            right = container.settlement_rule()
            assert isinstance(right, ForTimeShown)
            wrong_rule = wrong(minimum=right.minimum, grace=right.grace)
            container.settlement_rule.override(providers.Object(wrong_rule))

    return WrongRule


def with_receiver(event: type[Event], row: str, _cls: str, wrong: Any) -> type[Host]:
    """The wrong receiver in one cell of the matrix."""

    class WrongReceiver(Host):
        def connect(self, container: Container) -> None:
            container.matrix.override(providers.Object(MATRIX.with_cell(event, row, _cls, wrong)))

    return WrongReceiver


def with_worker(wrong: type) -> type[Host]:
    class WrongWorker(Host):
        worker = wrong

    return WrongWorker


def with_network(wrong: type) -> type[Host]:
    class WrongNetwork(Host):
        network = wrong

    return WrongNetwork


def with_tracer(wrong: type[Tracer]) -> type[Host]:
    class WrongTracer(Host):
        def connect(self, container: Container) -> None:
            container.tracer.override(providers.Object(wrong(container.trace_sink())))

    return WrongTracer


# Goals and claims

ClaimWithoutTheAtomicCheck = with_adapter("sessions", stores.ClaimsWithoutLooking)
DeactivateWithoutCompareAndSet = with_adapter("goals", stores.EndsAgain)
ProgressWithoutTheInsertId = with_adapter("goals", stores.CountsAgain)
SettlementDecidedMoreThanOnce = with_task("deciding", tasks.LooksAtTheSessionAgain, "goals", stores.DecidesAgain)
TransferBeforeTheClaim = with_task("trigger_private_session", tasks.PaysFirst)
BindBeforeInsert = with_task("create_goal", tasks.SignalsFirst)
NoSignalsOnceTheGoalExists = with_task("create_goal", tasks.SignalsOnce)

# Money

HoldWithoutTheTransactionId = with_adapter("wallet", stores.HoldsAgain)
HoldWithoutLookingAtTheBalance = with_adapter("wallet", stores.HoldsOnCredit)
JoinerPromisedTwoThings = with_adapter("wallet", stores.ForgetsPledges)
PledgeOutlivesItsRequest = with_adapter("wallet", stores.TakesNothingBack)
RefundWithoutCompareAndSet = with_adapter("wallet", stores.RefundsAgain)
TransferHeldAfterTheEnd = with_task("transfer", tasks.HoldsLate)
SettlementWithoutThePreset = with_task("deciding", tasks.ReleasesOnConsent)
UnpaidGoalsGoOn = with_task("transfer", tasks.LeavesUnpaidGoals)
LapsesTellNobody = with_task("transfer", tasks.LapsesInSilence)
SettlementsTellNobody = with_task("moving", tasks.TellsOnlyTheWallet)
BrokenOffReportsForgotten = with_task("moving", tasks.ForgetsWhatHasMoved)
SettlementByThePresetOfNow = with_task("deciding", tasks.LooksAtTheSessionAgain)
ShowsForgottenByTheSwitch = with_task("switch_preset", tasks.SwitchesOnly)
MoneyMovesBeforeTheDecision = with_task("deciding", tasks.PaysBeforeItDecides)
CrowdSettledAsOnePage = with_task("settle_escrow", tasks.SettlesTheFirstPage)

PassReplacesTheOneBefore = with_adapter("passes", stores.KeepsTheLastPass)
RefundLeavesThePass = with_task("moving", tasks.LeavesThePass)

# What viewers pay for what was shown

PartReleasedTwice = with_adapter("wallet", settlements.ReleasesThePartTwice)
PartReleasedBesideTheWhole = with_adapter("wallet", settlements.ReleasesThePartAndTheWhole)
RestNotGivenBack = with_adapter("wallet", settlements.KeepsTheRest)
RoundedInEachInterval = with_rule(settlements.RoundsEachInterval)
IntervalCountedTwice = with_rule(settlements.CountsTheLastTwice)
PausePaidFor = with_rule(settlements.CountsPauses)
ExtensionCountedTwice = with_rule(settlements.CountsExtensionsTwice)
TimeBeginsWithTheAgreement = with_rule(settlements.CountsFromTheAgreement)
NoShowPaidFor = with_rule(settlements.PaysForNoShow)
SettledBeforeTheShowIsOver = with_rule(settlements.SettlesAtOnce)
ShowLookedAtTooSeldom = with_task("deciding", settlements.LooksOnlyWhenDue)
PassOutlastsItsShow = with_task("moving", settlements.LeavesTheRestOfThePass)
BegunTimeMoves = with_adapter("passes", stores.MovesTimeThatHasBegun)
ShowNeverEnds = with_task("deciding", settlements.PostponesForEver)

# What observes


UnitsFailWithTheirSink = with_tracer(tasks.WatchingTracer)
MoneyMovesAfterTheNews = with_task("moving", tasks.TellsFirst)
SweepTellsAtOnce = with_task("sweep", tasks.TellsAtOnce)

# Keys and prices

AnswerForgotten = with_adapter("keyed_requests", stores.ForgetsAnswers)
KeyWithoutItsBody = with_adapter("keyed_requests", stores.KnowsOnlyTheKey)
KeyForTwo = with_adapter("keyed_requests", stores.TakesAnyKey)
RetrySoldAgain = with_task("trigger_private_session", tasks.SellsAgain, "keyed_requests", stores.NotesNothing)
RetryForgotten = with_adapter("keyed_requests", stores.NotesNothing)
PriceWithoutConsent = with_task("admission", tasks.AsksNobodyForConsent)
PriceOfTheDay = with_task("transfer", tasks.TakesThePriceOfNow)

# Queues and workers

BacklogNeverRefused = with_network(queues.NeverRefuses)
InvitationRefusedAfterTheClaim = with_network(queues.RefusesWhatIsPublished)
SweepsShareTheQueue = with_network(queues.OneQueueForAll)
EarlyAcknowledgement = with_worker(queues.AcknowledgesEarly)
NoRetryOfWhatFailed = with_worker(queues.GivesUpAtOnce)
RetryLostWhenTheQueueRefuses = with_worker(queues.LosesRetries)
PoisonRunsForEver = with_worker(queues.CountsNoDeliveries)
SetAsideWithoutAWord = with_worker(queues.DropsWhatItCannotFinish)
UnreadableAcknowledged = with_worker(queues.DropsWhatItCannotRead)
UnknownArgumentsUnreadable = with_worker(queues.ReadsOnlyWhatItKnows)
TransferOfTheLastVersionRefused = with_task("transfer", tasks.NeedsTheSession)
LateTransferVanishes = with_task("transfer", tasks.DropsLateTransfers)

# The sweeper

SweepResumesNoClaim = with_task("sweep", tasks.ResumesNothing)
SweepLeavesSessionsThatAreOver = with_task("sweep", tasks.LeavesSessionsThatAreOver)
SweepTellsNoLapse = with_task("sweep", tasks.TellsNoLapse)
SweepEndsNoGoal = with_task("sweep", tasks.EndsNothing)
SweepNeedsTheOtherQueue = with_task("sweep", tasks.PublishesTheEndFirst)
SweepRefundsNoHold = with_task("sweep", tasks.RefundsNothing)
SweepReadsOnePage = with_adapter("wallet", stores.ListsOnePage)
SweepTellsNobody = with_task("closing", tasks.TellsNobody)

# Shows, karaoke and exclusive shows

TwoShowsInAPair = with_adapter("sessions", stores.KeepsTheLastShow)
SnapshotsByOneSwitch = with_adapter("rtc_sources", stores.OneSwitch)
SnapshotsNeverResumed = with_receiver(GoalEnded, "snapshot_rtc_sources", EXCLUSIVE_GOAL, tasks.does_nothing)
EndMissedByTheBinder = with_receiver(
    GoalCreated, "bind_show_goals_to_session", SHOW_FUNDING_GOAL, tasks.binds_without_looking_again
)
NoEndInTheSession = with_receiver(GoalEnded, "set_embedded_goal_ended", SHOW_GOAL, tasks.does_nothing)
UnagreedPairsStay = with_receiver(
    GoalEnded, "cleanup_expired_exclusive_goal_pairs", TRIGGER_EXCLUSIVE_GOAL, tasks.does_nothing
)
AgreedPairsGo = with_receiver(
    GoalEnded, "cleanup_expired_exclusive_goal_pairs", TRIGGER_EXCLUSIVE_GOAL, tasks.drops_any_pair
)
PaidForAShowWithoutASlot = with_receiver(GoalCreated, "bind_show_goal_to_funding_goal", SHOW_GOAL, tasks.links_first)
ConsentEarnsAnyEscrow = with_task("deciding", tasks.ReleasesOnConsentToAnything)
OtherEscrowsForgotten = with_task("settle_escrow", tasks.SettlesPrivateEscrows)

for _name, _host in list(globals().items()):  # ``--host`` and other processes find a host by its name
    if isinstance(_host, type) and issubclass(_host, Host) and _host is not Host:
        _host.__name__ = _host.__qualname__ = _name
