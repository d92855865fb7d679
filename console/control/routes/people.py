"""People who may sign in, and their roles."""

from fastapi import APIRouter, Response, status

from console.access_schemas import Person, PersonCreate, RoleChange
from console.control.dependencies import Admin, ControlDep
from console.schemas import ReasonOnly

router = APIRouter(prefix="/v1/people", tags=["people"])


@router.get("")
def people(_: Admin, control: ControlDep) -> list[Person]:
    return control.people.list()


@router.post("", status_code=status.HTTP_201_CREATED)
def add(wanted: PersonCreate, actor: Admin, control: ControlDep) -> Person:
    return control.people.add(actor.name, wanted)


@router.put("/{name}/role")
def change_role(name: str, wanted: RoleChange, actor: Admin, control: ControlDep) -> Person:
    return control.people.change_role(actor.name, name, wanted)


@router.delete("/{name}", status_code=status.HTTP_204_NO_CONTENT)
def remove(name: str, why: ReasonOnly, actor: Admin, control: ControlDep) -> Response:
    control.people.remove(actor.name, name, why.reason)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
