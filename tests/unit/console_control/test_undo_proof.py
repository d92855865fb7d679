"""What is left of a drill whose runner died: told only once it is known."""

from datetime import UTC, datetime, timedelta

from console.control.services.undo_proof import PATIENCE, Proof, UndoProof
from deploy.faults.inventory import Inventory
from tests.fakes.evidence import held_fault

RUN = "20261122T101500-a1b2"
DIED = datetime(2026, 11, 22, 10, 16, tzinfo=UTC)
LEASE_ENDS = DIED + timedelta(seconds=30)
CLEAN = Inventory(faults=[], residue=[], unknown=[])


def held(fault_id: str) -> Inventory:
    fault = held_fault().model_copy(
        update={"id": fault_id, "expires_at": LEASE_ENDS, "state": "active"}
    )
    return CLEAN.model_copy(update={"faults": [fault]})


def proof(found: Inventory, now: datetime) -> Proof | None:
    return UndoProof(lambda: found, lambda: now).of(RUN, DIED)


def test_nothing_is_left_once_every_place_says_so() -> None:
    found = proof(CLEAN, DIED)
    assert found is not None
    assert (found.clean, found.words) == (True, "nothing of it is left")


def test_a_fault_of_the_run_is_waited_for_until_its_lease_is_over_and_then_is_left() -> None:
    found = held(f"{RUN}-1")
    assert proof(found, LEASE_ENDS + PATIENCE - timedelta(seconds=1)) is None
    last = proof(found, LEASE_ENDS + PATIENCE)
    assert last is not None
    assert (last.clean, len(last.residue)) == (False, 1)
    assert last.words.startswith("left: ")


def test_the_fault_of_another_run_is_none_of_its() -> None:
    found = proof(held("20261122T101600-c3d4-1"), DIED)
    assert found is not None
    assert found.clean is True


def test_what_no_lease_holds_is_left() -> None:
    found = proof(CLEAN.model_copy(update={"residue": ["api-1 is stopped"]}), DIED + PATIENCE)
    assert found is not None
    assert (found.clean, found.residue) == (False, ("api-1 is stopped",))


def test_a_place_that_does_not_answer_is_waited_for_and_then_leaves_it_open() -> None:
    silent = CLEAN.model_copy(update={"unknown": ["the node agent: it does not answer"]})
    assert proof(silent, DIED) is None
    found = proof(silent, DIED + PATIENCE)
    assert found is not None
    assert found.clean is None
    assert "the node agent: it does not answer" in found.words
