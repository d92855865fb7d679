"""`python -m console`: Streamlit's server with the pages, and beside it the port for Prometheus.

The port is not opened by a page, for a console that nobody has looked at yet
is to be scraped, too. Arguments go on to Streamlit.
"""

import sys
from pathlib import Path

from streamlit.web.cli import main as streamlit

from backend.observability.exposition import MetricsServer
from console.components.reports import reports
from console.components.signals import signals
from deploy.home import Home

NOT_READY = 3
PAGES = Path(__file__).parent / "app.py"


def main() -> None:
    port = Home.from_environment().ports["console-metrics"]
    try:
        # Made before anybody asks, so that what was never counted stands there with nothing.
        reports()
        MetricsServer(signals().instruments, port).start()
    except OSError as error:
        sys.stderr.write(f"console: port {port} cannot be had ({error.strerror}): end its holder\n")
        sys.exit(NOT_READY)
    streamlit(["run", str(PAGES), *sys.argv[1:]], prog_name="streamlit")


if __name__ == "__main__":
    main()
