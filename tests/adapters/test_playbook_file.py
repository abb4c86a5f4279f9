"""Playbook files: the front matter is read behind bounds, and a flaw names its line."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.adapters.playbook_file import MAX_BYTES, MOST_BRACKETS, read_document, write_front
from impetus.adapters.process_texts import read_fields

FRONT = "---\ntitle: Trial\nincident_type: trial\nversion: 2\nroles: [operator, supervisor]\n---\n1. [operator] Look. -> end\n"


def test_a_file_is_cut_into_plain_values_and_the_body() -> None:
    """Each value has its type, and the body knows how many lines stand before it."""
    document = read_document(FRONT)
    assert document.values == {
        "title": "Trial",
        "incident_type": "trial",
        "version": 2,
        "roles": ("operator", "supervisor"),
    }
    assert (document.body, document.lines, document.flaws) == ("1. [operator] Look. -> end", 6, ())


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("title: x\n", 1, "not ---"),
        ("", 1, "not ---"),
        ("---\ntitle: x\n", 1, "does not end"),
        ("---\n- one\n---\n", 2, "no list of fields"),
        ("---\ntitle: a\ntitle: b\n---\n", 3, "there twice"),
        ("---\ntitle: a\ncolour: red\n---\n", 3, "no field"),
        ("---\ntitle: [a]\n---\n", 2, "cannot be"),
        ("---\ntitle: ''\n---\n", 2, "cannot be"),
        ("---\nversion: one\n---\n", 2, "cannot be"),
        ("---\nversion: -1\n---\n", 2, "cannot be"),
        ("---\nroles: operator\n---\n", 2, "cannot be"),
        ("---\nroles: [[operator]]\n---\n", 2, "cannot be"),
        ("---\ntitle: a\nroles: [operator\n---\n", 3, "no YAML"),
        ("---\ntitle: &a x\nsummary: *a\n---\n", 2, "aliases"),
        ("---\ntitle: " + "x" * MAX_BYTES + "\n---\n", 1, "too long"),
    ],
)
def test_a_flaw_is_told_with_its_line_and_a_remedy(text: str, line: int, says: str) -> None:
    """Nothing is guessed, and nothing raises."""
    flaws = read_document(text).flaws
    assert flaws[0].line in {line, line + 1}
    assert says in flaws[0].says
    assert flaws[0].remedy


@pytest.mark.parametrize("bracket", ["[", "{", "[\n", "[{", "? [\n"])
def test_a_heap_of_brackets_is_refused_before_it_is_read(bracket: str) -> None:
    """PyYAML takes time with the square of what is open: a form's worth of them would hold a process for minutes."""
    began = time.process_time()
    front, fields = read_document(f"---\ntitle: {bracket * 20_000}\n---\n"), read_fields(bracket * 20_000)
    assert time.process_time() - began < 1.0
    assert front.flaws
    assert [(flaw.line, flaw.says) for flaw in fields.flaws] == [(1, "the text has too many brackets")]


def test_as_many_brackets_as_a_list_of_ours_may_need_are_read() -> None:
    """The bound itself counts, in words as in lists: a playbook's steps are not YAML and may have any number."""
    words = "[" * (MOST_BRACKETS - 1)
    assert read_document(f"---\ntitle: '{words}'\nroles: [operator]\n---\n{'[' * 500}").flaws == ()
    (flaw,) = read_document(f"---\ntitle: '{words}['\nroles: [operator]\n---\n").flaws
    assert (flaw.line, flaw.says) == (2, "the front matter has too many brackets")


def test_tags_make_nothing() -> None:
    """A tag that would build an object is only a scalar's text here."""
    document = read_document("---\ntitle: !!python/object/apply:os.system [ls]\n---\n")
    assert "title" not in document.values
    assert document.flaws


def test_what_is_written_is_read_as_it_was() -> None:
    """Empty fields are left out, letters of every language stay."""
    values = {
        "title": "Væpnet person: «nå»",
        "incident_type": "trial",
        "version": 3,
        "roles": ("operator",),
        "summary": "",
    }
    document = read_document(write_front(values) + "1. [operator] Se.\n")
    assert document.values == {name: value for name, value in values.items() if value}
    assert document.flaws == ()


@given(text=st.text(alphabet="-\n :[]{}&*!|>'\"ab1#,?\\\t", max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text gives values or flaws."""
    document = read_document(f"---\n{text}\n---\n")
    assert document.lines >= 0
