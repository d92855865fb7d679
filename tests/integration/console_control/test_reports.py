"""Reports as pages: made when they are asked for, for whoever is signed in."""

import httpx

RUN = "20261122T101500-a1b2"


def test_a_report_is_a_page_that_loads_and_runs_nothing(operator: httpx.Client) -> None:
    answer = operator.get(f"/v1/reports/{RUN}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f"<title>{RUN}</title>" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_what_has_no_report_is_not_found_with_the_reason(operator: httpx.Client) -> None:
    answer = operator.get("/v1/reports/20261122T101500-none")
    assert answer.status_code == 404
    assert "there is no drill 20261122T101500-none here" in answer.json()["detail"]


def test_what_is_no_run_is_asked_of_nobody(operator: httpx.Client) -> None:
    assert operator.get("/v1/reports/--html").status_code == 422


def test_a_second_game_day_of_a_name_is_written_down_and_ends_not_the_first(
    operator: httpx.Client,
) -> None:
    day = {"name": RUN, "experiments": ["passes"], "reason": "a game day"}
    codes = [operator.post("/v1/game-days", json=day).status_code for _ in range(3)]
    assert codes == [204, 409, 409]
    end = {"outcome": "passed", "words": "1 of 1 passed"}
    assert operator.post(f"/v1/game-days/{RUN}/end", json=end).status_code == 204
    rows = [row for row in operator.get("/v1/audit").json() if row["action"] == "game-day"]
    assert [row["outcome"] for row in rows] == ["done", "failed", "failed", "accepted"]


def test_the_game_days_that_were_held_are_listed(operator: httpx.Client) -> None:
    (day,) = operator.get("/v1/game-days").json()
    assert (day["outcome"], day["attempts"][0]["verdict"]) == ("passed", {"verdict": "passed"})
