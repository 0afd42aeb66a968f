"""The platform of one run: a host's adapters behind failing ports, one container, and everything that watches.

``Host`` is what you change to put your own code through the simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from ...adapters import memory
from ...adapters.container import Container
from ...core.errors import InsufficientBalance, Refused
from ...core.messages import CreateGoal, DeactivateGoal, Transfer
from ...core.model import Session, Viewer
from ...core.money import Hold
from ...core.names import PRESET_PREVIEW, PRESET_SD, TRIGGER_PRIVATE_GOAL
from ...core.requests.wallet_transaction import TransactionReport
from ...core.settings import Settings
from ...core.trace import Trace
from ...ports.clock import Clock
from ...ports.errors import StoreUnavailable
from .faults import PORTS, Calls, Crash, Port
from .ledger import Ledger
from .network import MAX_DELIVERIES, Delivery, Network, Trouble, WalletReport, Worker
from .observing import Observing
from .plan import Weather
from .pledges import Pledges
from .records import Rate, Records
from .shown import Shown
from .slots import Slots
from .watchers import Watchers

ENDLESS = f"a message that ends its worker is set aside after {MAX_DELIVERIES} deliveries (D46)"

UNPAID = "nobody hears for long of an invitation that nobody pays for (D33)"

PRICING = {PRESET_SD: 60, PRESET_PREVIEW: 0}  # one unit a second


class Host:
    """The library in memory. Override what is yours. The simulator makes a new host for every seed."""

    settings = Settings(
        min_ttl=timedelta(seconds=1), cooldown=timedelta(seconds=10), settle_delay=timedelta(seconds=30), sweep_limit=1
    )
    """Short times and pages, so that much happens in few steps."""
    invariants: Sequence[Invariant] = ()
    """Your promises, checked after every step."""
    at_the_end: Sequence[Invariant] = ()
    """Your promises, checked once everything has come to rest."""
    network: type[Network] = Network
    worker: type[Worker] = Worker

    def adapters(self, clock: Clock) -> dict[str, Any]:
        """A new, empty adapter for each port that faults strike, without the task queue, which is the simulator's."""
        return {
            "sessions": memory.MemorySessions(),
            "goals": memory.MemoryGoals(),
            "passes": memory.MemoryPasses(),
            "wallet": memory.MemoryWallet(),
            "notifier": memory.MemoryNotifier(),
            "feed": memory.MemoryFeed(),
            "tracker": memory.MemoryTracker(),
            "channel_cache": memory.MemoryChannelCache(),
            "rtc_sources": memory.MemoryRtcSources(),
            "sweeps": memory.MemorySweeps(),
            "keyed_requests": memory.MemoryKeyedRequests(),
        }

    def deposit(self, adapters: Mapping[str, Any], user_id: str, amount: int) -> None:
        """Bring a user's money into your wallet."""
        adapters["wallet"].credit(user_id, amount)

    def set_price(self, adapters: Mapping[str, Any], session_id: str, pricing: Mapping[str, int]) -> None:
        """Change the prices of a session."""
        adapters["sessions"].set_price(session_id, pricing)

    def see(self, adapters: Mapping[str, Any], session_id: str, at: datetime) -> None:
        """Write into the session that it was alive at that time."""
        adapters["sessions"].see(session_id, at)

    def put_session(self, adapters: Mapping[str, Any], session: Session) -> None:
        """Store the session. It replaces one with the same id."""
        adapters["sessions"].add(session)

    def snapshots_stopped(self, adapters: Mapping[str, Any], streamer_id: str) -> bool:
        """Whether your snapshot service skips this streamer."""
        return bool(adapters["rtc_sources"].stopped(streamer_id))

    def connect(self, container: Container) -> None:
        """Connect your receivers to ``container.namespace()``, or override other providers."""


