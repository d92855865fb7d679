"""Which replicas are put aside: one file each, so that any process can tell."""

from deploy.home import Home


def quarantined(home: Home) -> frozenset[str]:
    """Return the ids of the replicas that are out of the gateway although they live."""
    if not home.quarantine.exists():
        return frozenset()
    return frozenset(path.name for path in home.quarantine.iterdir())
