"""The gateway's access log: a line of JSON a request, named as in the Elastic Common Schema."""

from pathlib import Path
from typing import Any

FILE_LOG = "envoy.extensions.access_loggers.file.v3.FileAccessLog"

# ECS wants the duration in nanoseconds and Envoy counts milliseconds; the name
# says so rather than a number that would be read wrongly.
LINE = {
    "@timestamp": "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%",
    "ecs.version": "8.11.0",
    "log.level": "info",
    "service.name": "gateway",
    "event.dataset": "gateway.access",
    "message": "%REQ(:METHOD)% %PATH(NQ)% %RESPONSE_CODE%",
    "http.request.id": "%REQ(X-REQUEST-ID)%",
    "http.request.method": "%REQ(:METHOD)%",
    "http.request.body.bytes": "%BYTES_RECEIVED%",
    "http.response.status_code": "%RESPONSE_CODE%",
    "http.response.body.bytes": "%BYTES_SENT%",
    "http.version": "%PROTOCOL%",
    "url.path": "%PATH(NQ)%",
    "user_agent.original": "%REQ(USER-AGENT)%",
    "client.address": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "trace.parent": "%REQ(TRACEPARENT)%",
    "pharos.duration_ms": "%DURATION%",
    "pharos.upstream_ms": "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%",
    "pharos.attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "pharos.route": "%ROUTE_NAME%",
    "pharos.upstream": "%UPSTREAM_HOST%",
    "pharos.flags": "%RESPONSE_FLAGS%",
    "pharos.reason": "%RESPONSE_CODE_DETAILS%",
}


def access_log(file: Path) -> dict[str, Any]:
    """Return Envoy's file logger; a value that a request does not have is null."""
    return {
        "name": "envoy.access_loggers.file",
        "typed_config": {
            "@type": f"type.googleapis.com/{FILE_LOG}",
            "path": str(file),
            "log_format": {"json_format": LINE, "omit_empty_values": True},
        },
    }
