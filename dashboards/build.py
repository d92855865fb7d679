"""Writes the dashboards' JSON files, and tells when one is out of date."""

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.alerting import ALERTING_DASHBOARD
from dashboards.api import API_DASHBOARD
from dashboards.dependencies import DEPENDENCIES_DASHBOARD
from dashboards.events import EVENTS_DASHBOARD
from dashboards.frame import build
from dashboards.model import Dashboard
from dashboards.overview import OVERVIEW
from dashboards.replicas import REPLICAS_DASHBOARD

JSON = Path(__file__).resolve().parent / "json"
DASHBOARDS = {
    "overview": OVERVIEW,
    "api": API_DASHBOARD,
    "events": EVENTS_DASHBOARD,
    "dependencies": DEPENDENCIES_DASHBOARD,
    "replicas": REPLICAS_DASHBOARD,
    "alerting": ALERTING_DASHBOARD,
}


def render(dashboard: Dashboard) -> str:
    """Return the file's text: stable, so that a difference means a change."""
    return JSONEncoder(sort_keys=True, indent=2).encode(build(dashboard)) + "\n"


def write(folder: Path = JSON) -> list[Path]:
    """Write every dashboard and return the files."""
    folder.mkdir(exist_ok=True)
    for name, dashboard in DASHBOARDS.items():
        (folder / f"{name}.json").write_text(render(dashboard))
    return [folder / f"{name}.json" for name in DASHBOARDS]


def outdated(folder: Path = JSON) -> list[str]:
    """Return a sentence for each file that is not what its source says, or has no source."""
    found = []
    for name, dashboard in DASHBOARDS.items():
        path = folder / f"{name}.json"
        if not path.exists():
            found.append(f"{path.name} is missing")
        elif path.read_text() != render(dashboard):
            found.append(f"{path.name} is not what its source says")
    known = {f"{name}.json" for name in DASHBOARDS}
    return found + [
        f"{path.name} has no source"
        for path in sorted(folder.glob("*.json"))
        if path.name not in known
    ]
