"""What goes wrong, told to whom it happened: a problem document to programs, a page to people.

Under `/api` every refusal is RFC 9457 `application/problem+json` with value, limit and remedy. People get a page that
says what happened and what they can do. A bug is logged under an id, and only the id is shown.
"""

import logging
import uuid
from collections.abc import Mapping
from urllib.parse import quote

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from impetus.core.errors import Conflict, ImpetusError, Malformed, NotNow, OurFault, TooLarge, Unauthenticated, Unknown
from impetus.web.names import N_
from impetus.web.render import is_fragment, page

LOGGER = logging.getLogger(__name__)
PROBLEM_JSON = "application/problem+json"
MAX_NAMED = 10
"""Wrong fields named in one answer."""
WHAT_NOW = {
    400: N_("Go back, correct it and send it again."),
    401: N_("Sign in and try again."),
    403: N_("Ask somebody whose role allows it, or an administrator."),
    404: N_("It may have been erased when its time was over. Go to the picture or the list of alerts."),
    409: N_("Somebody may have acted before you. Reload, look at what changed, then decide again."),
    413: N_("Send less at once."),
    421: N_("Use the address of this installation."),
    422: N_("Correct the value named here and send it again; nothing was changed."),
    429: N_("Wait a little, then try again."),
    500: N_("Nothing you did was wrong. Try again; if it stays, tell the administrator the number below."),
    503: N_("Try again in a moment. What is on other screens stays as it was."),
}
TITLES = {
    "Internal error": N_("Internal error"),
    "The platform is at fault": N_("The platform is at fault"),
    "Configuration is wrong": N_("Configuration is wrong"),
    "Input refused": N_("Input refused"),
    "Input is malformed": N_("Input is malformed"),
    "Input is too large": N_("Input is too large"),
    "Not found": N_("Not found"),
    "State does not allow this": N_("State does not allow this"),
    "Refused": N_("Refused"),
    "Sign in first": N_("Sign in first"),
    "Not now": N_("Not now"),
    "Too many attempts": N_("Too many attempts"),
    "Method not allowed": N_("Method not allowed"),
}


class SignInNeeded(Unauthenticated):
    """A page was asked for by nobody we know; the way on is the sign-in page."""


class PasswordChangeNeeded(Unauthenticated):
    """The one-time password must be changed before anything else."""


def problem_answer(problem: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem document as an answer."""
    status = problem.get("status", 500)
    return Response(
        orjson.dumps(dict(problem), default=str),
        status_code=status if isinstance(status, int) else 500,
        media_type=PROBLEM_JSON,
        headers=dict(headers or {}),
    )


def is_program(request: Request) -> bool:
    """Say whether a program asks: then a problem document is the right answer."""
    wants_json = request.headers.get("accept", "").startswith("application/json")
    return wants_json or request.url.path.startswith("/api/") or "authorization" in request.headers


def install_problems(app: FastAPI) -> None:
    """Give the app its answers to everything that can go wrong."""
    app.add_exception_handler(ImpetusError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


def _on_error(request: Request, error: Exception) -> Response:
    """Answer one of our own errors."""
    if not isinstance(error, ImpetusError):
        raise error
    headers = {"Retry-After": str(max(1, round(error.retry_after_s)))} if isinstance(error, NotNow) else {}
    if error.status == Unauthenticated.status and is_program(request):
        headers["WWW-Authenticate"] = 'Bearer realm="impetus"'
    if isinstance(error, SignInNeeded | PasswordChangeNeeded) and not is_program(request):
        return _to_sign_in(request, error)
    if isinstance(error, OurFault):
        number = uuid.uuid4().hex[:8]
        LOGGER.error("fault %s at %s %s: %s", number, request.method, request.url.path, error.detail, exc_info=error)
        return answer(request, {**error.problem(), "number": number}, headers)
    return answer(request, error.problem(), headers)


def _to_sign_in(request: Request, error: ImpetusError) -> Response:
    """Send a person to the sign-in page and, from a read, back afterwards."""
    target = "/sign-in/password" if isinstance(error, PasswordChangeNeeded) else "/sign-in"
    if request.method == "GET" and not is_fragment(request) and request.url.path != "/":
        target += f"?next={quote(request.url.path, safe='/')}"
    if is_fragment(request):
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, status_code=303)


def _on_invalid(request: Request, error: Exception) -> Response:
    """Answer a request whose parameters or body do not fit, naming each value, its limit and the remedy."""
    if not isinstance(error, RequestValidationError):
        raise error
    wrong = [_wrong(item) for item in error.errors()[:MAX_NAMED]]
    first = wrong[0] if wrong else {"field": "", "limit": "", "value": ""}
    problem = {
        "type": "urn:impetus:problem:Invalid",
        "title": "Input refused",
        "status": 422,
        "detail": f"{first['field']}: {first['limit']}",
        "value": first["value"],
        "limit": first["limit"],
        "remedy": "correct the fields named and send it again",
        "fields": wrong,
    }
    return answer(request, problem)


def _wrong(item: Mapping[str, object]) -> dict[str, str]:
    """Return field, value and limit of one validation error."""
    place = item.get("loc", ())
    names = (
        [str(part) for part in place if part not in {"body", "query", "path", "header"}]
        if isinstance(place, tuple)
        else []
    )
    return {
        "field": ".".join(names) or "body",
        "value": str(item.get("input", ""))[:100],
        "limit": str(item.get("msg", "")),
    }


def _on_http(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: no such page, wrong method, unreadable body."""
    if not isinstance(error, HTTPException):
        raise error
    titles = {
        400: Malformed.title,
        404: Unknown.title,
        405: "Method not allowed",
        409: Conflict.title,
        413: TooLarge.title,
    }
    absent = error.status_code == Unknown.status
    problem = {
        "type": "urn:impetus:problem:Http",
        "title": titles.get(error.status_code, "Refused"),
        "status": error.status_code,
        "detail": f"there is nothing at {request.url.path[:200]}" if absent else str(error.detail),
        "remedy": "see /api/v1/openapi.json for what there is" if is_program(request) else "",
    }
    return answer(request, problem, dict(error.headers or {}))


def answer(request: Request, problem: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Response:
    """Answer a problem in the form that suits the one who asked."""
    if is_program(request):
        return problem_answer(problem, headers)
    status = problem.get("status", 500)
    code = status if isinstance(status, int) else 500
    template = "_problem.html" if is_fragment(request) else "problem.html"
    actor = getattr(request.state, "actor", None)
    return page(
        request, template, actor=actor, status=code, headers=headers, problem=problem, what_now=WHAT_NOW.get(code, "")
    )


class LastResort:
    """Answer a bug with 500 and a number, and log it under that number; stands inside the wall, so headers are set."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on and catch what nobody caught."""
        started = False

        async def noticing(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noticing)
        except Exception as error:
            number = uuid.uuid4().hex[:8]
            LOGGER.exception("bug %s at %s %s", number, scope.get("method", ""), scope.get("path", ""))
            if started or scope["type"] != "http":
                raise
            problem = {**OurFault("the platform made a mistake").problem(), "number": number}
            problem["remedy"] = "try again; if it stays, tell the administrator this number"
            request = Request(scope, receive)
            await _last_answer(request, problem, error)(scope, receive, send)


def _last_answer(request: Request, problem: Mapping[str, object], error: Exception) -> Response:
    """Return the page of a bug, or its bare document when the page itself is what broke."""
    try:
        return answer(request, problem)
    except Exception:
        LOGGER.exception("the problem page failed too, after %r", error)
        return problem_answer(problem)
