"""Viewers: they invite, join, ask again and look. Each method is the action of its name, as in ``Actors``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import product

from attrs import evolve, frozen

from ...core.errors import InvalidInvitation, KeyReused, PriceChanged, Refused, RequestUnderWay, ShowRunning
from ...core.keyed_request import KEPT
from ...core.model import Invitation, Session, Viewer
from ...core.names import PRESET_SD
from ...core.requests.trigger_private import Accepted as Answer
from ...ports.errors import TaskQueueFull
from .observing import OVER
from .plan import pick
from .records import Accepted, Asked
from .world import World

SHOW = "an invitation is 403 while a show is running, and only then (D12, L5)"
ROOM = "an invitation is refused while too many messages wait, before it has changed anything, and only then (D27)"
PRICE = "a viewer pays the price of now, or the one that they were promised, and only one that they were shown (D30)"
ONE_ANSWER = "a repeat with the same key gets the first answer for 24 h, and another body none (D29)"

TTLS = (5, 30, 60, 150, 300)
DURATIONS_METERED = (7, 30, 61, 120, 300)
LONG_TTLS = (60, 150, 300)
DURATIONS = (1, 10, 30, 45, 60)
ASKED_BEFORE_ROOM = (InvalidInvitation, KeyReused, RequestUnderWay)
NO_KEY = 4  # of so many requests one has no key


@frozen
class First:
    """The first answer to a request with a key."""

    invitation: Invitation
    answer: Answer
    at: datetime

    def kept(self, now: datetime) -> bool:
        return now - self.at < KEPT


class Viewers:
    """``ask`` calls, ``raised`` writes an error. ``drain`` carries out what is due, if anything is."""

    def __init__(
        self,
        world: World,
        ask: Callable[[Callable[[], object]], str],
        raised: Callable[[BaseException], str],
        drain: Callable[[], bool],
    ) -> None:
        self._world, self._ask, self._raised, self._drain = world, ask, raised, drain
        self._records, self._network = world.records, world.network
        self._use = world.container
        self._durations = DURATIONS_METERED if world.weather.rule.metered else DURATIONS
        self._first: dict[tuple[str, str, str], First] = {}
        self._with_keys: list[Asked] = []

    def invite(self, viewer: int, session: int, how: int) -> str:
        world = self._world
        who, where = pick(world.viewers, viewer), pick(world.sessions, session)
        asked = self._asked(who, where, pick(TTLS, how), pick(self._durations, how // 7))
        return self._post(self._carefully(asked, how // 35) if world.weather.careful else asked)

    def rush(self, how: int, _: int, __: int) -> str:
        """Everybody invites everywhere at once."""
        everywhere = enumerate(product(self._world.viewers, self._world.sessions), start=how)
        asked = (self._asked(*pair, pick(TTLS, n), pick(self._durations, n)) for n, pair in everywhere)
        return "; ".join(map(self._post, asked))

    def crowd(self, session: int, how: int, _: int) -> str:
        """A crowd joins one show, and workers carry out what is due."""
        where, ttl = pick(self._world.sessions, session), pick(LONG_TTLS, how)
        crowd = enumerate(self._world.crowd)
        joined = [self._post(self._asked(one, where, ttl, pick(DURATIONS, n))) for n, one in crowd]
        answers = Counter(said.partition(" s of show: ")[2] for said in joined)
        for _turn in joined:
            if not self._drain():
                break
        return f"into {where.id}; " + "; ".join(f"{number} x {answer}" for answer, number in answers.items())

    def retry(self, which: int, ttl: int, _: int) -> str:
        """The viewer's phone sends one of the last invitations again."""
        one = pick(list(self._records.accepted.values())[-4:], which)
        session = self._world.all_sessions[one.session_id]
        return self._post(self._asked(Viewer(id=one.viewer_id), session, pick(TTLS, ttl), one.duration))

    def ask_again(self, which: int, how: int, _: int) -> str:
        """The viewer's phone repeats a request with a key, whatever became of it. One in five has another body."""
        asked = pick(self._with_keys[-4:], which)
        if how % 5 == 0:
            asked = evolve(asked, invitation=evolve(asked.invitation, duration=asked.invitation.duration + 1))
        return self._post(asked)

    def show(self, viewer: int, session: int, how: int) -> str:
        """A viewer invites, the streamer agrees and goes to sd, and workers carry it out."""
        who, where = pick(self._world.viewers, viewer), pick(self._world.sessions, session)
        said = self._buy(who, where, how)
        if self._records.sessions[where.id].died is None:
            said += "; " + self._ask(lambda: self._use.switch_preset()(Viewer(id=where.streamer_id), PRESET_SD))
        return said

    def extend(self, which: int, how: int, _: int) -> str:
        """A viewer buys more time while a show goes on (D37)."""
        shows = {goal.id for goal in self._records.goals.values() if goal.private and goal.agreed and not goal.decided}
        hold = pick([hold for hold in self._world.ledger.held() if hold.goal_id in shows][-4:], which)
        session = self._world.all_sessions[self._records.goals[hold.goal_id].session_id]
        return self._buy(Viewer(id=hold.from_user_id), session, how)

    def _buy(self, viewer: Viewer, session: Session, how: int) -> str:
        """An invitation that the streamer agrees to. Others may join before."""
        said = self._post(self._asked(viewer, session, pick(LONG_TTLS, how), pick(self._durations, how // 3)))
        self._drain()
        goals = [one for one in self._records.goals.values() if one.private and one.session_id == session.id]
        goal, streamer = pick(goals, -1), Viewer(id=session.streamer_id)
        said += "; " + self._ask(lambda: self._use.answer_goal()(goal.id, streamer, True))
        self._drain()
        return said

    def preview(self, viewer: int, session: int, how: int) -> str:
        who, where = pick(self._world.viewers, viewer), pick(self._world.sessions, session)
        return self._ask(lambda: self._use.preview_trigger_private()(where.id, who, pick(DURATIONS, how)))

    def _asked(self, viewer: Viewer, session: Session, ttl: int, duration: int) -> Asked:
        exp = int(self._world.clock.now().timestamp()) + ttl
        return Asked(viewer=viewer, session_id=session.id, ttl=ttl, invitation=Invitation(exp=exp, duration=duration))

    def _carefully(self, asked: Asked, how: int) -> Asked:
        """With a key, mostly, and the amount that the viewer was shown, now and then before the price changed."""
        rates = self._records.sessions[asked.session_id].rates
        shown = rates[-2 if how % 3 == 0 else -1 :][0].amount(asked.invitation.duration)
        asked = evolve(asked, invitation=evolve(asked.invitation, amount=shown if how % 4 else None))
        if how // 4 % NO_KEY == 0:
            return asked
        asked = evolve(asked, key=f"key-{len(self._with_keys)}")
        self._with_keys.append(asked)
        return asked

    def _post(self, asked: Asked) -> str:
        full, frame = self._network.full, self._world.calls.frames[-1]
        calls, first = frame.calls, self._answered(asked)
        sent = {*self._records.accepted, *self._records.asked_for.get(asked, ())}
        outer, frame.asking = frame.asking, asked if asked.key else None
        trigger = self._use.trigger_private_session()
        try:
            answer = trigger(asked.session_id, asked.viewer, asked.invitation, *([asked.key] if asked.key else []))
        except OVER as over:
            return f"{asked}: {self._raised(over)}"
        except Exception as error:
            if first is None and not isinstance(error, ASKED_BEFORE_ROOM):
                self._check_room(full, calls, asked, refused=isinstance(error, TaskQueueFull))
            self._check_refusal(asked, first, error)
            return f"{asked}: {self._raised(error)}"
        finally:
            frame.asking = outer
        acted = asked.key is None or frame.calls > calls + 3  # else the stored answer was read, or its hold was found
        if acted:
            self._check_room(full, calls, asked, refused=False)
        if acted and answer.transaction_id not in sent:  # a retry gets the first response (D29)
            self._check_show(asked, running=False)
        if acted:
            self._check_price(asked, answer)
        self._check_key(asked, answer)
        self._records.accept(Accepted.of(asked, answer))
        return f"{asked}: 202, goal {answer.goal_id}"

    def _answered(self, asked: Asked) -> First | None:
        first = None if asked.key is None else self._first.get(asked.place)
        return first if first is not None and first.kept(self._world.clock.now()) else None

    def _check_room(self, full: bool, calls: int, asked: Asked, *, refused: bool) -> None:
        """Whether the queue was full counts only if nothing has happened meanwhile.

        A key is taken, what was tried with it is looked for, and it is freed again.
        """
        frame, most = self._world.calls.frames[-1], calls + (4 if asked.key else 1)
        if (refused is not full and not frame.struck) or (refused and frame.calls > most):
            self._records.broken(ROOM, f"full: {full}, refused: {refused}, after {frame.calls - calls} calls")

    def _check_show(self, asked: Asked, *, running: bool) -> None:
        """What the response says about shows was true at some time since the request began."""
        if running not in self._records.sessions[asked.session_id].running.since(self._world.calls.frames[-1].started):
            self._records.broken(SHOW, f"session {asked.session_id} answered as if a show were running: {running}")

    def _check_refusal(self, asked: Asked, first: First | None, error: Exception) -> None:
        if isinstance(error, ShowRunning):
            self._check_show(asked, running=True)
        if isinstance(error, PriceChanged) and asked.invitation.amount == error.amount:
            self._records.broken(PRICE, f"{asked} is refused, and {error.amount} is the price")
        if first is None or not isinstance(error, Refused):
            return
        if not isinstance(error, KeyReused) or first.invitation == asked.invitation:
            self._records.broken(ONE_ANSWER, f"{asked} had an answer, and is refused as {error.reason}")

    def _check_price(self, asked: Asked, answer: Answer) -> None:
        shown = asked.invitation.amount
        if shown not in (None, answer.amount):
            self._records.broken(PRICE, f"{asked} is accepted for {answer.amount}, and {shown} was shown")
        hold, goal = self._world.ledger.holds.get(answer.transaction_id), self._records.goal(answer.goal_id)
        began = self._world.calls.frames[-1].started
        promised: set[int | None] = {*self._world.pledges.since(answer.transaction_id, began)}
        if hold is not None:
            promised.add(hold.amount)
        asked_first = goal.asked_by == asked.viewer.id
        if asked_first:
            promised.add(goal.promised)
        rates = self._records.sessions[asked.session_id].rates_since(began)
        prices = {rate.amount(asked.invitation.duration) for rate in rates}
        held_otherwise = asked_first and hold is not None and answer.amount != hold.amount
        if answer.amount not in promised | prices or held_otherwise:
            self._records.broken(PRICE, f"{asked} is accepted for {answer.amount}, the price is {prices}, held {hold}")

    def _check_key(self, asked: Asked, answer: Answer) -> None:
        if asked.key is None:
            return
        first = self._answered(asked)  # maybe meanwhile
        if first is None:
            self._first[asked.place] = First(asked.invitation, answer, self._world.clock.now())
        elif (first.invitation, first.answer) != (asked.invitation, answer):
            self._records.broken(ONE_ANSWER, f"{asked} got {first.answer} for {first.invitation}, and now {answer}")
