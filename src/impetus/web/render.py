"""Pages from templates: one Jinja2 environment a language, everything escaped, nothing undefined let through.

Every template may use `_`, `ngettext`, `say(phrase)`, `ago(at)`, `static(path)`, `may(actor, operation)`, `who_can_see(operation)`, `settings`,
`figure(value, low, high)`, `incident_words(event)`, `alert_words(event)`, `role_words(role)`,
`language`, the filters `clock clock_of moment day calendar number percent size span tool_name` and, from the request, `actor`, `csrf`,
`theme`, `now`, `path`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from impetus.core.actor import Actor
from impetus.desk.context import Desk
from impetus.ethics.guard import may, who_can_see
from impetus.settings import LANGUAGES, Settings
from impetus.web.assets import Assets
from impetus.web.context import web_of
from impetus.web.event_words import alert_words, incident_words, role_words
from impetus.web.formats import Formats
from impetus.web.i18n import Words, negotiate
from impetus.web.names import name_of
from impetus.web.security import csrf_token
from impetus.web.sensor_words import figure

TEMPLATE_DIR = Path(__file__).parent / "templates"
THEMES = ("dark", "light")
LANGUAGE_COOKIE = "impetus_language"
THEME_COOKIE = "impetus_theme"


class Compiled(BytecodeCache):
    """Templates compiled once a process, for every language: texts are looked up when a page is made, not before."""

    def __init__(self) -> None:
        """Start with none; there are never more than there are templates."""
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket with what is kept; Jinja2 throws it away when the template's text has changed since."""
        kept = self._kept.get(bucket.key)
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def environments(
    desk: Desk, settings: Settings, words: Mapping[str, Words], assets: Assets
) -> Mapping[str, Environment]:
    """Return the template environment of every language."""
    return {language: _environment(desk, settings, words[language], assets) for language in LANGUAGES}


def _environment(desk: Desk, settings: Settings, words: Words, assets: Assets) -> Environment:
    formats = Formats(words=words, zone=ZoneInfo(settings.timezone))
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE_DIR),
        bytecode_cache=COMPILED,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the i18n extension
    environment.globals.update(
        say=words.say,
        static=assets.url,
        settings=settings,
        language=words.language,
        languages=LANGUAGES,
        may=may,
        who_can_see=who_can_see,
        incident_words=lambda event: words.gettext(incident_words(str(event))),
        alert_words=lambda event: words.gettext(alert_words(str(event))),
        role_words=lambda role: words.gettext(role_words(str(role))),
        stops_in_force=lambda: _stops_in_force(desk),
        stop_of_source=lambda source: desk.stops.standing().of_source(source),
        figure=partial(figure, formats),
        ago=lambda at: formats.span((desk.clock.now() - at).total_seconds()),
    )
    environment.filters["instant"] = datetime.fromisoformat
    environment.filters["tool_name"] = lambda part: words.gettext(name_of(str(part)))
    for name in ("clock", "clock_of", "moment", "day", "calendar", "number", "percent", "size", "span"):
        environment.filters[name] = getattr(formats, name)
    return environment


def _stops_in_force(desk: Desk) -> int:
    """Return how many stops are in force, 1 when nobody can tell: then everything is stopped."""
    standing = desk.stops.standing()
    return len(standing.stops) or int(standing.trouble is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """How a request wants to be shown to."""

    language: str
    theme: str


def visitor_of(request: Request) -> Visitor:
    """Return language and theme: chosen in a cookie, else the browser's language, else the installation's."""
    theme = request.cookies.get(THEME_COOKIE, THEMES[0])
    return Visitor(
        language=negotiate(
            request.cookies.get(LANGUAGE_COOKIE),
            request.headers.get("accept-language"),
            web_of(request).settings.language,
        ),
        theme=theme if theme in THEMES else THEMES[0],
    )


def words_of(request: Request) -> Words:
    """Return the words of the visitor's language."""
    return web_of(request).words[visitor_of(request).language]


def is_fragment(request: Request) -> bool:
    """Say whether htmx asks, and a part of the page is the right answer."""
    return request.headers.get("hx-request") == "true"


def page(
    request: Request,
    template: str,
    *,
    actor: Actor | None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: object,
) -> HTMLResponse:
    """Return a page (or a fragment: a template that does not extend `base.html`) in the visitor's language."""
    web, visitor = web_of(request), visitor_of(request)
    body = (
        web.templates[visitor.language]
        .get_template(template)
        .render(
            {
                "actor": actor,
                "csrf": csrf_token(request),
                "theme": visitor.theme,
                "now": web.desk.clock.now(),
                "path": request.url.path,
                **context,
            }
        )
    )
    return HTMLResponse(body, status_code=status, headers=dict(headers or {}))
