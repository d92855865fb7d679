"""What somebody answers to an alert: that they look at it, or that nobody be told for a while."""

import re
from datetime import timedelta

from console.alert_schemas import AcknowledgeRequest, Matcher, Silence, SilenceRequest
from console.control.alertmanager import Alertmanager
from console.control.errors import InvalidError, NotFoundError, RefusedError
from console.control.services.audit_log import Deed, State
from console.control.services.records import Records
from console.control.services.watchdog import WATCHDOG
from console.control.storage import alerts
from console.control.storage.tables import AcknowledgementRow, AlertRow
from console.schemas import Acknowledgement

# What its rule gives the watchdog: a silence that matches it would look like a dead Prometheus.
WATCHDOG_LABELS = {"alertname": WATCHDOG, "severity": "none", "team": "platform"}
# Classes such as [:alpha:], {,9}, and \B with an empty value mean something else to RE2, by
# which Alertmanager decides; what else differs is no expression to one of the two.
READ_OTHERWISE = re.compile(r"\[:\^?\w+:\]|\{,\d*\}|\\B")


class Answers:
    """Acknowledgements are kept here and shown to everybody; silences are Alertmanager's."""

    def __init__(self, records: Records, alertmanager: Alertmanager) -> None:
        self._records = records
        self._alertmanager = alertmanager

    def acknowledge(
        self, actor: str, fingerprint: str, wanted: AcknowledgeRequest
    ) -> Acknowledgement:
        """Say who looks at an alert until when; a later word takes an earlier one's place.

        Raises:
            NotFoundError: no such alert fires.
        """
        deed = Deed(actor, "acknowledge", fingerprint, wanted.reason)
        now = self._records.clock()
        until = now + timedelta(minutes=wanted.minutes)
        with self._records.audit.guarding(deed), self._records.database.write() as session:
            alert = _fires(alerts.firing(session, fingerprint), fingerprint)
            row = AcknowledgementRow(
                fingerprint=fingerprint,
                starts_at=alert.starts_at,
                actor=actor,
                reason=wanted.reason,
                at=now,
                until=until,
            )
            was = _told(alerts.acknowledgement(session, alert))
            kept = session.merge(row)
            words = f"{alert.name}, until {until:%Y-%m-%d %H:%M:%S} UTC"
            self._records.audit.write(session, deed.changing(was, _told(row)), "done", words)
        return Acknowledgement.model_validate(kept, from_attributes=True)

    def withdraw(self, actor: str, fingerprint: str, reason: str) -> None:
        """Take an acknowledgement back, one's own or another's; raises NotFoundError."""
        deed = Deed(actor, "acknowledge-withdraw", fingerprint, reason)
        with self._records.audit.guarding(deed), self._records.database.write() as session:
            alert = _fires(alerts.firing(session, fingerprint), fingerprint)
            said = alerts.acknowledgement(session, alert)
            if said is None:
                raise NotFoundError(f"Nobody has acknowledged {alert.name}.")
            session.delete(said)
            taken = deed.changing(_told(said), None)
            self._records.audit.write(session, taken, "done", f"{alert.name}, was {said.actor}'s")

    def silences(self) -> list[Silence]:
        """Return the silences that hold or will; raises UnavailableError."""
        return self._alertmanager.silences()

    def silence(self, actor: str, wanted: SilenceRequest) -> Silence:
        """Tell nobody of what matches for a while.

        Raises:
            RefusedError: it would silence the watchdog.
            InvalidError: Alertmanager does not take the matchers, or may read one otherwise
                than is checked here.
            UnavailableError: Alertmanager does not answer; nothing was changed.
        """
        target = ", ".join(matcher.text for matcher in wanted.matchers)
        deed = Deed(actor, "silence", target, wanted.reason)
        now = self._records.clock()
        with self._records.audit.guarding(deed):
            if all(_matches(matcher) for matcher in wanted.matchers):
                raise RefusedError(
                    "This would silence the watchdog too, and its silence is how a dead "
                    'Prometheus is noticed: name the alert with alertname="…".'
                )
            silence = Silence(
                id="",
                state="active",
                matchers=wanted.matchers,
                by=actor,
                reason=wanted.reason,
                starts_at=now,
                ends_at=now + timedelta(minutes=wanted.minutes),
            )
            silence.id = self._alertmanager.add(silence)
        held = deed.changing(None, _held(silence))
        self._records.audit.record(held, "done", f"{silence.id}, for {wanted.minutes} minutes")
        return silence

    def expire(self, actor: str, silence_id: str, reason: str) -> None:
        """End a silence now; raises NotFoundError, UnavailableError, RefusedError."""
        deed = Deed(actor, "silence-expire", silence_id, reason)
        with self._records.audit.guarding(deed):
            silence = self._alertmanager.silence(silence_id)
            if silence.state == "expired":
                raise RefusedError(f"Silence {silence_id} has ended already.")
            self._alertmanager.expire(silence_id)
        target = ", ".join(matcher.text for matcher in silence.matchers)
        self._records.audit.record(deed.changing(_held(silence), None), "done", target)


def _told(said: AcknowledgementRow | None) -> State | None:
    return None if said is None else {"by": said.actor, "until": said.until.isoformat()}


def _held(silence: Silence) -> State:
    return {"by": silence.by, "until": silence.ends_at.isoformat()}


def _fires(alert: AlertRow | None, fingerprint: str) -> AlertRow:
    if alert is None:
        raise NotFoundError(f"No alert {fingerprint} fires: it has ended, or was never delivered.")
    return alert


def _matches(matcher: Matcher) -> bool:
    """Tell whether a matcher holds for the watchdog, as Alertmanager would say."""
    value = WATCHDOG_LABELS.get(matcher.name, "")
    if not matcher.is_regex:
        return (value == matcher.value) is matcher.is_equal
    if found := READ_OTHERWISE.search(matcher.value):
        raise InvalidError(
            "matchers",
            f"Whether {matcher.text} matches the watchdog cannot be told for {found.group()}: "
            "write it another way, such as [a-z] for [[:lower:]], or {0,9} for {,9}.",
        )
    try:
        return (re.fullmatch(matcher.value, value) is not None) is matcher.is_equal
    except re.error as error:
        raise InvalidError("matchers", f"{matcher.text} is no regular expression") from error
