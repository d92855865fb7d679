"""Says what is wrong with an experiment beyond its format: names of what does not exist.

Metrics and labels are held to the signal catalogue, alerts to the rules, log
fields to their table, activities to the functions that there are. The opposite
is told, too: alerts that no experiment expects.
"""

import importlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from alerts.document import BadDocumentError, Fault, Place
from alerts.promql import misnamed
from alerts.rulebook import Rule
from alerts.tokens import tokens
from backend.observability.fields import SERVICES
from chaos.journal import utc_now
from chaos.runner.experiments import read_file
from chaos.runner.format import Activity, File
from chaos.signals.expected import (
    ANY_PAGE,
    Expected,
    ExpectedAlert,
    ExpectedError,
    ExpectedLog,
    ExpectedMetric,
    ExpectedSilence,
)
from deploy.logstore import QueryError, make_search

COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<=", "absent", "absent_over_time", "unless"})


def faults_in(path: Path, rules: Sequence[Rule]) -> list[str]:
    """Return what is wrong with a file, each with its line and column; nothing when it is sound.

    Raises:
        OSError: it cannot be read.
    """
    try:
        document, file = read_file(path)
    except BadDocumentError as error:
        return error.lines
    return document.told([*_activities(file), *_signals(file, rules)])


def unnamed(paths: Sequence[Path], rules: Sequence[Rule]) -> list[Rule]:
    """Return the alerts that no sound experiment of these expects to fire."""
    expected = [signal for path in paths for signal in _expected_alerts(path)]
    return [
        rule for rule in rules if not any(names_rule(signal, rule, rules) for signal in expected)
    ]


def names_rule(signal: ExpectedAlert, rule: Rule, rules: Sequence[Rule]) -> bool:
    """Return whether `signal` speaks of `rule`; of two rules of a name, its severity decides."""
    if signal.rule != rule.alert:
        return False
    alike = [other for other in rules if other.alert == rule.alert]
    return len(alike) == 1 or signal.severity == rule.labels.severity


def _expected_alerts(path: Path) -> list[ExpectedAlert]:
    try:
        _, file = read_file(path)
    except BadDocumentError:
        return []
    return [each for each in file.extensions[0].signals if isinstance(each, ExpectedAlert)]


def _activities(file: File) -> Iterator[Fault]:
    for index, probe in enumerate(file.hypothesis.probes):
        yield from _activity(probe, ("steady-state-hypothesis", "probes", index, "provider"))
    for index, activity in enumerate(file.method):
        yield from _activity(activity, ("method", index, "provider"))
    for index, activity in enumerate(file.rollbacks):
        yield from _activity(activity, ("rollbacks", index, "provider"))


def _activity(activity: Activity, place: Place) -> Iterator[Fault]:
    provider = activity.provider
    try:
        module = importlib.import_module(provider.module)
    except ModuleNotFoundError:
        yield Fault((*place, "module"), f"there is no module {provider.module}")
        return
    function: Any = getattr(module, provider.func, None)
    if not _is_activity(function):
        known = ", ".join(sorted(name for name, each in vars(module).items() if _is_activity(each)))
        words = f"{provider.module} has no activity {provider.func}: it has {known}"
        yield Fault((*place, "func"), words)
        return
    yield from _arguments(function, provider.arguments, place)


def _is_activity(function: object) -> bool:
    """Return whether it was marked with `chaos.drill.activity` or `undoing`."""
    return getattr(function, "is_activity", False) is True


def _arguments(
    function: Callable[..., Any], given: dict[str, Any], place: Place
) -> Iterator[Fault]:
    takes = inspect.signature(function).parameters
    known = ", ".join(takes) or "none"
    unknown = given.keys() - takes.keys()
    for name in unknown:
        words = f"{function.__name__} takes no such argument: it takes {known}"
        yield Fault((*place, "arguments", name), words)
    missing = [
        name
        for name, parameter in takes.items()
        if name not in given and parameter.default is parameter.empty
    ]
    for name in missing:
        words = f"{function.__name__} needs the argument {name}: add it"
        yield Fault((*place, "arguments"), words)
    check = getattr(function, "check", None)
    # What cannot even be called has been told enough of.
    if check is not None and not unknown and not missing:
        for inner, words in check(**given):
            yield Fault((*place, "arguments", *inner), words)


def _signals(file: File, rules: Sequence[Rule]) -> Iterator[Fault]:
    for index, signal in enumerate(file.extensions[0].signals):
        yield from _signal(signal, rules, ("extensions", 0, "signals", index))


def _signal(signal: Expected, rules: Sequence[Rule], place: Place) -> Iterator[Fault]:
    match signal:
        case ExpectedMetric():
            yield from _metric(signal.metric, (*place, "metric"))
        case ExpectedLog() | ExpectedError():
            yield from _log(signal, place)
        case ExpectedAlert():
            yield from _alert(signal, rules, place)
        case ExpectedSilence():
            yield from _silence(signal, {rule.alert for rule in rules}, place)


def _silence(signal: ExpectedSilence, alerts: set[str], place: Place) -> Iterator[Fault]:
    if signal.silent not in alerts | {ANY_PAGE}:
        words = f"there is no alert {signal.silent}: name one of alerts/, or any page"
        yield Fault((*place, "silent"), words)
    for index, name in enumerate(signal.but):
        if name not in alerts:
            yield Fault((*place, "but", index), f"there is no alert {name}: name one of alerts/")
    if signal.but and signal.silent != ANY_PAGE:
        yield Fault((*place, "but"), f"is of {ANY_PAGE} alone: leave it out")


def _metric(promql: str, place: Place) -> Iterator[Fault]:
    try:
        unknown = misnamed(promql)
        words = {token.text for token in tokens(promql) if not token.braces}
    except ValueError as error:
        yield Fault(place, f"is no PromQL: {error}")
        return
    for name in unknown:
        yield Fault(place, f"{name} is not in the signal catalogue: take what is, or declare it")
    if not words & COMPARISONS:
        yield Fault(place, "always finds something: compare it, such as `… > 0`")


def _log(signal: ExpectedLog | ExpectedError, place: Place) -> Iterator[Fault]:
    if signal.component is not None and signal.component not in SERVICES:
        known = ", ".join(SERVICES)
        yield Fault((*place, "component"), f"no component is called so: name one of {known}")
        return
    try:
        make_search(signal.search, now=utc_now(), level=signal.level)
    except QueryError as error:
        yield Fault((*place, "log"), str(error))


def _alert(signal: ExpectedAlert, rules: Sequence[Rule], place: Place) -> Iterator[Fault]:
    alike = [rule for rule in rules if rule.alert == signal.rule]
    if not alike:
        yield Fault((*place, "alert"), f"there is no alert {signal.alert}: name one of alerts/")
    elif len(alike) > 1 and signal.severity is None:
        words = f"there are {len(alike)} alerts {signal.alert}: add its severity"
        yield Fault((*place, "alert"), words)
    elif signal.alert != signal.rule and signal.severity is not None:
        yield Fault((*place, "severity"), f"{signal.alert} has but one: leave it out")
    elif signal.severity not in {None, *(rule.labels.severity for rule in alike)}:
        yield Fault((*place, "severity"), f"{signal.alert} has no such severity")
