"""Drills and alerts: what is under way, what fires, and what was delivered."""

from backend.observability.catalogue import (
    ALERTS,
    ALERTS_RECEIVED,
    DRILLS_RUNNING,
    FAULTS_ACTIVE,
    UP,
    WATCHDOG_AGE,
)
from dashboards.expressions import increase, value
from dashboards.lines import YES_NO
from dashboards.model import Form, Line, Panel, Row, State

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
            "Active faults",
            "Faults that are injected and not yet undone, by kind. Good: none outside of a drill; "
            "each ends with its lease, whoever injected it.",
            "short",
            (Line("{{kind}}", value(FAULTS_ACTIVE, ("kind",))),),
            width=6,
            stacked=True,
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
            width=6,
            form=Form.BARS,
        ),
        Panel(
            "Age of the watchdog",
            "Time since Alertmanager last delivered the watchdog. Good: under a minute or two; one "
            "that only rises means that no alert would arrive.",
            "s",
            (Line("age", value(WATCHDOG_AGE, aggregate="max")),),
            width=6,
        ),
        Panel(
            "Scraped",
            "Whether Prometheus reaches each process. Good: yes everywhere.",
            "short",
            (Line("{{instance}} ({{job}})", value(UP, ("job", "instance"), aggregate="min")),),
            width=6,
            form=Form.STATES,
            states=YES_NO,
        ),
    ),
)
