"""Who is asking: a person by the session cookie, a program by its bearer token. Nobody else gets past."""

from typing import Annotated

from fastapi import Depends, Request, Response

from impetus.core.actor import Actor
from impetus.core.errors import Unauthenticated
from impetus.desk import sign_in, tokens
from impetus.desk.views import SignedIn
from impetus.web.context import desk_of
from impetus.web.problems import PasswordChangeNeeded, SignInNeeded
from impetus.web.security import bearer_of, session_cookie, visitor_cookie

VISITOR_S = 3600
"""Seconds a sign-in form stays good."""


def session_of(request: Request) -> SignedIn | None:
    """Return the session whose cookie came with the request, None when there is none or it is over."""
    secret = request.cookies.get(session_cookie(request))
    return sign_in.session(desk_of(request), secret) if secret else None


def current_session(request: Request) -> SignedIn:
    """Return the session of a person, also of one who must change the password first; nobody else passes."""
    signed_in = session_of(request)
    if signed_in is None:
        raise SignInNeeded("you are not signed in", rule="session", remedy="sign in")
    if not signed_in.must_change:
        request.state.actor = signed_in.actor
    return signed_in


def current_actor(request: Request) -> Actor:
    """Return the person who asks for a page; nobody is sent to sign in, a one-time password to be changed."""
    signed_in = current_session(request)
    if signed_in.must_change:
        raise PasswordChangeNeeded("your password must be changed first", rule="password", remedy="choose a new one")
    return signed_in.actor


def api_actor(request: Request) -> Actor:
    """Return who asks the API: the bearer token's service, else the session's person; else `Unauthenticated`."""
    bearer = bearer_of(request)
    if bearer is not None:
        return tokens.who(desk_of(request), bearer)
    if "authorization" in request.headers:
        raise Unauthenticated(
            "the Authorization header is not a bearer token", rule="token", remedy="send Authorization: Bearer <token>"
        )
    try:
        return current_actor(request)
    except SignInNeeded as nobody:
        raise Unauthenticated(
            "no token and no session came with the request",
            rule="session",
            remedy="send Authorization: Bearer <token>, or sign in",
        ) from nobody


OpenSession = Annotated[SignedIn, Depends(current_session)]
Person = Annotated[Actor, Depends(current_actor)]
Caller = Annotated[Actor, Depends(api_actor)]


def give_session(request: Request, response: Response, signed_in: SignedIn) -> None:
    """Set the session cookie to a fresh secret, so that one planted before is worth nothing; the visitor's goes.

    The cookie ends with the browser; the desk decides how long the session lasts.
    """
    _set(request, response, session_cookie(request), signed_in.secret, None)
    _take(request, response, visitor_cookie(request))


def give_visitor(request: Request, response: Response, secret: str) -> None:
    """Bind the sign-in form to this browser for an hour."""
    _set(request, response, visitor_cookie(request), secret, VISITOR_S)


def take_session(request: Request, response: Response) -> None:
    """Remove the session cookie."""
    _take(request, response, session_cookie(request))


def _is_https(request: Request) -> bool:
    return request.url.scheme == "https"


def _set(request: Request, response: Response, name: str, secret: str, seconds: int | None) -> None:
    response.set_cookie(
        name, secret, max_age=seconds, path="/", secure=_is_https(request), httponly=True, samesite="strict"
    )


def _take(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=_is_https(request), httponly=True, samesite="strict")
