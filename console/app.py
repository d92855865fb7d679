"""The console's navigation; the pages are in `console.views`."""

import os
from importlib.metadata import version
from pathlib import Path

import streamlit as st

from backend.observability.catalogue import Process
from backend.observability.logs import configure_logging
from console.views import alerts, chaos, dashboards, load, logs, replicas, timeline
from console.views.frame import framed

MARK = Path(__file__).parent / "components" / "pharos.svg"


@st.cache_resource(show_spinner=False)
def _configure_logging() -> None:
    log_file = os.environ.get("PHAROS_LOG_FILE")
    configure_logging(
        service=Process.CONSOLE,
        log_file=Path(log_file) if log_file else None,
        node=Process.CONSOLE,
        version=version("pharos"),
    )


_configure_logging()
st.set_page_config(page_title="Pharos", page_icon=str(MARK), layout="wide")
st.logo(MARK, size="large")
first = st.Page(framed("Load", load.show), title="Load", url_path="load")
# The default page is served at / alone, so that /load is an address like the others.
root = st.Page(lambda: st.switch_page(first), title="Pharos", default=True, visibility="hidden")
pages = [
    first,
    st.Page(framed("Replicas", replicas.show), title="Replicas", url_path="replicas"),
    st.Page(framed("Chaos", chaos.show), title="Chaos", url_path="chaos"),
    st.Page(framed("Timeline", timeline.show), title="Timeline", url_path="timeline"),
    st.Page(framed("Alerts", alerts.show), title="Alerts", url_path="alerts"),
    st.Page(framed("Logs", logs.show), title="Logs", url_path="logs"),
    st.Page(framed("Dashboards", dashboards.show), title="Dashboards", url_path="dashboards"),
]
st.navigation([root, *pages], position="top").run()
