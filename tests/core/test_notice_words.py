"""What goes out over a channel: one line, two links, a time; the same on every way, and nothing of anybody."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from impetus.adapters.notices.web_push import content_of
from impetus.adapters.notices.webhook import event_of
from impetus.core.finding import Urgency
from impetus.core.notice import Outgoing, headline_of, text_of

AT = datetime(2026, 3, 14, 21, 0, 5, tzinfo=UTC)
MESSAGE = Outgoing(
    id="oslo-notice-7-9",
    number="incident 12",
    title="Crowd at the quay",
    place="south-east",
    link="https://impetus.city.example/incidents/12",
    answer_link="https://impetus.city.example/answer/TOKEN",
    at=AT,
    answer_until=AT + timedelta(hours=2),
    urgency=Urgency.IMMEDIATE,
)
WORDS = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=60)


def test_the_text_says_what_where_and_how_to_answer_in_this_order() -> None:
    """The whole message, as a telephone shows it."""
    assert text_of(MESSAGE) == (
        "incident 12: Crowd at the quay (south-east)\n"
        "\n"
        "See it (sign in): https://impetus.city.example/incidents/12\n"
        "I have it: https://impetus.city.example/answer/TOKEN\n"
        "The second link works once, until 2026-03-14 23:00 UTC, and only acknowledges.\n"
        "\n"
        "Asked 2026-03-14 21:00:05 UTC. Message oslo-notice-7-9; the same number twice is one message."
    )


def test_an_exercise_is_marked_before_anything_else_in_every_form() -> None:
    """Nobody runs because of a test."""
    exercise = replace(MESSAGE, simulated=True)
    assert text_of(exercise).startswith("[EXERCISE] incident 12: ")
    pushed = json.loads(content_of(exercise))
    assert (pushed["title"][:10], pushed["simulated"]) == ("[EXERCISE]", True)
    assert "simulated" in json.dumps(event_of(exercise, "oslo"))


def test_what_has_no_place_has_no_empty_brackets() -> None:
    """A notice about a part of the platform is nowhere."""
    assert headline_of(replace(MESSAGE, place="")) == "incident 12: Crowd at the quay"


def test_a_message_has_no_field_for_a_person_or_a_text() -> None:
    """What is not there cannot leave. **Source**: GDPR, article 5(1)(c)."""
    assert {field.name for field in fields(Outgoing)} == {
        "id", "number", "title", "place", "link", "answer_link", "at", "answer_until", "urgency", "simulated",
    }  # fmt: skip


def test_a_push_says_what_the_worker_reads_and_nothing_else() -> None:
    """As `static/js/sw.js` takes it; the titles of the other ways are the same line."""
    assert json.loads(content_of(MESSAGE)) == {
        "id": MESSAGE.id,
        "title": headline_of(MESSAGE),
        "link": MESSAGE.link,
        "answer_link": MESSAGE.answer_link,
        "at": "2026-03-14T21:00:05+00:00",
        "simulated": False,
    }


def strings(value: object) -> set[str]:
    """Return every text inside an object of JSON."""
    if isinstance(value, dict):
        return {text for each in value.values() for text in strings(each)}
    return {value} if isinstance(value, str) else set()


@given(title=WORDS, place=WORDS, simulated=st.booleans())
def test_every_form_carries_the_title_whole_and_both_links(title: str, place: str, *, simulated: bool) -> None:
    """Whatever is written in it, in any script."""
    message = replace(MESSAGE, title=title, place=place, simulated=simulated)
    assert f"{message.number}: {title}" in headline_of(message)
    event = strings(json.loads(json.dumps(event_of(message, "oslo"))))
    assert {message.link, message.answer_link} <= event
    for form in (text_of(message), content_of(message).decode()):
        assert message.link in form
        assert message.answer_link in form
        assert form.count("TOKEN") == 1
