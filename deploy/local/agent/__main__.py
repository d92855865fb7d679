"""`python -m deploy.local.agent`: what must not wait for the agent's imports, then the agent."""

from deploy.home import Home
from deploy.local.agent.early import letting_go


def main() -> None:
    """Serve until SIGTERM; a bad home or port base ends the process at once."""
    home = Home.from_environment()
    with letting_go(home):
        from deploy.local.agent import server  # noqa: PLC0415  that is what takes long

        app = server.prepare(home)
    server.serve(home, app)


if __name__ == "__main__":
    main()
