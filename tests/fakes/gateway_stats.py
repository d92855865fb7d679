"""A gateway's statistics page in this process, with the counters that a test sets."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.serving import Quiet, serving

ANSWERS, LISTENERS = "envoy_http_downstream_rq_xx", "envoy_listener_http_downstream_rq_xx"
TIMES = "envoy_http_downstream_rq_time_bucket"


class Counters:
    """What the page tells; `away` lets it answer 503."""

    def __init__(self) -> None:
        self.good, self.failed, self.away = 0, 0, False

    def page(self) -> bytes:
        lines = [
            f"# TYPE {ANSWERS} counter",
            _line(ANSWERS, 999, 'envoy_response_code_class="2"', prefix="admin"),
            _line(ANSWERS, self.good, 'envoy_response_code_class="2"'),
            _line(ANSWERS, self.failed, 'envoy_response_code_class="5"'),
            _line(LISTENERS, 7, 'envoy_response_code_class="2"'),
            _line(TIMES, self.good, 'le="100"'),
            _line(TIMES, self.good + self.failed, 'le="+Inf"'),
        ]
        return "\n".join([*lines, ""]).encode()


def _line(name: str, value: int, label: str, prefix: str = "gateway") -> str:
    return f'{name}{{{label},envoy_http_conn_manager_prefix="{prefix}"}} {value}'


@contextmanager
def gateway_stats() -> Iterator[tuple[str, Counters]]:
    """Serve the page; gives its address and its counters."""
    counters = Counters()

    class Answer(Quiet):
        def do_GET(self) -> None:
            self.send(counters.page(), 503 if counters.away else 200)

    with serving(Answer) as port:
        yield f"http://127.0.0.1:{port}", counters
