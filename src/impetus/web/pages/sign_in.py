"""The door: signing in and out, the first password, the second factor, language and theme."""

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from impetus.core.errors import ImpetusError, TheirFault, Unauthenticated
from impetus.desk import accounts, sign_in
from impetus.desk.context import Desk
from impetus.desk.views import SignedIn
from impetus.settings import LANGUAGES
from impetus.web.context import TheDesk, TheSettings, web_of
from impetus.web.i18n import negotiate
from impetus.web.names import N_
from impetus.web.render import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, page, words_of
from impetus.web.security import csrf_of, csrf_token, session_cookie
from impetus.web.session import OpenSession, Person, give_session, give_visitor, session_of, take_session

YEAR_S = 365 * 86_400
router = APIRouter()
Secret = Annotated[str, Form(max_length=200)]
Next = Annotated[str, Query(alias="next", max_length=300)]
NextField = Annotated[str, Form(alias="next", max_length=300)]
WRONG = N_("Name, password or code is wrong, or the account is resting after many failures.")
CODE_NEEDED = N_("This account needs the six digits of your authenticator, too.")
DIFFERENT = N_("The two new passwords differ.")


def local_path(wish: str) -> str:
    """Return the path when it stays on this site, else the picture: a link must not lead elsewhere after signing in.

    >>> local_path("/alerts/3"), local_path("//evil.example"), local_path("https://evil.example")
    ('/alerts/3', '/', '/')
    """
    stays = wish.startswith("/") and not wish.startswith(("//", "/\\")) and wish.isprintable() and "\\" not in wish
    return wish if stays else "/"


@router.get("/sign-in")
def show_sign_in(request: Request, desk: TheDesk, next_: Next = "/", chosen: Annotated[str, Query()] = "") -> Response:
    """Show the sign-in form; somebody who is signed in goes on."""
    if session_of(request) is not None:
        return RedirectResponse(local_path(next_), status_code=303)
    return _form(request, desk, next_path=local_path(next_), chosen=chosen)


