"""The gateway's access log: a line of JSON a request, of the fields that all our lines have.

Envoy cannot redact, so it has several loggers to one file, and each request
goes to exactly one: a path or an agent that could hold a secret or an address
leaves both out, a request id that is no plain word leaves out all three. Answers
of 500 and more are warnings, as they are in the replica's own line.
"""

from pathlib import Path
from typing import Any

from backend.observability.fields import ECS_VERSION
from deploy.home import Home

FILE_LOG = "envoy.extensions.access_loggers.file.v3.FileAccessLog"
REDACTED = "[redacted]"

# Plain is what can be no address (it has an @) and no secret (it has a = or : before it).
# Envoy refuses patterns that compile to something large, so nothing here counts repeats.
PLAIN_PATH = r"[A-Za-z0-9/._~-]*(\?.*)?"
PLAIN_ID = r"[A-Za-z0-9._:-]*"
SUSPICIOUS_AGENT = (
    r"(?i).*(@|=|%|://[^\s/]*:|(bearer|basic)\s|(password|passwd|secret|token|key)\s*:).*"
)

LINE = {
    "@timestamp": "%EMIT_TIME(%Y-%m-%dT%H:%M:%S.%6fZ)%",
    "ecs.version": ECS_VERSION,
    "message": "%REQ(:METHOD)% %PATH(NQ)% %RESPONSE_CODE%",
    "log.logger": "envoy",
    "service.name": "gateway",
    "service.node.name": "gateway",
    "event.action": "request",
    "event.duration": "%COMMON_DURATION(DS_RX_BEG:DS_TX_END:ns)%",
    "http.request.id": "%REQ(X-REQUEST-ID)%",
    "http.request.method": "%REQ(:METHOD)%",
    "http.request.body.bytes": "%BYTES_RECEIVED%",
    "http.response.status_code": "%RESPONSE_CODE%",
    "http.response.body.bytes": "%BYTES_SENT%",
    "http.version": "%PROTOCOL%",
    "url.path": "%PATH(NQ)%",
    "user_agent.original": "%REQ(USER-AGENT):256%",
    "client.address": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(24)%",
    "trace.id": "%TRACE_ID%",
    "pharos.route": "%ROUTE_NAME%",
    "pharos.gateway.attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "pharos.gateway.upstream": "%UPSTREAM_HOST%",
    "pharos.gateway.upstream_duration": "%COMMON_DURATION(US_TX_BEG:US_RX_END:ns)%",
    "pharos.gateway.flags": "%RESPONSE_FLAGS%",
    "pharos.gateway.reason": "%RESPONSE_CODE_DETAILS%",
}
GUARDED = {
    "message": f"%REQ(:METHOD)% {REDACTED} %RESPONSE_CODE%",
    "url.path": REDACTED,
    "user_agent.original": REDACTED,
}
NAMELESS = GUARDED | {"http.request.id": REDACTED}


def access_log_file(home: Home) -> Path:
    return home.logs / "gateway-access.log"


def access_logs(file: Path) -> list[dict[str, Any]]:
    """Return Envoy's file loggers; a value that a request does not have is left out."""
    return [
        _logger(file, level, line, _all(status, kind))
        for level, status in (("info", _status_below(500)), ("warning", _status_from(500)))
        for line, kind in _kinds()
    ]


def _kinds() -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Return each kind of line, and which requests it is written for."""
    named = _header("x-request-id", PLAIN_ID)
    nameless = _header("x-request-id", PLAIN_ID, inverted=True)
    plain = [_header(":path", PLAIN_PATH), _header("user-agent", SUSPICIOUS_AGENT, inverted=True)]
    guarded = [_header(":path", PLAIN_PATH, inverted=True), _header("user-agent", SUSPICIOUS_AGENT)]
    return [
        (LINE, _all(named, *plain)),
        (LINE | GUARDED, _all(named, {"or_filter": {"filters": guarded}})),
        (LINE | NAMELESS, nameless),
    ]


def _logger(file: Path, level: str, line: dict[str, str], which: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "envoy.access_loggers.file",
        "filter": which,
        "typed_config": {
            "@type": f"type.googleapis.com/{FILE_LOG}",
            "path": str(file),
            "log_format": {
                "json_format": line | {"log.level": level},
                "omit_empty_values": True,
            },
        },
    }


def _all(*filters: dict[str, Any]) -> dict[str, Any]:
    return {"and_filter": {"filters": list(filters)}}


def _header(name: str, pattern: str, *, inverted: bool = False) -> dict[str, Any]:
    return {
        "header_filter": {
            "header": {
                "name": name,
                "string_match": {"safe_regex": {"regex": pattern}},
                "invert_match": inverted,
                # Left out is as good as empty, inverted or not.
                "treat_missing_header_as_empty": True,
            }
        }
    }


def _status_from(status: int) -> dict[str, Any]:
    value = {"default_value": status, "runtime_key": "pharos.access_log.status"}
    return {"status_code_filter": {"comparison": {"op": "GE", "value": value}}}


def _status_below(status: int) -> dict[str, Any]:
    value = {"default_value": status - 1, "runtime_key": "pharos.access_log.status_below"}
    return {"status_code_filter": {"comparison": {"op": "LE", "value": value}}}
