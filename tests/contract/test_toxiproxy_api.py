"""Toxiproxy's HTTP API: paths, bodies, status codes and errors, as its clients rely on them.

`PHAROS_TEST_TOXIPROXY_URL` names another Toxiproxy of this machine to try; without
it our own is tried.
"""

from typing import Any

import httpx
import pytest

from tests.fixtures.toxiproxy import Proxied, Toxiproxy, received

NOWHERE = "127.0.0.1:9"


@pytest.fixture
def api(toxiproxy: Toxiproxy) -> httpx.Client:
    return toxiproxy.api


@pytest.fixture
def proxied(toxiproxy: Toxiproxy) -> Proxied:
    return toxiproxy.proxied()


def error(answer: httpx.Response) -> tuple[int, str]:
    """Return an error's status code and words; the body says the status, too."""
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["error"]


class TestProxies:
    def test_a_proxy_is_made_enabled_and_says_where_it_listens(self, api: httpx.Client) -> None:
        answer = api.post("/proxies", json={"name": "one", "upstream": NOWHERE})
        assert answer.status_code == 201
        made = answer.json()
        assert made["name"] == "one"
        assert made["upstream"] == NOWHERE
        assert made["enabled"] is True
        assert made["toxics"] == []
        assert made["listen"].rpartition(":")[2].isdecimal()
        assert api.get("/proxies").json()["one"] == made == api.get("/proxies/one").json()

    @pytest.mark.parametrize("field", ["name", "upstream"])
    def test_a_field_that_is_missing_is_named(self, api: httpx.Client, field: str) -> None:
        body = {"name": "one", "upstream": NOWHERE}
        del body[field]
        answer = api.post("/proxies", json=body)
        assert error(answer) == (400, f"missing required field: {field}")

    @pytest.mark.parametrize("body", ["{", '{"name": 1, "upstream": "127.0.0.1:9"}', '"word"'])
    def test_a_body_that_does_not_fit_is_bad(self, api: httpx.Client, body: str) -> None:
        status, words = error(api.post("/proxies", content=body))
        assert status == 400
        assert words.startswith("bad request body: ")

    def test_a_name_that_is_taken_is_refused(self, api: httpx.Client, proxied: Proxied) -> None:
        answer = api.post("/proxies", json={"name": proxied.name, "upstream": NOWHERE})
        assert error(answer) == (409, "proxy already exists")

    def test_a_port_that_is_taken_is_an_error_and_makes_no_proxy(
        self, api: httpx.Client, proxied: Proxied
    ) -> None:
        body = {"name": "two", "listen": f"127.0.0.1:{proxied.port}", "upstream": NOWHERE}
        status, words = error(api.post("/proxies", json=body))
        assert status == 500
        assert words.startswith("listen tcp")
        assert "two" not in api.get("/proxies").json()

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/proxies/none"),
            ("POST", "/proxies/none"),
            ("PATCH", "/proxies/none"),
            ("DELETE", "/proxies/none"),
            ("GET", "/proxies/none/toxics"),
            ("POST", "/proxies/none/toxics"),
            ("GET", "/proxies/none/toxics/any"),
            ("PATCH", "/proxies/none/toxics/any"),
            ("DELETE", "/proxies/none/toxics/any"),
        ],
    )
    def test_an_unknown_proxy_is_not_found(self, api: httpx.Client, method: str, path: str) -> None:
        assert error(api.request(method, path, content="{}")) == (404, "proxy not found")

    def test_a_deleted_proxy_is_gone_and_its_port_refused(
        self, api: httpx.Client, proxied: Proxied
    ) -> None:
        answer = api.delete(proxied.path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert api.get(proxied.path).status_code == 404
        with pytest.raises(ConnectionRefusedError):
            proxied.dial()

    @pytest.mark.parametrize("method", ["POST", "PATCH"])
    def test_a_change_of_the_server_keeps_the_port_and_the_toxics(
        self, toxiproxy: Toxiproxy, proxied: Proxied, method: str
    ) -> None:
        proxied.toxic("limit_data", bytes=3)
        other = toxiproxy.proxied()
        upstream = f"127.0.0.1:{other.server.getsockname()[1]}"
        changed = toxiproxy.api.request(method, proxied.path, json={"upstream": upstream})
        assert changed.status_code == 200
        assert changed.json()["upstream"] == upstream
        assert [toxic["type"] for toxic in changed.json()["toxics"]] == ["limit_data"]
        with proxied.dial() as client:
            server, _ = other.server.accept()
            server.sendall(b"from the other")
            assert received(client) == b"fro"
            server.close()

    def test_several_are_made_at_once_and_those_that_differ_replaced(
        self, api: httpx.Client, proxied: Proxied
    ) -> None:
        proxied.toxic("latency")
        listen = f"127.0.0.1:{proxied.port}"
        bodies = [
            {"name": proxied.name, "listen": listen, "upstream": NOWHERE},
            {"name": "off", "listen": "127.0.0.1:0", "upstream": NOWHERE, "enabled": False},
        ]
        answer = api.post("/populate", json=bodies)
        assert answer.status_code == 201
        replaced, off = answer.json()["proxies"]
        assert (replaced["upstream"], replaced["toxics"]) == (NOWHERE, [])
        assert off["enabled"] is False
        again = api.post("/populate", json=bodies[:1])
        assert again.json()["proxies"] == [replaced]

    def test_a_list_with_a_flaw_changes_nothing(self, api: httpx.Client) -> None:
        answer = api.post("/populate", json=[{"name": "a", "upstream": NOWHERE}, {"name": "b"}])
        assert answer.status_code == 400
        assert answer.json()["error"] == "missing required field: upstream at proxy 2"
        assert api.get("/proxies").json() == {}

    def test_a_reset_enables_every_proxy_and_removes_all_toxics(
        self, api: httpx.Client, proxied: Proxied
    ) -> None:
        proxied.toxic("latency")
        proxied.toxic("timeout", "upstream")
        proxied.enable(enabled=False)
        answer = api.post("/reset")
        assert (answer.status_code, answer.content) == (204, b"")
        shown = api.get(proxied.path).json()
        assert shown["enabled"] is True
        assert shown["toxics"] == []

    def test_it_says_its_version_and_that_it_is_json(self, api: httpx.Client) -> None:
        answer = api.get("/version")
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.json()["version"]

    def test_a_browser_is_refused(self, api: httpx.Client) -> None:
        answer = api.get("/proxies", headers={"user-agent": "Mozilla/5.0 (X11)"})
        assert answer.status_code == 403


class TestToxics:
    def test_what_is_not_said_has_a_default(self, api: httpx.Client, proxied: Proxied) -> None:
        answer = api.post(f"{proxied.path}/toxics", json={"type": "latency"})
        assert answer.status_code == 200
        assert answer.json() == {
            "name": "latency_downstream",
            "type": "latency",
            "stream": "downstream",
            "toxicity": 1.0,
            "attributes": {"latency": 0, "jitter": 0},
        }
        assert api.get(f"{proxied.path}/toxics").json() == [answer.json()]
        assert api.get(f"{proxied.path}/toxics/latency_downstream").json() == answer.json()

    @pytest.mark.parametrize(
        ("kind", "attributes"),
        [
            ("latency", {"latency": 5, "jitter": 2}),
            ("timeout", {"timeout": 7}),
            ("reset_peer", {"timeout": 7}),
            ("bandwidth", {"rate": 3}),
            ("slow_close", {"delay": 4}),
            ("limit_data", {"bytes": 6}),
        ],
    )
    def test_every_kind_keeps_what_it_was_given(
        self, api: httpx.Client, proxied: Proxied, kind: str, attributes: dict[str, int]
    ) -> None:
        body = {
            "name": "mine",
            "type": kind,
            "stream": "upstream",
            "toxicity": 0.5,
            "attributes": attributes,
        }
        assert api.post(f"{proxied.path}/toxics", json=body | {"unknown": 1}).json() == body
        assert api.get(proxied.path).json()["toxics"] == [body]

    def test_a_name_that_is_taken_is_refused(self, api: httpx.Client, proxied: Proxied) -> None:
        proxied.toxic("latency")
        answer = api.post(f"{proxied.path}/toxics", json={"type": "latency"})
        assert error(answer) == (409, "toxic already exists")

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"type": "sorcery"}, "invalid toxic type"),
            ({}, "invalid toxic type"),
            (
                {"type": "latency", "stream": "sideways"},
                "stream was invalid, can be either upstream or downstream",
            ),
        ],
    )
    def test_what_no_toxic_can_be_is_refused(
        self, api: httpx.Client, proxied: Proxied, body: dict[str, Any], words: str
    ) -> None:
        assert error(api.post(f"{proxied.path}/toxics", json=body)) == (400, words)

    @pytest.mark.parametrize("latency", ["soon", 1.5, 2**63, True])
    def test_an_attribute_that_is_no_number_is_refused(
        self, api: httpx.Client, proxied: Proxied, latency: Any
    ) -> None:
        body = {"type": "latency", "attributes": {"latency": latency}}
        status, words = error(api.post(f"{proxied.path}/toxics", json=body))
        assert status == 400
        assert words.startswith("bad request body: ")
        assert "latency" in words

    @pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
    def test_an_unknown_toxic_is_not_found(
        self, api: httpx.Client, proxied: Proxied, method: str
    ) -> None:
        answer = api.request(method, f"{proxied.path}/toxics/none", content="{}")
        assert error(answer) == (404, "toxic not found")

    @pytest.mark.parametrize("method", ["POST", "PATCH"])
    def test_a_change_leaves_what_it_does_not_name(
        self, api: httpx.Client, proxied: Proxied, method: str
    ) -> None:
        path = proxied.toxic("latency", latency=100, jitter=10)
        changed = api.request(method, path, json={"attributes": {"jitter": 20}, "toxicity": 0.5})
        assert changed.status_code == 200
        assert changed.json()["attributes"] == {"latency": 100, "jitter": 20}
        assert changed.json()["toxicity"] == 0.5

    def test_a_removed_toxic_is_gone(self, api: httpx.Client, proxied: Proxied) -> None:
        proxied.remove(proxied.toxic("latency"))
        assert api.get(f"{proxied.path}/toxics").json() == []

    def test_the_upstreams_toxics_are_shown_first(
        self, api: httpx.Client, proxied: Proxied
    ) -> None:
        for kind, stream in [("timeout", "downstream"), ("latency", "upstream")]:
            proxied.toxic(kind, stream)
        shown = api.get(f"{proxied.path}/toxics").json()
        assert [toxic["stream"] for toxic in shown] == ["upstream", "downstream"]
