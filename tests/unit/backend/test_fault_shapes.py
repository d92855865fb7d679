"""What a fault may be at most, and what is said to who asks for more."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from backend.schemas.faults import Injection
from backend.schemas.replica_faults import KINDS, ReplicaInjection
from deploy.home import PROJECT

SHAPE: TypeAdapter[Injection] = TypeAdapter(ReplicaInjection)

# Kind, arguments, the field that is refused, and the bound that is named.
BEYOND = [
    ("latency", {"delay_seconds": 30.5}, "delay_seconds", "30"),
    ("latency", {"delay_seconds": 0}, "delay_seconds", "0"),
    ("latency", {"delay_seconds": 20, "jitter_seconds": 11}, "jitter_seconds", "10"),
    ("latency", {"delay_seconds": 2, "jitter_seconds": 3}, "jitter_seconds", "2"),
    ("latency", {"delay_seconds": float("nan")}, "delay_seconds", "finite"),
    ("latency", {"delay_seconds": 1, "percentage": 101}, "percentage", "100"),
    ("latency", {"delay_seconds": 1, "percentage": -1}, "percentage", "0"),
    ("error-status", {"status": 200}, "status", "400"),
    ("error-status", {"status": 600}, "status", "599"),
    ("error-status", {"status": 499}, "status", "499"),
    ("exception", {"percentage": 100.1}, "percentage", "100"),
    ("query-multiplication", {"queries": 201}, "queries", "200"),
    ("cpu-burn", {"percentage": 101}, "percentage", "100"),
    ("cpu-burn", {"threads": 2}, "threads", "not permitted"),
    ("memory-growth", {"mebibytes": 513}, "mebibytes", "512"),
    ("blocked-loop", {"block_seconds": 31}, "block_seconds", "30"),
    ("exhausted-pool", {"connections": 0}, "connections", "1"),
    ("failing-readiness", {"route": "/v1/users"}, "route", "not permitted"),
]


def refusals(**asked: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        SHAPE.validate_python({"id": "a", **asked})
    return [
        (".".join(str(part) for part in each["loc"][-1:]), each["msg"])
        for each in refused.value.errors()
    ]


@pytest.mark.parametrize(("kind", "arguments", "field", "bound"), BEYOND)
def test_beyond_a_cap_the_field_and_the_bound_are_named(
    kind: str, arguments: dict[str, Any], field: str, bound: str
) -> None:
    ((named, message),) = refusals(kind=kind, arguments=arguments)
    assert named == field
    assert bound in message


@pytest.mark.parametrize("lease", [0.9, 300.5, float("inf")])
def test_a_lease_has_bounds(lease: float) -> None:
    ((field, _),) = refusals(kind="cpu-burn", lease_seconds=lease)
    assert field == "lease_seconds"


@pytest.mark.parametrize("name", ["", "a" * 65, "a/b", "a b", "ä", "a\n"])
def test_an_id_fits_into_a_path(name: str) -> None:
    ((field, _),) = refusals(id=name, kind="cpu-burn")
    assert field == "id"


def test_an_unknown_kind_is_told_which_there_are() -> None:
    ((_, message),) = refusals(kind="earthquake", arguments={})
    assert "'failing-readiness'" in message


def test_a_request_without_a_lease_has_the_usual_one() -> None:
    asked = SHAPE.validate_python({"id": "a", "kind": "cpu-burn"})
    assert asked.lease_seconds == 30


def test_each_kind_is_written_of() -> None:
    page = (PROJECT / "docs" / "faults.md").read_text()
    assert {kind for kind in KINDS if f"| `{kind}` |" not in page} == set()
