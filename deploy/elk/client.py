"""The few questions that the stack itself asks the log store; searching is another room's."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx

from deploy.elk.store import Store, StoreError
from deploy.elk.templates import (
    INDEX,
    MAPPINGS,
    POLICY,
    TEMPLATE,
    index_template,
    lifecycle,
    mappings,
)

TIMEOUT = 2.0
# What is only compatible with Elasticsearch names itself by this; Elasticsearch does not.
DISTRIBUTION = "distribution"
HEARTBEAT = "log-heartbeat"
KEPT_SHARE = 0.75
NDJSON = {"content-type": "application/x-ndjson"}


@contextmanager
def _asking(store: Store) -> Iterator[httpx.Client]:
    trust = ssl.create_default_context(cafile=store.ca) if store.ca else True
    signed = (store.user, store.password()) if store.user else None
    try:
        with httpx.Client(
            base_url=store.url, auth=signed, verify=trust, timeout=TIMEOUT, trust_env=False
        ) as client:
            yield client
    except httpx.HTTPStatusError as error:
        words = error.response.text.strip()[:200]
        raise StoreError(
            f"the log store at {store.url} answered {error.response.status_code}: {words}"
        ) from error
    except (httpx.HTTPError, OSError, ValueError) as error:
        raise StoreError(f"the log store at {store.url} does not answer: {error}") from error


def version(store: Store) -> str:
    """Return the store's release.

    Raises:
        StoreError: it does not answer, or refuses.
    """
    with _asking(store) as client:
        return str(client.get("/").raise_for_status().json()["version"]["number"])


def install(store: Store) -> str:
    """Put mappings, index template and, where it can, lifecycle in place; safe to repeat.

    Returns what the store lacks, in words; empty for a real Elasticsearch.

    Raises:
        StoreError: it does not answer, or refuses.
    """
    with _asking(store) as client:
        real = DISTRIBUTION not in client.get("/").raise_for_status().json()["version"]
        if real:
            _put(client, f"/_ilm/policy/{POLICY}", lifecycle())
        _put(client, f"/_component_template/{MAPPINGS}", mappings())
        _put(client, f"/_index_template/{TEMPLATE}", index_template(data_stream=real))
    if real:
        return ""
    return f"{store.url} is no Elasticsearch: a plain index, no data stream, no lifecycle"


def send_bulk(store: Store, lines: str) -> list[tuple[dict[str, Any], str]]:
    """Send the body of a bulk request; returns the answer and the line of each that is refused.

    A line that the store has already is no refusal.

    Raises:
        StoreError: it does not answer, or refuses the whole or for now.
    """
    with _asking(store) as client:
        sent = client.post("/_bulk", content=lines.encode(), headers=NDJSON).raise_for_status()
        answers = [item["create"] for item in sent.json()["items"]]
    if any(answer["status"] == httpx.codes.TOO_MANY_REQUESTS for answer in answers):
        raise StoreError(f"the log store at {store.url} asks to come later")
    documents = lines.splitlines()[1::2]
    return [
        (answer, line)
        for answer, line in zip(answers, documents, strict=True)
        if not 200 <= answer["status"] < 300 and answer["status"] != httpx.codes.CONFLICT
    ]


def newest_heartbeat(store: Store, host: str, file: str) -> datetime | None:
    """Return when the newest heartbeat that the store holds of one log file was written.

    Raises:
        StoreError: it does not answer, or refuses.
    """
    wanted = {"event.action": HEARTBEAT, "host.name": host, "log.file.path": file}
    question = {
        "size": 1,
        "sort": [{"@timestamp": "desc"}],
        "_source": ["@timestamp"],
        "query": {"bool": {"filter": [{"match_phrase": {k: v}} for k, v in wanted.items()]}},
    }
    with _asking(store) as client:
        answer = client.post(f"/{INDEX}/_search", json=question)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        hits = answer.raise_for_status().json()["hits"]["hits"]
    return datetime.fromisoformat(hits[0]["_source"]["@timestamp"]) if hits else None


def keep_newest(store: Store, most: int) -> int:
    """Delete the oldest lines of a store that holds more than `most`; returns how many.

    For one without a lifecycle, which would grow for ever. It is cut by time, as if lines
    came evenly, to about three quarters of `most`, so that it is done seldom.

    Raises:
        StoreError: it does not answer, or refuses.
    """
    with _asking(store) as client:
        count = client.get(f"/{INDEX}/_count").raise_for_status().json()["count"]
        if count <= most:
            return 0
        oldest, newest = _edge(client, "asc"), _edge(client, "desc")
        until = newest - (newest - oldest) * (KEPT_SHARE * most / count)
        older = {"range": {"@timestamp": {"lt": until.isoformat()}}}
        answer = client.post(f"/{INDEX}/_delete_by_query", json={"query": older})
        return int(answer.raise_for_status().json()["deleted"])


def _edge(client: httpx.Client, order: str) -> datetime:
    question = {"size": 1, "sort": [{"@timestamp": order}], "_source": ["@timestamp"]}
    answer = client.post(f"/{INDEX}/_search", json=question).raise_for_status()
    return datetime.fromisoformat(answer.json()["hits"]["hits"][0]["_source"]["@timestamp"])


def _put(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    client.put(path, json=body).raise_for_status()
