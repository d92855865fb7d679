"""Causes and symptoms: each is an alert that exists, and no objective is among them."""

from alerts.rulebook import load_rules
from alerts.symptoms import CAUSE, SYMPTOMS, inhibit_rules


def test_every_cause_and_symptom_is_an_alert_of_ours() -> None:
    listed = {symptom.alert for symptoms in SYMPTOMS.values() for symptom in symptoms}
    assert {CAUSE, *listed} <= {rule.alert for rule in load_rules()}


def test_no_component_hides_what_users_feel() -> None:
    burning = [rule for rule in load_rules() if "Burns" in rule.alert]
    listed = {symptom.alert for symptoms in SYMPTOMS.values() for symptom in symptoms}
    assert len(burning) == 8
    assert not [rule for rule in burning if rule.labels.component or rule.alert in listed]


def test_a_drill_s_alert_hides_none_but_the_same_drill_s() -> None:
    assert all("drill" in rule["equal"] for rule in inhibit_rules())
