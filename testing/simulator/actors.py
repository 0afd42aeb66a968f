"""Viewers, streamers, the host, workers, the sweeper, the network and the clock: each carries out its actions.

An action of kind ``invite`` is the method ``invite``. It gets the action's numbers, which choose among what exists at
that moment, and returns what to write into the trace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import asdict

from ...core.errors import Refused
from ...core.messages import DeactivateGoal, Sweep
from ...core.model import Viewer
from ...core.names import PRESET_PREVIEW, PRESET_SD
from ...core.tasks.sweep import Swept
from ...core.trace import describe
from ...ports.errors import Unavailable
from .faults import Bug, Crash
from .neighbours import Neighbours
from .network import REPORTS, WORK, Delivery, Trouble, Writer
from .observing import OVER
from .plan import Action, NothingToDo, pick
from .step_invariants import SWEPT, lapsed_claims, left_by_a_sweep
from .viewers import Viewers
from .world import World

EXPECTED = (Refused, Unavailable, Bug)
UNEXPECTED = "nothing is raised but refusals and Unavailable"

IDLE = "nothing to do"

RATES = (60, 90, 30, 0)
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
        self._others = (Viewers(world, self._ask, self._raised, self._carried_out), Neighbours(world, self._ask))
        world.calls.interrupt = self.perform

    def perform(self, action: Action) -> str:
        """Carry out one action to its end, or to its crash."""
        actor = next((actor for actor in self._others if hasattr(actor, action.kind)), self)
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
        unobserved = [f"{number} x {what}" for what, number in Counter(frame.unobserved).items()]
        return "; ".join([f"{action.kind}: {outcome}", *frame.struck, *unobserved])

    # Streamers

    def answer(self, which: int, agree: int, _: int) -> str:
        goal = pick([goal for goal in self._records.goals.values() if goal.private][-3:], which)
        streamer, yes = Viewer(id=self._records.session_of(goal).streamer_id), agree % 4 > 0
        said = self._ask(lambda: self._use.answer_goal()(goal.id, streamer, yes))
        return f"goal {goal.id}, {yes}: {said}"

    def switch_preset(self, who: int, preset: int, _: int) -> str:
        streamer, to = pick(self._world.streamers, who), PRESET_SD if preset % 4 else PRESET_PREVIEW
        return self._switch(streamer, to)

    def leave_and_return(self, who: int, how: int, back: int) -> str:
        """The streamer leaves sd for a while. One in four does not come back."""
        streamer = pick(self._world.streamers, who)
        left = self._switch(streamer, PRESET_PREVIEW)
        away = self._advance(pick(WAITS, how))
        return f"{left}; {away}" + (f"; {self._switch(streamer, PRESET_SD)}" if back % 4 else "")

    def _switch(self, streamer: Viewer, to: str) -> str:
        session = self._world.sessions[self._world.streamers.index(streamer)]
        if self._records.sessions[session.id].died is not None:
            raise NothingToDo
        return f"{streamer.id} to {to}: " + self._ask(lambda: self._use.switch_preset()(streamer, to))

    def die(self, who: int, _: int, __: int) -> str:
        """A session dies without a word. Now and then its host ends it, much later."""
        session = pick(self._world.sessions, who)
        self._world.die(session)
        return session.id

    def end_session(self, who: int, _: int, __: int) -> str:
        session = pick(self._world.sessions, who)
        return f"{session.id} ends, {self._world.start_again(session).id} begins"

    def price(self, who: int, rate: int, _: int) -> str:
        """What a minute costs from now on. Viewers have been shown another price."""
        session, per_minute = pick(self._world.sessions, who), pick(RATES, rate)
        self._world.set_price(session, per_minute)
        return f"{session.id} costs {per_minute}"

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

    def _carried_out(self) -> bool:
        return self.drain(0, 0, 0) != IDLE

    def overtake(self, _: int, __: int, ___: int) -> str:
        """Another worker ends the goal that a worker is busy with. It may be of any class."""
        busy = [one.goal_id for one in self._network.owed if one.running and one.goal_id]
        return self._deliver(self._network.send(DeactivateGoal(goal_id=pick(busy, -1))))

    def _deliver(self, delivery: Delivery) -> str:
        return f"{delivery}: " + self._ask(lambda: self._world.worker.run(delivery))

    def sweep(self, _: int, __: int, ___: int) -> str:
        """Beat asks for a sweep, which the sweeps' own worker carries out."""
        frame, sweep = self._world.calls.frames[-1], Sweep()
        lapsed = lapsed_claims(self._world, frame.at)
        said = self._ask(lambda: self._use.task_queue().trigger(sweep))
        due = [one for one in self._network.due(self._network.queue_of(sweep)) if isinstance(one.message, Sweep)]
        for earlier in due[:-1]:  # the last one does their work (D47)
            earlier.carried = True
            self._network.acknowledge(earlier)
        if due:
            said = self._ask(lambda: self._world.worker.run(due[-1]))
        if not frame.struck and len(self._world.calls.frames) == 1 and not self._world.observing.stops_a_beginning:
            for sentence in left_by_a_sweep(self._world, frame.at, lapsed):
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
        except (Exception, *OVER) as error:
            return self._raised(error)
        if isinstance(result, Swept):
            return ", ".join(f"{count} {what}" for what, count in asdict(result).items() if count) or IDLE
        return result if isinstance(result, str) else "done"

    def _raised(self, error: BaseException) -> str:
        """The error in words. Anything but a refusal or Unavailable breaks a promise."""
        if isinstance(error, OVER):
            return f"over, {describe(error)}"
        unexpected = error.split(EXPECTED)[1] if isinstance(error, ExceptionGroup) else error
        if unexpected is not None and not isinstance(unexpected, EXPECTED):
            self._records.broken(UNEXPECTED, describe(unexpected))
        return f"refused, {error.reason}" if isinstance(error, Refused) else f"failed, {describe(error)}"
