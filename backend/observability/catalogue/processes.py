"""What every process of ours tells of itself."""

from backend.observability.catalogue.spec import Kind, Label, Process, Spec, Unit

LOOP_LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
GC_BUCKETS = (0.0001, 0.001, 0.005, 0.025, 0.1, 0.5)

EVERYWHERE = frozenset(Process)
# Those that run an event loop which users, or the stack, wait for.
LOOPS = frozenset({Process.API, Process.RELAY, Process.WORKER, Process.AGENT, Process.CONTROL})
PRODUCT = frozenset({Process.API, Process.RELAY, Process.WORKER})

BUILD_INFO = Spec(
    "pharos_build_info",
    Kind.GAUGE,
    "Always 1; the release is the label.",
    EVERYWHERE,
    (Label("version", limit=1),),
)
READY = Spec("pharos_ready", Kind.GAUGE, "1 while the process wants traffic.", PRODUCT)
FAULTS_ACTIVE = Spec(
    "pharos_faults_active",
    Kind.GAUGE,
    "Faults that are injected here and not yet undone, by kind; 0 for a kind that is not.",
    PRODUCT | {Process.AGENT},
    (Label("kind", limit=24),),
)
FAULTS_RESIDUE = Spec(
    "pharos_faults_residue",
    Kind.GAUGE,
    "What is left of faults although no lease holds it, and faults whose undo does not come to its "
    "end.",
    PRODUCT | {Process.AGENT},
)
EXCEPTIONS = Spec(
    "pharos_exceptions_total",
    Kind.COUNTER,
    "Unhandled exceptions, each also reported to the error tracker where one is configured.",
    EVERYWHERE,
    (Label("kind", limit=20),),
)
ERROR_REPORTS = Spec(
    "pharos_error_reports_total",
    Kind.COUNTER,
    "Reports for the error tracker, by outcome: sent, or dropped since it did not take them.",
    EVERYWHERE,
    (Label("outcome", ("sent", "dropped")),),
)
LOG_LINES = Spec(
    "pharos_log_lines_total",
    Kind.COUNTER,
    "Log lines by level; suppressed ones are those that a storm's sampling left out.",
    EVERYWHERE,
    (
        Label("level", ("debug", "info", "warning", "error", "critical")),
        Label("fate", ("written", "suppressed")),
    ),
)
LOOP_LAG = Spec(
    "pharos_event_loop_lag_seconds",
    Kind.HISTOGRAM,
    "How much later than asked a timer of the event loop fired.",
    LOOPS,
    buckets=LOOP_LAG_BUCKETS,
    unit=Unit.SECONDS,
)
GC_PAUSE = Spec(
    "pharos_gc_pause_seconds",
    Kind.HISTOGRAM,
    "Time that one run of the garbage collector stopped the process, by generation.",
    LOOPS,
    (Label("generation", ("0", "1", "2")),),
    GC_BUCKETS,
    Unit.SECONDS,
)
