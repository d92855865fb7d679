"""The ledger on the Chaos page: what wants a drill stands on top."""

from typing import Any

import pytest

from console.clients.failures import SourceAwayError
from console.views.ledger import in_order
from tests.fakes.evidence import ledger_row, proof


@pytest.fixture
def ledger_page(chaos_page: Any) -> Any:
    chaos_page.app.query_params["view"] = "ledger"
    return chaos_page


def test_what_wants_a_drill_comes_first_and_what_none_can_prove_after_it() -> None:
    rows = [
        ledger_row("New", "proven", proof=proof("New", 1)),
        ledger_row("Old", "proven", proof=proof("Old", 20)),
        ledger_row("Disk", "never proven", unprovable="No lease gives a full disk back."),
        ledger_row("Gone", "expired", proof=proof("Gone", 31)),
        ledger_row("Other", "changed", proof=proof("Other", 2)),
        ledger_row("Never", "never proven"),
    ]
    assert [row.alert for row in in_order(rows)] == [
        *("Never", "Other", "Gone", "Disk", "Old", "New")
    ]


def test_a_proof_is_shown_with_its_drill_and_seconds(ledger_page: Any) -> None:
    ledger_page.control.rules = [ledger_row("ReplicaDown", "proven", proof=proof("ReplicaDown", 3))]
    html = ledger_page.run().html
    assert "1 proven" in html
    assert '<a href="/chaos?run=20261122T101500-a1b2" target="_self">' in html
    for words in ("live", "24.1 s", "25.3 s", "19.8 s"):
        assert f">{words}<" in html


def test_a_rule_without_proof_names_the_drills_that_would_give_one(ledger_page: Any) -> None:
    ledger_page.control.rules = [
        ledger_row("ReplicaDown", "never proven"),
        ledger_row("DiskFilling", "never proven", unprovable="No lease gives a full disk back."),
    ]
    html = ledger_page.run().html
    assert '<a href="/chaos?experiment=kill-replica" target="_self">kill-replica</a>' in html
    assert "No lease gives a full disk back." in html
    assert "1 never proven, 1 not provable" in html


def test_a_rule_s_name_is_text_and_no_part_of_the_page(ledger_page: Any) -> None:
    ledger_page.control.rules = [ledger_row("<i>Up</i>", "never proven")]
    html = ledger_page.run().html
    assert "&lt;i&gt;Up&lt;/i&gt;</a>" in html
    assert "<i>Up" not in html


def test_that_no_rule_is_loaded_is_said(ledger_page: Any) -> None:
    assert "Prometheus has loaded no alert rule." in ledger_page.run().html


def test_without_an_answer_nothing_is_said_of_the_rules(ledger_page: Any) -> None:
    ledger_page.control.trouble = SourceAwayError("The control service does not answer.")
    html = ledger_page.run().html
    assert "The control service does not answer." in html
    assert "no alert rule" not in html
