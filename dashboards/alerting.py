"""The Chaos and alerting dashboard: whether the signals themselves can be trusted."""

from backend.observability.catalogue import (
    AGENT_ACTIONS,
    ALERTS,
    ALERTS_RECEIVED,
    ANNOTATIONS_DRAWN,
    CONTROL_ACTION_DURATION,
    CONTROL_ACTIONS,
    DRILLS_RUNNING,
    ERROR_REPORTS,
    ERROR_TRACKER_UP,
    EXCEPTIONS,
    LOG_LINES,
    LOG_SHIPPING_LAG,
    PAGE_DURATION,
    PAGE_RUNS,
    UP,
    WATCHDOG_AGE,
)
from dashboards.expressions import increase, per_second, quantile, value
from dashboards.lines import YES_NO
from dashboards.model import Dashboard, Form, Line, Panel, Row, State

_ALERT = ("alertname", "severity")

DRILLS = Row(
    "Drills and alerts",
    (
        Panel(
            "Alerts",
            "Each alert that is pending or fires. Good: none but the watchdog, whose firing is the "
            "sign of life.",
            "short",
            (
                Line(
                    "{{alertname}}",
                    value(ALERTS, _ALERT, 'alertstate="firing"', "max"),
                    after="an alert fires",
                ),
            ),
            form=Form.STATES,
            states=(State(1, "fires", "red"),),
        ),
        Panel(
            "Pending and firing",
            "Alerts by state now. Good: none pending, none firing but the watchdog.",
            "short",
            (
                Line(
                    "alerts",
                    value(ALERTS, (*_ALERT, "alertstate"), aggregate="count"),
                    after="an alert is pending",
                ),
            ),
            form=Form.TABLE,
        ),
        Panel(
            "Drills running",
            "Drills under way now. Good: what somebody announced; alerts of their making go to the "
            "drills' own receiver.",
            "short",
            (Line("drills", value(DRILLS_RUNNING)),),
        ),
        Panel(
            "Notifications received",
            "Alerts that Alertmanager delivered to the control service, by status. Good: as many "
            "resolved as fired.",
            "short",
            (
                Line(
                    "{{status}}",
                    increase(ALERTS_RECEIVED, ("status",)),
                    after="an alert was delivered",
                ),
            ),
            form=Form.BARS,
        ),
        Panel(
            "Age of the watchdog",
            "Time since Alertmanager last delivered the watchdog. Good: under a minute or two; one "
            "that only rises means that no alert would arrive.",
            "s",
            (Line("age", value(WATCHDOG_AGE, aggregate="max")),),
        ),
        Panel(
            "Scraped",
            "Whether Prometheus reaches each process. Good: yes everywhere.",
            "short",
            (Line("{{instance}} ({{job}})", value(UP, ("job", "instance"), aggregate="min")),),
            form=Form.STATES,
            states=YES_NO,
        ),
    ),
)

LOGS = Row(
    "Logs and error reports",
    (
        Panel(
            "Log lines by level",
            "Lines a second that were written, by level. Good: few warnings, no errors.",
            "cps",
            (Line("{{level}}", per_second(LOG_LINES, ("level",), 'fate="written"')),),
            width=6,
        ),
        Panel(
            "Suppressed lines",
            "Lines a second that a storm's sampling left out, by process. Good: none; the lines "
            "that stand carry the count.",
            "cps",
            (
                Line(
                    "{{instance}}",
                    per_second(LOG_LINES, ("instance",), 'fate="suppressed"'),
                    after="a storm of log lines has been sampled",
                ),
            ),
            width=6,
        ),
        Panel(
            "Log shipping lag",
            "Age of the newest heartbeat line that the log store holds. Good: under a minute; the "
            "lines wait on disk meanwhile.",
            "s",
            (
                Line(
                    "lag",
                    value(LOG_SHIPPING_LAG, aggregate="max"),
                    after="logs are shipped (--with elk)",
                ),
            ),
            width=6,
        ),
        Panel(
            "Error tracker",
            "Whether the error tracker answers. Good: yes; reports are dropped while it does not.",
            "short",
            (
                Line(
                    "answers",
                    value(ERROR_TRACKER_UP, aggregate="min"),
                    after="an error tracker is configured (--with errors)",
                ),
            ),
            width=6,
            form=Form.STATES,
            states=YES_NO,
        ),
        Panel(
            "Exceptions",
            "Unhandled exceptions a second, by process and kind. Good: none; each is a defect of "
            "ours.",
            "cps",
            (
                Line(
                    "{{instance}} {{kind}}",
                    per_second(EXCEPTIONS, ("instance", "kind")),
                    after="an exception was not handled",
                ),
            ),
            width=12,
        ),
        Panel(
            "Error reports",
            "Reports for the error tracker a second, by outcome. Good: none, and none dropped.",
            "cps",
            (
                Line(
                    "{{outcome}}",
                    per_second(ERROR_REPORTS, ("outcome",)),
                    after="an exception was reported",
                ),
            ),
            width=12,
        ),
    ),
)

ACTIONS = Row(
    "Actions and the console",
    (
        Panel(
            "Control actions",
            "Actions asked of the control service in the time range that is shown. Good: done; "
            "refused is a guard that held, failed needs a look at the audit log.",
            "short",
            (
                Line(
                    "actions",
                    increase(CONTROL_ACTIONS, ("action", "outcome")),
                    after="somebody acted through the control service",
                ),
            ),
            form=Form.TABLE,
        ),
        Panel(
            "Time of control actions",
            "p99 from an action's acceptance to its end. Good: seconds for a scaling.",
            "s",
            (
                Line(
                    "{{action}}",
                    quantile(CONTROL_ACTION_DURATION, 0.99, ("action",)),
                    after="an action has ended",
                ),
            ),
        ),
        Panel(
            "Process actions",
            "What the node agent did to processes in the time range that is shown. Good: nothing "
            "that nobody asked for.",
            "short",
            (
                Line(
                    "actions",
                    increase(AGENT_ACTIONS, ("action", "outcome")),
                    after="the agent acted on a process",
                ),
            ),
            form=Form.TABLE,
        ),
        Panel(
            "Page runs",
            "Runs of the console's pages a second, by page and outcome. Good: done alone.",
            "cps",
            (
                Line(
                    "{{page}} {{outcome}}",
                    per_second(PAGE_RUNS, ("page", "outcome")),
                    after="somebody opened the console",
                ),
            ),
        ),
        Panel(
            "Time of page runs",
            "p99 of one run of a page. Good: under a second.",
            "s",
            (
                Line(
                    "{{page}}",
                    quantile(PAGE_DURATION, 0.99, ("page",)),
                    after="somebody opened the console",
                ),
            ),
        ),
        Panel(
            "Annotations",
            "Marks drawn on these dashboards in the time range that is shown. Good: drawn; failed "
            "means that Grafana refuses the control service.",
            "short",
            (
                Line(
                    "{{outcome}}",
                    increase(ANNOTATIONS_DRAWN, ("outcome",)),
                    after="a scaling, a deploy or a drill was marked",
                ),
            ),
            form=Form.BARS,
        ),
    ),
)

ALERTING_DASHBOARD = Dashboard(
    uid="pharos-alerting",
    title="Pharos / Chaos and alerting",
    description="Drills, alerts, and whether the signals can be trusted. Generated: edit "
    "dashboards/alerting.py.",
    rows=(DRILLS, LOGS, ACTIONS),
    page="chaos",
)
