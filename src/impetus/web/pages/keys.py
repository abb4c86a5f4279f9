"""The page of keys and shapes, for the first night shift."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()


@router.get("/keys")
def show_keys(request: Request, actor: Person) -> HTMLResponse:
    """Show every key and every shape."""
    return page(request, "keys.html", actor=actor)
