"""What is printed while a stack starts, to a terminal that may be gone."""

import io
import os
import re
from collections.abc import Iterator

import pytest
from rich.console import Console

from deploy.local.progress import Steps


@pytest.fixture
def closed_terminal() -> Iterator[Console]:
    ours, its = os.openpty()
    file = os.fdopen(its, "w")
    os.close(ours)
    yield Console(file=file, force_terminal=True)
    with pytest.raises(OSError, match="Input/output error"):
        file.close()


def test_a_terminal_that_is_gone_keeps_nothing_from_being_done(closed_terminal: Console) -> None:
    done = []
    with Steps(closed_terminal) as steps:
        steps.begin("redis", "")
        steps.detail("redis", "preparing")
        steps.done("redis", "ready")
        steps.say("stopping what was started")
        done.append("all of it")
    assert done == ["all of it"]


def test_elsewhere_each_step_is_a_line_once_it_is_done() -> None:
    file = io.StringIO()
    with Steps(Console(file=file)) as steps:
        steps.begin("redis", "")
        steps.detail("redis", "preparing")
        steps.done("redis", "ready")
        steps.say("that was all")
    first, last = file.getvalue().splitlines()
    assert re.fullmatch(r"redis          ready \(\d+\.\d s\)", first)
    assert last == "that was all"
