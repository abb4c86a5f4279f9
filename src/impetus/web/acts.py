"""Answers to acts: one sentence of what was done, how to take it back, and where to go on.

A form sent by the browser's own hand comes back to a page; one sent by our modules gets `{said, undo, go}` or a problem
document, and the page stays as it was, with everything that was typed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import orjson
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from impetus.core.errors import ImpetusError
from impetus.core.text import Phrase
from impetus.web.problems import problem_answer
from impetus.web.render import words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done. `back` is the page to come back to, `undo` the address that takes it back, `go` where work goes on."""

    said: Phrase
    back: str
    undo: str | None = None
    go: str | None = None


def wants_json(request: Request) -> bool:
    """Say whether our own module asks."""
    return request.headers.get("accept", "").startswith("application/json")


def perform(request: Request, act: Callable[[], Done]) -> Response:
    """Do it and answer in the form that suits the one who asked; refusals are answered by the app's own handler."""
    try:
        done = act()
    except ImpetusError as error:
        if wants_json(request):
            return problem_answer(error.problem())
        raise
    if wants_json(request):
        answer = {"said": words_of(request).say(done.said), "undo": done.undo, "go": done.go}
        return Response(orjson.dumps(answer), media_type="application/json")
    return RedirectResponse(done.go or _ours(done.back), status_code=303)


def _ours(address: str) -> str:
    """Return the address when it is a path of ours, else the picture: nobody is sent to another site."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"
