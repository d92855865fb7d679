"""The experiments that may be run, as a list that can be searched and narrowed by tag."""

from collections.abc import Mapping, Sequence

import streamlit as st

from console.components import markup, states, tables
from console.components.freshness import Kept, keep
from console.components.markup import Content, Raw
from console.components.numbers import NONE, moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.components.tables import Column
from console.schemas import Drill, Experiment, State
from console.views import past_drills

COLUMNS = (
    Column("Experiment", prose=True),
    Column("Tags", prose=True),
    Column("Proves", prose=True),
    Column("Needs"),
    Column("Last run"),
)
# Of so many runs the newest of each experiment is looked for.
RUNS = 100


def show(sources: Sources) -> None:
    """Show the list below its filters, which `?find=` and `?tag=` fill in."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Find",
            value=st.query_params.get("find", ""),
            placeholder="A name, a title, or an alert",
            key="experiments-find",
            width=320,
        )
        tags = st.multiselect(
            "Tags",
            _tags(sources),
            default=_asked(sources),
            placeholder="Any",
            key="experiments-tags",
            width=320,
        )
    _list(sources, words, tags)


@fragment(5)
def _list(sources: Sources, words: str, tags: list[str]) -> None:
    kept = known(sources)
    state = keep("state", sources.control.state)
    drills = keep("newest-drills", lambda: sources.control.drills(RUNS))
    states.trouble(kept)
    if kept.value is None:
        return
    found = [each for each in kept.value if fits(each, words, tags)]
    last = past_drills.newest_of_each(drills.value or [])
    st.html(markup.section("Experiments", _counted(len(found), len(kept.value))))
    if not kept.value:
        states.empty("No experiment is installed: chaos/experiments holds none.")
    elif not found:
        states.empty("No experiment fits. Take a tag away, or search for fewer words.")
    else:
        rows = [_row(each, last, state.value) for each in found]
        tables.show("experiments", COLUMNS, rows)


def known(sources: Sources) -> Kept[list[Experiment]]:
    """Return the experiments that the control service knows."""
    return keep("experiments", sources.control.experiments)


def _tags(sources: Sources) -> list[str]:
    return sorted({tag for each in known(sources).value or [] for tag in each.tags})


def _asked(sources: Sources) -> list[str]:
    asked = st.query_params.get_all("tag")
    return [tag for tag in _tags(sources) if tag in asked]


def fits(experiment: Experiment, words: str, tags: Sequence[str]) -> bool:
    """Tell whether it has every tag, and each word in its name, title, tags or alerts."""
    told = [experiment.name, experiment.title, *experiment.tags, *experiment.proves]
    text = " ".join(told).casefold()
    return set(tags) <= set(experiment.tags) and all(
        word in text for word in words.casefold().split()
    )


def _counted(found: int, all_: int) -> str:
    return f"{all_}" if found == all_ else f"{found} of {all_}"


def _row(
    experiment: Experiment, last: Mapping[str, Drill], state: State | None
) -> Sequence[Content]:
    return [
        Raw(
            f"{link(experiment.name, experiment.title)}"
            f'<div class="ph-mono ph-muted">{markup.safe(experiment.name)}</div>'
        ),
        ", ".join(experiment.tags) or NONE,
        ", ".join(experiment.proves) or NONE,
        needs(experiment, state),
        _last(last.get(experiment.name)),
    ]


def link(name: str, words: str) -> str:
    """Return the link that opens an experiment."""
    return (
        f'<a href="/chaos?experiment={markup.safe(name)}" target="_self">{markup.safe(words)}</a>'
    )


def needs(experiment: Experiment, state: State | None) -> Raw:
    """Return what the stack must have been started with, and whether it was."""
    if not experiment.needs:
        return Raw(NONE)
    has = state.extras if state else None
    return Raw("<br>".join(_need(each, has).html for each in experiment.needs))


def _need(extra: str, has: Sequence[str] | None) -> Raw:
    if has is None:
        return markup.state(f"{extra}: not known")
    return (
        markup.state(extra, "good") if extra in has else markup.state(f"{extra}: not here", "warn")
    )


def _last(drill: Drill | None) -> Raw:
    if drill is None:
        return Raw('<span class="ph-muted">never</span>')
    words = past_drills.outcome(drill)
    when = past_drills.link(drill.run, moment(drill.started_at, zone()))
    return Raw(f"{markup.state(words, past_drills.TONES.get(words, '')).html}<br>{when}")
