"""`python -m deploy.local.history`: writes a history that ends now, and becomes its Prometheus."""

import os
import shutil
import sys
import time
from pathlib import Path
from urllib.parse import quote

from alerts.objectives.document import load_slos
from backend.observability.catalogue import SLI_TOTAL
from deploy.home import Home
from deploy.local.acquire import Programs, present
from deploy.local.promtool import promtool
from deploy.local.servers import prometheus
from deploy.local.servers.history import NAME
from deploy.local.servers.probe import NotHealthyError, get_json
from deploy.prometheus.history import history


def main() -> None:
    home, programs = Home.from_environment(), present()
    if programs is None:
        sys.exit("history: Prometheus is not there: `pharos up` gets it")
    folder = home.data / NAME
    _write(home, programs, folder)
    argv = (
        str(programs.prometheus),
        f"--config.file={home.conf / f'{NAME}.yml'}",
        f"--storage.tsdb.path={folder}",
        "--storage.tsdb.retention.time=4d",
        f"--web.listen-address=127.0.0.1:{home.ports[NAME]}",
        f"--rules.alert.resend-delay={prometheus.RESEND}",
        "--log.format=json",
    )
    os.execve(argv[0], argv, {**os.environ, **programs.environment(programs.prometheus)})  # noqa: S606


def _write(home: Home, programs: Programs, folder: Path) -> None:
    """Put the history in the place of what is there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    text = folder / "history.txt"
    with text.open("w") as file:
        file.writelines(history(load_slos(), _rates(home), int(time.time())))
    answer = promtool(programs, "tsdb", "create-blocks-from", "openmetrics", text, folder)
    text.unlink()
    if not answer.passed:
        sys.exit(f"history: it could not be written: {answer.text}")


def _rates(home: Home) -> dict[str, float]:
    """Return how much there is now, by objective; nothing where the stack's Prometheus is away."""
    query = f"/api/v1/query?query={quote(SLI_TOTAL.name)}"
    try:
        found = get_json(home.ports[prometheus.NAME], query)["data"]["result"]
    except (OSError, NotHealthyError):
        return {}
    return {row["metric"]["slo"]: float(row["value"][1]) for row in found}


if __name__ == "__main__":
    main()
