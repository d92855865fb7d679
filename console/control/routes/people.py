"""People who may sign in."""

from fastapi import APIRouter, Response, status

from console.control.dependencies import ControlDep, Operator
from console.schemas import Person, PersonCreate, ReasonOnly

router = APIRouter(prefix="/v1/people", tags=["people"])


@router.get("")
def people(_: Operator, control: ControlDep) -> list[Person]:
    return control.people.list()


@router.post("", status_code=status.HTTP_201_CREATED)
def add(wanted: PersonCreate, actor: Operator, control: ControlDep) -> Person:
    return control.people.add(actor.name, wanted)


@router.delete("/{name}", status_code=status.HTTP_204_NO_CONTENT)
def remove(name: str, why: ReasonOnly, actor: Operator, control: ControlDep) -> Response:
    control.people.remove(actor.name, name, why.reason)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
