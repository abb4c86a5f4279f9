"""What every route of the web process shares, and how a route asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from jinja2 import Environment

from impetus.desk.context import Desk
from impetus.settings import Settings
from impetus.web.assets import Assets
from impetus.web.i18n import Words

if TYPE_CHECKING:
    from impetus.web.security import SignInLimit
    from impetus.web.sse import Hub


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """The web process: the desk, and what turns its answers into pages."""

    desk: Desk
    settings: Settings
    words: Mapping[str, Words]
    assets: Assets
    templates: Mapping[str, Environment]
    hub: "Hub"
    sign_ins: "SignInLimit"


def web_of(request: Request) -> Web:
    """Return the web process a request came to."""
    web = request.app.state.web
    if not isinstance(web, Web):
        raise TypeError(f"app.state.web is {type(web).__name__}")
    return web


def desk_of(request: Request) -> Desk:
    """Return the desk."""
    return web_of(request).desk


def settings_of(request: Request) -> Settings:
    """Return the settings."""
    return web_of(request).settings


TheDesk = Annotated[Desk, Depends(desk_of)]
TheSettings = Annotated[Settings, Depends(settings_of)]
