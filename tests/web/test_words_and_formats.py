"""Languages and formats: which one a visitor gets and keeps, and how numbers, times, units and names read in each."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.actor import Role
from impetus.core.alert import AlertEvent, AlertState, Verdict
from impetus.core.board import PartState
from impetus.core.finding import Certainty, Severity, Urgency
from impetus.core.incident import IncidentEvent
from impetus.core.text import MAX_VALUE_CHARS, Phrase
from impetus.core.units import written
from impetus.settings import LANGUAGES
from impetus.web.formats import Formats
from impetus.web.i18n import MAX_ACCEPT_LANGUAGE_CHARS, Words, load_words, negotiate
from impetus.web.names import NAMES, PROPERTIES, name_of
from impetus.web.render import LANGUAGE_COOKIE
from page_reader import by_id, read_page
from seats import look, seat
from town import NOW, Town, csrf_of

NIGHT = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)


@cache
def words(language: str) -> Words:
    """Return the words of a language."""
    return load_words()[language]


def formats(language: str = "en", zone: str = "Europe/Oslo") -> Formats:
    """Return the formats of a language and zone."""
    return Formats(words=words(language), zone=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "29 Mar 2026, 01:59:59"), ("nb", "29 mars 2026, 01:59:59"), ("it", "29 mar 2026, 01:59:59")],
)
def test_a_moment_reads_as_the_language_writes_it(language: str, shown: str) -> None:
    """Day, month in letters, year, seconds: no order of numbers to be mistaken."""
    assert formats(language).moment(NIGHT) == shown


def test_the_hour_that_does_not_exist_is_skipped() -> None:
    """A second after 01:59:59 it is 03:00:00 in Oslo: summer time begins."""
    assert formats().clock(NIGHT) == "01:59:59"
    assert formats().clock(NIGHT.replace(hour=1, minute=0, second=0)) == "03:00:00"


def test_the_day_is_the_places_day() -> None:
    """Half past eleven in the evening UTC is tomorrow in Oslo."""
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert formats().day(late) == "22 Nov 2026"
    assert formats(zone="UTC").day(late) == "21 Nov 2026"


@pytest.mark.parametrize(
    ("value", "digits", "english", "italian"),
    [
        (0, 0, "0", "0"),
        (1234567.891, 2, "1,234,567.89", "1.234.567,89"),
        (0.5, 2, "0.5", "0,5"),
        (-12.345, 1, "-12.3", "-12,3"),
        (999.6, 0, "1,000", "1.000"),
    ],
)
def test_numbers_are_grouped_and_cut(value: float, digits: int, english: str, italian: str) -> None:
    """At most so many digits, none of them a trailing zero."""
    assert formats("en").number(value, digits) == english
    assert formats("it").number(value, digits) == italian


@pytest.mark.parametrize(("ratio", "shown"), [(0.0, "0 %"), (0.954, "95 %"), (1.0, "100 %"), (0.004, "0 %")])
def test_shares_are_whole_percent(ratio: float, shown: str) -> None:
    """0.954 is 95 %: no digit that nobody measured."""
    assert formats().percent(ratio) == shown


@pytest.mark.parametrize(
    ("bytes_", "shown"),
    [(0, "0 MiB"), (1024 * 1024, "1 MiB"), (1536 * 1024, "1.5 MiB"), (1024**3 - 1, "1,024 MiB"), (1024**3, "1 GiB")],
)
def test_sizes_change_their_unit_at_its_border(bytes_: int, shown: str) -> None:
    """From 1,024 MiB on it is GiB."""
    assert formats().size(bytes_) == shown


@given(st.floats(-1e6, 1e9))
def test_a_span_never_claims_more_than_passed(seconds: float) -> None:
    """Rounded down to its unit, never below zero."""
    count, unit = formats().span(seconds).split(" ")
    shown_s = int(count) * {"s": 1, "min": 60, "h": 3600, "d": 86_400}[unit]
    assert 0 <= shown_s <= max(0.0, seconds)
    assert max(0.0, seconds) - shown_s < {"s": 1, "min": 60, "h": 3600, "d": 86_400}[unit]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("macro", "values"),
    [
        ("severity", (*Severity, "normal")),
        ("urgency", tuple(Urgency)),
        ("certainty", tuple(Certainty)),
        ("role", tuple(Role)),
        ("alert_state", tuple(AlertState)),
        ("verdict", tuple(Verdict)),
        ("part_state", tuple(PartState)),
        ("part_severity", tuple(PartState)),
        ("incident_event", tuple(IncidentEvent)),
    ],
)
def test_every_value_has_a_word_of_its_own(town: Town, language: str, macro: str, values: tuple[str, ...]) -> None:
    """A new state cannot come without words; two states never read the same."""
    template = town.app.state.web.templates[language].from_string(
        '{% import "_macros.html" as ui with context %}{% for value in values %}{{ ui[macro](value) }}|{% endfor %}'
    )
    said = template.render(values=values, macro=macro).split("|")[:-1]
    assert all(said)
    assert macro == "part_severity" or len(set(said)) == len(values)


@pytest.mark.parametrize("event", list(AlertEvent))
def test_every_line_of_a_history_is_said_in_words(town: Town, event: AlertEvent) -> None:
    """Also without the details that an old line may lack."""
    template = town.app.state.web.templates["nb"].from_string(
        '{% import "_macros.html" as ui with context %}{{ ui.alert_event(event, detail) }}'
    )
    assert template.render(event=event, detail={}).strip()
    assert template.render(event=event, detail={"to": "Ola", "verdict": "benign", "incident": 3}).strip()


@pytest.mark.parametrize("language", ["nb", "it"])
def test_names_of_tools_and_properties_are_translated(language: str) -> None:
    """At least most of them: proper names may stay."""
    same = [name for name in (*NAMES.values(), *PROPERTIES) if words(language).gettext(name) == name]
    assert len(same) <= 6, same


@given(st.from_regex(r"[a-z][a-z0-9_]{0,30}", fullmatch=True))
def test_a_tool_of_a_third_party_has_a_name_to_read(identity: str) -> None:
    """Words with capitals, never an underscore and never nothing, with or without its prefix."""
    name = name_of(identity)
    assert name
    assert "_" not in name
    assert name_of(f"tool:{identity}") == name


def test_a_hostile_value_in_a_phrase_is_cut(town: Town) -> None:
    """One long name does not fill a screen, in any language."""
    phrase = Phrase(template="{thing} silent", values={"thing": "x" * 5000})
    for language in LANGUAGES:
        assert len(words(language).say(phrase)) <= MAX_VALUE_CHARS + 20


@pytest.mark.parametrize("template", ["{a.b}", "{0}", "{", "{a!r:>{b}}", "{a[0]}", "{missing}", "{a.__class__}"])
def test_a_template_that_cannot_be_filled_is_shown_as_it_stands(template: str) -> None:
    """Display fails open, and no template reaches into a value."""
    assert words("nb").say(Phrase(template=template, values={"a": "x", "b": "y"})) == template


@given(st.text(max_size=400))
def test_any_accept_language_gives_a_language_we_have(header: str) -> None:
    """Whatever a browser sends."""
    assert negotiate(None, header, "it") in LANGUAGES


def test_a_long_wish_is_read_up_to_its_bound() -> None:
    """What stands beyond 200 characters is not read."""
    padding = "xx;q=0.1," * 30
    assert len(padding) > MAX_ACCEPT_LANGUAGE_CHARS
    assert negotiate(None, padding + "nb", "en") == "en"
    assert negotiate(None, "nb," + padding, "en") == "nb"


@pytest.mark.parametrize("code", ["", "m", "m/s", "Cel", "{people}", "{people}/min", "/m3", "ug/m3", "m2", "m10", "%"])
def test_a_unit_is_readable_and_has_no_braces(code: str) -> None:
    """What UCUM writes for machines is written for people."""
    shown = written(code)
    assert not set("{}[]") & set(shown)
    assert "3" not in shown
    assert "m2" not in shown


def test_powers_of_ten_are_no_squares() -> None:
    """`m2` is m², `m10` stays m10."""
    assert (written("m2"), written("m10"), written("kg/m3")) == ("m²", "m10", "kg/m³")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_switch_shows_which_language_is_on(town: Town, language: str) -> None:
    """Each in its own name and marked as such for screen readers, the present one pressed."""
    visitor = town.visitor()
    visitor.cookies.set(LANGUAGE_COOKIE, language, domain="127.0.0.1", path="/")
    page = look(visitor, "/sign-in")
    buttons = [button for button in page.all("button") if button.get("name") == "language"]
    assert [(button.get("value"), button.get("lang")) for button in buttons] == [(one, one) for one in LANGUAGES]
    assert [button.get("value") for button in buttons if button.get("aria-pressed") == "true"] == [language]


def test_a_switch_comes_back_to_the_page_it_was_on(town: Town) -> None:
    """The way back is the page's own path, and the words have changed."""
    kari = seat(town)
    form = next(form for form in look(kari, "/board").all("form") if form.get("action") == "/language")
    assert form.fields["next"] == ["/board"]
    answer = kari.post("/language", data={"language": "it", "next": "/board"})
    assert answer.headers["location"] == "/board"
    assert next(look(kari, "/board").all("html")).get("lang") == "it"


