"""The halt switch: a file in the home, so that it works while every service is dead."""

from datetime import UTC, datetime

from chaos.journal import read_json, write_atomically
from chaos.schemas import Halt
from deploy.home import Home


def read_halt(home: Home) -> Halt:
    """Return the switch. A file that cannot be read or understood halts all the same."""
    try:
        content = read_json(home.halt_file)
    except FileNotFoundError:
        return Halt(on=False)
    except OSError as error:
        return Halt(on=True, by="the halt file", reason=f"it cannot be read: {error}")
    return Halt(
        on=True,
        by=_text(content, "by") or "somebody unknown",
        reason=_text(content, "reason") or "no reason given",
        since=_moment(content),
        rehearsal=content.get("rehearsal") is True,
    )


def throw_halt(home: Home, by: str, reason: str) -> Halt:
    """Switch the halt on; one that is on already, and no rehearsal, keeps who threw it first.

    Raises:
        OSError: the home cannot be written.
    """
    standing = read_halt(home)
    if standing.on and not standing.rehearsal:
        return standing
    halt = Halt(on=True, by=by, reason=reason, since=datetime.now(UTC))
    home.root.mkdir(parents=True, exist_ok=True)
    write_atomically(home.halt_file, halt.model_dump_json(include={"by", "reason", "since"}) + "\n")
    return halt


def _text(content: dict[str, object], name: str) -> str:
    return str(content.get(name) or "")[:500]


def _moment(content: dict[str, object]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(content, "since"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
