"""At the door: who guesses waits, who belongs there gets in, and nobody learns anything by asking."""

import pytest

from impetus.core.actor import console
from impetus.desk import accounts, sign_in
from stories.door import PASSWORD, Visitor
from stories.story import Act, Story
from stories.words import refused

WRONG = ("name, password or code is wrong",)


@pytest.fixture
def ada(story: Story) -> Visitor:
    """Return an operator with a password of her own."""
    return Visitor(story, "ada")


def guesses(story: Story, visitor: Visitor, count: int) -> Story:
    """Let somebody guess so many times."""
    for _ in range(count):
        story >> visitor.signs_in("not this one either") << refused(*WRONG)
    return story


def test_five_wrong_guesses_make_the_account_rest(story: Story, ada: Visitor) -> None:
    """Then even the right password waits half a minute; after that it opens, and the guesses are forgotten."""
    guesses(story.at("21:00"), ada, 5)
    story.at("21:00:10") >> ada.signs_in() << refused(*WRONG) << ada.is_out()
    story.at("21:00:30") >> ada.signs_in() << ada.is_in()
    guesses(story, ada, 4)
    story >> ada.signs_in() << ada.is_in()


def test_the_rest_doubles_and_has_an_end(story: Story, ada: Visitor) -> None:
    """A stranger who keeps trying keeps ada out for a quarter of an hour at most."""
    guesses(story.at("21:00"), ada, 5)
    for clock_time in ("21:01", "21:03", "21:07", "21:16", "21:32"):
        guesses(story.at(clock_time), ada, 1)
    story.at("21:40") >> ada.signs_in() << refused(*WRONG)
    story.at("21:48") >> ada.signs_in() << ada.is_in()


def test_tries_while_it_rests_do_not_prolong_the_rest(story: Story, ada: Visitor) -> None:
    """Hammering on a closed door is not counted: the rest ends when it was to end."""
    guesses(story.at("21:00"), ada, 5)
    guesses(story.at("21:00:05"), ada, 20)
    story.at("21:00:31") >> ada.signs_in() << ada.is_in()


def test_who_is_in_stays_in_while_a_stranger_guesses(story: Story, ada: Visitor) -> None:
    """The rest is for the door; the open browser goes on working."""
    story >> ada.signs_in() << ada.is_in()
    stranger = Visitor.__new__(Visitor)
    stranger.story, stranger.name, stranger.password, stranger.secret = story, "ada", "x", ""
    guesses(story, stranger, 9)
    story << ada.is_in() << stranger.is_out()


def test_a_stranger_is_told_nothing_about_who_exists(story: Story, ada: Visitor) -> None:
    """A name nobody has, a wrong password, a resting and a disabled account: one sentence, word for word."""
    guesses(story, ada, 5)
    bo = Visitor(story, "bo")
    accounts.disable(story.desk, console(), "bo")
    told = set()
    for name in ("ada", "bo", "nobody", ""):
        story >> Act(says=f"{name!r} knocks", does=lambda story, name=name: sign_in.sign_in(story.desk, name, PASSWORD))
        assert story.refusal is not None
        told.add(str(story.refusal.problem()))
        story << refused(*WRONG)
    assert len(told) == 1
    story << bo.is_out()


def test_an_administrator_ends_the_rest(story: Story, ada: Visitor) -> None:
    """A new one-time password opens at once, and must be changed; the old one is gone."""
    guesses(story, ada, 9)
    once = accounts.reset(story.desk, console(), "ada").password
    story >> ada.signs_in() << refused(*WRONG)
    story >> ada.signs_in(once) << ada.is_out()
    story >> ada.changes_password("four gulls on a pole", old=once) << ada.is_in()


def test_a_stolen_browser_is_out_once_the_password_is_changed(story: Story, ada: Visitor) -> None:
    """Whoever holds the old cookie holds nothing; ada's new one is good."""
    story >> ada.signs_in()
    stolen = ada.secret
    story.at("21:30") >> ada.changes_password("four gulls on a pole") << ada.is_in()
    assert sign_in.who(story.desk, stolen) is None
    story >> ada.signs_in(PASSWORD) << refused(*WRONG)


def test_a_second_factor_is_asked_for_and_each_code_is_good_once(story: Story, ada: Visitor) -> None:
    """The password alone no longer opens; a code seen over the shoulder is stale."""
    story.at("21:00") >> ada.signs_in() >> ada.enrols() >> ada.signs_out() << ada.is_out()
    story.at("21:01") >> ada.signs_in() << refused("a code is needed", "second factor") << ada.is_out()
    story >> ada.shows_a_code() << ada.is_in()
    story >> ada.shows_a_code() << refused(*WRONG)
    story.at("21:02") >> ada.shows_a_code() << ada.is_in()


def test_a_lost_telephone_is_an_administrators_matter(story: Story, ada: Visitor) -> None:
    """From the open browser it cannot be replaced; a reset takes it away with everything else."""
    story >> ada.signs_in() >> ada.enrols()
    story >> ada.enrols() << refused("a second factor is enrolled", "ask an administrator")
    once = accounts.reset(story.desk, console(), "ada").password
    story << ada.is_out()
    story >> ada.signs_in(once) >> ada.changes_password("four gulls on a pole", old=once) << ada.is_in()
    assert ada.seen is not None
    assert not ada.seen.has_totp


def test_a_shift_ends_with_its_session(story: Story, ada: Visitor) -> None:
    """Used all night she stays in; twelve hours after she came, she is asked again."""
    story.at("21:00") >> ada.signs_in()
    for hour in (22, 23, 0, 1, 2, 3, 4, 5, 6, 7, 8):
        story.at(f"{hour:02}:00") << ada.is_in()
    story.at("08:59") << ada.is_in()
    story.at("09:00") << ada.is_out()


def test_a_forgotten_browser_is_out_after_two_hours(story: Story, ada: Visitor) -> None:
    """Nobody touched it: the next visitor to the desk finds the door shut."""
    story.at("21:00") >> ada.signs_in()
    story.at("22:59") << ada.is_in()
    story.at("00:59") << ada.is_out()
