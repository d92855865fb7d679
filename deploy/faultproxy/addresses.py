"""Addresses as the API writes them: `host:port`."""

from deploy.faultproxy.errors import BadRequestError

LOOPBACK = "127.0.0.1"
OURS = ("", "localhost", LOOPBACK)


def parse(field: str, text: str) -> tuple[str, int]:
    """Return host and port.

    Raises:
        BadRequestError: it is no such address; names the field.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not (port.isascii() and port.isdecimal()) or int(port) > 65535:
        raise BadRequestError(f"{field}: {text!r} is no address: write host:port, port up to 65535")
    return host.removeprefix("[").removesuffix("]"), int(port)


def to_listen_on(text: str) -> tuple[str, int]:
    """Return where to listen; nothing means any free port.

    Raises:
        BadRequestError: it is no address of this machine alone.
    """
    host, port = parse("listen", text or f"{LOOPBACK}:0")
    if host not in OURS:
        raise BadRequestError(f"listen: {text!r}: this proxy listens on {LOOPBACK} only")
    return LOOPBACK, port


def written(host: str, port: int) -> str:
    return f"{host}:{port}"
