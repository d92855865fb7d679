"""The node agent and Prometheus of a stack that does not exist, over real HTTP.

For drills in a process of their own, which no fake object can reach: the agent
answers from a FakeDriver and a FakePlace, Prometheus from a FakeTraffic.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from chaos.places import OUTSIDE
from chaos.probes.prometheus import DURATIONS, MEMBERS, RESPONSES
from deploy.home import Home
from deploy.secrets import ensure_secrets
from tests.fakes.driver import FakeDriver
from tests.fakes.places import killing
from tests.fakes.serving import Quiet, serving
from tests.fakes.traffic import FakeTraffic


def _agent(driver: FakeDriver) -> type[Quiet]:
    place = killing(driver).of_agent

    class Agent(Quiet):
        def do_GET(self) -> None:
            if self.path == "/v1/status":
                self.answer(driver.status().model_dump(mode="json"))
            elif self.path == "/v1/faults":
                self.answer(place.read_back().model_dump(mode="json"))
            else:
                self.answer({role: {"desired": count} for role, count in driver.wanted.items()})

        def do_POST(self) -> None:
            fault = place.inject(OUTSIDE.validate_json(self.body()))
            self.answer(fault.model_dump(mode="json"), 201)

        def do_DELETE(self) -> None:
            place.revert(self.path.split("/")[3])
            self.send(b"", 204)

    return Agent


def _prometheus(traffic: FakeTraffic) -> type[Quiet]:
    class Prometheus(Quiet):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            if "query" not in asked:  # no alert is pending or fires
                self.answer({"status": "success", "data": {"alerts": []}})
                return
            at = float(asked["time"][0]) if "time" in asked else None
            result = [
                {"metric": labels, "value": [0, str(value)]}
                for labels, value in _vector(traffic, asked["query"][0], at)
            ]
            self.answer({"status": "success", "data": {"result": result}})

    return Prometheus


def _vector(
    traffic: FakeTraffic, query: str, at: float | None
) -> list[tuple[dict[str, str], float]]:
    totals = traffic.totals(at)
    if "timestamp(" in query:
        return [({}, totals.at)]
    if MEMBERS in query:
        return [({}, traffic.serving)]
    codes = {"2": totals.requests - totals.failed, "5": totals.failed}
    responses = [
        ({"__name__": RESPONSES, "envoy_response_code_class": code}, count)
        for code, count in codes.items()
    ]
    return responses + [
        ({"__name__": DURATIONS, "le": str(bound * 1000).replace("inf", "+Inf")}, count)
        for bound, count in totals.buckets.items()
    ]


class Gateway(Quiet):
    """Answers every read with an empty page."""

    page: ClassVar[dict[str, object]] = {"items": [], "next_cursor": None}

    def do_GET(self) -> None:
        self.answer(self.page)


@contextmanager
def surroundings(home: Home, driver: FakeDriver, traffic: FakeTraffic) -> Iterator[None]:
    """Serve a home's agent, Prometheus and gateway at its ports, and make its keys."""
    home.root.mkdir(parents=True, exist_ok=True)
    ensure_secrets(home.keys)
    handlers = {
        "agent": _agent(driver),
        "prometheus": _prometheus(traffic),
        "gateway": Gateway,
    }
    with ExitStack() as served:
        for name, handler in handlers.items():
            served.enter_context(serving(handler, home.ports[name]))
        yield
