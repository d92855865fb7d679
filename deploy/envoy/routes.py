"""Which requests go to the replicas, and which of them may be sent twice."""

from typing import Any

from deploy.envoy.endpoints import CLUSTER

ROUTE_TIMEOUT = "15s"
TRY_TIMEOUT = "5s"
PREVIOUS_HOSTS = "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
# A request that never reached a replica may always be sent again.
UNSENT = "connect-failure,refused-stream"
# One that a replica may have begun to answer, only if a repeat changes nothing.
BEGUN = f"reset,{UNSENT}"


def routes() -> list[dict[str, Any]]:
    """Return the routes in order of precedence.

    Reading is idempotent; so is an event, by its own identity, and a new user
    that carries an Idempotency-Key.
    """
    everything = {"path_separated_prefix": "/v1"}
    keyed = {"name": "idempotency-key", "present_match": True}
    return [
        _route("read", everything | _headers(_method("GET", "HEAD")), BEGUN),
        _route("send-event", {"path": "/v1/events"} | _headers(_method("POST")), BEGUN),
        _route("create-user", {"path": "/v1/users"} | _headers(_method("POST"), keyed), BEGUN),
        _route("write", everything, UNSENT),
    ]


def _route(name: str, match: dict[str, Any], retry_on: str) -> dict[str, Any]:
    return {
        "name": name,
        "match": match,
        "route": {"cluster": CLUSTER, "timeout": ROUTE_TIMEOUT, "retry_policy": _retries(retry_on)},
    }


def _retries(retry_on: str) -> dict[str, Any]:
    """A retry goes to a replica that has not failed this request yet, while there is one.

    A try has an end of its own only where another one may follow it: elsewhere
    the replica, which knows why it is slow, is left to say so.
    """
    bounded = {"per_try_timeout": TRY_TIMEOUT} if retry_on == BEGUN else {}
    return bounded | {
        "retry_on": retry_on,
        "num_retries": 4,
        "retry_host_predicate": [
            {
                "name": "envoy.retry_host_predicates.previous_hosts",
                "typed_config": {"@type": f"type.googleapis.com/{PREVIOUS_HOSTS}"},
            }
        ],
        "host_selection_retry_max_attempts": 10,
        "retry_back_off": {"base_interval": "0.025s", "max_interval": "0.25s"},
    }


def _headers(*matchers: dict[str, Any]) -> dict[str, Any]:
    return {"headers": list(matchers)}


def _method(*names: str) -> dict[str, Any]:
    return {"name": ":method", "string_match": {"safe_regex": {"regex": "|".join(names)}}}
