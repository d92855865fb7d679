"""`pharos test`: nothing is left out, and no kind's end is taken for another's."""

import signal

import pytest

from deploy.home import PROJECT
from tests.lanes import BESIDE, IN_FRONT, NO_TESTS_COLLECTED, Ended, Step

PYTEST = Step("unit", ("pytest", "tests/unit"))


def test_every_folder_of_tests_is_run_soak_aside() -> None:
    run = {argument for step in BESIDE + IN_FRONT for argument in step.argv if "/" in argument}
    holding = {path.relative_to(PROJECT).parts[1] for path in PROJECT.glob("tests/**/test_*.py")}
    assert run == {f"tests/{folder}" for folder in holding - {"soak"}}


def test_only_what_needs_no_shared_stack_runs_beside_it() -> None:
    shared = [step for step in BESIDE if {"tests/contract", "tests/integration"} & {*step.argv}]
    assert [step.argv[2] for step in shared] == ["not soak and not stack"]


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
