"""What the console tells of its pages' runs."""

from contextlib import suppress

import pytest
from streamlit.runtime.scriptrunner_utils.exceptions import StopException

from console.components.signals import ConsoleSignals


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [(None, "done"), (StopException(), "done"), (ValueError("broken"), "failed")],
)
def test_a_run_is_counted_by_how_it_ended(ending: BaseException | None, outcome: str) -> None:
    signals = ConsoleSignals()
    with suppress(StopException, ValueError), signals.run("Load"):
        if ending is not None:
            raise ending
    text = signals.instruments.exposition()[0].decode()
    assert f'pharos_console_page_runs_total{{outcome="{outcome}",page="Load"}} 1.0' in text
    assert 'pharos_console_page_duration_seconds_count{page="Load"} 1.0' in text
