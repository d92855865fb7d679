"""The ledger knows a rule by its hash, whether a file or a real Prometheus tells of it."""

import pytest

from alerts.rulebook import load_rules
from chaos.ledger.loaded import differing, loaded_rules
from chaos.signals.sources import StackSources
from tests.fixtures.running import RunningStack

pytestmark = pytest.mark.stack


def test_what_prometheus_has_loaded_is_what_stands_in_the_files(stack: RunningStack) -> None:
    loaded = loaded_rules(StackSources(stack.home))
    assert len(loaded) == len(load_rules())
    assert differing(loaded, load_rules()) == []
