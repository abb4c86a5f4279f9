"""The rules of METHANE by hand: what stands, what lies beside, what is missing, and the words that are sent."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.errors import Malformed
from impetus.core.ids import IncidentId
from impetus.core.situation import MethaneField, MethaneText
from impetus.desk.transition import MAX_WORDS
from impetus.processes.methane import (
    LETTERS,
    MAX_FIELD,
    PAUSE,
    TITLES,
    Joined,
    Typed,
    checked_text,
    is_new_wording,
    merge,
    message,
    missing,
)

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)


def stands(text: str, *, version: int = 3, seat: str = "a") -> MethaneText:
    """Return a part that says this since a version, from a page."""
    return MethaneText(
        incident=IncidentId(1), name=MethaneField.NUMBER, text=text, who="ada", at=AT, version=version, seat=seat
    )


@pytest.mark.parametrize(
    ("there", "typed", "outcome"),
    [
        (None, Typed(text="two", base=0), Joined.STAND),
        (None, Typed(text="", base=0), Joined.ALREADY),
        (stands("two"), Typed(text="two", base=0, seat="b"), Joined.ALREADY),
        (stands("two"), Typed(text="three", base=3, seat="b"), Joined.STAND),
        (stands("two"), Typed(text="three", base=9, seat="b"), Joined.STAND),
        (stands("two"), Typed(text="three", base=2, seat="b"), Joined.BESIDE),
        (stands("two"), Typed(text="three", base=2, seat="a"), Joined.STAND),
        (stands("two", seat=""), Typed(text="three", base=2, seat=""), Joined.BESIDE),
        (stands("two"), Typed(text="", base=2, seat="b"), Joined.ALREADY),
        (stands("two"), Typed(text="", base=3, seat="b"), Joined.STAND),
        (stands(""), Typed(text="three", base=2, seat="b"), Joined.STAND),
    ],
)
def test_what_becomes_of_typed_words(there: MethaneText | None, typed: Typed, outcome: Joined) -> None:
    """Row by row: seen or not seen, own page or another, words or none."""
    assert merge(there, typed) is outcome


@given(first=st.text(max_size=5), second=st.text(max_size=5), base=st.integers(0, 5), same=st.booleans())
def test_unseen_words_of_another_page_are_never_written_over(first: str, second: str, base: int, *, same: bool) -> None:
    """They stand until whoever writes has seen them, or wrote them."""
    there = stands(first)
    outcome = merge(there, Typed(text=second, base=base, seat="a" if same else "b"))
    if first and base < there.version and not same:
        assert outcome is not Joined.STAND


@pytest.mark.parametrize(
    ("there", "seat", "after", "is_new"),
    [
        (stands("two"), "a", timedelta(0), False),
        (stands("two"), "a", PAUSE, False),
        (stands("two"), "a", PAUSE + timedelta(seconds=1), True),
        (stands("two"), "b", timedelta(0), True),
        (stands("two", seat=""), "", timedelta(0), True),
        (stands(""), "b", timedelta(hours=1), False),
    ],
)
def test_which_words_are_kept_when_written_over(
    there: MethaneText, seat: str, after: timedelta, *, is_new: bool
) -> None:
    """Another page's, and one's own after a pause; half words and nothing are not."""
    assert is_new_wording(there, seat, AT + after) is is_new


def test_the_parts_spell_methane() -> None:
    """And each has a name."""
    assert "".join(LETTERS[name] for name in MethaneField) == "METHANE"
    assert set(TITLES) == set(MethaneField)


def test_nothing_missing_when_all_is_said() -> None:
    """Spaces say nothing."""
    said = dict.fromkeys(MethaneField, "x")
    assert missing(said) == ()
    assert missing({**said, MethaneField.TYPE: "  "}) == (MethaneField.TYPE,)


def test_the_longest_report_fits_into_one_message() -> None:
    """Seven full parts with their names stay below what a message may hold."""
    full = {**dict.fromkeys(MethaneField, "x" * MAX_FIELD), MethaneField.MAJOR: "not_declared"}
    assert len(message(full, version=10**9)) <= MAX_WORDS


@given(st.dictionaries(st.sampled_from(MethaneField), st.text(max_size=MAX_FIELD)))
def test_a_message_has_a_line_for_every_part_whatever_is_typed(parts: dict[MethaneField, str]) -> None:
    """Once checked, words are on one line; what nobody knows is said as such."""
    checked = {name: checked_text(name, text)[1] for name, text in parts.items() if name is not MethaneField.MAJOR}
    lines = message(checked, version=1).splitlines()
    assert [line[0] for line in lines[1:]] == list("METHANE")
    assert sum(line.endswith(": not yet known") for line in lines) >= len(missing(checked))


@pytest.mark.parametrize(("name", "text"), [("", "x"), ("exact", "x" * 241), ("major", "yes"), ("Exact", "x")])
def test_what_is_no_part_is_refused(name: str, text: str) -> None:
    """With the limit and what would help."""
    with pytest.raises(Malformed) as refusal:
        checked_text(name, text)
    assert refusal.value.remedy
