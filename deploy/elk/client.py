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
NDJSON = {"content-type": "application/x-ndjson"}
# It says of a request that it is malformed, or too large: so it will be the next time.
UNFIT = {httpx.codes.BAD_REQUEST, httpx.codes.REQUEST_ENTITY_TOO_LARGE}

# A line as it is asked for: what is to be done with it, and itself.
Pair = tuple[str, str]
Refusal = tuple[dict[str, Any], str]


@contextmanager
def asking(store: Store) -> Iterator[httpx.Client]:
    """Open a connection to ask `store` over.

    Raises:
        StoreError: it does not answer, or refuses; so what else the block raises of HTTP.
    """
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
    with asking(store) as client:
        return str(client.get("/").raise_for_status().json()["version"]["number"])


def install(store: Store) -> str:
    """Put mappings, index template and, where it can, lifecycle in place; safe to repeat.

    Returns what the store lacks, in words; empty for a real Elasticsearch.

    Raises:
        StoreError: it does not answer, or refuses.
    """
    with asking(store) as client:
        real = DISTRIBUTION not in client.get("/").raise_for_status().json()["version"]
        if real:
            put(client, f"/_ilm/policy/{POLICY}", lifecycle())
        put(client, f"/_component_template/{MAPPINGS}", mappings())
        put(client, f"/_index_template/{TEMPLATE}", index_template(data_stream=real))
    if real:
        return ""
    return f"{store.url} is no Elasticsearch: a plain index, no data stream, no lifecycle"


def send_bulk(store: Store, lines: str) -> list[Refusal]:
    """Send the body of a bulk request; returns the answer and the line of each that is refused.

    A line that the store has already is no refusal. A request that the store will never take
    is sent in halves, down to the line that is at fault.

    Raises:
        StoreError: it does not answer, or refuses the whole, or one of the lines, for now.
    """
    # Not by `splitlines`: what else it takes for the end of a line may stand within one.
    rows = lines.rstrip("\n").split("\n")
    with asking(store) as client:
        return _send(client, [*zip(rows[::2], rows[1::2], strict=False)])


def _send(client: httpx.Client, pairs: list[Pair]) -> list[Refusal]:
    if not pairs:
        return []
    body = "".join(f"{action}\n{line}\n" for action, line in pairs)
    sent = client.post("/_bulk", content=body.encode(), headers=NDJSON)
    if sent.status_code not in UNFIT:
        answers = [item["create"] for item in sent.raise_for_status().json()["items"]]
        if any(_for_now(answer["status"]) for answer in answers):
            raise StoreError(f"the log store at {client.base_url} asks to come later")
        return [
            (answer, line)
            for answer, (_, line) in zip(answers, pairs, strict=True)
            if not has_arrived(answer["status"])
        ]
    if len(pairs) == 1:
        return [({"status": sent.status_code, "error": sent.text[:2000]}, pairs[0][1])]
    half = len(pairs) // 2
    return _send(client, pairs[:half]) + _send(client, pairs[half:])


def has_arrived(status: int) -> bool:
    """Tell whether the store has a line that it gave this answer for, now or from before."""
    return 200 <= status < 300 or status == httpx.codes.CONFLICT


def _for_now(status: int) -> bool:
    """Tell whether the store may take the same line later, as the shipper's own rule does."""
    return status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR


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
    with asking(store) as client:
        answer = client.post(f"/{INDEX}/_search", json=question)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        hits = answer.raise_for_status().json()["hits"]["hits"]
    return datetime.fromisoformat(hits[0]["_source"]["@timestamp"]) if hits else None


def put(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    """Put `body` at `path`; raises `httpx.HTTPStatusError` where that is refused."""
    client.put(path, json=body).raise_for_status()
