"""What the gateway answers when it must answer itself: RFC 9457 problem documents."""

from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "1"
# A replica's own limit of a body.
BODY_LIMIT_KIB = 64

# Status → what the caller can do. The remaining statuses get Envoy's own words.
DETAILS = {
    400: "The request could not be read as HTTP.",
    404: "There is no such resource here; the product's API is below /v1.",
    408: "The request did not arrive in time; send it again.",
    413: f"The request's body is larger than {BODY_LIMIT_KIB} KiB.",
    426: "The gateway speaks HTTP/1.1 and HTTP/2.",
    429: "Too many requests; slow down and send it again.",
    431: "The request's headers are too large.",
    503: "No replica could be reached; send the request again in a moment.",
    504: "No replica answered in time; send the request again in a moment.",
}
TRY_AGAIN = (503, 504)
# Envoy says 503 here, too; but the request may have had its effect.
BROKEN_OFF = (
    "A replica broke off while it had the request: read back what it did before repeating it."
)
BROKEN_OFF_FLAGS = ["UC", "UR"]


def local_replies() -> dict[str, Any]:
    """Return Envoy's local_reply_config; it never touches a replica's own answer."""
    return {
        "mappers": [
            _broken_off(),
            *(_mapper(status, detail) for status, detail in DETAILS.items()),
        ],
        "body_format": _document("Error", "%LOCAL_REPLY_BODY%"),
    }


def _broken_off() -> dict[str, Any]:
    return {
        "filter": {"response_flag_filter": {"flags": BROKEN_OFF_FLAGS}},
        "status_code": HTTPStatus.BAD_GATEWAY.value,
        "body_format_override": _document(HTTPStatus.BAD_GATEWAY.phrase, BROKEN_OFF),
    }


def _mapper(status: int, detail: str) -> dict[str, Any]:
    equal = {
        "op": "EQ",
        "value": {"default_value": status, "runtime_key": f"pharos.reply_{status}"},
    }
    mapper: dict[str, Any] = {
        "filter": {"status_code_filter": {"comparison": equal}},
        "body_format_override": _document(HTTPStatus(status).phrase, detail),
    }
    if status in TRY_AGAIN:
        mapper["headers_to_add"] = [{"header": {"key": "retry-after", "value": RETRY_AFTER}}]
    return mapper


def _document(title: str, detail: str) -> dict[str, Any]:
    return {
        "content_type": MEDIA_TYPE,
        "json_format": {
            "type": "about:blank",
            "title": title,
            "status": "%RESPONSE_CODE%",
            "detail": detail,
            "request_id": "%REQ(X-REQUEST-ID)%",
        },
    }
