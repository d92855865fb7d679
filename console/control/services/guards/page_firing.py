"""A page that fires: somebody is at work on it, and a drill would be in the way."""

from collections.abc import Callable
from dataclasses import dataclass

from console.control.rule_alerts import RuleAlerts
from console.control.services.guards.guard import Answer, Asked, ok, refused
from console.schemas import Alert


@dataclass(frozen=True, slots=True)
class NoPageFiring:
    """Asks Prometheus, and looks at what was delivered and has not resolved.

    What is silenced or inhibited counts too: it fires.
    """

    rules: RuleAlerts
    delivered: Callable[[], list[Alert]]

    def __call__(self, _: Asked) -> Answer:
        now = [alert.alert() for alert in self.rules.now() if alert.state == "firing"]
        pages = {
            alert.fingerprint: f"{alert.name} since {alert.starts_at:%Y-%m-%d %H:%M} UTC"
            for alert in [*now, *self.delivered()]
            if alert.severity == "page"
        }
        if not pages:
            return ok("No page fires.")
        return refused(
            f"{len(pages)} {'page fires' if len(pages) == 1 else 'pages fire'}: "
            f"{', '.join(sorted(pages.values()))}.",
            "Wait until they have resolved (the console's page Alerts), or let an admin run it on "
            "a game day: `--profile game-day`.",
        )
