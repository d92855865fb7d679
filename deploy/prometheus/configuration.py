"""Builds prometheus.yml for one stack."""

import re
from typing import Any

from backend.observability.catalogue import names_of
from deploy.home import PROJECT, Home
from deploy.prometheus.targets import targets_file

INTERVAL = "2s"
RULES = PROJECT / "alerts" / "rules" / "*.yaml"

# Job → the port's name; one process each, found at a fixed place.
FIXED_JOBS = {
    "relay": "relay",
    "worker": "worker",
    "agent": "agent",
    "control": "control",
    "console": "console-metrics",
    "gateway": "gateway-admin",
    "postgres": "postgres-metrics",
    "redis": "redis-metrics",
    "rabbitmq": "rabbitmq-metrics",
    "prometheus": "prometheus",
    "alertmanager": "alertmanager",
}
PATHS = {"gateway": "/stats/prometheus"}
QUEUES = "rabbitmq-queues"
QUEUE_FAMILIES = ("queue_coarse_metrics", "queue_consumer_count")


def prometheus_configuration(home: Home) -> dict[str, Any]:
    """Return prometheus.yml: every target carries its component's name as `instance`.

    Of what a job exposes, Prometheus keeps what the catalogue declares for it.
    """
    jobs = [_replicas(home, "api"), *(_fixed(home, job, port) for job, port in FIXED_JOBS.items())]
    return {
        "global": {
            "scrape_interval": INTERVAL,
            "scrape_timeout": INTERVAL,
            "evaluation_interval": INTERVAL,
        },
        "rule_files": [str(RULES)],
        "alerting": {
            "alertmanagers": [{"static_configs": [{"targets": [_address(home, "alertmanager")]}]}]
        },
        "scrape_configs": [*jobs, _queues(home)],
    }


def _replicas(home: Home, job: str) -> dict[str, Any]:
    files = [str(targets_file(home, job))]
    return {
        "job_name": job,
        "file_sd_configs": [{"files": files, "refresh_interval": "10s"}],
        "metric_relabel_configs": [_kept(job)],
    }


def _fixed(home: Home, job: str, port: str) -> dict[str, Any]:
    config: dict[str, Any] = {
        "job_name": job,
        "static_configs": [_target(home, job, port)],
        "metric_relabel_configs": [_kept(job)],
    }
    if job in PATHS:
        config["metrics_path"] = PATHS[job]
    if job == "control":
        config["authorization"] = {"credentials_file": str(home.keys / "metrics_token")}
    return config


def _queues(home: Home) -> dict[str, Any]:
    """The broker's figures by queue: a second page of the same server.

    Two targets cannot share a job and an instance (their `up` would collide),
    so the job has a name of its own and its samples are renamed.
    """
    return {
        "job_name": QUEUES,
        "metrics_path": "/metrics/detailed",
        "params": {"family": list(QUEUE_FAMILIES)},
        "static_configs": [_target(home, "rabbitmq", "rabbitmq-metrics")],
        "metric_relabel_configs": [
            _kept("rabbitmq"),
            # It repeats what the node's own page tells.
            {"source_labels": ["__name__"], "regex": "rabbitmq_detailed_.*", "action": "keep"},
            {"target_label": "job", "replacement": "rabbitmq"},
        ],
    }


def _kept(job: str) -> dict[str, Any]:
    regex = "|".join(re.escape(name) for name in names_of(job))
    return {"source_labels": ["__name__"], "regex": regex, "action": "keep"}


def _target(home: Home, instance: str, port: str) -> dict[str, Any]:
    return {"targets": [_address(home, port)], "labels": {"instance": instance}}


def _address(home: Home, port: str) -> str:
    return f"127.0.0.1:{home.ports[port]}"
