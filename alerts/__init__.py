"""Alerts: the rules that Prometheus loads, their runbooks, and the proof of both.

`rules/slo-*.yaml` is generated from `slos.yaml`, with its tests; the other files of `rules/`
are written by hand. All are loaded as they are. URLs in annotations are
relative, since a rule does not know where its stack is: `runbook_url` to the
project, `console_url` to the console, `dashboard_url` to Grafana.
"""
