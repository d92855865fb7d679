"""What the node agent, the control service and the console tell of the stack and of themselves."""

from backend.observability.catalogue.product import LATENCY_BUCKETS
from backend.observability.catalogue.spec import Kind, Label, Process, Spec, Unit

ACTION_BUCKETS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)

AGENT, CONTROL, CONSOLE = (
    frozenset({process}) for process in (Process.AGENT, Process.CONTROL, Process.CONSOLE)
)
ROLE = Label("role", ("api", "relay", "worker"))
COMPONENT = Label("component", limit=48)
ACTION = Label("action", limit=32)
OUTCOME = Label("outcome", ("done", "refused", "failed"))

REPLICAS_DESIRED = Spec(
    "pharos_replicas_desired", Kind.GAUGE, "Replicas wanted, by role.", AGENT, (ROLE,)
)
REPLICAS_READY = Spec(
    "pharos_replicas_ready", Kind.GAUGE, "Replicas that want traffic, by role.", AGENT, (ROLE,)
)
COMPONENT_UP = Spec(
    "pharos_component_ready",
    Kind.GAUGE,
    "1 while the component's health check passes.",
    AGENT,
    (COMPONENT,),
)
COMPONENT_STARTS = Spec(
    "pharos_component_starts_total",
    Kind.COUNTER,
    "Starts of a component, after the first that the agent saw.",
    AGENT,
    (COMPONENT,),
)
DISK_FREE = Spec(
    "pharos_disk_free_bytes",
    Kind.GAUGE,
    "Space left on the file system that holds the stack's home.",
    AGENT,
    unit=Unit.BYTES,
)
DISK_SIZE = Spec(
    "pharos_disk_size_bytes", Kind.GAUGE, "Size of that file system.", AGENT, unit=Unit.BYTES
)
LOG_SHIPPING_LAG = Spec(
    "pharos_log_shipping_lag_seconds",
    Kind.GAUGE,
    "Age of the newest heartbeat line of this host that the log store holds; only where logs are "
    "shipped.",
    AGENT,
    unit=Unit.SECONDS,
)
ERROR_TRACKER_UP = Spec(
    "pharos_error_tracker_up",
    Kind.GAUGE,
    "1 while the error tracker answers; only where one is configured.",
    AGENT,
)
AGENT_ACTIONS = Spec(
    "pharos_agent_actions_total",
    Kind.COUNTER,
    "Process actions, by action and outcome.",
    AGENT,
    (ACTION, OUTCOME),
)
CONTROL_ACTIONS = Spec(
    "pharos_control_actions_total",
    Kind.COUNTER,
    "Actions asked of the control service, by action and outcome.",
    CONTROL,
    (ACTION, OUTCOME),
)
CONTROL_ACTION_DURATION = Spec(
    "pharos_control_action_duration_seconds",
    Kind.HISTOGRAM,
    "Time from an action's acceptance to its end.",
    CONTROL,
    (ACTION,),
    ACTION_BUCKETS,
    Unit.SECONDS,
)
DRILLS_RUNNING = Spec("pharos_drills_running", Kind.GAUGE, "Drills running now.", CONTROL)
ALERTS_RECEIVED = Spec(
    "pharos_alert_notifications_total",
    Kind.COUNTER,
    "Alerts delivered by Alertmanager's webhook, by status.",
    CONTROL,
    (Label("status", ("firing", "resolved")),),
)
WATCHDOG_AGE = Spec(
    "pharos_watchdog_age_seconds",
    Kind.GAUGE,
    "Time since Alertmanager last delivered the watchdog: how long alerting may have been blind.",
    CONTROL,
    unit=Unit.SECONDS,
)
ANNOTATIONS_DRAWN = Spec(
    "pharos_grafana_annotations_total",
    Kind.COUNTER,
    "Annotations for Grafana, by outcome; only where one is configured.",
    CONTROL,
    (Label("outcome", ("drawn", "failed")),),
)
PAGE_RUNS = Spec(
    "pharos_console_page_runs_total",
    Kind.COUNTER,
    "Runs of the console's pages, by page and outcome.",
    CONSOLE,
    (Label("page", limit=16), Label("outcome", ("done", "failed"))),
)
PAGE_DURATION = Spec(
    "pharos_console_page_duration_seconds",
    Kind.HISTOGRAM,
    "Time to run a page once.",
    CONSOLE,
    (Label("page", limit=16),),
    LATENCY_BUCKETS,
    Unit.SECONDS,
)
