"""A runbook as it is read: its Markdown, and its queries with a button that asks them."""

import re
from datetime import UTC, datetime

import streamlit as st

from console.clients.failures import SourceError
from console.clients.readings import AsksPrometheus
from console.components import states, tables
from console.components.numbers import NONE
from console.components.reports import fragment
from console.components.tables import Column

BLOCK = re.compile(r"^[ ]*```promql[^\n]*\n(.*?)^[ ]*```[ ]*$", re.DOTALL | re.MULTILINE)
COLUMNS = (Column("Series", prose=True), Column("Value", figures=True))
MOST = 20


def show(text: str, prometheus: AsksPrometheus) -> None:
    """Show the page of one alert."""
    with st.container(key="runbook"):
        # Every second part is a query: a pattern with one group splits so.
        for number, part in enumerate(BLOCK.split(text)):
            if number % 2:
                _query(number, " ".join(part.split()), prometheus)
            elif part.strip():
                st.markdown(part)


@fragment()
def _query(number: int, promql: str, prometheus: AsksPrometheus) -> None:
    st.code(promql, language="promql", wrap_lines=True)
    if not st.button("Ask now", key=f"runbook-query-{number}", icon=":material/play_arrow:"):
        return
    try:
        samples = prometheus.query(promql, datetime.now(UTC))
    except SourceError as error:
        states.note(str(error), "warn")
        return
    if not samples:
        states.empty("No series: nothing is as this query looks for it.")
        return
    rows = [
        [_series(sample.labels), NONE if sample.value is None else f"{sample.value:,.6g}"]
        for sample in samples[:MOST]
    ]
    tables.show(f"runbook-{number}", COLUMNS, rows)
    if len(samples) > MOST:
        states.note(f"{len(samples) - MOST} more series are not shown.")


def _series(labels: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(labels.items())) or "all together"
