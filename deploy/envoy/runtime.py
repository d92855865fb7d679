"""Faults in the gateway: Envoy's own HTTP fault filter, moved by values in a watched file.

A file (RTDS) rather than the administration port's `runtime_modify`: it can be read
back and taken back whoever wrote it, a gateway that is started again reads the same,
and nothing needs a port that may change every other value as well. Envoy tells by
`GET /runtime` what it follows. Source of the formats:
https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/runtime/v3/rtds.proto
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.home import Home

LAYER = "faults"
RUNTIME = "type.googleapis.com/envoy.service.runtime.v3.Runtime"
FILTER = "envoy.extensions.filters.http.fault.v3.HTTPFault"
DELAY_SHARE, DELAY = "pharos.fault.latency.share", "pharos.fault.latency.milliseconds"
ABORT_SHARE, ABORT = "pharos.fault.abort.share", "pharos.fault.abort.status"
KEYS = (DELAY_SHARE, DELAY, ABORT_SHARE, ABORT)
Values = Mapping[str, Any]


def runtime_file(home: Home) -> Path:
    """Return where the gateway reads its runtime values; it watches the file's folder."""
    return home.run / "envoy-runtime" / "faults.json"


def layered_runtime(file: Path) -> dict[str, Any]:
    """Return the bootstrap's runtime: the file, and nothing else."""
    source = {
        "path_config_source": {
            "path": str(file),
            "watched_directory": {"path": str(file.parent)},
        },
        "resource_api_version": "V3",
    }
    return {"layers": [{"name": LAYER, "rtds_layer": {"name": LAYER, "rtds_config": source}}]}


def fault_filter() -> dict[str, Any]:
    """Return the fault filter's configuration: no fault, but for what the file says."""
    none = {"numerator": 0, "denominator": "MILLION"}
    return {
        "delay": {"fixed_delay": "0.001s", "percentage": none},
        "abort": {"http_status": 503, "percentage": none},
        "delay_percent_runtime": DELAY_SHARE,
        "delay_duration_runtime": DELAY,
        "abort_percent_runtime": ABORT_SHARE,
        "abort_http_status_runtime": ABORT,
    }


def latency(delay_seconds: float, percentage: float) -> dict[str, Any]:
    """Return the values that let so many requests in a hundred wait."""
    return {DELAY: max(round(delay_seconds * 1000), 1), DELAY_SHARE: _share(percentage)}


def abort(status: int, percentage: float) -> dict[str, Any]:
    """Return the values that let the gateway answer so many in a hundred itself."""
    return {ABORT: status, ABORT_SHARE: _share(percentage)}


def _share(percentage: float) -> dict[str, Any]:
    return {"numerator": max(round(percentage * 10_000), 1), "denominator": "MILLION"}


def write_runtime(path: Path, values: Values) -> None:
    """Replace the values in one rename; the same ones are not written again."""
    resource = {"@type": RUNTIME, "name": LAYER, "layer": dict(values)}
    text = json.dumps({"resources": [resource]}, indent=1, sort_keys=True)
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # As with the endpoint file: only the rename may be seen in the watched folder.
    fresh = path.parent.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.replace(path)


def effective(answer: Mapping[str, Any]) -> dict[str, int]:
    """Return the fault values that an answer of `GET /runtime` tells; shares in millionths.

    Raises:
        ValueError: it does not have Envoy's form.
    """
    entries: Mapping[str, Mapping[str, Any]] = answer.get("entries", {})
    return {
        key: _number(str(entry["final_value"])) for key, entry in entries.items() if key in KEYS
    }


def wanted(values: Values) -> dict[str, int]:
    """Return values in the form of `effective`."""
    return {
        key: value["numerator"] if isinstance(value, dict) else value
        for key, value in values.items()
    }


def _number(text: str) -> int:
    """Read a plain value, or the numerator of a fraction, which Envoy prints as a message."""
    found = re.search(r"number_value: (\S+)", text)
    return int(float(found[1] if found else text))
