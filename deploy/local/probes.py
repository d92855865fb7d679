"""Health checks of our own processes over HTTP; each takes a second at most and never raises."""

import http.client
import json
from collections.abc import Callable

from deploy.local.component import Health

TIMEOUT = 1.0


def http_health(port: int, path: str) -> Callable[[], Health]:
    """Return a check that is satisfied by a 2xx answer of `path` on this machine.

    A JSON answer's `status` becomes the detail and `version` the version.
    """

    def check() -> Health:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            return Health(ok=False, detail=_why(error))
        finally:
            connection.close()
        return read_answer(answer.status, body)

    return check


def read_answer(status: int, body: bytes) -> Health:
    """Return what a readiness answer says."""
    fields: dict[str, object] = {}
    try:
        parsed = json.loads(body)
        fields = parsed if isinstance(parsed, dict) else {}
    except ValueError:  # a plain "ok" is an answer, too
        pass
    version = fields.get("version")
    word = fields.get("status") or fields.get("detail")
    ok = 200 <= status < 300
    return Health(
        ok=ok,
        detail="" if ok else f"answers {status}" + (f" ({word})" if word else ""),
        version=str(version) if version else None,
    )


def _why(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens on its port yet"
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT} s"
    return str(error) or type(error).__name__
