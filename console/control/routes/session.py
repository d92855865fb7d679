"""Signing in and out: a form, one-time links, and who a credential stands for."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response, status
from fastapi.responses import HTMLResponse, RedirectResponse

from console.access_schemas import Session, SignInLink
from console.control.dependencies import AnyActor, ControlDep, CredentialDep, Minter
from console.control.errors import NotAllowedError, NotSignedInError, TooManyAttemptsError
from console.control.pages.answering import keep_private, page_answer
from console.control.pages.render import link_used_up, sign_in_form
from console.control.services.sessions import SESSION_LIFETIME, Ticket
from console.control.wiring import Control

router = APIRouter(tags=["session"])
LongText = Annotated[str, Form(max_length=2000)]


@router.get("/v1/session")
def session(actor: AnyActor) -> Session:
    return Session(actor=actor.name, kind=actor.kind, role=actor.role, expires_at=actor.expires_at)


@router.post("/v1/sign-in-links", status_code=status.HTTP_201_CREATED)
def mint_sign_in_link(actor: Minter, control: ControlDep) -> SignInLink:
    ticket = control.sessions.mint_link(actor.name)
    url = f"{control.neighbourhood.control}/sign-in/{ticket.value}"
    return SignInLink(url=url, expires_at=ticket.expires_at)


@router.get("/sign-in", response_class=HTMLResponse)
def show_form(
    request: Request,
    given: CredentialDep,
    control: ControlDep,
    next: str = "",  # noqa: A002
) -> Response:
    try:
        control.actors.find(given)
    except NotSignedInError:
        return _page(control, sign_in_form(next_page=next))
    return RedirectResponse(_destination(request, control, next), status.HTTP_303_SEE_OTHER)


@router.post("/sign-in", response_class=HTMLResponse)
def sign_in(
    request: Request,
    control: ControlDep,
    name: LongText = "",
    password: LongText = "",
    next: LongText = "",  # noqa: A002
) -> Response:
    if control.neighbourhood.is_foreign(request.headers):
        raise NotAllowedError("Sign in on this service's own page.")
    address = request.client.host if request.client else "unknown"
    try:
        ticket = control.people.sign_in(name, password, address)
    except NotSignedInError as error:
        return _page(control, sign_in_form(error=str(error), name=name, next_page=next), 401)
    except TooManyAttemptsError as error:
        page = _page(control, sign_in_form(error=str(error), name=name, next_page=next), 429)
        page.headers["Retry-After"] = str(error.retry_after)
        return page
    return _signed_in(request, control, ticket, next)


@router.get("/sign-in/{code}", response_class=HTMLResponse)
def use_link(
    request: Request,
    code: str,
    control: ControlDep,
    next: str = "",  # noqa: A002
) -> Response:
    try:
        ticket = control.sessions.use_link(code)
    except NotSignedInError as error:
        return _page(control, link_used_up(str(error)), status.HTTP_410_GONE)
    return _signed_in(request, control, ticket, next)


@router.post("/sign-out", status_code=status.HTTP_204_NO_CONTENT)
def sign_out(actor: AnyActor, given: CredentialDep, control: ControlDep) -> Response:
    control.sessions.close(given or "", actor.name)
    answer = Response(status_code=status.HTTP_204_NO_CONTENT)
    answer.delete_cookie(control.settings.cookie, path="/", httponly=True, samesite="lax")
    return answer


def _destination(request: Request, control: Control, wanted: str) -> str:
    return control.neighbourhood.destination(wanted, request.url.hostname)


def _signed_in(request: Request, control: Control, ticket: Ticket, wanted: str) -> Response:
    answer = RedirectResponse(_destination(request, control, wanted), status.HTTP_303_SEE_OTHER)
    answer.set_cookie(
        control.settings.cookie,
        ticket.value,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
    )
    keep_private(answer)
    return answer


def _page(control: Control, html: str, code: int = status.HTTP_200_OK) -> Response:
    # A form's target also covers where its answer redirects to: the console.
    return page_answer(html, code, ("'self'", *control.neighbourhood.consoles))
