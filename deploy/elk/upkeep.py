"""What a store without a lifecycle is spared and made to forget: the test server, in memory.

Seen with osmem 0.1.6 (`internal/engine/segments.go`): it indexes the lines of small
requests once more, ten requests at a time, and what came of that again, so 64 lines a
request are indexed three times, the last time 6,400 in one go, which takes seconds in
which it answers nobody. Like Elasticsearch it leaves alone what was indexed before its
mappings were updated, also where the update changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

import httpx

from deploy.elk.client import asking, put
from deploy.elk.store import Store
from deploy.elk.templates import INDEX

# Fewer than ten of the shipper's requests.
SETTLED_LINES = 400
KEPT_SHARE = 0.75


@dataclass
class Upkeep:
    """To be done every few seconds; `settled` is how many lines it had at the last update."""

    settled: int = 0

    def step(self, store: Store, most: int) -> int:
        """Have `store` leave alone what it has, and delete what is oldest beyond `most` lines.

        Returns how many it deleted. It is cut by time, as if lines came evenly, to about three
        quarters of `most`, so that it is done seldom.

        Raises:
            StoreError: it does not answer, or refuses.
        """
        with asking(store) as client:
            count = client.get(f"/{INDEX}/_count").raise_for_status().json()["count"]
            if abs(count - self.settled) >= SETTLED_LINES:
                put(client, f"/{INDEX}/_mapping", {"properties": {}})
                self.settled = count
            deleted = _cut(client, KEPT_SHARE * most / count) if count > most else 0
        self.settled -= deleted
        return deleted


def _cut(client: httpx.Client, kept: float) -> int:
    oldest, newest = _edge(client, "asc"), _edge(client, "desc")
    until = newest - (newest - oldest) * kept
    older = {"range": {"@timestamp": {"lt": until.isoformat()}}}
    answer = client.post(f"/{INDEX}/_delete_by_query", json={"query": older})
    return int(answer.raise_for_status().json()["deleted"])


def _edge(client: httpx.Client, order: str) -> datetime:
    question = {"size": 1, "sort": [{"@timestamp": order}], "_source": ["@timestamp"]}
    answer = client.post(f"/{INDEX}/_search", json=question).raise_for_status()
    return datetime.fromisoformat(answer.json()["hits"]["hits"][0]["_source"]["@timestamp"])
