"""The schedules on the Chaos page: what comes next, and what is said when nothing does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.schedule_schemas import Schedule, Turn


@pytest.fixture
def schedules_page(chaos_page: Any) -> Any:
    chaos_page.app.query_params["view"] = "schedules"
    return chaos_page


def test_a_schedule_is_shown_with_its_next_turn_which_leads_to_the_experiment(
    schedules_page: Any,
) -> None:
    now = datetime.now(UTC)
    turn = Turn(schedule="weekly", at=now + timedelta(hours=5), experiment="kill-replica")
    schedules_page.control.planned = [
        Schedule(
            name="weekly",
            reason="nobody forgets how it goes",
            tags=["replicas"],
            targets=["api"],
            mean_per_week=1,
            created_by="ada",
            created_at=now,
            eligible=["kill-replica", "slow-replica"],
            next=turn,
        )
    ]
    html = schedules_page.run().html
    assert '<a href="/chaos?experiment=kill-replica" target="_self">kill-replica</a>' in html
    assert "mon, tue, wed, thu, fri, 09:00-15:00 UTC, 1 a week" in html


def test_that_nothing_starts_by_itself_is_said(schedules_page: Any) -> None:
    assert "No drill starts by itself." in schedules_page.run().html
