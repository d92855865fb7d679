"""Bearer tokens for programs."""

from fastapi import APIRouter, Response, status

from console.access_schemas import AccessToken, FreshToken, TokenCreate
from console.control.dependencies import Admin, ControlDep
from console.schemas import ReasonOnly

router = APIRouter(prefix="/v1/tokens", tags=["people"])


@router.get("")
def tokens(_: Admin, control: ControlDep) -> list[AccessToken]:
    return control.tokens.list()


@router.post("", status_code=status.HTTP_201_CREATED)
def create(wanted: TokenCreate, actor: Admin, control: ControlDep, answer: Response) -> FreshToken:
    answer.headers["Cache-Control"] = "no-store"
    return control.tokens.create(actor.name, wanted)


@router.delete("/{name}", status_code=status.HTTP_204_NO_CONTENT)
def revoke(name: str, why: ReasonOnly, actor: Admin, control: ControlDep) -> Response:
    control.tokens.revoke(actor.name, name, why.reason)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
