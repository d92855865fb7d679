"""Grafana's dashboards as code: built from the signal catalogue, provisioned from files.

Grafana itself is not to be had as a package and does not run in the local stack:
what is made here is validated offline, against the names in the catalogue and
dashboard-linter's rules, and has been shown by no Grafana.
"""
