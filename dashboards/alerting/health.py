"""Prometheus and Alertmanager: whether they see, judge and deliver."""

from backend.observability.catalogue import (
    ALERTMANAGER_ALERTS,
    ALERTMANAGER_FAILED,
    ALERTMANAGER_SENT,
    PROMETHEUS_DROPPED,
    PROMETHEUS_QUEUE,
    PROMETHEUS_RULE_FAILURES,
    PROMETHEUS_SERIES,
    SCRAPE_DURATION,
    SCRAPE_SAMPLES,
)
from dashboards.expressions import per_second, value
from dashboards.model import Line, Panel, Row

HEALTH = Row(
    "Prometheus and Alertmanager",
    (
        Panel(
            "Time of a scrape",
            "How long the last scrape of each process took. Good: under a tenth of a second; at "
            "the scrape's timeout the process counts as down.",
            "s",
            (Line("{{instance}} ({{job}})", value(SCRAPE_DURATION, ("job", "instance"))),),
        ),
        Panel(
            "Samples of a scrape",
            "Samples kept of each process' last scrape. Good: level; one that grows has a label "
            "without bounds.",
            "short",
            (Line("{{instance}} ({{job}})", value(SCRAPE_SAMPLES, ("job", "instance"))),),
        ),
        Panel(
            "Series in memory",
            "Series that Prometheus holds now. Good: level between deployments.",
            "short",
            (Line("series", value(PROMETHEUS_SERIES)),),
        ),
        Panel(
            "Rules that failed",
            "Evaluations of rules that failed, a second. Good: none; an alert whose rule fails "
            "cannot fire. Prometheus' own page of rules says which, and why.",
            "cps",
            (Line("failed", per_second(PROMETHEUS_RULE_FAILURES)),),
            width=6,
        ),
        Panel(
            "On the way to Alertmanager",
            "Alerts that wait to be handed over, and those dropped a second. Good: none.",
            "short",
            (
                Line("waiting", value(PROMETHEUS_QUEUE)),
                Line("dropped", per_second(PROMETHEUS_DROPPED)),
            ),
            width=6,
        ),
        Panel(
            "Held by Alertmanager",
            "Alerts that Alertmanager holds, by state. Good: the watchdog alone; suppressed ones "
            "are silenced or hidden behind their cause.",
            "short",
            (Line("{{state}}", value(ALERTMANAGER_ALERTS, ("state",))),),
            width=6,
        ),
        Panel(
            "Notifications",
            "Notifications tried and failed a second, to all receivers. Good: none failed; the "
            "log lines of Alertmanager name the receiver.",
            "cps",
            (
                Line("tried", per_second(ALERTMANAGER_SENT)),
                Line("failed", per_second(ALERTMANAGER_FAILED)),
            ),
            width=6,
        ),
    ),
)
