"""What is done to replicas that run: restarts, drains, quarantines, and putting them back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from console.clients.failures import SignedOutError, SourceError
from console.components import charts, markup, states
from console.components.allowed import may
from console.components.asking import Act, ask
from console.components.freshness import keep
from console.components.progress import bar
from console.components.reports import fragment
from console.components.session import Sources
from console.headroom_schemas import Headroom
from console.replica_schemas import AsideRequest, RestartRequest
from console.schemas import Action, ReasonOnly
from deploy.driver import Replica

ROLE = "api"
# What went well is told for a while; after that the table of recent actions has it.
SHOWN = timedelta(minutes=5)
HEADROOM_TONES: dict[str, markup.Tone] = {"yes": "", "unknown": "warn", "no": "bad"}


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that can be done; `targets` of the replicas that there are."""

    label: str
    does: str
    targets: Callable[[list[Replica]], list[str]]
    nobody: str
    dangerous: bool = True


def _restartable(replicas: list[Replica]) -> list[str]:
    roles = sorted({each.role for each in replicas})
    return [*roles, *(each.id for each in replicas if each.role == ROLE)]


def _in_the_gateway(replicas: list[Replica]) -> list[str]:
    return [each.id for each in replicas if each.role == ROLE and each.aside is None]


def _aside(replicas: list[Replica]) -> list[str]:
    return [each.id for each in replicas if each.aside is not None]


DEEDS = (
    Deed(
        "Restart",
        "One replica after the other leaves the gateway, ends what it has in hand, starts again "
        "and is put back. It stops at the first that does not come back.",
        _restartable,
        "Nothing runs that could be restarted.",
    ),
    Deed(
        "Drain",
        "Leaves the gateway and ends what it has in hand. It stays out until it is put back.",
        _in_the_gateway,
        "No api replica is in the gateway.",
    ),
    Deed(
        "Quarantine",
        "Leaves the gateway at once and is left alive, to be looked at, until it is put back.",
        lambda replicas: [each.id for each in replicas if each.role == ROLE and not _kept(each)],
        "Every api replica is quarantined.",
    ),
    Deed(
        "Put back",
        "Is in the gateway again as soon as it is ready.",
        _aside,
        "Nobody is drained or quarantined.",
        dangerous=False,
    ),
)


def _kept(replica: Replica) -> bool:
    return replica.aside is not None and replica.aside.kind == "quarantine"


@fragment(2)
def show(sources: Sources) -> None:
    """Show the form and how far the newest restart is, to whom may act."""
    st.html(markup.section("Restart, drain, quarantine"))
    with st.container(key="form-replicas"):
        state = keep("state", sources.control.state)
        actions = keep("actions", lambda: sources.control.actions(10))
        if state.value is None or state.value.stack is None:
            states.empty("What can be acted on is not known while the node agent is away.")
            return
        replicas = sorted(state.value.stack.replicas, key=lambda each: charts.natural(each.id))
        left, right = st.columns([2, 3], gap="large")
        if not may(sources, "operator"):
            states.note("An operator may restart, drain and quarantine.")
        else:
            with left:
                _form(sources, replicas, right)
        with right:
            _newest(sources, actions.value or [])


def _form(sources: Sources, replicas: list[Replica], beside: DeltaGenerator) -> None:
    label = st.selectbox("Action", [each.label for each in DEEDS], key="replica-deed")
    deed = next(each for each in DEEDS if each.label == label)
    targets = deed.targets(replicas)
    if not targets:
        states.note(deed.nobody)
        return
    target = st.selectbox("Target", targets, key=f"replica-target-{deed.label}")
    with beside:
        st.html(markup.facts([(f"{deed.label} {target}", deed.does)]))
        serves = any(each.serves and target in {each.role, each.id} for each in replicas)
        asked = deed.dangerous and serves and target.startswith(ROLE)
        headroom = _headroom(sources, target) if asked else None
    possible = headroom is None or headroom.remaining > 0
    beyond = headroom is not None and possible and headroom.carries == "no"
    ask(
        f"replica-{deed.label.lower().replace(' ', '-')}",
        f"{_label(deed, target)}{' anyway' if beyond else ''}",
        lambda reason: _act(sources, deed, target, reason, anyway=beyond),
        allowed=possible,
        confirm=target if deed.dangerous else "",
    )


def _label(deed: Deed, target: str) -> str:
    if (deed.label, target) == ("Restart", ROLE):
        return f"Restart all of {ROLE}"
    return f"{deed.label} {target}"


def _headroom(sources: Sources, target: str) -> Headroom | None:
    """Say whether the others would carry the load; null where that is no question."""
    try:
        headroom = sources.control.headroom(target)
    except SignedOutError:
        raise
    except SourceError as error:
        states.note(f"What the others would carry is not known. {error}", "warn")
        return None
    tone = HEADROOM_TONES[headroom.carries]
    remedy = f" Scale {ROLE} up by one first." if headroom.carries == "no" else ""
    st.html(
        f'<div class="ph-note ph-tone-{tone}" data-headroom="{headroom.carries}">'
        f"{markup.safe(headroom.words + remedy)}</div>"
    )
    return headroom


def _act(sources: Sources, deed: Deed, target: str, reason: str, *, anyway: bool) -> None:
    control = sources.control
    match deed.label:
        case "Restart":
            control.restart(RestartRequest(target=target, reason=reason, anyway=anyway))
        case "Drain":
            control.drain(target, AsideRequest(reason=reason, anyway=anyway))
        case "Quarantine":
            control.quarantine(target, AsideRequest(reason=reason, anyway=anyway))
        case _:
            control.release(target, ReasonOnly(reason=reason))


def _newest(sources: Sources, actions: list[Action]) -> None:
    """Follow the newest restart, and offer the way back: abort while it goes on, else resume."""
    action = next((each for each in actions if each.kind == "restart"), None)
    if action is None or _long_done(action):
        return
    st.html(bar(action))
    if not may(sources, "operator"):
        return
    if action.state == "running":
        ask("restart-abort", "Abort this restart", _abort(sources, action))
    elif action.state != "done":
        ask("restart-resume", "Go on with the others", _resume(sources, action))


def _long_done(action: Action) -> bool:
    ended = action.ended_at if action.state == "done" else None
    return ended is not None and datetime.now(UTC) - ended > SHOWN


def _abort(sources: Sources, action: Action) -> Act:
    def abort(reason: str) -> None:
        sources.control.abort(action.id, ReasonOnly(reason=reason))

    return abort


def _resume(sources: Sources, action: Action) -> Act:
    def resume(reason: str) -> None:
        sources.control.resume(action.id, ReasonOnly(reason=reason))

    return resume
