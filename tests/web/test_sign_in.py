"""The door: first password, second factor, sessions that begin, move on and end."""

import re

import pyotp
import pytest

from impetus.core.actor import Role
from impetus.desk import accounts
from impetus.web.pages.sign_in import local_path
from town import CONSOLE, PASSWORD, Town, csrf_of, enter, post

COOKIE = "impetus_session"


def test_nobody_sees_a_page_before_signing_in(town: Town) -> None:
    """A page leads to the door and, afterwards, back to where one wanted to be."""
    visitor = town.visitor()
    answer = visitor.get("/board")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/board")
    assert 'name="next" value="/board"' in visitor.get(answer.headers["location"]).text


def test_a_one_time_password_must_be_changed_before_anything_else(town: Town) -> None:
    """The first sign-in leads to the password page, and every other page leads there too."""
    once = accounts.add(town.desk, CONSOLE, "kari", Role.OPERATOR)
    visitor = town.visitor()
    assert enter(visitor, "kari", once.password).headers["location"] == "/sign-in/password"
    assert visitor.get("/board").headers["location"].startswith("/sign-in/password")
    changed = post(visitor, "/sign-in/password", old=once.password, new=PASSWORD, again=PASSWORD)
    assert changed.headers["location"] == "/sign-in/second-factor"
    assert visitor.get("/board").status_code == 200


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"new": PASSWORD, "again": "another one entirely"}, "differ"),
        ({"new": "short", "again": "short"}, "12"),
        ({"old": "not it", "new": PASSWORD + "!", "again": PASSWORD + "!"}, "present password is wrong"),
    ],
)
def test_a_bad_new_password_is_refused_with_the_reason(town: Town, fields: dict[str, str], says: str) -> None:
    """What is wrong is said, and the password stays."""
    person = town.person(name="kari")
    answer = post(person, "/sign-in/password", **{"old": PASSWORD, **fields})
    assert answer.status_code == 422
    assert says in answer.text
    assert enter(town.visitor(), "kari", PASSWORD).status_code == 303


def test_a_wrong_password_and_an_unknown_name_look_the_same(town: Town) -> None:
    """The door does not tell who exists; what was typed as the name stays in the form."""
    town.person(name="kari")
    wrong, unknown = enter(town.visitor(), "kari", "x"), enter(town.visitor(), "olav", "x")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("kari", "olav").count("resting") == unknown.text.count("resting") == 1
    assert 'value="kari"' in wrong.text
    assert COOKIE not in wrong.headers.get("set-cookie", "")


def test_a_planted_session_is_worth_nothing_after_signing_in(town: Town) -> None:
    """Whatever cookie a browser came with, it leaves the door with a new one, and the old one opens nothing."""
    town.person(name="kari")
    visitor = town.visitor()
    visitor.cookies.set(COOKIE, "planted-by-somebody", domain="127.0.0.1", path="/")
    assert enter(visitor, "kari", PASSWORD).status_code == 303
    assert visitor.cookies[COOKIE] != "planted-by-somebody"
    thief = town.visitor()
    thief.cookies.set(COOKIE, "planted-by-somebody")
    assert thief.get("/board").status_code == 303


def test_signing_in_again_ends_the_session_before(town: Town) -> None:
    """A second sign-in in the same browser does not leave the first session lying about."""
    person = town.person(name="kari")
    before = person.cookies[COOKIE]
    answer = person.post("/sign-in", data={"csrf": csrf_of(person), "name": "kari", "password": PASSWORD})
    assert answer.status_code == 303
    assert person.cookies[COOKIE] != before
    thief = town.visitor()
    thief.cookies.set(COOKIE, before)
    assert thief.get("/board").status_code == 303


def test_changing_the_password_ends_every_other_session(town: Town) -> None:
    """Somebody who stole a session loses it; the one who changed goes on with a new cookie."""
    person = town.person(name="kari")
    thief = town.visitor()
    thief.cookies.set(COOKIE, person.cookies[COOKIE])
    assert thief.get("/board").status_code == 200
    post(person, "/sign-in/password", old=PASSWORD, new=PASSWORD + "!", again=PASSWORD + "!")
    assert thief.get("/board").status_code == 303
    assert person.get("/board").status_code == 200


def test_a_session_ends_when_it_was_not_used(town: Town) -> None:
    """After two idle hours the door asks again; used within, the session goes on."""
    person = town.person()
    town.clock.advance(3600)
    assert person.get("/board").status_code == 200
    town.clock.advance(2 * 3600 + 1)
    assert person.get("/board").status_code == 303


