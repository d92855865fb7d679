"""`python -m deploy.local.agent.backstop`: stands until no fault has been asked for for long."""

from importlib.metadata import version

from backend.observability.logs import configure_logging
from deploy.home import Home
from deploy.local.agent.backstop.ending import Backstop
from deploy.local.agent.backstop.standing import standing, wanted
from deploy.local.agent.backstop.starting import NAME


def main() -> None:
    """End leases of the stack; another one that stands already is left alone."""
    home = Home.from_environment()
    log_file = home.logs / f"{NAME}.log"
    configure_logging(service="agent", node=NAME, version=version("pharos"), log_file=log_file)
    backstop = Backstop(home)
    while True:
        with standing(home) as alone:
            if not alone:
                return
            backstop.run()
        # Somebody may have come to rely on it between its last look and its leaving.
        if not wanted(home):
            return


if __name__ == "__main__":
    main()
