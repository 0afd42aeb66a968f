"""Viewers, streamers, the host, workers, the sweeper, the network and the clock: each carries out its actions.

An action of kind ``invite`` is the method ``invite``. It gets the action's numbers, which choose among what exists at
that moment, and returns what to write into the trace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import product

from attrs import asdict

from ...core.errors import Refused, ShowRunning
from ...core.messages import DeactivateGoal, Sweep
from ...core.model import Invitation, Session, Viewer
from ...core.names import PRESET_PREVIEW, PRESET_SD
from ...core.tasks.sweep import Swept
from ...core.trace import describe
from ...ports.errors import TaskQueueFull, Unavailable
from .faults import Bug, Crash
from .neighbours import Neighbours
from .network import REPORTS, WORK, Delivery, Trouble, Writer
from .plan import NEIGHBOURS, Action, NothingToDo, pick
from .records import Accepted
from .step_invariants import SWEPT, left_by_a_sweep
from .world import World

SHOW = "an invitation is 403 while a show is running, and only then (D12, L5)"
ROOM = "an invitation is refused while too many messages wait, before it has changed anything, and only then (D27)"
EXPECTED = (Refused, Unavailable, Bug)
UNEXPECTED = "nothing is raised but refusals and Unavailable"

IDLE = "nothing to do"

TTLS = (5, 30, 60, 150, 300)
LONG_TTLS = (60, 150, 300)
DURATIONS = (1, 10, 30, 45, 60)
WAITS = (0.2, 1, 3, 7, 15, 31, 61)
DELAYS = (1, 10, 40, 120)
JUMPS = (-3, -1, 200, 600, 7200)
TROUBLES = (1, 3, 100)
MOST_AT_ONCE = 50  # messages that one ``drain`` takes


class Actors:
    def __init__(self, world: World) -> None:
        self._world = world
        self._records, self._network = world.records, world.network
        self._use = world.container
        self._neighbours = Neighbours(world, self._ask)
        world.calls.interrupt = self.perform

    def perform(self, action: Action) -> str:
        """Carry out one action to its end, or to its crash."""
        actor = self._neighbours if action.kind in NEIGHBOURS else self
        act: Callable[[int, int, int], str] = getattr(actor, action.kind)
        frame = self._world.calls.begin(action, self._world.clock.now())
        try:
            outcome = act(*action.numbers)
        except NothingToDo:
            outcome = IDLE
        except Crash:
            outcome = "crashed"
        finally:
            self._world.calls.frames.pop()
        return "; ".join([f"{action.kind}: {outcome}", *frame.struck])

    # Viewers

    def invite(self, viewer: int, session: int, how: int) -> str:
        world = self._world
        return self._post(
            pick(world.viewers, viewer), pick(world.sessions, session), pick(TTLS, how), pick(DURATIONS, how // 7)
        )

    def rush(self, how: int, _: int, __: int) -> str:
        """Everybody invites everywhere at once."""
        everywhere = enumerate(product(self._world.viewers, self._world.sessions), start=how)
        return "; ".join(self._post(*pair, pick(TTLS, n), pick(DURATIONS, n)) for n, pair in everywhere)

    def crowd(self, session: int, how: int, _: int) -> str:
        """A crowd joins one show, and workers carry out what is due."""
        where, crowd = pick(self._world.sessions, session), self._world.crowd
        joined = [self._post(one, where, pick(LONG_TTLS, how), pick(DURATIONS, n)) for n, one in enumerate(crowd)]
        answers = Counter(said.partition(" s of show: ")[2] for said in joined)
        for turn in range(len(crowd)):
            if self.drain(turn, 0, 0) == IDLE:
                break
        return f"into {where.id}; " + "; ".join(f"{number} x {answer}" for answer, number in answers.items())

    def retry(self, which: int, ttl: int, _: int) -> str:
        """The viewer's phone sends one of the last invitations again."""
        one = pick(list(self._records.accepted.values())[-4:], which)
        session = self._world.all_sessions[one.session_id]
        return self._post(Viewer(id=one.viewer_id), session, pick(TTLS, ttl), one.duration)

    def _post(self, viewer: Viewer, session: Session, ttl: int, duration: int) -> str:
        invitation = Invitation(exp=int(self._world.clock.now().timestamp()) + ttl, duration=duration)
        said = f"{viewer.id} into {session.id} for {ttl} s, {duration} s of show"
        full, calls = self._network.full, self._world.calls.frames[-1].calls
        try:
            accepted = self._use.trigger_private_session()(session.id, viewer, invitation)
        except Exception as error:
            self._check_room(full, calls, refused=isinstance(error, TaskQueueFull))
            if isinstance(error, ShowRunning):
                self._check_show(session, running=True)
            return f"{said}: {self._raised(error)}"
        self._check_room(full, calls, refused=False)
        if accepted.transaction_id not in self._records.accepted:  # a retry gets the first response (D29)
            self._check_show(session, running=False)
        self._records.accepted[accepted.transaction_id] = Accepted(
            accepted.transaction_id, accepted.goal_id, session.id, viewer.id, duration
        )
        self._records.goal(accepted.goal_id)
        return f"{said}: 202, goal {accepted.goal_id}"

    def _check_room(self, full: bool, calls: int, *, refused: bool) -> None:
        """Whether the queue was full counts only if nothing has happened meanwhile."""
        frame = self._world.calls.frames[-1]
        if (refused is not full and not frame.struck) or (refused and frame.calls > calls + 1):
            self._records.broken(ROOM, f"full: {full}, refused: {refused}, after {frame.calls - calls} calls")

    def _check_show(self, session: Session, *, running: bool) -> None:
        """What the response says about shows was true at some time since the request began."""
        if running not in self._records.sessions[session.id].running.since(self._world.calls.frames[-1].started):
            self._records.broken(SHOW, f"session {session.id} answered as if a show were running: {running}")

    def preview(self, viewer: int, session: int, how: int) -> str:
        who, where = pick(self._world.viewers, viewer), pick(self._world.sessions, session)
        return self._ask(lambda: self._use.preview_trigger_private()(where.id, who, pick(DURATIONS, how)))

    # Streamers

    def answer(self, which: int, agree: int, _: int) -> str:
        goal = pick([goal for goal in self._records.goals.values() if goal.private][-3:], which)
        streamer, yes = Viewer(id=self._records.session_of(goal).streamer_id), agree % 4 > 0
        said = self._ask(lambda: self._use.answer_goal()(goal.id, streamer, yes))
        return f"goal {goal.id}, {yes}: {said}"

    def switch_preset(self, who: int, preset: int, _: int) -> str:
        streamer, to = pick(self._world.streamers, who), PRESET_SD if preset % 4 else PRESET_PREVIEW
        return f"{streamer.id} to {to}: " + self._ask(lambda: self._use.switch_preset()(streamer, to))

    def end_session(self, who: int, _: int, __: int) -> str:
        session = pick(self._world.sessions, who)
        return f"{session.id} ends, {self._world.start_again(session).id} begins"

    # Workers and the sweeper

    def work(self, which: int, _: int, __: int) -> str:
        """A worker takes any message that is due."""
        return self._deliver(pick(self._network.due(WORK, REPORTS), which))

    def drain(self, _: int, __: int, ___: int) -> str:
        """Workers carry out everything that is due, the earliest first, and what follows from it."""
        ran: dict[Delivery, str] = {}  # each once: what the broker does not take back is due again at once
        while len(ran) < MOST_AT_ONCE and (due := [one for one in self._network.due(WORK, REPORTS) if one not in ran]):
            first = min(due, key=lambda one: one.due)
            ran[first] = self._deliver(first)
        return "; ".join(ran.values()) or IDLE

    def overtake(self, _: int, __: int, ___: int) -> str:
        """Another worker ends the goal that a worker is busy with. It may be of any class."""
        busy = [one.goal_id for one in self._network.owed if one.running and one.goal_id]
        return self._deliver(self._network.send(DeactivateGoal(goal_id=pick(busy, -1))))

    def _deliver(self, delivery: Delivery) -> str:
        return f"{delivery}: " + self._ask(lambda: self._world.worker.run(delivery))

    def sweep(self, _: int, __: int, ___: int) -> str:
        """Beat asks for a sweep, which the sweeps' own worker carries out."""
        frame, sweep = self._world.calls.frames[-1], Sweep()
        said = self._ask(lambda: self._use.task_queue().trigger(sweep))
        due = [one for one in self._network.due(self._network.queue_of(sweep)) if isinstance(one.message, Sweep)]
        for earlier in due[:-1]:  # the last one does their work (D47)
            earlier.carried = True
            self._network.acknowledge(earlier)
        if due:
            said = self._ask(lambda: self._world.worker.run(due[-1]))
        if not frame.struck and len(self._world.calls.frames) == 1:
            for sentence in left_by_a_sweep(self._world):
                self._records.broken(SWEPT, sentence)
        return said

    # The network and the clock

    def duplicate(self, which: int, _: int, __: int) -> str:
        """One of the last messages is delivered once more, carried out or not."""
        message = pick(self._network.ever[-40:], which).message
        self._network.send(message)
        return message.name

    def delay(self, which: int, by: int, _: int) -> str:
        one = pick(self._network.waiting(), which)
        one.due = max(one.due, self._world.clock.now()) + timedelta(seconds=pick(DELAYS, by))
        return f"{one.message.name} until {one.due:%H:%M:%S}"

    def pause(self, how: int, _: int, __: int) -> str:
        """All workers stop for a while, but those of the sweeps."""
        self._network.paused_until = self._in_a_while(how)
        return f"until {self._network.paused_until:%H:%M:%S}"

    def refuse(self, how: int, _: int, __: int) -> str:
        """The broker's queue takes no messages for a while, not even from workers."""
        self._network.refuses_until = self._in_a_while(how)
        return f"until {self._network.refuses_until:%H:%M:%S}"

    def poison(self, which: int, what: int, how_often: int) -> str:
        """Something is wrong with a message, for a while or for ever."""
        waiting = self._network.waiting()
        one = pick([one for one in waiting if one.queue == WORK and one.trouble is None], which)
        one.trouble, one.troubles = pick(list(Trouble), what), pick(TROUBLES, how_often)
        return f"{one} {one.trouble}, {one.troubles} times"

    def upgrade(self, which: int, how: int, _: int) -> str:
        """For a while another version publishes messages, too (D45)."""
        self._network.writer, self._network.writes_until = pick(list(Writer), which), self._in_a_while(how)
        return f"{self._network.writer} until {self._network.writes_until:%H:%M:%S}"

    def _in_a_while(self, how: int) -> datetime:
        return self._world.clock.now() + timedelta(seconds=pick(DELAYS, how))

    def lose(self, which: int, _: int, __: int) -> str:
        one = pick(self._network.waiting(), which)
        self._network.lose(one)
        return str(one)

    def lose_everything(self, _: int, __: int, ___: int) -> str:
        return f"{self._network.lose_everything()} messages"

    def wait(self, how: int, _: int, __: int) -> str:
        return self._advance(pick(WAITS, how))

    def jump(self, how: int, _: int, __: int) -> str:
        return self._advance(pick(JUMPS, how))

    def _advance(self, seconds: float) -> str:
        self._world.advance(timedelta(seconds=seconds))
        return f"{seconds} s, {self._world.clock.now():%H:%M:%S}"

    # What is raised

    def _ask(self, use_case: Callable[[], object]) -> str:
        try:
            result = use_case()
        except Exception as error:
            return self._raised(error)
        if isinstance(result, Swept):
            return ", ".join(f"{count} {what}" for what, count in asdict(result).items() if count) or IDLE
        return result if isinstance(result, str) else "done"

    def _raised(self, error: Exception) -> str:
        """The error in words. Anything but a refusal or Unavailable breaks a promise."""
        unexpected = error.split(EXPECTED)[1] if isinstance(error, ExceptionGroup) else error
        if unexpected is not None and not isinstance(unexpected, EXPECTED):
            self._records.broken(UNEXPECTED, describe(unexpected))
        return f"refused, {error.reason}" if isinstance(error, Refused) else f"failed, {describe(error)}"
