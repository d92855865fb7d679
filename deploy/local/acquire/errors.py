"""The one way in which getting programs fails."""


class AcquireError(Exception):
    """Something cannot be had; the message names all of it, and what to do."""
