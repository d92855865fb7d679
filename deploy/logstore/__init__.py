"""Searching log lines: one interface, two stores.

Elasticsearch where `PHAROS_ELASTICSEARCH_URL` names one, or the stack ships to
one that it was given; else the home's own files through DuckDB, also beside
the test server, which forgets. The command line and the control service ask
the same questions and get the same answers from both: the contract tests hold
them to it.
"""

from deploy.elk.store import StoreError, given_store, store_of
from deploy.home import Home
from deploy.logstore.errors import LogStoreError, QueryError, StoreAwayError, TooLongError
from deploy.logstore.search import (
    Found,
    Histogram,
    Line,
    LogStore,
    Search,
    bar_width,
    make_search,
)

__all__ = [
    "Found",
    "Histogram",
    "Line",
    "LogStore",
    "LogStoreError",
    "QueryError",
    "Search",
    "StoreAwayError",
    "TooLongError",
    "bar_width",
    "make_search",
    "open_store",
]


def open_store(home: Home) -> LogStore:
    """Return the store of a home; the libraries behind it are imported only now.

    Raises:
        StoreAwayError: a variable that names Elasticsearch, or its password, cannot be used.
    """
    try:
        store = given_store() or store_of(home)
        if store.given:
            from deploy.logstore.elastic import ElasticLogs  # noqa: PLC0415

            return ElasticLogs(store)
    except StoreError as error:
        raise StoreAwayError(str(error)) from error
    from deploy.logstore.local import LocalLogs  # noqa: PLC0415

    return LocalLogs(home)
