"""One trace leads from the request through outbox and broker to the read model."""

import pytest

from backend.observability.context import working_on
from backend.observability.spans import Collector, make_spans
from tests.fakes.collector import collecting
from tests.integration.backend_events.eventside import EventSide, eventually

pytestmark = pytest.mark.stack

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def test_each_station_is_a_span_below_the_one_before(side: EventSide) -> None:
    user = await side.user()
    with collecting() as collector:
        side.spans = make_spans(
            Collector(collector.url), service="events", release="1", node="n", environment="local"
        )
        with working_on("r-1", f"00-{TRACE}-{SPAN}-01"):
            await side.append(user)
        async with side.relay(), side.worker():
            await eventually(lambda: side.applied(user), [1])
        side.spans.close()
    spans = collector.of_trace(TRACE)
    assert set(spans) == {"events: send pharos.events", "events: process pharos.activity"}
    sent, processed = spans["events: send pharos.events"], spans["events: process pharos.activity"]
    assert sent.parent_span_id.hex() == SPAN
    assert processed.parent_span_id == sent.span_id
