"""The other store: Elasticsearch (or what speaks as it), through its official client.

The client asks for its own MIME type, which compatible servers refuse and
Elasticsearch itself does not need: plain JSON is sent in its place.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from elastic_transport import HttpHeaders, TransportError, Urllib3HttpNode
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    Elasticsearch,
    UnsupportedProductError,
)

from backend.observability.fields import BY_NAME, Type
from deploy.elk.store import PASSWORD_FILE, USER, Store
from deploy.elk.templates import PATTERN
from deploy.logstore.errors import StoreAwayError, TooLongError
from deploy.logstore.query import Term
from deploy.logstore.search import Bar, Found, Histogram, Line, Search
from deploy.logstore.sql import AT, LEVEL, SEARCHED, is_contained, stamp

SECONDS = 20.0
COMPONENT = ("service.name", "service.node.name")


class PlainNode(Urllib3HttpNode):
    """Says `application/json` for the client's own type."""

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Any = None,
        request_timeout: Any = None,
    ) -> Any:
        plain = {
            name: "application/json" if "vnd.elasticsearch+json" in value else value
            for name, value in dict(headers or {}).items()
        }
        return super().perform_request(method, target, body, HttpHeaders(plain), request_timeout)


class ElasticLogs:
    """Searches what was shipped to the index."""

    def __init__(self, store: Store, index: str = PATTERN, seconds: float = SECONDS) -> None:
        """Take where lines are shipped to.

        Raises:
            StoreError: the password's file cannot be used.
        """
        self._index, self._seconds = index, seconds
        authority: dict[str, Any] = {"ca_certs": str(store.ca)} if store.ca else {}
        self._client = Elasticsearch(
            store.url,
            node_class=PlainNode,
            request_timeout=seconds,
            max_retries=0,
            basic_auth=(store.user, store.password()) if store.user else None,
            **authority,
        )

    def search(self, search: Search) -> Found:
        """Return the lines; raises StoreAwayError or TooLongError."""
        direction = "desc" if search.order == "newest" else "asc"
        answer = self._ask(
            size=search.limit + 1,
            query=condition(search),
            sort=[{AT: {"order": direction, "unmapped_type": "date"}}],
        )
        lines = [Line.of(_flat(hit["_source"])) for hit in answer["hits"]["hits"]]
        # The index sorts by milliseconds.
        lines.sort(key=lambda line: line.at, reverse=search.order == "newest")
        return Found(lines[: search.limit], more=len(lines) > search.limit)

    def histogram(self, search: Search, width: int) -> Histogram:
        """Return the counts; raises StoreAwayError or TooLongError."""
        by_level = {"levels": {"terms": {"field": LEVEL, "missing": "info"}}}
        over_time = {
            "date_histogram": {"field": AT, "fixed_interval": f"{width}s", "min_doc_count": 1},
            "aggs": by_level,
        }
        answer = self._ask(size=0, query=condition(search), aggs={"bars": over_time})
        found = answer.get("aggregations", {}).get("bars", {}).get("buckets", [])
        return Histogram(width, [_bar(bucket) for bucket in found if bucket["doc_count"]])

    def close(self) -> None:
        self._client.close()

    def _ask(self, **body: Any) -> Any:
        try:
            return self._client.search(
                index=self._index, ignore_unavailable=True, allow_no_indices=True, **body
            )
        except UnsupportedProductError as error:
            raise StoreAwayError("what answers there is no Elasticsearch") from error
        except (AuthenticationException, AuthorizationException) as error:
            raise StoreAwayError(
                f"Elasticsearch refused the user with {error.status_code}: look at {USER} and "
                f"{PASSWORD_FILE}, and at what he may read"
            ) from error
        except ApiError as error:
            raise StoreAwayError(f"Elasticsearch refused the search: {error}") from error
        except TransportError as error:
            if "timed out" in str(error).lower():
                raise TooLongError(
                    f"Elasticsearch took more than {self._seconds:.0f} seconds: ask for less "
                    "time, or name a component or a request"
                ) from error
            raise StoreAwayError(f"Elasticsearch does not answer: {error.message}") from error


def condition(search: Search) -> dict[str, Any]:
    """Return the query of a search, in the language of Elasticsearch's Query DSL."""
    wanted: list[dict[str, Any]] = []
    if bounds := _bounds(search):
        wanted.append({"range": {AT: bounds}})
    if search.level:
        wanted.append({"terms": {LEVEL: list(search.levels)}})
    if search.component:
        wanted.append(_any(_equal(name, search.component) for name in COMPONENT))
    if search.request_id:
        wanted.append(_equal("http.request.id", search.request_id))
    if search.trace_id:
        wanted.append(_equal("trace.id", search.trace_id))
    wanted += [_holds(term) for term in search.terms if not term.negated]
    unwanted = [_holds(term) for term in search.terms if term.negated]
    return {"bool": {"filter": wanted, "must_not": unwanted}}


def _bounds(search: Search) -> dict[str, str]:
    bounds = {}
    if search.since:
        bounds["gte"] = stamp(search.since)
    if search.until:
        bounds["lt"] = stamp(search.until)
    return bounds


def _holds(term: Term) -> dict[str, Any]:
    if term.field is None:
        return _any(_contains(BY_NAME[name].whole, term.text) for name in SEARCHED)
    if term.presence:
        return {"exists": {"field": term.field.name}}
    if is_contained(term.field):
        return _contains(term.field.whole, term.text)
    if term.field.type is Type.LONG:
        return _number(term)
    return {"term": {term.field.name: {"value": term.text, "case_insensitive": True}}}


def _number(term: Term) -> dict[str, Any]:
    """A number is equal to its digits; what is none is equal to no number."""
    if term.field is None or not re.fullmatch(r"-?(0|[1-9]\d{0,17})", term.text):
        return {"match_none": {}}
    return {"term": {term.field.name: {"value": int(term.text)}}}


def _contains(name: str, text: str) -> dict[str, Any]:
    escaped = re.sub(r"([\\*?])", r"\\\1", text)
    return {"wildcard": {name: {"value": f"*{escaped}*", "case_insensitive": True}}}


def _equal(name: str, text: str) -> dict[str, Any]:
    return {"term": {name: {"value": text}}}


def _any(conditions: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"bool": {"should": list(conditions), "minimum_should_match": 1}}


def _bar(bucket: dict[str, Any]) -> Bar:
    counts = {level["key"]: level["doc_count"] for level in bucket["levels"]["buckets"]}
    return Bar(datetime.fromtimestamp(bucket["key"] / 1000, UTC), counts)


def _flat(source: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return fields by their dotted names, as lines have them, however the shipper nested them."""
    flat: dict[str, Any] = {}
    for name, value in source.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat
