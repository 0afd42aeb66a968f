"""Everybody who has paid for a goal, part by part: they get their passes, and hear that they may watch.

A part has a bound, however many viewers there are (D43). A viewer who cannot get a pass, or whose channel nobody can
use, keeps nothing from the others: they are left out, and the trace names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from attrs import frozen

from ..ports.errors import NotificationRefused, Unavailable
from ..ports.goals import Goals
from ..ports.notifier import Notification, Notifier
from ..ports.passes import Passes
from ..ports.wallet import Wallet
from . import names
from .model import Goal
from .money import Hold, HoldState
from .rules.private_goal import viewer_passes
from .trace import current

T = TypeVar("T")

PART = 100
"""How many holds, or payments that count, are read at a time."""
COUNTED = "counted "
"""The place where the payments without a hold begin, and how every later place begins."""


@frozen(kw_only=True)
class Part:
    """Some of those who have paid. ``next`` is where the next part begins; None if this is the last one."""

    holds: Sequence[Hold] = ()
    others: Sequence[str] = ()
    """Viewers whose payment counts although they have no hold."""
    next: str | None = None

    @property
    def viewers(self) -> Iterable[str]:
        return dict.fromkeys([*(hold.from_user_id for hold in self.holds), *self.others])

    @property
    def paying(self) -> Iterable[str]:
        """Without those who got their money back."""
        return dict.fromkeys([*(hold.from_user_id for hold in _kept(self.holds)), *self.others])


def _kept(holds: Iterable[Hold]) -> Iterable[Hold]:
    """Without what was refunded: who got their money back may not watch (D39)."""
    return (hold for hold in holds if hold.state is not HoldState.REFUNDED)


def part_of(wallet: Wallet, goals: Goals, goal_id: str, escrow_id: str, after: str | None = None) -> Part:
    """Those with a hold first, then those whose payment only counts. Everybody is in one part.

    A payment is counted after its hold is placed, and may not be counted yet.
    """
    if after is not None and after.startswith(COUNTED):
        return _without_hold(wallet, goals, goal_id, [], after.removeprefix(COUNTED) or None)
    page = wallet.holds_of(escrow_id, PART, after)
    if page.next is not None:
        return Part(holds=page.items, next=page.next)
    return _without_hold(wallet, goals, goal_id, page.items, None)


def _without_hold(wallet: Wallet, goals: Goals, goal_id: str, holds: Sequence[Hold], after: str | None) -> Part:
    known = {hold.transaction_id for hold in holds}
    counted = goals.contributions(goal_id, PART, after)
    unknown = [each for each in counted.items if each.insert_id not in known]
    others = [each.viewer_id for each in unknown if wallet.find(each.insert_id) is None]
    return Part(holds=holds, others=others, next=None if counted.next is None else COUNTED + counted.next)


def funders_of(wallet: Wallet, goals: Goals, context: Mapping[str, object], after: str | None = None) -> Part:
    """Those who have paid for the funding goal of the show with this context."""
    funding_goal = str(context.get(names.FUNDING_GOAL_ID))
    return part_of(wallet, goals, funding_goal, names.escrow_id(funding_goal, names.SHOW_FUNDING_GOAL), after)


def admit(passes: Passes, goal: Goal, holds: Iterable[Hold], now: datetime) -> Mapping[str, Exception]:
    """Write the passes of those who placed the holds (D16, D36). Returns who has none now, and why (D39).

    Writes none if the streamer did not agree. Raises Unavailable, and an ExceptionGroup if no pass could be written.
    """
    session_id = goal.session_id
    if goal.agreed is None or session_id is None:
        return {}
    return _each(lambda some: passes.admit(session_id, goal.id, some, now), viewer_passes(goal, _kept(holds)))


def take_back(passes: Passes, goal: Goal, holds: Iterable[Hold], now: datetime) -> Mapping[str, Exception]:
    """Before a refund: take back what the goal gave. Returns who may still have it, and why. Raises as ``admit``."""
    session_id = goal.session_id
    if goal.agreed is None or session_id is None:
        return {}
    viewers = dict.fromkeys((hold.from_user_id for hold in holds), None)
    return _each(lambda some: passes.take_back(session_id, goal.id, some, now), viewers)


def shorten(passes: Passes, goal: Goal, ends: Mapping[str, datetime], now: datetime) -> Mapping[str, Exception]:
    """Before a part is released: end the viewers' time with their show. Returns whose goes on, and why. Raises as
    ``admit``."""
    session_id = goal.session_id or ""
    return _each(lambda some: passes.shorten(session_id, goal.id, some, now), ends)


def _each(change: Callable[[Mapping[str, T]], None], viewers: Mapping[str, T]) -> Mapping[str, Exception]:
    """Change all passes at once, or else one by one."""
    try:
        change(viewers)
    except Unavailable:
        raise
    except Exception:
        return _one_by_one(change, viewers)
    return {}


def _one_by_one(change: Callable[[Mapping[str, T]], None], viewers: Mapping[str, T]) -> Mapping[str, Exception]:
    failed: dict[str, Exception] = {}
    for viewer_id, value in viewers.items():
        try:
            change({viewer_id: value})
        except Exception as error:
            failed[viewer_id] = error
    if len(failed) == len(viewers):
        raise ExceptionGroup("no pass could be written", [*failed.values()])
    for viewer_id, why in failed.items():
        current().left_out("pass", viewer_id, why)
    return failed


def authorize(
    notifier: Notifier, goal_id: str, streamer_id: str, viewers: Iterable[str], *, occurrence: str = ""
) -> None:
    """Send ``stream.authorized`` to each viewer's preview channel.

    ``occurrence`` distinguishes a second event from a repeat. A channel whose name the service refuses is left out.
    """
    _notify(notifier, names.STREAM_AUTHORIZED, goal_id, streamer_id, viewers, occurrence)


def unauthorize(passes: Passes, notifier: Notifier, goal: Goal, holds: Iterable[Hold], now: datetime) -> None:
    """Send ``stream.unauthorized`` to the preview channels of those who got money back, all or the rest (D39).

    Not to who has time of another goal left.
    """
    session_id, streamer_id = goal.session_id, goal.streamer_id
    if goal.agreed is None or session_id is None or streamer_id is None:
        return
    refunded = [hold.from_user_id for hold in holds if hold.state is HoldState.REFUNDED or hold.part]
    passes_now = {viewer_id: passes.find(session_id, viewer_id) for viewer_id in refunded}
    viewers = [viewer_id for viewer_id, left in passes_now.items() if left is None or left.exp <= now]
    _notify(notifier, names.STREAM_UNAUTHORIZED, goal.id, streamer_id, viewers)


def tell_settled(notifier: Notifier, holds: Sequence[Hold]) -> None:
    """Tell those who accepted what became of their money (D34). The holds have one goal, state, amount and part."""
    first = holds[0]
    if first.escrow_id != names.escrow_id(first.goal_id):
        return
    told = {"goal_id": first.goal_id, "state": first.state.value, "amount": first.amount}
    occurrence = f"{first.goal_id}:{first.state.value}:{first.amount}"
    if first.part is not None:
        told |= {"released": first.released, "refunded": first.refunded}
        occurrence += f":{first.part}"
    _send(
        notifier,
        Notification(
            id=f"{names.GOAL_SETTLED}:{occurrence}",
            event=names.GOAL_SETTLED,
            channels=[names.user_channel(hold.from_user_id) for hold in holds],
            payload=told,
        ),
    )


def tell_streamer(notifier: Notifier, goal: Goal, total: int) -> None:
    """Tell the streamer once the whole escrow is settled (D34). ``total`` is what was moved as decided."""
    if goal.settlement is None or goal.streamer_id is None:
        return
    _send(
        notifier,
        Notification(
            id=f"{names.GOAL_SETTLED}:{goal.id}",
            event=names.GOAL_SETTLED,
            channels=[names.user_channel(goal.streamer_id)],
            payload={"goal_id": goal.id, "state": goal.settlement.value, "total": total},
        ),
    )


def tell_lapsed(notifier: Notifier, session_id: str | None, goal_id: str, viewer_id: str, reason: str) -> None:
    """Tell a viewer that nothing comes of the invitation that was accepted, and that no money is held (D34)."""
    _send(
        notifier,
        Notification(
            id=f"{names.INVITATION_LAPSED}:{names.transaction_id(goal_id, viewer_id)}:{reason}",
            event=names.INVITATION_LAPSED,
            channels=[names.user_channel(viewer_id)],
            payload={"session_id": session_id, "goal_id": goal_id, "reason": reason},
        ),
    )


def _notify(
    notifier: Notifier, event: str, goal_id: str, streamer_id: str, viewers: Iterable[str], occurrence: str = ""
) -> None:
    channels = [names.preview_channel(streamer_id, viewer_id) for viewer_id in viewers]
    if not channels:
        return
    notification = Notification(
        id=":".join(filter(None, [event, goal_id, occurrence])),
        event=event,
        channels=channels,
        payload={"goal_id": goal_id, "streamer_id": streamer_id},
    )
    _send(notifier, notification)


def _send(notifier: Notifier, notification: Notification) -> None:
    """A channel whose name the service refuses is left out."""
    try:
        notifier.notify(notification)
    except NotificationRefused as refused:
        if not refused.channels:
            raise
