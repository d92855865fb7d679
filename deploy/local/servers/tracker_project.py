"""Asks the error tracker's API for the project that our processes report to."""

from collections.abc import Mapping
from typing import Any

import httpx

from deploy.local.component import PreparationError

API = "/api/canonical/0"
TEAM = PROJECT = "pharos"
TIMEOUT = 10.0


def project_dsn(url: str, token: str) -> str:
    """Return the DSN of the project, making it and its team when they are missing.

    Raises:
        PreparationError: the tracker refused or could not be reached.
    """
    try:
        with httpx.Client(
            base_url=url + API, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT
        ) as api:
            team = _ensure(api, "/teams/", {"name": TEAM})
            project = _ensure(api, "/projects/", {"name": PROJECT, "team": team["id"]})
            answer = api.get(f"/projects/{project['id']}/").raise_for_status()
            return str(answer.json()["dsn"])
    except (httpx.HTTPError, LookupError, ValueError) as error:
        raise PreparationError(f"the error tracker gave no project: {error}") from error


def _ensure(api: httpx.Client, path: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    listed = api.get(path).raise_for_status().json()["results"]
    found = next((entry for entry in listed if entry["name"] == wanted["name"]), None)
    if found is None:
        found = api.post(path, json=wanted).raise_for_status().json()
    return dict(found)
