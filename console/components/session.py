"""Who is looking, and the clients that speak for them."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

import streamlit as st

from console.access_schemas import Session
from console.clients.control import ControlClient
from console.clients.failures import SignedOutError, SourceAwayError
from console.clients.places import Places
from console.clients.prometheus import PrometheusClient
from console.clients.readings import AsksPrometheus
from console.components import markup
from console.components.markup import Raw

log = logging.getLogger(__name__)

NOT_YET = Raw("Sign in to see and to operate this stack.")
ENDED = Raw("Your session has ended or was signed out. Sign in again to go on.")
AWAY = Raw(
    "The control service does not answer, so nobody can sign in now. The product itself may "
    "well be serving: <code>./pharos status</code> tells, and <code>./pharos up</code> starts "
    "what is missing."
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What a page reads from and acts through, for one browser tab."""

    control: ControlClient
    prometheus: AsksPrometheus
    session: Session
    sign_in: str
    reports: str

    def report(self, run: str) -> Raw:
        """Return the link to the report on a drill or a game day."""
        href = markup.safe(f"{self.reports}/{run}")
        return Raw(f'<a href="{href}" target="_blank">Report</a>')


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who has to sign in first, with the reason and the link."""

    reason: Raw
    sign_in: str


def enter() -> Sources | Stranger:
    """Recognise the browser by its cookie."""
    places = Places.from_environment()
    page = _page()
    link = places.sign_in(page)
    token = st.context.cookies.get(places.cookie)
    if not token:
        return Stranger(NOT_YET, link)
    control = _control(places.control, token)
    try:
        session = _recognise(control, token)
    except SignedOutError:
        return Stranger(ENDED, link)
    except SourceAwayError:
        return Stranger(AWAY, link)
    prometheus = _prometheus(places.prometheus)
    return Sources(control, prometheus, session, link, places.reports(page))


def _page() -> str:
    """Return this page's address with its query, so that signing in leads back to this drill."""
    query = urlencode(st.query_params.to_dict())
    return f"{st.context.url or ''}{'?' if query else ''}{query}"


def _recognise(control: ControlClient, token: str) -> Session:
    """Ask who this is; while the control service is away, believe what it said before.

    Only a digest of the token is kept, and only until its session would have expired.
    """
    known, digest = _known(), hashlib.sha256(token.encode()).hexdigest()
    try:
        known[digest] = control.session()
    except SignedOutError:
        known.pop(digest, None)
        raise
    except SourceAwayError as error:
        log.warning("a session could not be checked: %s", error)
        session = known.get(digest)
        if session is None or (session.expires_at and session.expires_at < datetime.now(UTC)):
            raise
    return known[digest]


@st.cache_resource(show_spinner=False)
def _known() -> dict[str, Session]:
    return {}


@st.cache_resource(show_spinner=False, max_entries=100)
def _control(url: str, token: str) -> ControlClient:
    return ControlClient(url, token)


@st.cache_resource(show_spinner=False)
def _prometheus(url: str) -> PrometheusClient:
    return PrometheusClient(url)