def test_signing_out_ends_the_session_on_the_server(town: Town) -> None:
    """A copy of the cookie opens nothing after signing out."""
    person = town.person()
    copy = person.cookies[COOKIE]
    assert post(person, "/sign-out").headers["location"] == "/sign-in"
    thief = town.visitor()
    thief.cookies.set(COOKIE, copy)
    assert thief.get("/board").status_code == 303


def test_a_disabled_account_is_out_at_once(town: Town) -> None:
    """Disabling does not wait for the session to end."""
    person = town.person(name="kari")
    assert person.get("/board").status_code == 200
    accounts.disable(town.desk, CONSOLE, "kari")
    assert person.get("/board").status_code == 303


def test_a_second_factor_is_set_up_by_its_picture_and_then_asked_for(town: Town) -> None:
    """The page shows a QR code and its secret; after the first right code the door wants one each time."""
    person = town.person(name="kari")
    text = person.get("/sign-in/second-factor").text
    assert 'src="data:image/svg+xml' in text
    secret = re.search(r'name="secret" value="([A-Z2-7]+)"', text)
    assert secret is not None
    code = pyotp.TOTP(secret[1]).at(town.clock.now())
    wrong = post(person, "/sign-in/second-factor", secret=secret[1], code="000000" if code != "000000" else "111111")
    assert wrong.status_code == 422
    assert post(person, "/sign-in/second-factor", secret=secret[1], code=code).status_code == 303
    assert "second factor is set up" in person.get("/sign-in/second-factor").text
    town.clock.advance(60)
    visitor = town.visitor()
    without = enter(visitor, "kari", PASSWORD)
    assert without.status_code == 401
    assert "six digits" in without.text
    assert enter(visitor, "kari", PASSWORD, code=pyotp.TOTP(secret[1]).at(town.clock.now())).status_code == 303


def test_the_language_chosen_at_the_door_becomes_the_accounts(town: Town) -> None:
    """A visitor switches before signing in, and the next browser of that account speaks the same."""
    town.person(name="kari")
    visitor = town.visitor()
    switched = visitor.post("/language", data={"csrf": csrf_of(visitor, "/sign-in"), "language": "nb"})
    assert switched.headers["location"] == "/sign-in?chosen=nb"
    assert 'lang="nb"' in visitor.get("/sign-in?chosen=nb").text
    enter(visitor, "kari", PASSWORD, chosen="nb")
    other = town.visitor()
    enter(other, "kari", PASSWORD)
    assert '<html lang="nb"' in other.get("/board").text


def test_on_a_shared_machine_the_account_decides_the_language(town: Town) -> None:
    """Whoever sat here before does not decide how the next one is spoken to."""
    once = accounts.add(town.desk, CONSOLE, "mario", Role.OPERATOR, language="it")
    visitor = town.visitor()
    visitor.cookies.set("impetus_language", "nb")
    assert "impetus_language=it" in enter(visitor, "mario", once.password).headers["set-cookie"]


def test_at_the_first_sign_in_the_browser_decides_for_an_account_left_at_english(town: Town) -> None:
    """Nobody has to look for the switch on their first night; afterwards the account remembers."""
    once = accounts.add(town.desk, CONSOLE, "kari", Role.OPERATOR)
    visitor = town.visitor()
    visitor.headers["accept-language"] = "nn-NO"
    assert "impetus_language=nb" in enter(visitor, "kari", once.password).headers["set-cookie"]
    other = town.visitor()
    other.headers["accept-language"] = "it"
    assert "impetus_language=nb" in enter(other, "kari", once.password).headers["set-cookie"]


def test_unknown_languages_and_themes_change_nothing(town: Town) -> None:
    """Only what exists can be chosen."""
    person = town.person()
    assert "set-cookie" not in post(person, "/language", language="xx").headers
    assert "set-cookie" not in post(person, "/theme", theme="neon").headers
    assert "impetus_theme=light" in post(person, "/theme", theme="light").headers["set-cookie"]
    assert 'data-theme="light"' in person.get("/board").text


@pytest.mark.parametrize(
    "wish", ["//evil.example", "https://evil.example", "/\\evil.example", "\\evil", "javascript:alert(1)", "/a\nb", ""]
)
def test_the_way_on_stays_on_this_site(wish: str) -> None:
    """A link to the door cannot lead elsewhere after signing in."""
    assert local_path(wish) == "/"


def test_htmx_is_told_to_go_to_the_door(town: Town) -> None:
    """A part of a page asked for after the session ended makes the whole page go to the door."""
    answer = town.visitor().get("/board", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")
