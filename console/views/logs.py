"""The Logs page: a search over all components' lines, and one request's whole way.

The address holds the search (`?query=…&since=15m&level=error&component=api-1&request_id=…`),
so that an alert or a colleague can point at it.
"""

from datetime import datetime

import streamlit as st

from backend.observability.fields import LEVELS, SERVICES
from console.components import states
from console.components.freshness import Kept, keep
from console.components.markup import Raw, section
from console.components.reports import fragment
from console.components.session import Sources
from console.schemas import LogHistogram, LogLines
from console.views import log_bars, log_lines

SINCE = ("5m", "15m", "1h", "6h", "1d", "7d")
LIMIT = 100
TAIL_SECONDS = 3
NAMES = ("query", "since", "level", "component", "request_id")
EVERY_LEVEL, EVERYTHING = "all levels", "all components"

NOTHING = Raw(
    "No line was found. Ask for a longer time or fewer conditions; "
    "<code>./pharos logs NAME</code> shows what a component printed beside its log."
)
SYNTAX = (
    'All words must occur. `"a phrase"`, `field:value` (level, service, node, status, method, '
    "route, path, request, trace, user, event, error, logger, action, run, or any field's whole "
    "name), `field:*` for a field that is there, and `-` before one of them for lines without it."
)


def show(sources: Sources) -> None:
    """Show the page; with Tail on, what is found refreshes itself."""
    how = _form()
    tail = st.toggle("Tail: look for new lines every few seconds", key="tail")
    if "request_id" in how and not _way(sources, how["request_id"]):
        return
    fragment(TAIL_SECONDS if tail else None)(_found)(sources, how)


def _form() -> dict[str, str]:
    """Show the search as the address has it; return it, and write what is asked back there."""
    given = {name: st.query_params.get(name, "") for name in NAMES}
    levels = _with((EVERY_LEVEL, *LEVELS), given["level"])
    components = _with((EVERYTHING, *SERVICES), given["component"])
    times = _with(SINCE, given["since"])
    with st.form("search", border=False):
        query = st.text_input(
            "Search", given["query"], placeholder='timeout "no free connection" -status:200',
            help=SYNTAX,
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="bottom"):
            since = st.selectbox("In the last", times, _place(times, given["since"] or "15m"))
            level = st.selectbox("Level at least", levels, _place(levels, given["level"]))
            component = st.selectbox(
                "Component", components, _place(components, given["component"])
            )
            request = st.text_input("Request id", given["request_id"])
            st.form_submit_button("Search", type="primary")
    asked = {
        "query": query.strip(),
        "since": since,
        "level": "" if level == EVERY_LEVEL else level,
        "component": "" if component == EVERYTHING else component,
        "request_id": request.strip(),
    }
    how = {name: value for name, value in asked.items() if value}
    if how != dict(st.query_params):
        st.query_params.from_dict(how)
    return how


def _with(options: tuple[str, ...], value: str) -> tuple[str, ...]:
    """Return the options with what the address names, which the service refuses in words."""
    return options if not value or value in options else (*options, value)


def _place(options: tuple[str, ...], value: str) -> int:
    return options.index(value) if value in options else 0


def _found(sources: Sources, how: dict[str, str]) -> None:
    lines = keep("log-lines", lambda: sources.control.logs(LIMIT, **how), how)
    states.trouble(lines)
    # Who did not answer one question would keep the reader waiting with a second one.
    if lines.trouble is None:
        _over_time(keep("log-bars", lambda: sources.control.log_histogram(**how), how))
    _lines(lines)


def _over_time(kept: Kept[LogHistogram]) -> None:
    states.trouble(kept)
    counts = kept.value
    if counts is None or not counts.bars:
        return
    st.html(section("Over time", f"lines in {_in_words(counts.width)}, by level"))
    log_bars.show(counts)


def _in_words(seconds: int) -> str:
    units = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
    return next(f"{seconds // size} {unit}" for size, unit in units if seconds % size == 0)


def _lines(kept: Kept[LogLines]) -> None:
    if kept.value is None:
        return
    st.html(section("Lines", _note(kept.value, kept.at)))
    if kept.value.lines:
        log_lines.show(kept.value.lines)
    else:
        states.empty(NOTHING)


def _note(found: LogLines, at: datetime | None) -> str:
    if not found.lines or at is None:
        return ""
    return f"the newest {len(found.lines)}" if found.more else f"all {len(found.lines)}"


def _way(sources: Sources, request: str) -> bool:
    """Show it; return False where the reason why there is none goes for the lines, too."""
    st.html(section("This request's way", request))
    kept = keep("log-way", lambda: sources.control.way(request), request)
    states.trouble(kept)
    if kept.value is None:
        return False
    if kept.value.lines:
        log_lines.show_way(kept.value.lines)
    else:
        states.empty("No line has this request id; lines arrive a second after they are written.")
    return True
