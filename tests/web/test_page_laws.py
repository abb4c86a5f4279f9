"""What holds on every page, whoever looks and whatever is on it: labels, tokens, landmarks, links, and no inline code."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.desk import triage
from impetus.settings import LANGUAGES
from impetus.web.render import LANGUAGE_COOKIE
from page_reader import Node, broken_references, forms, links, read_page, twice, unlabelled
from seats import actor, look, opened, seat
from town import Town, close_town, furnish, open_town, raise_alert

PAGES = (
    "/",
    "/alerts",
    "/alerts?state=all",
    "/alerts/1",
    "/alerts/2",
    "/alerts/3",
    "/incidents",
    "/incidents/1",
    "/sources",
    "/sources/quarantine",
    "/city",
    "/sensors",
    "/sensors/1",
    "/sensors/rates",
    "/samplers",
    "/samples",
    "/board",
    "/on-call",
    "/channels",
    "/hand-over",
    "/shift-log",
    "/mailbox",
    "/keys",
    "/ethics",
    "/ethics/frameworks",
    "/sign-in/password",
    "/sign-in/second-factor",
    "/nothing",
)
OVERSEEN = ("/ethics/who-looked", "/ethics/retention", "/ethics/log")
"""Pages for those who oversee; the others are offered no way to them."""
PEOPLE = {"Dag": Role.DPO, "Kari": Role.OPERATOR, "Sigrid": Role.SUPERVISOR, "Adele": Role.ADMINISTRATOR}

EXTRA = {"Adele": ("/accounts",), "Dag": OVERSEEN}


@dataclass(slots=True)
class Day:
    """An ordinary day with people at their seats; nothing in this file changes it."""

    town: Town
    seats: dict[str, TestClient]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Return a day on which there is something of everything."""
    home: Path = tmp_path_factory.mktemp("day")
    town = open_town(home)
    furnish(town)
    seats = {name: seat(town, name, role) for name, role in PEOPLE.items()}
    opened(town, 1)
    closed = raise_alert(town, "{thing} gone quiet")
    triage.acknowledge(town.desk, actor(town), closed.id)
    yield Day(town, seats)
    close_town(town)


@pytest.fixture(scope="module")
def looked(day: Day) -> dict[tuple[str, str], Node]:
    """Return every page as each of the people sees it."""
    return {
        (name, path): read_page(client.get(path).text)
        for name, client in day.seats.items()
        for path in (*PAGES, *EXTRA.get(name, ()))
    }


def test_every_form_that_changes_something_carries_its_token(looked: dict[tuple[str, str], Node]) -> None:
    """Without it the wall would refuse the form, on the operator's screen and in the middle of the night."""
    bare = [
        (where, form.get("action"))
        for where, page in looked.items()
        for form in page.all("form")
        if form.get("method") == "post" and len(form.fields.get("csrf", [""])[0]) != 64
    ]
    assert not bare


def test_every_field_has_a_name_that_is_read_aloud(looked: dict[tuple[str, str], Node]) -> None:
    """WCAG 2.2, 3.3.2: a label or an aria-label for each."""
    assert not {where: names for where, page in looked.items() if (names := unlabelled(page))}


def test_what_labels_and_descriptions_name_is_there(looked: dict[tuple[str, str], Node]) -> None:
    """A label for nothing labels nothing."""
    assert not {where: names for where, page in looked.items() if (names := broken_references(page))}


def test_an_id_stands_once(looked: dict[tuple[str, str], Node]) -> None:
    """Two elements with one id would take each other's labels and updates."""
    assert not {where: names for where, page in looked.items() if (names := twice(page))}


def test_every_page_has_one_main_heading_and_its_name_in_the_title(looked: dict[tuple[str, str], Node]) -> None:
    """Who jumps by headings or looks at tabs knows where they are."""
    for where, page in looked.items():
        (title,) = page.all("title")
        assert len(list(page.all("h1"))) == 1, where
        assert title.words.endswith("· Testby"), where
        assert len(title.words) > len("· Testby") + 1, where


