"""`pharos test`: nothing is left out, and no kind's end is taken for another's."""

import signal
from pathlib import Path

import pytest

from deploy.home import PROJECT
from tests.lanes import BESIDE, IN_FRONT, NO_TESTS_COLLECTED, Ended, Step

PYTEST = Step("unit", ("pytest", "tests/unit"))
SIDE_BY_SIDE = [step for lane in BESIDE for step in lane]
TEST_FILES = [path for path in PROJECT.glob("tests/**/test_*.py") if "soak" not in path.parts]


def selections(file: Path) -> set[str]:
    """Return what is selected of a test file, by the steps that its folder is given to."""
    return {
        step.argv[2]
        for step in (*SIDE_BY_SIDE, *IN_FRONT)
        if any(PROJECT / argument in file.parents for argument in step.argv if "/" in argument)
    }


@pytest.mark.parametrize("file", TEST_FILES, ids=lambda file: str(file.relative_to(PROJECT)))
def test_nothing_of_a_test_file_is_left_out(file: Path) -> None:
    assert selections(file) in (
        {"not soak"},
        {"not soak and stack", "not soak and not stack"},
    )


def test_only_what_needs_no_shared_stack_runs_beside_it() -> None:
    shared = [
        step
        for step in SIDE_BY_SIDE
        if any(
            argument.startswith(("tests/contract", "tests/integration")) for argument in step.argv
        )
    ]
    assert {step.argv[2] for step in shared} == {"not soak and not stack"}


@pytest.mark.parametrize(("code", "verdict"), [(0, "ok"), (NO_TESTS_COLLECTED, "nothing selected")])
def test_a_kind_passes_also_when_nothing_of_it_was_selected(code: int, verdict: str) -> None:
    ended = Ended(PYTEST, code, 1.0)
    assert (ended.ok, ended.verdict) == (True, verdict)


@pytest.mark.parametrize("code", [1, 2, -signal.SIGSEGV])
def test_a_kind_that_failed_or_crashed_fails(code: int) -> None:
    ended = Ended(PYTEST, code, 1.0)
    assert (ended.ok, ended.verdict) == (False, f"exit {code}")


def test_what_means_nothing_selected_for_pytest_fails_any_other_program() -> None:
    assert not Ended(Step("types", ("mypy",)), NO_TESTS_COLLECTED, 1.0).ok
