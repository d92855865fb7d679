"""The Chaos and alerting dashboard: whether the signals themselves can be trusted."""

from dashboards.alerting.actions import ACTIONS
from dashboards.alerting.drills import DRILLS
from dashboards.alerting.health import HEALTH
from dashboards.alerting.logs import LOGS
from dashboards.model import Dashboard

ALERTING_DASHBOARD = Dashboard(
    uid="pharos-alerting",
    title="Pharos / Chaos and alerting",
    description="Drills, alerts, and whether the signals can be trusted. Generated: edit "
    "dashboards/alerting.",
    rows=(DRILLS, HEALTH, LOGS, ACTIONS),
    page="chaos",
)
