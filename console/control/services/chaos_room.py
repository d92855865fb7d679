"""What the chaos room prints as JSON, in shapes of this room's own."""

from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from console.control.drill_process import CHAOS, ChaosRoomError, ask_chaos
from console.control.errors import UnavailableError

Row = TypeVar("Row", bound=BaseModel)


def ask_for(verb: str, shape: type[Row], chaos: tuple[str, ...] = CHAOS) -> list[Row]:
    """Return the list that `chaos VERB --json` prints.

    Raises:
        UnavailableError: it did not print one that can be read.
    """
    try:
        return TypeAdapter(list[shape]).validate_json(ask_chaos(verb, chaos))  # type: ignore[valid-type]
    except ChaosRoomError as error:
        raise UnavailableError(str(error)) from error
    except ValidationError as error:
        raise UnavailableError(
            f"what `pharos chaos {verb}` prints cannot be read ({error.error_count()} errors): "
            "run it to see"
        ) from error
