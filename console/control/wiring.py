"""Puts the control service together: the one place that knows every part."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version

from backend.observability.catalogue import DRILLS_RUNNING, WATCHDOG_AGE, Process
from backend.observability.errors import ErrorReports
from backend.observability.metrics import Instruments
from backend.observability.spans import make_spans
from console.control.alertmanager import Alertmanager
from console.control.annotations import Annotations
from console.control.browser import Neighbourhood
from console.control.budgets import Budgets
from console.control.drill_process import CHAOS, COMMAND, DrillProcesses
from console.control.grafana import GrafanaDashboards
from console.control.rule_alerts import RuleAlerts
from console.control.services.actions import Actions
from console.control.services.active_alerts import MOST, Active
from console.control.services.actors import Actors
from console.control.services.alerts import Alerts
from console.control.services.answers import Answers
from console.control.services.attempts import Attempts
from console.control.services.audit_log import AuditLog
from console.control.services.clock import Clock, utc_now
from console.control.services.drills import DrillRoom, Drills
from console.control.services.experiments import Experiments
from console.control.services.freezes import Freezes
from console.control.services.game_days import GameDays
from console.control.services.guards.blast_radius import BlastRadius
from console.control.services.guards.budget_left import BudgetLeft
from console.control.services.guards.freeze_window import NotFrozen
from console.control.services.guards.headroom import EnoughHeadroom
from console.control.services.guards.needs import Needs
from console.control.services.guards.page_firing import NoPageFiring
from console.control.services.guards.profiles import Guards
from console.control.services.guards.switches import NotHalted, NotInProduction, alone
from console.control.services.halt_switch import HaltSwitch
from console.control.services.headroom import HeadroomCheck
from console.control.services.held_faults import HeldFaults
from console.control.services.ledger import Ledger
from console.control.services.log_search import LogSearch
from console.control.services.people import People
from console.control.services.putting_aside import PuttingAside
from console.control.services.records import Records
from console.control.services.releases import Releases
from console.control.services.replica_load import LoadNow, ReplicaLoad
from console.control.services.reports import Reports
from console.control.services.restarting import Restarting
from console.control.services.scaling import Scaling
from console.control.services.schedules.due import DueTurns
from console.control.services.schedules.keeper import Schedules
from console.control.services.sessions import Sessions
from console.control.services.stack_view import StackView
from console.control.services.timeline import TimelineOf
from console.control.services.tokens import Tokens
from console.control.services.undo_proof import UndoProof
from console.control.services.watchdog import Watchdog
from console.control.settings import Settings
from console.control.storage.database import Database
from console.control.storage.heads import Heads
from console.schemas import Alert
from deploy.driver import Driver
from deploy.faults.inventory import Inventory, take_inventory
from deploy.faults.sweep import Swept, sweep
from deploy.local.wanted import read_wanted
from deploy.logstore import open_store

VERSION = version("pharos")


@dataclass
class Surroundings:
    """What a test may put something else in place of."""

    driver: Driver
    experiments: Experiments = field(default_factory=Experiments)
    processes: DrillProcesses = field(default_factory=DrillProcesses)
    clock: Clock = utc_now
    load: LoadNow | None = None
    sweep: Callable[[], Swept] = field(default=lambda: sweep([]))
    faults: Callable[[], Inventory] = field(default=lambda: take_inventory([]))
    chaos: tuple[str, ...] = CHAOS
    command: tuple[str, ...] = COMMAND


class Control:
    """Every service of one control service, over one file."""

    def __init__(self, settings: Settings, around: Surroundings) -> None:
        clock = around.clock
        self.settings = settings
        self.neighbourhood = Neighbourhood(settings.home)
        self._wire_signals(settings)
        self.database = Database(settings.database)
        self.audit = AuditLog(self.database, Heads(settings.audit_heads), self.instruments, clock)
        self.audit.take_up()
        self.annotations = Annotations(settings.grafana, self.instruments)
        self.dashboards = GrafanaDashboards(settings.grafana)
        self._load = ReplicaLoad(f"http://127.0.0.1:{settings.home.ports['prometheus']}")
        self.sessions = Sessions(self.database, self.audit, clock)
        self.tokens = Tokens(self.database, self.audit, clock)
        self.actors = Actors(settings.tokens, self.tokens, self.sessions)
        attempts = Attempts(self.database, clock)
        self.people = People(self.database, self.audit, attempts, self.sessions, clock)
        self.stack = StackView(around.driver)
        self.logs = LogSearch(open_store(settings.home), clock)
        self.experiments = around.experiments
        load = around.load or self._load.now
        self.headroom = HeadroomCheck(around.driver, load, settings.headroom_limit)
        records = Records(self.database, self.audit, self.annotations, clock)
        self.releases = Releases(settings.release_file, records)
        self._wire_actions(records, around.driver)
        self.freezes = Freezes(settings.home.freeze_file, records)
        self._wire_guards(around.driver)
        self.faults = HeldFaults(around.faults)
        undo = UndoProof(self.faults.now, clock)
        room = DrillRoom(around.experiments, around.processes, undo)
        self.drills = Drills(records, settings.home, self.guards, room)
        self.game_days = GameDays(records, settings.home, around.command)
        self.schedules = Schedules(records, around.experiments)
        self.due = DueTurns(records, around.experiments, self.drills)
        self.ledger = Ledger(settings.home, around.chaos)
        self.reports = Reports(around.command)
        self.halt = HaltSwitch(settings.home.halt_file, records, self.drills.running, around.sweep)
        self.timeline = TimelineOf(records, self.drills, self.logs)
        self._wire_alerts(records)

    def _wire_signals(self, settings: Settings) -> None:
        self.instruments = Instruments(Process.CONTROL, VERSION)
        self.errors = ErrorReports(
            self.instruments,
            dsn=settings.sentry_dsn,
            environment=settings.environment,
            release=VERSION,
            node="control",
        )
        self.spans = make_spans(
            settings.collector,
            service="pharos-control",
            release=VERSION,
            node="control",
            environment=settings.environment,
        )
        self._drills_running = self.instruments.gauge(DRILLS_RUNNING)
        self._watchdog_age = self.instruments.gauge(WATCHDOG_AGE)

    def _wire_actions(self, records: Records, driver: Driver) -> None:
        settings, headroom = self.settings, self.headroom
        self.actions = actions = Actions(records)
        self.scaling = Scaling(records, actions, driver, headroom, settings.scale_timeout)
        self.aside = PuttingAside(records, actions, driver, headroom, settings.drain_limit)
        limits = settings.drain_limit, settings.return_limit
        self.restarting = Restarting(records, actions, driver, headroom, *limits)

    def _wire_guards(self, driver: Driver) -> None:
        home = self.settings.home
        prometheus = f"http://127.0.0.1:{home.ports['prometheus']}"
        self._rules = RuleAlerts(prometheus)
        self._budgets = Budgets(prometheus)
        self.guards = Guards(
            {
                "environment": NotInProduction(self.settings.environment),
                "halt": NotHalted(home.halt_file),
                "overlap": alone,
                "needs": Needs(home),
                "freeze-window": NotFrozen(self.freezes),
                "page-firing": NoPageFiring(self._rules, self._delivered),
                "budget-left": BudgetLeft(self._budgets),
                "blast-radius": BlastRadius(driver),
                "headroom": EnoughHeadroom(self.headroom),
            },
            self.settings.guard_patience,
        )

    def _delivered(self) -> list[Alert]:
        """Return what fires; guards ask by this, since alerts themselves ask for drills."""
        return self.alerts.newest("firing", MOST)

    def _wire_alerts(self, records: Records) -> None:
        settings, database, clock = self.settings, self.database, records.clock
        ports = settings.home.ports
        self._alertmanager = Alertmanager(f"http://127.0.0.1:{ports['alertmanager']}")
        self.watchdog = Watchdog(
            database, self.errors, clock, settings.watchdog_limit, settings.watchdog_grace
        )
        self.alerts = Alerts(database, self.instruments, clock, self.watchdog, self.drills.running)
        self.active = Active(database, self.alerts, self._rules, self._alertmanager, clock)
        self.answers = Answers(records, self._alertmanager)

    def extras(self) -> list[str]:
        """Return the optional parts that the stack was started with."""
        wanted = read_wanted(self.settings.home)
        return sorted(wanted.extras) if wanted else []

    def metrics(self, accept: str) -> tuple[bytes, str]:
        """Return what Prometheus scrapes, and its content type."""
        self._drills_running.set(len(self.drills.running()))
        self._watchdog_age.set(self.watchdog.age())
        return self.instruments.exposition(accept)

    def close(self) -> None:
        self.annotations.close()
        self._load.close()
        self.logs.close()
        self._rules.close()
        self._budgets.close()
        self._alertmanager.close()
        self.database.close()
        self.errors.flush()
        self.spans.close()