def test_an_account_speaks_its_language_in_another_browser(town: Town) -> None:
    """The choice is the person's, not the machine's."""
    kari = seat(town)
    kari.post("/language", data={"language": "nb", "next": "/"})
    with town.desk.store.read() as unit:
        account = unit.accounts.by_name("Kari")
    assert account is not None
    assert account.language == "nb"


def test_an_act_is_answered_in_the_language_of_who_acts(furnished: Town) -> None:
    """One sentence, not a template."""
    kari = seat(furnished)
    kari.cookies.set(LANGUAGE_COOKIE, "nb", domain="127.0.0.1", path="/")
    answer = kari.post("/alerts/1/acknowledge", data={}, headers={"accept": "application/json"}).json()
    assert "1" in answer["said"]
    assert "{" not in answer["said"]
    assert answer["said"] != "You have alert 1"


@pytest.mark.parametrize(("theme", "shown"), [("light", "light"), ("dark", "dark"), ("neon", "dark"), ("", "dark")])
def test_the_theme_is_the_chosen_one_or_dark(town: Town, theme: str, shown: str) -> None:
    """A control room is dark by default, and a cookie cannot name what does not exist."""
    visitor = town.visitor()
    visitor.cookies.set("impetus_theme", theme, domain="127.0.0.1", path="/")
    page = look(visitor, "/sign-in")
    assert next(page.all("html")).get("data-theme") == shown
    assert [meta.get("content") for meta in page.all("meta") if meta.get("name") == "color-scheme"] == [shown]


def test_the_clock_of_a_page_is_the_servers_in_the_places_zone(town: Town) -> None:
    """The browser goes on from it."""
    clock = by_id(look(seat(town), "/keys"), "clock")
    assert (clock.words, clock.get("datetime")) == ("13:07:32", NOW.isoformat())


def test_a_form_of_the_door_is_bound_to_its_browser(town: Town) -> None:
    """The token of one visitor is worth nothing in another's hands."""
    one, other = town.visitor(), town.visitor()
    csrf_of(other, "/sign-in")
    token = csrf_of(one, "/sign-in")
    stolen = other.post("/language", data={"csrf": token, "language": "it"})
    assert (stolen.status_code, "form-token" in read_page(stolen.text).words) == (403, True)
    assert one.post("/language", data={"csrf": token, "language": "it"}).status_code == 303
