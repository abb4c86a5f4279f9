"""Questions, answers, and what they come to: the steps of the handbook worked by hand."""

from dataclasses import replace
from datetime import date

import pytest

from ethics.papers import FOLDER, answers, frameworks, part_of
from impetus.core.assessment import AnswerKind, FilledBy
from impetus.core.errors import Malformed, Misconfigured
from impetus.ethics.assessment import (
    MAX_ANSWER_CHARS,
    check_answer,
    gather,
    highest,
    probability,
    risk_level,
    triggers_met,
)
from impetus.ethics.framework import FILES, Question, Scope, read_frameworks

TABLE = frameworks().risk


def question(name: str) -> Question:
    """Return a question that ships."""
    return next(one for one in frameworks().questions() if one.id == name)


def said(**yes: int) -> dict[str, str]:
    """Return answers about threats with so many yes in each area, no elsewhere."""
    found = {}
    for area, names in TABLE.areas.items():
        count = yes.get(area.removeprefix("threat."), 0)
        found |= {name: "yes" if number < count else "no" for number, name in enumerate(names)}
    return found


@pytest.mark.parametrize(
    ("yes", "likely"),
    [
        ({}, "low"),
        ({"technical": 2}, "low"),
        ({"technical": 2, "people": 2}, "medium"),
        ({"technical": 5}, "medium"),
        ({"technical": 5, "people": 5, "sector": 2}, "high"),
        ({"technical": 4, "people": 4, "sector": 1}, "medium"),
        ({"technical": 5, "procedures": 5, "people": 5, "sector": 5}, "high"),
    ],
)
def test_four_areas_of_threats_add_up_to_a_probability(yes: dict[str, int], likely: str) -> None:
    """By hand: 1+1+1+1 = 4 low; 2+1+1+1 = 5 low; 2+2+1+1 = 6 medium; 3+1+1+1 = 6 medium; 3+3+2+1 = 9 high; 3+3+1+1 = 8."""
    assert probability(TABLE, said(**yes)) == likely


def test_an_open_question_leaves_the_probability_open() -> None:
    """No guess is made for it."""
    found = said()
    del found["threat.people.3"]
    assert probability(TABLE, found) == ""


@pytest.mark.parametrize(
    ("likely", "impact", "level"),
    [
        ("low", "low", "low"),
        ("high", "low", "medium"),
        ("low", "medium", "medium"),
        ("high", "medium", "high"),
        ("low", "very high", "high"),
        ("", "high", ""),
        ("low", "", ""),
    ],
)
def test_probability_and_impact_give_the_level(likely: str, impact: str, level: str) -> None:
    """The handbook's table, and open where either is."""
    assert risk_level(TABLE, likely, impact) == level


def test_a_level_never_falls_when_impact_or_probability_rises() -> None:
    """The whole table, cell against neighbour."""
    order = ("low", "medium", "high")
    impacts = ("low", "medium", "high", "very high")
    grid = [[order.index(risk_level(TABLE, likely, impact)) for impact in impacts] for likely in order]
    assert all(row == sorted(row) for row in grid)
    assert all(list(column) == sorted(column) for column in zip(*grid, strict=True))


def test_the_highest_of_some_levels() -> None:
    """Open ones do not count, none is open."""
    assert highest(["low", "", "high"]) == "high"
    assert highest(["", ""]) == ""


def test_the_nine_signs_are_nine_and_those_met_are_named() -> None:
    """Two of them say yes in the example."""
    found = gather(frameworks(), part_of(), answers())
    assert len(frameworks().triggers) == 9
    assert triggers_met(frameworks(), found) == ("wp248.3", "wp248.8")
    assert frameworks().triggers_enough == 2


def test_both_laws_are_asked_point_by_point() -> None:
    """GDPR 35(7)(a)-(d) and AI Act 27(1)(a)-(f): no point without a question."""
    laws = " ".join(one.law for one in frameworks().questions())
    assert [point for point in "abcd" if f"35(7)({point})" not in laws] == []
    assert [point for point in "abcdef" if f"27(1)({point})" not in laws and point != "d"] == []
    assert "27(1)(c)-(d)" in laws


def test_an_answer_of_the_city_to_the_tools_part_is_refused() -> None:
    """It ships with the tool, and changes with it."""
    with pytest.raises(Malformed, match="tool's part"):
        check_answer(question("description.what"), "something nicer")