@router.post("/sign-in")
def enter(  # noqa: PLR0913 - a form has as many parameters as fields
    request: Request,
    desk: TheDesk,
    *,
    name: Annotated[str, Form(max_length=100)] = "",
    password: Secret = "",
    code: Annotated[str, Form(max_length=20)] = "",
    next_: NextField = "/",
    chosen: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """Sign in and go on to where one wanted to be; anything wrong shows the form again with what was typed."""
    web_of(request).sign_ins.take(request.client.host if request.client else "")
    try:
        signed_in = sign_in.sign_in(desk, name, password, code.replace(" ", "") or None)
    except Unauthenticated as refusal:
        wrong = CODE_NEEDED if refusal.rule == "second factor" else WRONG
        return _form(request, desk, next_path=local_path(next_), chosen=chosen, name=name, wrong=wrong)
    before = request.cookies.get(session_cookie(request))
    if before:
        sign_in.sign_out(desk, before)
    language = _language(request, signed_in, chosen)
    if language != signed_in.language:
        accounts.set_language(desk, signed_in.actor, language)
    path = "/sign-in/password" if signed_in.must_change else local_path(next_)
    response = RedirectResponse(path, status_code=303)
    give_session(request, response, signed_in)
    _remember(request, response, LANGUAGE_COOKIE, language)
    return response


def _language(request: Request, signed_in: SignedIn, chosen: str) -> str:
    """Return the language to speak: chosen at this door, else the account's.

    At the first sign-in of an account that was left at English it is the browser's: nobody chose yet.
    """
    if chosen in LANGUAGES:
        return chosen
    if signed_in.must_change and signed_in.language == LANGUAGES[0]:
        return negotiate(None, request.headers.get("accept-language"), signed_in.language)
    return signed_in.language


@router.post("/sign-out")
def leave(request: Request, desk: TheDesk) -> Response:
    """End the session; one that is over already is no error."""
    secret = request.cookies.get(session_cookie(request))
    if secret:
        sign_in.sign_out(desk, secret)
    response = RedirectResponse("/sign-in", status_code=303)
    take_session(request, response)
    return response


@router.get("/sign-in/password")
def show_password(request: Request, signed_in: OpenSession) -> HTMLResponse:
    """Show the form for a new password."""
    return _password_form(request, signed_in)


@router.post("/sign-in/password")
def change_password(
    request: Request, desk: TheDesk, signed_in: OpenSession, old: Secret = "", new: Secret = "", again: Secret = ""
) -> Response:
    """Change the password; every other session ends, and the cookie gets a new secret."""
    if new != again:
        return _password_form(request, signed_in, wrong=DIFFERENT)
    try:
        changed = accounts.change_password(desk, signed_in.actor, old=old, new=new)
    except Unauthenticated:
        return _password_form(request, signed_in, wrong=N_("The present password is wrong."))
    except TheirFault as refusal:
        return _password_form(request, signed_in, wrong=refusal.detail, remedy=refusal.remedy)
    response = RedirectResponse("/sign-in/second-factor" if signed_in.must_change else "/", status_code=303)
    give_session(request, response, changed)
    return response


@router.get("/sign-in/second-factor")
def show_second_factor(
    request: Request, desk: TheDesk, settings: TheSettings, signed_in: OpenSession, actor: Person
) -> HTMLResponse:
    """Show a new second factor as a QR code, or that there is one already."""
    if signed_in.has_totp:
        return page(request, "second_factor.html", actor=actor, enrolment=None, picture="", wrong="")
    enrolment = accounts.enrol_totp(desk, actor, site=settings.site)
    return page(
        request, "second_factor.html", actor=actor, enrolment=enrolment, picture=qr_code(enrolment.uri), wrong=""
    )


@router.post("/sign-in/second-factor")
def confirm_second_factor(
    request: Request, desk: TheDesk, actor: Person, secret: Secret = "", code: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """Keep the second factor once its first code was right; a wrong code shows the same secret again."""
    try:
        accounts.confirm_totp(desk, actor, secret=secret, code=code.replace(" ", ""))
    except TheirFault as refusal:
        if refusal.status == ImpetusError.status:
            raise
        return page(
            request,
            "second_factor.html",
            actor=actor,
            status=422,
            enrolment={"secret": secret, "uri": ""},
            picture="",
            wrong=refusal.detail,
        )
    return RedirectResponse("/", status_code=303)


@router.post("/language")
def choose_language(
    request: Request, desk: TheDesk, language: Annotated[str, Form(max_length=5)] = "", next_: NextField = "/"
) -> Response:
    """Switch the language of this browser and, signed in, of the account."""
    path = local_path(next_)
    signed_in = session_of(request)
    if language in LANGUAGES and signed_in is not None:
        accounts.set_language(desk, signed_in.actor, language)
    if signed_in is None and language in LANGUAGES:
        path = f"/sign-in?chosen={language}"
    response = RedirectResponse(path, status_code=303)
    if language in LANGUAGES:
        _remember(request, response, LANGUAGE_COOKIE, language)
    return response


@router.post("/theme")
def choose_theme(request: Request, theme: Annotated[str, Form(max_length=5)] = "", next_: NextField = "/") -> Response:
    """Switch between dark and light, for browsers without scripts."""
    response = RedirectResponse(local_path(next_), status_code=303)
    if theme in THEMES:
        _remember(request, response, THEME_COOKIE, theme)
    return response


def qr_code(text: str) -> str:
    """Return a QR code as an image address (`data:`), black on white with its quiet zone whatever the theme."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(scale=6, border=4, dark="#000", light="#fff"))


def _form(
    request: Request, desk: Desk, *, next_path: str, chosen: str, name: str = "", wrong: str = ""
) -> HTMLResponse:
    """Show the sign-in form, bound to this browser."""
    token = csrf_token(request)
    secret = "" if token else desk.chance.token()
    response = page(
        request,
        "sign_in.html",
        actor=None,
        status=401 if wrong else 200,
        csrf=token or csrf_of(secret),
        next_path=next_path,
        chosen=chosen if chosen in LANGUAGES else "",
        name=name,
        wrong=words_of(request).gettext(wrong),
    )
    if secret:
        give_visitor(request, response, secret)
    return response


def _password_form(request: Request, signed_in: SignedIn, *, wrong: str = "", remedy: str = "") -> HTMLResponse:
    return page(
        request,
        "password.html",
        actor=None,
        status=422 if wrong else 200,
        must_change=signed_in.must_change,
        name=signed_in.actor.name,
        wrong=words_of(request).gettext(wrong),
        remedy=remedy,
    )


def _remember(request: Request, response: Response, name: str, value: str) -> None:
    """Keep a choice of how things look for a year; it is no secret."""
    response.set_cookie(name, value, max_age=YEAR_S, path="/", secure=request.url.scheme == "https", samesite="strict")
