"""Pages run by Streamlit's own test runner over hand-written sources."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from tests.fakes.console import FakeControl, sources
from tests.fakes.series import FakePrometheus
from tests.fixtures.running import PATIENCE


@pytest.fixture(scope="session", autouse=True)
def _components_looked_for_once() -> Iterator[None]:
    """Let the pages share what Streamlit finds in every installed package: it takes 0.5 s each."""
    with pytest.MonkeyPatch.context() as patch:
        once = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


class Page:
    """A page, what it reads from, and what it says."""

    def __init__(self, script: Callable[..., None]) -> None:
        self.control, self.prometheus = FakeControl(), FakePrometheus()
        self.sources = sources(self.control, self.prometheus)
        given = {"sources": self.sources}
        self.app = AppTest.from_function(script, kwargs=given, default_timeout=PATIENCE)

    def run(self) -> "Page":
        self.app.run()
        assert not self.app.exception
        return self

    @property
    def html(self) -> str:
        """Everything that the page shows as HTML, in order."""
        return "\n".join(element.proto.body for element in self.app.get("html"))

    def press(self, label: str) -> "Page":
        next(button for button in self.app.button if button.label == label).click()
        return self.run()

    def reason(self, words: str) -> "Page":
        self.app.text_input[0].input(words)
        return self


# The runner takes a function's body alone, so each script imports for itself.
def _load(sources: object) -> None:
    from console.views import load  # noqa: PLC0415

    load.show(sources)  # type: ignore[arg-type]


def _replicas(sources: object) -> None:
    from console.views import replicas  # noqa: PLC0415

    replicas.show(sources)  # type: ignore[arg-type]


def _chaos(sources: object) -> None:
    from console.views import chaos  # noqa: PLC0415

    chaos.show(sources)  # type: ignore[arg-type]


def _dashboards(sources: object) -> None:
    from console.views import dashboards  # noqa: PLC0415

    dashboards.show(sources)  # type: ignore[arg-type]


def _alerts(sources: object) -> None:
    from console.views import alerts  # noqa: PLC0415

    alerts.show(sources)  # type: ignore[arg-type]


def _logs(sources: object) -> None:
    from console.views import logs  # noqa: PLC0415

    logs.show(sources)  # type: ignore[arg-type]


def _timeline(sources: object) -> None:
    from console.views import timeline  # noqa: PLC0415

    timeline.show(sources)  # type: ignore[arg-type]


def _header(sources: object) -> None:
    from console.components import header  # noqa: PLC0415

    header.show("Load", sources)  # type: ignore[arg-type]


@pytest.fixture
def load_page() -> Page:
    return Page(_load)


@pytest.fixture
def replicas_page() -> Page:
    return Page(_replicas)


@pytest.fixture
def chaos_page() -> Page:
    return Page(_chaos)


@pytest.fixture
def dashboards_page() -> Page:
    return Page(_dashboards)


@pytest.fixture
def logs_page() -> Page:
    return Page(_logs)


@pytest.fixture
def header_page() -> Page:
    return Page(_header)


@pytest.fixture
def alerts_page() -> Page:
    return Page(_alerts)


@pytest.fixture
def timeline_page() -> Page:
    return Page(_timeline)
