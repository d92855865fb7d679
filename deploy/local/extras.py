"""The optional parts of a stack: `--with NAME` adds one, and a later `up` keeps it.

An extra is declared here and nowhere else: what it gets, its components and
their checks, what it tells the other processes, and where it can be looked at.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from deploy.elk.store import StoreError, given_store, keep_store, store_of
from deploy.home import Home
from deploy.local.acquire import AcquireError, tracker
from deploy.local.acquire import shipper as get_shipper
from deploy.local.component import Component, Health
from deploy.local.layout import StackError
from deploy.local.servers import errors, faultproxy, grafana, history, logstore, shipper
from deploy.local.wanted import read_wanted

Say = Callable[[str], None]
Checks = Mapping[str, Callable[[], Health]]


@dataclass(frozen=True, slots=True)
class Extra:
    """One optional part.

    `may_have` names every component that it can consist of, `components` those
    of one home, in start order: they start after the servers and before our own
    processes. `obtain` gets its programs before anything starts. `settle` runs
    once its components are healthy, and returns True when it made something
    that our processes are to be told. `environment` is what each process of
    ours gets, `product` what the product's processes alone get. `urls` are fields
    of `deploy.driver.Urls`, `notes` a line of advice below one of them.

    An extra with `here` needs no `--with`: it is added where that is true, and
    dropped where it no longer is, with `absent` as the line that says so.
    """

    name: str
    summary: str
    may_have: tuple[str, ...] = ()
    obtain: Callable[[Home, Say], object] = lambda _, __: None
    components: Callable[[Home], Sequence[Component]] = lambda _: ()
    checks: Callable[[Home], Checks] = lambda _: {}
    settle: Callable[[Home], bool] = lambda _: False
    environment: Callable[[Home], Mapping[str, str]] = lambda _: {}
    product: Callable[[Home], Mapping[str, str]] = lambda _: {}
    urls: Callable[[Home], Mapping[str, str]] = lambda _: {}
    notes: Callable[[Home], Mapping[str, str]] = lambda _: {}
    here: Callable[[], bool] | None = None
    absent: Callable[[], str] = lambda: ""


def _settle_errors(home: Home) -> bool:
    errors.ensure_project(home)
    return True


def _tell_errors(home: Home) -> Mapping[str, str]:
    """The tracker makes the DSN when it runs for the first time; its file outlives the tracker."""
    dsn = home.keys / errors.DSN
    return {"PHAROS_SENTRY_DSN": dsn.read_text().strip()} if dsn.exists() else {}


ERRORS = Extra(
    name="errors",
    summary="the error tracker",
    may_have=(errors.NAME,),
    obtain=lambda _, say: tracker(say),
    components=lambda home: [errors.component(home)],
    checks=lambda home: {errors.NAME: lambda: errors.check(home)},
    settle=_settle_errors,
    environment=_tell_errors,
    urls=lambda home: {"errors": errors.url(home)},
    notes=lambda home: {"errors": errors.sign_in_note(home)},
)


def _tell_grafana(home: Home) -> Mapping[str, str]:
    return {
        "PHAROS_GRAFANA_URL": grafana.url(home),
        "PHAROS_GRAFANA_USER": grafana.PERSON,
        "PHAROS_GRAFANA_PASSWORD_FILE": str(home.keys / grafana.PASSWORD),
    }


GRAFANA = Extra(
    name=grafana.NAME,
    summary="the dashboards in a Grafana, by itself where the machine has one",
    may_have=(grafana.NAME,),
    components=lambda home: [grafana.component(home)],
    checks=lambda home: {grafana.NAME: lambda: grafana.check(home)},
    environment=_tell_grafana,
    urls=lambda home: {"grafana": grafana.url(home)},
    notes=lambda home: {"grafana": grafana.sign_in_note(home)},
    here=grafana.here,
    absent=grafana.absent,
)


def _obtain_elk(home: Home, say: Say) -> None:
    """Settle where to ship to, too: a stack that runs keeps its store unless it is given one."""
    try:
        store = given_store()
    except StoreError as error:
        raise AcquireError(str(error)) from error
    before = read_wanted(home)
    if store or before is None or "elk" not in before.extras:
        keep_store(home, store)
    if not store_of(home).given:
        logstore.program()
        say("logs go to a test server in memory, without data streams and lifecycle")
    get_shipper(say)


def _elk_components(home: Home) -> Sequence[Component]:
    own = [] if store_of(home).given else [logstore.component(home)]
    return [*own, shipper.component(home)]


def _elk_checks(home: Home) -> Checks:
    checks = {} if store_of(home).given else {logstore.NAME: partial(logstore.check, home)}
    return checks | {shipper.NAME: partial(shipper.check, home)}


def _tell_elk(home: Home) -> Mapping[str, str]:
    """Name a given store, which is then searched, too; the test server is only shipped to."""
    store = store_of(home)
    return store.variables() if store.given else {}


ELK = Extra(
    name="elk",
    summary="log shipping",
    may_have=(logstore.NAME, shipper.NAME),
    obtain=_obtain_elk,
    components=_elk_components,
    checks=_elk_checks,
    environment=_tell_elk,
    urls=lambda home: {"logstore": store_of(home).url},
)

FAULTS = Extra(
    name="faults",
    summary="a proxy between the product and its servers, for faults on the way",
    may_have=(faultproxy.NAME,),
    components=lambda home: [faultproxy.component(home)],
    checks=lambda home: {faultproxy.NAME: partial(faultproxy.check, home)},
    product=faultproxy.product_environment,
)

HISTORY = Extra(
    name=history.NAME,
    summary="a second Prometheus with a written history, for drills of the slow alerts",
    may_have=(history.NAME,),
    components=lambda home: [history.component(home)],
    checks=lambda home: {history.NAME: partial(history.check, home)},
)

EXTRAS: Mapping[str, Extra] = {
    extra.name: extra for extra in (ERRORS, ELK, GRAFANA, FAULTS, HISTORY)
}
# What an extra's component may be called, whether or not a stack has it.
COMPONENTS = tuple(name for extra in EXTRAS.values() for name in extra.may_have)


class UnknownExtraError(StackError):
    """There is no extra of that name; the message lists those that there are."""


def offered() -> str:
    """Return the names of all extras, each with what it is, for people."""
    return "; ".join(f"{extra.name}, {extra.summary}" for extra in EXTRAS.values())


def require_known(names: Collection[str]) -> None:
    """Refuse a name that is no extra's.

    Raises:
        UnknownExtraError: names it, and those that are known.
    """
    unknown = sorted(set(names) - EXTRAS.keys())
    if unknown:
        raise UnknownExtraError(f"--with {', '.join(unknown)}: known is {offered()}")


def settled(names: Collection[str]) -> frozenset[str]:
    """Return these extras, with those that are here by themselves and without those that are not.

    One that is asked for with `--with` and is not here is said to be absent, like any other.
    """
    automatic = {extra.name: extra.here() for extra in EXTRAS.values() if extra.here}
    here = {name for name, found in automatic.items() if found}
    return frozenset(names).difference(automatic) | here


def absent(names: Collection[str]) -> list[str]:
    """Return what is to be said of the extras that would be here by themselves, and are not."""
    missing = [extra for extra in EXTRAS.values() if extra.here and extra.name not in names]
    return [words for extra in missing if (words := extra.absent())]


def chosen(names: Collection[str]) -> list[Extra]:
    """Return the extras of these names, in the order in which they are declared."""
    return [extra for extra in EXTRAS.values() if extra.name in names]


def environment(home: Home, names: Collection[str]) -> dict[str, str]:
    """Return what the extras of these names tell every process of ours."""
    told: dict[str, str] = {}
    for extra in chosen(names):
        told |= extra.environment(home)
    return told


def product_environment(home: Home, names: Collection[str]) -> dict[str, str]:
    """Return what the extras of these names tell the product's processes alone."""
    told: dict[str, str] = {}
    for extra in chosen(names):
        told |= extra.product(home)
    return told


def notes(home: Home) -> dict[str, str]:
    """Return the advice that belongs below a URL, by the URL's name."""
    return {name: note for extra in EXTRAS.values() for name, note in extra.notes(home).items()}
