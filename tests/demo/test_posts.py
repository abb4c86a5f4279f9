"""The demonstration's posts: invented, the same at the same moment, and one rule over them that names nobody."""

import itertools
import re
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.adapters.envelope import decode_finding, encode_finding
from impetus.core.evidence import Author
from impetus.demo.posts.feed import LINES, Post, posts
from impetus.demo.posts.notice import PLACE, VIOLENCE, Named, named, notice
from impetus.demo.script import LOOP_S
from impetus.ethics.outputs import inspect

BEGAN = datetime(2026, 3, 14, 20, 0, tzinfo=UTC)
AUTHOR = Author(domain="square_posts", period=date(2026, 3, 14), pseudonym="a" * 26, kind="handle")
TEXTS = st.text(max_size=200)


def test_every_name_in_the_script_is_reserved_for_examples() -> None:
    """RFC 2606: nobody can have a handle or an address under `.example`."""
    for line in LINES:
        assert line.author.endswith(".example")
        assert all(name.endswith(".example") for name in re.findall(r"\S*@[\w.]+\w", line.text))
        assert not re.search(r"\d{3}", line.text)


def test_lines_are_in_order_within_one_round() -> None:
    """And no two at once, so that each has a key of its own."""
    times = [line.at_s for line in LINES]
    assert times == sorted(set(times))
    assert 0 < times[0] < times[-1] < LOOP_S


@given(cuts=st.lists(st.floats(0, 4000), max_size=8), speed=st.sampled_from([0.5, 1.0, 10.0]))
def test_cutting_time_into_pieces_gives_every_post_once(cuts: list[float], speed: float) -> None:
    """Whatever the turns of the part are, none is lost and none comes twice."""
    end = BEGAN + timedelta(seconds=4000)
    edges = [BEGAN, *sorted(BEGAN + timedelta(seconds=cut) for cut in cuts), end]
    pieces = [post for since, until in itertools.pairwise(edges) for post in posts(BEGAN, since, until, speed=speed)]
    assert pieces == list(posts(BEGAN, BEGAN, end, speed=speed))
    assert len({post.key for post in pieces}) == len(pieces)


def test_it_comes_round_each_half_hour() -> None:
    """Two rounds in an hour; nothing before it began."""
    assert len(list(posts(BEGAN, BEGAN, BEGAN + timedelta(hours=1)))) == 2 * len(LINES)
    assert list(posts(BEGAN, BEGAN - timedelta(hours=1), BEGAN)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Attack the barrier!", Named(violence=("attack",), place=("barrier",))),
        ("ANGRIP rådhuset", Named(violence=("angrip",), place=("rådhuset",))),
        ("Brucia la piazza", Named(violence=("brucia",), place=("piazza",))),
        ("Attack at chess tonight", None),
        ("See you at the square", None),
        ("breakfast at the hall", None),
        ("", None),
    ],
)
def test_the_rule_wants_a_word_of_violence_and_one_of_the_place(text: str, found: Named | None) -> None:
    """Whole words, in any case, in three languages."""
    assert named(text) == found


def test_of_the_script_two_posts_are_shown_both_of_one_author() -> None:
    """The others leave no trace."""
    shown = [line for line in LINES if named(line.text)]
    assert len(shown) == 2
    assert len({line.author for line in shown}) == 1


@given(text=TEXTS)
def test_no_text_breaks_the_rule(text: str) -> None:
    """And what it names stands in its lists."""
    found = named(text)
    assert found is None or (set(found.violence) <= VIOLENCE and set(found.place) <= PLACE)


def test_a_finding_says_the_words_and_the_pseudonym_and_never_the_handle() -> None:
    """It is simulated, possible and moderate; its text is evidence, its author a pseudonym; the guard lets it pass."""
    post = Post(key="k", author="@kari.example", language="en", text="Storm the hall, says @ola.example", at=BEGAN)
    said = notice(post, AUTHOR)
    assert said is not None
    finding, evidence = said
    assert finding.simulated
    assert finding.why.say().startswith("It says storm, hall. Its author")
    assert AUTHOR.pseudonym not in f"{finding} {evidence.summary}"
    assert evidence.texts[0].author == AUTHOR
    assert inspect(finding, evidence) is None
    body = encode_finding(finding, evidence)
    assert b"kari" not in body
    assert decode_finding(body)[1].texts[0].author == AUTHOR


def test_a_post_without_such_words_gives_nothing() -> None:
    """Not even a finding that says so."""
    assert notice(Post(key="k", author="@a.example", language="en", text="Hello", at=BEGAN), AUTHOR) is None


def test_neither_author_nor_text_of_a_post_can_be_printed_by_mistake() -> None:
    """They are left out of the repr, so that no log and no traceback has them."""
    hidden = {field.name for field in fields(Post) if not field.repr}
    assert hidden == {"author", "text"}