def test_every_page_has_its_landmarks(looked: dict[tuple[str, str], Node]) -> None:
    """One header, one main part that the skip link leads to."""
    for where, page in looked.items():
        (main,) = page.all("main")
        assert main.get("id") == "main", where
        assert any(link.get("href") == "#main" for link in page.all("a")), where


def test_no_page_carries_inline_code_or_style(looked: dict[tuple[str, str], Node]) -> None:
    """The content security policy would refuse them silently."""
    for where, page in looked.items():
        for node in page.all():
            inline = [name for name in node.attributes if name == "style" or name.startswith("on")]
            assert not inline, (where, node.tag, inline)
            assert node.tag != "style", where
            assert node.tag != "script" or node.get("src") or node.get("type") == "application/json", where


def test_nothing_is_asked_for_from_elsewhere(looked: dict[tuple[str, str], Node]) -> None:
    """No address of another host stands in any page."""
    for where, page in looked.items():
        for node in page.all():
            for name in ("src", "href", "action", "formaction", "hx-get", "hx-post"):
                assert not node.get(name).startswith(("http:", "https:", "//")), (where, node.tag, node.get(name))


def test_every_picture_says_what_it_shows_or_is_hidden(looked: dict[tuple[str, str], Node]) -> None:
    """WCAG 2.2, 1.1.1: shapes repeat the word beside them, meters and codes have a sentence."""
    for where, page in looked.items():
        for node in page.all("svg", "img"):
            said = node.get("aria-label") or node.get("alt") or node.get("aria-hidden") == "true"
            assert said, (where, node.tag, node.attributes)


def test_every_table_heading_says_what_it_heads(looked: dict[tuple[str, str], Node]) -> None:
    """A heading cell without words heads nothing."""
    for where, page in looked.items():
        for cell in page.all("th"):
            assert cell.words, where


def test_every_button_says_what_it_does(looked: dict[tuple[str, str], Node]) -> None:
    """By its words or its label."""
    for where, page in looked.items():
        for button in page.all("button"):
            assert button.words or button.get("aria-label"), (where, button.attributes)


def test_every_age_carries_its_moment(looked: dict[tuple[str, str], Node]) -> None:
    """What reads `3 min` is kept true by the browser and can be looked up exactly."""
    for where, page in looked.items():
        for time in page.all("time"):
            assert time.get("datetime").endswith("+00:00"), where


def test_made_up_readings_are_said_to_be_made_up_on_every_page(looked: dict[tuple[str, str], Node]) -> None:
    """Nobody may mistake the demonstration for their city."""
    for where, page in looked.items():
        assert "Simulated input" in page.words, where


@pytest.mark.parametrize("name", PEOPLE)
def test_every_link_in_a_page_leads_somewhere(day: Day, looked: dict[tuple[str, str], Node], name: str) -> None:
    """No link offers what is then refused or not there."""
    wanted = {
        link.partition("#")[0]
        for (who, path), page in looked.items()
        if who == name and path != "/nothing"
        for link in links(page)
    }
    client = day.seats[name]
    assert {link: status for link in wanted if link and (status := client.get(link).status_code) >= 400} == {}


@pytest.mark.parametrize("path", [page for page in PAGES if page != "/nothing"])
def test_no_page_changes_by_being_looked_at(day: Day, path: str) -> None:
    """Looking twice gives the same page: reading is no act."""
    client = day.seats["Kari"]
    with day.town.desk.store.read() as unit:
        before = unit.outbox.newest()
    client.get(path)
    with day.town.desk.store.read() as unit:
        assert unit.outbox.newest() == before


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/alerts/1", "/incidents/1"])
def test_the_working_pages_are_whole_in_every_language(day: Day, path: str, language: str) -> None:
    """The same forms, fields and buttons in English, Norwegian and Italian; only the words differ."""
    client = day.seats["Kari"]
    client.cookies.set(LANGUAGE_COOKIE, language, domain="127.0.0.1", path="/")
    page, english = look(client, path), None
    client.cookies.set(LANGUAGE_COOKIE, "en", domain="127.0.0.1", path="/")
    english = look(client, path)
    assert next(page.all("html")).get("lang") == language
    assert [form.fields.keys() for form in forms(page).values()] == [
        form.fields.keys() for form in forms(english).values()
    ]
    assert (page.words == english.words) == (language == "en")
