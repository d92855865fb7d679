"""The log store of a stack that was given none: a compatible server for tests, in memory.

It forgets everything when it ends, and its oldest lines before that, since the
node agent keeps them bounded (`deploy.local.agent.shipping`). That is why it is
for looking and for tests, and comes with the development packages only.
"""

from functools import partial
from importlib.util import find_spec
from pathlib import Path

from deploy.elk.client import version
from deploy.elk.store import URL, Store, StoreError
from deploy.home import Home
from deploy.local.acquire import AcquireError
from deploy.local.component import Component, Health

NAME = "logstore"
PACKAGE = "osmem_server"


def program() -> Path:
    """Return the test server.

    Raises:
        AcquireError: it is not installed.
    """
    spec = find_spec(PACKAGE)
    found = Path(spec.origin).parent / "bin" / "osmem-server" if spec and spec.origin else None
    if found is None or not found.exists():
        raise AcquireError(
            f"there is no log store to ship to: set {URL} to an Elasticsearch, "
            "or get the test server with the development packages (`./pharos test --help`)"
        )
    return found


def component(home: Home) -> Component:
    """Return the test server, on the loopback address."""
    return Component(
        name=NAME,
        argv=(str(program()), "-no-stdin-watch", "-addr", f"127.0.0.1:{home.ports[NAME]}"),
        cwd=home.run,
        log=home.logs / f"{NAME}.log",
        health=partial(check, home),
        port=home.ports[NAME],
        start_timeout=20.0,
        remedy="The product works without it: `pharos down`, then `up` without --with elk.",
    )


def check(home: Home) -> Health:
    """Healthy once it tells its release."""
    try:
        return Health(ok=True, version=version(Store(url=url(home))))
    except StoreError as error:
        return Health(ok=False, detail=str(error))


def url(home: Home) -> str:
    """Return where the test server answers."""
    return f"http://127.0.0.1:{home.ports[NAME]}"
