"""The bodies of the API's requests; unknown fields are ignored, as in the original."""

from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from deploy.faultproxy.behaviours import KINDS
from deploy.faultproxy.errors import BadRequestError, InvalidStreamError, InvalidToxicTypeError
from deploy.faultproxy.toxic import Behaviour, Direction, Toxic

T = TypeVar("T")


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class ProxyBody(_Body):
    """A proxy, or what is to be changed of one; a field that is null was not given."""

    name: str | None = None
    listen: str | None = None
    upstream: str | None = None
    enabled: bool | None = None

    @property
    def starts_enabled(self) -> bool:
        return self.enabled is not False


class ToxicBody(_Body):
    """A toxic, or what is to be changed of one."""

    name: str | None = None
    type: str | None = None
    stream: str | None = None
    toxicity: float | None = None
    attributes: dict[str, Any] | None = None

    def toxic(self) -> Toxic:
        """Return the toxic that is to be made: downstream, on every link, unless it says otherwise.

        Raises:
            InvalidStreamError, InvalidToxicTypeError, BadRequestError: what does not fit.
        """
        given = "downstream" if self.stream is None else self.stream.lower()
        if given not in set(Direction):
            raise InvalidStreamError
        kind = self.type or ""
        if kind not in KINDS:
            raise InvalidToxicTypeError
        stream = Direction(given)
        toxicity = 1.0 if self.toxicity is None else self.toxicity
        attributes = _attributes(KINDS[kind], {}, self.attributes)
        return Toxic(self.name or f"{kind}_{stream}", kind, stream, toxicity, attributes)

    def change(self, toxic: Toxic) -> None:
        """Change toxicity and attributes of a toxic; those that are not named stay.

        Raises:
            BadRequestError: an attribute does not fit; nothing was changed.
        """
        before = toxic.attributes
        toxic.attributes = _attributes(type(before), before.model_dump(), self.attributes)
        toxic.toxicity = toxic.toxicity if self.toxicity is None else self.toxicity


def _attributes(
    kind: type[Behaviour], before: dict[str, Any], given: dict[str, Any] | None
) -> Behaviour:
    named = {name: value for name, value in (given or {}).items() if value is not None}
    return _fitting(TypeAdapter(kind), before | named, "attributes.")


def parsed(shape: type[T], body: bytes) -> T:
    """Return a request's body in its shape.

    Raises:
        BadRequestError: it is no JSON, or a field does not fit; names it.
    """
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequestError(str(error)) from error
    return _fitting(TypeAdapter(shape), given)


def _fitting(shape: TypeAdapter[T], given: object, below: str = "") -> T:
    try:
        return shape.validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = below + ".".join(str(part) for part in first["loc"])
        raise BadRequestError(f"{field}: {first['msg']}" if field else first["msg"]) from error
