"""Sends a surge or a scan from a process of its own, watched for a halt as a drill's runner is.

`python -m chaos.rehearsal.sender KIND ARGUMENTS FOLDER`: the arguments are JSON, and the
journal is begun in the folder. It ends by itself once all is sent, like a drill's action.
"""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from chaos.drill import Drill, entered
from chaos.errors import AbortedError
from chaos.faults.traffic import scan, surge
from chaos.journal import Journal
from chaos.probes.prometheus import PrometheusTraffic
from chaos.runner.watcher import Watcher, block_signals
from chaos.schemas import AbortWhen
from deploy.home import Home
from deploy.local.driver import LocalDriver

SENDERS: Mapping[str, Callable[..., str]] = {"surge": surge, "scan": scan}
# As the experiments of this traffic have it.
LIMIT = AbortWhen(error_ratio=0.05, over_seconds=10)


def main(kind: str, arguments: str, folder: Path) -> None:
    block_signals()
    home = Home.from_environment()
    drill = Drill(
        run=folder.name,
        driver=LocalDriver(home),
        traffic=PrometheusTraffic(f"http://127.0.0.1:{home.ports['prometheus']}"),
        gateway=f"http://127.0.0.1:{home.ports['gateway']}",
        journal=Journal(folder),
    )
    with Watcher(home, drill, LIMIT).watching(), entered(drill), suppress(AbortedError):
        SENDERS[kind](**json.loads(arguments))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
