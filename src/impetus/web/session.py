"""Who is asking: a person by the session cookie, a program by its bearer token. Nobody else gets past."""

from typing import Annotated

from fastapi import Depends, Request, Response

from impetus.core.actor import Actor
from impetus.core.errors import Unauthenticated
from impetus.desk import sign_in, tokens
from impetus.web.context import desk_of
from impetus.web.problems import PasswordChangeNeeded, SignInNeeded
from impetus.web.security import bearer_of, session_cookie, visitor_cookie


def signed_in(request: Request) -> Actor | None:
    """Return the person whose session cookie came with the request, None when there is none or it is over."""
    secret = request.cookies.get(session_cookie(request))
    return sign_in.who(desk_of(request), secret) if secret else None


def current_actor(request: Request) -> Actor:
    """Return the person who asks for a page; nobody is sent to the sign-in page."""
    actor = signed_in(request)
    if actor is None:
        raise SignInNeeded("you are not signed in", rule="session", remedy="sign in")
    if sign_in.must_change(desk_of(request), actor):
        raise PasswordChangeNeeded("your password must be changed first", rule="password", remedy="choose a new one")
    return actor


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


Person = Annotated[Actor, Depends(current_actor)]
Caller = Annotated[Actor, Depends(api_actor)]


def give_cookie(request: Request, response: Response, secret: str, *, seconds: int) -> None:
    """Set the session cookie; called only with a fresh secret, so that a planted one is worth nothing."""
    _set(request, response, session_cookie(request), secret, seconds)


def give_visitor_cookie(request: Request, response: Response, secret: str) -> None:
    """Bind the sign-in form to this browser for an hour."""
    _set(request, response, visitor_cookie(request), secret, 3600)


def take_cookie(request: Request, response: Response) -> None:
    """Remove the session cookie."""
    response.delete_cookie(
        session_cookie(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict"
    )


def _set(request: Request, response: Response, name: str, secret: str, seconds: int) -> None:
    response.set_cookie(
        name,
        secret,
        max_age=seconds,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
