"""Alerts: the rules that Prometheus loads, their runbooks, and the proof of both.

`rules/*.yaml` is written by hand and loaded as it is. URLs in annotations are
relative, since a rule does not know where its stack is: `runbook_url` to the
project, `console_url` to the console, `dashboard_url` to Grafana.
"""
