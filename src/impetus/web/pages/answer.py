"""The page an acknowledging link leads to: no sign-in, no name, one button; looking acknowledges nothing."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from impetus.desk import notices
from impetus.web.context import TheDesk, web_of
from impetus.web.render import page
from impetus.web.security import csrf_of, csrf_token
from impetus.web.session import give_visitor

router = APIRouter()
Token = Annotated[str, Path(max_length=100)]


@router.get("/answer/{token}")
def show_answer(request: Request, desk: TheDesk, token: Token) -> Response:
    """Show what the link is about, with the button."""
    view = notices.look_at_link(desk, token)
    known = csrf_token(request)
    secret = "" if known else desk.chance.token()
    headers = {"Referrer-Policy": "no-referrer" if view.state != "open" else "same-origin", "X-Robots-Tag": "noindex"}
    response = page(
        request,
        "answer.html",
        actor=None,
        headers=headers,
        csrf=known or csrf_of(secret),
        view=view,
        token=token,
        is_new=False,
    )
    if secret:
        give_visitor(request, response, secret)
    return response


@router.post("/answer/{token}")
def answer(request: Request, desk: TheDesk, token: Token) -> Response:
    """Acknowledge."""
    web_of(request).sign_ins.take(request.client.host if request.client else "")
    notices.acknowledge_by_token(desk, token)
    view = notices.look_at_link(desk, token)
    return page(request, "answer.html", actor=None, view=view, token=token, is_new=True)
