"""The two answers to an alert: acknowledge it, or silence it; each with a reason and an end."""

from functools import partial

import streamlit as st

from console.alert_schemas import AcknowledgeRequest, Matcher, SilenceRequest
from console.components import states
from console.components.allowed import may
from console.components.asking import ask
from console.components.session import Sources
from console.schemas import Alert, ReasonOnly

# What is chosen → minutes.
ENDS = {"30 minutes": 30, "5 minutes": 5, "2 hours": 120, "1 day": 1440, "7 days": 10_080}
THIS, NAMESAKES = "This alert", "Every alert of this name"
# The control service tells of it by itself: no Alertmanager could hold it back.
OWN = "WatchdogSilent"


def show(sources: Sources, alert: Alert) -> None:
    """Show what may be done about an alert that is active."""
    if alert.status == "resolved" or not may(sources, "operator"):
        return
    left, right = st.columns(2, gap="small")
    with left, st.container(key="form-acknowledge"):
        st.markdown("**Acknowledge**")
        st.caption("Everybody sees who looks at it. It goes on firing.")
        _acknowledge(sources, alert)
    with right, st.container(key="form-silence"):
        st.markdown("**Silence**")
        st.caption("Nobody is told of it until then; it stays on this page.")
        _silence(sources, alert)


def _acknowledge(sources: Sources, alert: Alert) -> None:
    if alert.status == "pending":
        states.note("It is pending: it can be acknowledged once it fires.")
        return
    if alert.acknowledged is not None:
        ask("withdraw", "Take back", partial(_withdraw, sources, alert))
        return
    key = "acknowledge-end"
    ask("acknowledge", "Acknowledge", partial(_take, sources, alert, key), more=partial(_end, key))


def _withdraw(sources: Sources, alert: Alert, reason: str) -> None:
    sources.control.withdraw(alert.fingerprint, ReasonOnly(reason=reason))


def _take(sources: Sources, alert: Alert, key: str, reason: str) -> None:
    request = AcknowledgeRequest(reason=reason, minutes=ENDS[st.session_state[key]])
    sources.control.acknowledge(alert.fingerprint, request)


def _silence(sources: Sources, alert: Alert) -> None:
    if alert.name == OWN:
        states.note("It cannot be silenced: the control service tells of it by itself.")
        return

    def more() -> None:
        st.selectbox("What", (THIS, NAMESAKES), key="silence-what")
        _end("silence-end")

    ask("silence", "Silence", partial(_hold, sources, alert), more=more)


def _hold(sources: Sources, alert: Alert, reason: str) -> None:
    wide = st.session_state["silence-what"] == NAMESAKES
    labels = {"alertname": alert.name} if wide else alert.labels
    request = SilenceRequest(
        matchers=[Matcher(name=name, value=value) for name, value in sorted(labels.items())],
        reason=reason,
        minutes=ENDS[st.session_state["silence-end"]],
    )
    sources.control.silence(request)


def _end(key: str) -> None:
    st.selectbox("For", tuple(ENDS), key=key)