@pytest.mark.parametrize("text", ["maybe", "", "Yes"])
def test_a_choice_is_one_of_the_choices(text: str) -> None:
    """Yes and no, as they are written."""
    with pytest.raises(Malformed) as refusal:
        check_answer(question("wp248.1"), text)
    assert refusal.value.limit == "yes, no"


def test_an_answer_has_a_length() -> None:
    """Not nothing, not a book; spaces around it are not kept."""
    harms = question("rights.harms")
    assert check_answer(harms, "  none known \n") == "none known"
    for text in ("", " ", "x", "x" * (MAX_ANSWER_CHARS + 1)):
        with pytest.raises(Malformed):
            check_answer(harms, text)


def test_a_struck_answer_is_no_answer() -> None:
    """It stays in the history and says nothing any more."""
    given = [replace(one, struck_at=one.at) if one.question == "rights.harms" else one for one in answers()]
    assert gather(frameworks(), part_of(), given)["rights.harms"] == ""


def test_the_city_cannot_answer_for_the_tool_nor_one_tool_for_another() -> None:
    """Answers count where they belong."""
    stray = [replace(one, tool="other") for one in answers() if one.tool != "site"]
    forged = replace(answers()[0], tool="counter", question="description.what", text="harmless")
    found = gather(frameworks(), replace(part_of(), answers={}), [*stray, forged])
    assert found["description.what"] == ""
    assert found["rights.harms"] == ""


def test_every_question_says_who_answers_it_in_plain_words() -> None:
    """A question, a hint, a law, and an example where the city answers."""
    for one in frameworks().questions():
        assert one.asks.endswith("?"), one.id
        assert one.help, one.id
        assert one.law, one.id
        assert bool(one.example) is (one.filled_by is FilledBy.CITY), one.id
        assert one.kind is AnswerKind.TEXT or one.example in one.choices, one.id
    assert {one.scope for one in frameworks().questions()} == set(Scope)


def test_duties_carry_the_day_they_apply_from() -> None:
    """Bans since February 2025; duties of annex III from December 2027."""
    since = {row.id: row.applies_from for row in frameworks().duties}
    assert since["ai.5"] == date(2025, 2, 2)
    assert {since[name] for name in ("ai.26", "ai.27", "ai.49")} == {date(2027, 12, 2)}
    assert all(row.checked_on and row.source for row in frameworks().duties)


BROKEN = {
    "a key nobody knows": ("questions", 'by = "tool"', 'by = "tool"\nscore = 3'),
    "a claim nobody declared": ("questions", '"people.informed"]', '"no.such"]'),
    "an id twice": ("questions", 'id = "rights.rest"', 'id = "rights.harms"'),
    "a kind that does not exist": ("questions", 'kind = "level"', 'kind = "stars"'),
    "a day that is a text": ("duties", "applies_from = 2018-05-06", 'applies_from = "2018-05-06"'),
    "an example too few": ("enisa", 'examples = ["yes", "no", "no", "no", "no"]', 'examples = ["yes"]'),
    "a number below one": ("enisa", "medium_from = 2", "medium_from = 0"),
    "no TOML": ("altai", "[framework]", "[framework"),
    "a level that is not there": ("enisa", '"very high" = "high"', '"huge" = "high"'),
    "a text that is empty": ("claims", 'says = "Rooms and machines are locked."', 'says = ""'),
    "a flag that is a word": ("claims", "needed = true", 'needed = "yes"'),
    "a table that is a number": ("wp248", "[framework]", "framework = 3\n[other]"),
    "a list that is a text": ("altai", 'claims = ["redress.open"]', 'claims = "redress.open"'),
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_framework_that_is_wrong_is_refused_whole(why: str) -> None:
    """With the place in the file."""
    name, old, new = BROKEN[why]
    texts = {each: (FOLDER / f"{each}.toml").read_text(encoding="utf-8") for each in FILES}
    if why == "a list that is a text":
        old, new = 'claims = ["log.healthy", "people.informed"]', 'claims = "log.healthy"'
    assert old in texts[name], why
    with pytest.raises(Misconfigured) as refusal:
        read_frameworks(texts | {name: texts[name].replace(old, new)})
    assert refusal.value.remedy == "mend the file under ethics/frameworks"
