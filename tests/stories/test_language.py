"""Each person's own language: chosen once, kept, and what is said stays the same thing."""

from types import SimpleNamespace

import pytest

from impetus.core.actor import Role, console
from impetus.core.errors import Malformed
from impetus.core.text import Phrase
from impetus.desk import accounts, sign_in
from stories.door import Visitor
from stories.story import Story
from stories.words import alert, noticed, refused

NORWEGIAN = {"{count} people in {place}": "{count} personer i {place}"}


@pytest.fixture
def ada(story: Story) -> Visitor:
    """Return an operator who is in."""
    visitor = Visitor(story, "ada")
    story >> visitor.signs_in()
    return visitor


def test_a_chosen_language_is_kept_over_shifts(story: Story, ada: Visitor) -> None:
    """Norwegian tonight, Norwegian tomorrow, in another browser as well."""
    story >> ada.chooses("nb") >> ada.signs_out()
    story.at("20:00") >> ada.signs_in() << ada.is_in()
    assert ada.seen is not None
    assert ada.seen.language == "nb"


def test_a_choice_shows_in_the_open_browser_at_once(story: Story, ada: Visitor) -> None:
    """Nobody signs in again for it."""
    story >> ada.chooses("it")
    session = sign_in.session(story.desk, ada.secret)
    assert session is not None
    assert session.language == "it"


@pytest.mark.parametrize("language", ["", "tlh", "EN", "nb-NO", "en; drop table"])
def test_a_language_that_is_not_there_is_refused_with_those_that_are(story: Story, ada: Visitor, language: str) -> None:
    """And the one that was chosen before stays."""
    story >> ada.chooses("nb")
    story >> ada.chooses(language) << refused("en, nb, it")
    session = sign_in.session(story.desk, ada.secret)
    assert session is not None
    assert session.language == "nb"


def test_one_persons_choice_is_nobody_elses(story: Story, ada: Visitor) -> None:
    """Bo beside her goes on in English."""
    bo = Visitor(story, "bo", Role.SUPERVISOR)
    story >> ada.chooses("nb") >> bo.signs_in()
    assert bo.seen is not None
    assert bo.seen.language == "en"


def test_an_account_begins_in_the_language_it_was_added_with(story: Story) -> None:
    """The administrator knows the new colleague; one that is not there is refused before anything is stored."""
    once = accounts.add(story.desk, console(), "kari", Role.OPERATOR, "nb").password
    assert sign_in.sign_in(story.desk, "kari", once).language == "nb"
    with pytest.raises(Malformed, match="language is 'se'"):
        accounts.add(story.desk, console(), "lars", Role.OPERATOR, "se")
    assert [account.name for account in accounts.everyone(story.desk, console())] == ["kari"]


def test_what_an_alert_says_is_said_in_each_language_from_one_thing(story: Story, people: SimpleNamespace) -> None:
    """Stored once, as a template with its values: translated when it is shown, with the same numbers."""
    headline = Phrase(template="{count} people in {place}", values={"count": 61, "place": "the south-east"})
    story >> noticed("61 people", headline=headline) << alert("61 people in the south-east")
    said = story.alert().headline
    assert said.say(lambda template: NORWEGIAN.get(template, template)) == "61 personer i the south-east"
    assert said.say(lambda _template: "{antall} personer") == "61 people in the south-east", "a bad translation"
