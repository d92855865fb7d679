"""The driver for local processes: a thin client of the node agent."""

from typing import Any

import httpx

from deploy.driver import (
    AlreadyAsideError,
    AsideKind,
    Bounds,
    CountOutOfBoundsError,
    DriverError,
    DriverUnavailableError,
    LastReplicaError,
    Note,
    StackStatus,
    StaleTargetError,
    UnansweredError,
    UnknownTargetError,
)
from deploy.home import Home
from deploy.secrets import read_secret

TIMEOUT = 5.0
REFUSALS: dict[int, type[DriverError]] = {
    404: UnknownTargetError,
    422: CountOutOfBoundsError,
    423: AlreadyAsideError,
    503: DriverUnavailableError,
}
# With any other, the agent may have done what it was asked for.
NOT_ASKED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, OSError)


class LocalDriver:
    """Implements `deploy.driver.Driver` over the agent's API; safe to share between threads."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{home.ports['agent']}",
            timeout=TIMEOUT,
            trust_env=False,
        )

    def status(self) -> StackStatus:
        return StackStatus.model_validate(self._call("GET", "/v1/status"))

    def bounds(self, role: str) -> Bounds:
        return Bounds.model_validate(self._role(role))

    def desired(self, role: str) -> int:
        return int(self._role(role)["desired"])

    def scale(self, role: str, count: int) -> None:
        self._call("PUT", f"/v1/roles/{role}/count", {"count": count})

    def restart(self, replica_id: str, expected_pid: int) -> None:
        self._call("POST", f"/v1/replicas/{replica_id}/restart", {"expected_pid": expected_pid})

    def drain(self, replica_id: str, note: Note, seconds: float | None = None) -> None:
        self._put_aside(replica_id, "drain", note, seconds)

    def quarantine(self, replica_id: str, note: Note) -> None:
        self._put_aside(replica_id, "quarantine", note, None)

    def release(self, replica_id: str) -> None:
        self._call("DELETE", f"/v1/replicas/{replica_id}/aside")

    def close(self) -> None:
        self._client.close()

    def _put_aside(
        self, replica_id: str, kind: AsideKind, note: Note, seconds: float | None
    ) -> None:
        body = {"kind": kind, "note": note.model_dump(), "seconds": seconds}
        self._call("PUT", f"/v1/replicas/{replica_id}/aside", body, conflict=LastReplicaError)

    def _role(self, role: str) -> dict[str, Any]:
        roles: dict[str, dict[str, Any]] = self._call("GET", "/v1/roles")
        if role not in roles:
            raise UnknownTargetError(f"there is no role {role}: known are {', '.join(roles)}")
        return roles[role]

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        conflict: type[DriverError] = StaleTargetError,
    ) -> Any:
        try:
            token = read_secret(self._home.keys, "agent_token")
            answer = self._client.request(
                method, path, json=body, headers={"Authorization": f"Bearer {token}"}
            )
        except (httpx.TransportError, OSError) as error:
            if method == "GET" or isinstance(error, NOT_ASKED):
                raise DriverUnavailableError(
                    f"the node agent does not answer ({error}): run `pharos up`"
                ) from error
            raise UnansweredError(
                f"the node agent was asked and gave no answer ({error}): "
                "whether it was done is not known, see `pharos status`"
            ) from error
        if answer.is_success:
            return answer.json()
        refusals = REFUSALS | {409: conflict}
        raise refusals.get(answer.status_code, DriverError)(_detail(answer))


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the node agent answered {answer.status_code}"
