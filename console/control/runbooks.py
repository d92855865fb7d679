"""The runbooks of the alerts room, by the alert's name."""

import re

from alerts.rulebook import runbook
from console.alert_schemas import Runbook
from console.control.errors import NotFoundError

NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,99}")


def read_runbook(alert: str) -> Runbook:
    """Return the page of an alert; raises NotFoundError, also for what cannot be a name."""
    page = runbook(alert) if NAME.fullmatch(alert) else None
    if page is None or not page.is_file():
        raise NotFoundError(f"There is no runbook alerts/runbooks/{alert[:100]}.md.")
    return Runbook(alert=alert, text=page.read_text())