class World:
    def __init__(self, seed: int, weather: Weather, host: Host) -> None:
        self.weather = weather
        self.host = host
        self.settings = host.settings
        self.clock = memory.MemoryClock()
        self.calls = Calls()
        self.records = Records(self.calls, self.clock.now())
        self.network = host.network(self.clock, weather.max_backlog)
        self.ledger = Ledger(self.records, self._report, metered=weather.rule.metered)
        self.pledges = Pledges(self.calls)
        self.slots = Slots(self.records)
        self.shown = Shown(self.records, self.ledger, weather.rule, self.clock, self.settings.settle_delay)
        self.adapters = {**host.adapters(self.clock), "task_queue": self.network}  # without faults, for invariants
        self.observing = Observing(weather.watching, self.calls, self.advance)
        self.ports = self._ports()
        self.container = self._container(seed)
        host.connect(self.container)
        self.observing.connect(self.container.namespace())
        self.tasks = self.container.tasks()
        self.worker = host.worker(self.network, self.ports["task_queue"], self._carry_out)
        self._session_ids = memory.MemoryIds("5e55")
        self.neighbour_ids = memory.MemoryIds("4e19")
        self.viewers = [Viewer(id=f"71e0{number:020x}") for number in range(1, weather.viewers + 1)]
        self.crowd = [Viewer(id=f"c0d0{number:020x}") for number in range(1, weather.crowd + 1)]
        self.streamers = [Viewer(id=f"57e0{number:020x}") for number in range(1, weather.sessions + 1)]
        self.all_sessions: dict[str, Session] = {}
        self.sessions = [self._new_session(streamer) for streamer in self.streamers]  # each streamer's latest
        self.beginning = self.clock.now() - timedelta(days=1)  # before any exp, wherever the clock jumps
        everybody = [*self.viewers, *self.crowd]
        self.deposited = weather.credit * len(everybody)
        for viewer in everybody:
            host.deposit(self.adapters, viewer.id, weather.credit)
            self.ledger.deposit(viewer.id, weather.credit)

    def start_again(self, session: Session) -> Session:
        """The streamer ends the session and begins another."""
        stored = self.adapters["sessions"].fetch_active(session.id)
        self.host.put_session(self.adapters, evolve(stored, active=False))
        self.records.end_session(session.id, self.clock.now())
        number = self.sessions.index(session)
        self.sessions[number] = self._new_session(self.streamers[number])
        return self.sessions[number]

    def die(self, session: Session) -> None:
        """The streamer's machine dies. Nobody tells, and the session stays as it is."""
        self.records.sessions[session.id].die(self.clock.now(), self.calls.made)

    def set_price(self, session: Session, per_minute: int) -> None:
        self.host.set_price(self.adapters, session.id, {**PRICING, PRESET_SD: per_minute})
        self.records.sessions[session.id].rates.append(Rate(self.calls.made, per_minute))

    def advance(self, by: timedelta) -> None:
        self.clock.advance(by)
        if by < timedelta(0):
            self.records.set_back_at = self.calls.made
        self.records.latest = max(self.records.latest, self.clock.now())
        self._see_sessions()

    def _see_sessions(self) -> None:
        if not self.weather.shows_signs_of_life:
            return
        for session in self.sessions:
            record = self.records.sessions[session.id]
            if record.died is None:
                record.seen = self.clock.now()
                self.host.see(self.adapters, session.id, record.seen)

    def _ports(self) -> dict[str, Any]:
        """What the library and the workers get."""
        metered = self.weather.rule.metered
        general = Watchers(self.records, self.settings, metered=metered)
        watchers = (general, self.slots, self.shown, self.ledger, self.pledges)
        adapters = {name: self.observing.adapter(name, self.adapters[name]) for name in PORTS}
        ports: dict[str, Any] = {name: Port(name, one, self.calls, watchers) for name, one in adapters.items()}
        if self.weather.calls_back:
            ports["wallet"].calls_back = True
        return ports

    def _container(self, seed: int) -> Container:
        return Container.in_memory(
            clock=self.clock,
            ids=memory.MemoryIds(f"{seed % 0x1_0000_0000:08x}"),
            settings=self.settings,
            settlement_rule=self.weather.rule,
            trace_sink=self.observing.sink(self._note_refusal),
            observer=self.observing.observer(),  # mostly none: a run takes a tenth longer with one
            **self.ports,
        )

    def _new_session(self, streamer: Viewer) -> Session:
        """The streamer goes live."""
        pricing = {**PRICING, PRESET_SD: self.weather.per_minute}
        session = Session(id=self._session_ids.new(), streamer_id=streamer.id, preset=PRESET_PREVIEW, pricing=pricing)
        self.host.put_session(self.adapters, session)
        self.records.add_session(session)
        self.all_sessions[session.id] = session
        return session

    def _note_refusal(self, trace: Trace) -> None:
        """What operators read of a transfer that was refused (D28)."""
        if trace.name == Transfer.name and trace.outcome == "refused":
            self.records.told.add(str(trace.ids["transaction_id"]))
            if any(step.outcome == "left out" for step in trace.steps):
                self.records.unheard.add(str(trace.ids["transaction_id"]))

    def _carry_out(self, delivery: Delivery) -> object:
        if delivery.troubles:
            self._suffer(delivery)
        message = delivery.message
        try:
            if isinstance(message, WalletReport):
                self.container.wallet_transaction()(message.report)
                result: object = None
            else:
                result = self.tasks[type(message)](message)
        except Refused as refusal:
            delivery.carried = True
            if isinstance(message, Transfer):
                self.ledger.transfer_refused(message, refusal)
                self.pledges.transfer_refused(message, refusal)
                self._is_given_up(message, refusal)
            raise
        delivery.carried = True
        if isinstance(message, CreateGoal):
            self.records.goal(message.goal_id).created = True
        return result

    def _is_given_up(self, transfer: Transfer, refusal: Refused) -> None:
        """If who asked for a goal cannot pay, and nobody else has, the goal ends at once."""
        goal = self.adapters["goals"].get(transfer.goal_id)
        if not isinstance(refusal, InsufficientBalance) or goal is None or goal.triggered_by != transfer.from_user_id:
            return
        told = [one.message for one in self.network.ever if one.goal_id == goal.id]
        ends = any(isinstance(one, DeactivateGoal) and "unpaid" in (one.metadata or {}) for one in told)
        if goal._cls == TRIGGER_PRIVATE_GOAL and goal.active and not self.records.goal(goal.id).paid_at and not ends:
            self.records.broken(UNPAID, f"{transfer.transaction_id} cannot be paid, and goal {goal.id} goes on")

    def _suffer(self, delivery: Delivery) -> None:
        delivery.troubles -= 1
        what = f"{delivery} {delivery.trouble}"
        if delivery.trouble is Trouble.FAILS:
            raise StoreUnavailable(what)
        delivery.killed += 1
        if delivery.killed > MAX_DELIVERIES:
            self.records.broken(ENDLESS, f"{what}, {delivery.killed} of them")
        self.calls.frames[-1].struck.append(what)
        raise Crash

    def _report(self, hold: Hold) -> None:
        """A wallet that calls back reports that money has moved."""
        if self.weather.calls_back:
            report = TransactionReport(
                id=hold.transaction_id,
                ts=int(self.clock.now().timestamp()),
                from_account=hold.from_user_id,
                from_amount=hold.amount,
                tags=hold.tags,
            )
            self.network.send(WalletReport(hold.goal_id, report))


Invariant = Callable[[World], Iterator[str]]
"""Yields a sentence for each breach, with the ids. The first line of its docstring is the promise."""
