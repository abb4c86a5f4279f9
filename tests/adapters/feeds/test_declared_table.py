"""One table of a declaration, key by key: where it stood, what it may be, and what is left."""

import re
from pathlib import Path

import pytest

from impetus.adapters.feeds.declared_table import LONGEST_WORD, DeclaredTable, lines_of
from impetus.core.errors import Misconfigured

TEXT = """\
x = 1
[[source]]  # the first
id = "a"
"quoted" = 1
# commented = 2

[other]
id = "not ours"
[[source]]
  headers = { id = "inside" }
  id = "b"
  id-like = 3
"""


def table(**values: object) -> DeclaredTable:
    """Return a table whose keys stand in the lines after the tenth."""
    return DeclaredTable(values, "f.toml", {"": 10, **{key: 11 + place for place, key in enumerate(values)}})


def refused(found: DeclaredTable, take: str, *arguments: object, **options: object) -> str:
    """Return what is said when a value is taken that cannot be."""
    with pytest.raises(Misconfigured) as error:
        getattr(found, take)(*arguments, **options)
    assert error.value.remedy
    assert error.value.limit is not None
    return error.value.detail


def test_lines_are_found_for_each_table_of_the_name() -> None:
    """Comments and other tables are not taken for ours; a key inside a line belongs to the line."""
    first, second = lines_of(TEXT, "source")
    assert first == {"": 2, "id": 3, "quoted": 4}
    assert second == {"": 9, "headers": 10, "id": 11, "id-like": 12}
    assert lines_of("", "source") == []


def test_a_key_without_a_line_is_said_with_its_table_s() -> None:
    """Dotted keys and inline tables have no line of their own."""
    assert refused(table(), "text", "name").startswith("f.toml line 10: name is missing")


@pytest.mark.parametrize("value", [7, None, "", "  ", "a\nb", "a\x00", "x" * 201, ["a"], True])
def test_a_text_is_one_line_of_bounded_length(value: object) -> None:
    """Whatever else stands there is refused with the line."""
    assert refused(table(name=value), "text", "name").startswith("f.toml line 11: name is")


def test_a_text_may_be_left_out_where_there_is_a_default() -> None:
    """An empty one only where empty is the default."""
    assert table().text("name", "usual") == "usual"
    assert table().text("name", "") == ""
    assert table(name="").text("name", "") == ""
    assert table(name=" a ").text("name") == "a"
    assert "name is ''" in refused(table(name=""), "text", "name", "usual")


def test_a_form_is_checked_and_said() -> None:
    """The default need not have it."""
    letters = re.compile("[a-z]+")
    assert table(id="abc").matching("id", letters, "letters") == "abc"
    assert table().matching("id", letters, "letters", "") == ""
    assert "id is 'A1'" in refused(table(id="A1"), "matching", "id", letters, "letters")


@pytest.mark.parametrize("value", ["7", True, None, float("nan"), float("inf"), -1, 11, 10**400, [1]])
def test_a_number_lies_within_its_bounds(value: object) -> None:
    """True is none, and neither is a number in quotes."""
    assert "n is" in refused(table(n=value), "number", "n", (0.0, 10.0))


def test_numbers_whole_and_broken_are_taken_as_they_are() -> None:
    """Bounds included."""
    assert [table(n=value).number("n", (0.0, 10.0)) for value in (0, 10, 2.5)] == [0.0, 10.0, 2.5]
    assert table().number("n", (0.0, 10.0), 4) == 4.0


@pytest.mark.parametrize("value", ["true", 1, None, []])
def test_a_flag_is_true_or_false(value: object) -> None:
    """Nothing else means either."""
    assert "f is" in refused(table(f=value), "flag", "f", default=False)
    assert table().flag("f", default=True) is True


@pytest.mark.parametrize("value", ["a", [1], [""], ["a", "b", "c"], ["x" * (LONGEST_WORD + 1)], {"a": 1}])
def test_a_list_of_words_is_bounded_in_number_and_length(value: object) -> None:
    """And holds words only."""
    assert "w is" in refused(table(w=value), "words", "w", 2)
    assert table(w=[" a ", "b"]).words("w", 2) == ("a", "b")
    assert table().words("w", 2) == ()


@pytest.mark.parametrize("value", [[1], [1, 2, 3], [1, "2"], [1, True], [1, 1e10], [1, float("nan")], "1,2", 7])
def test_a_list_of_numbers_has_so_many(value: object) -> None:
    """A rectangle has four."""
    assert "b is" in refused(table(b=value), "numbers", "b", 2)
    assert table(b=[1, 2.5]).numbers("b", 2) == (1.0, 2.5)
    assert table().numbers("b", 2) is None


@pytest.mark.parametrize("value", [7, {"a": 1}, {"a": "1", "b": "2", "c": "3"}, []])
def test_pairs_are_texts(value: object) -> None:
    """At most so many."""
    assert "h is" in refused(table(h=value), "pairs", "h", 2)
    assert table(h={"a": "1"}).pairs("h", 2) == {"a": "1"}


@pytest.mark.parametrize("value", ["Oslo", "../zone", "", "Europe", "/etc/localtime"])
def test_a_zone_is_one_this_machine_knows(value: str) -> None:
    """A path is none."""
    assert refused(table(zone=value), "zone", "zone", "UTC")
    assert table(zone="Europe/Oslo").zone("zone", "UTC") == "Europe/Oslo"


def test_a_secret_is_the_first_line_of_a_file(tmp_path: Path) -> None:
    """No file named is no secret; a folder, an empty file and one of several words of control are refused."""
    (tmp_path / "good").write_text("abc  \nmore")
    assert table(t="good").secret("t", tmp_path) == "abc"
    assert table().secret("t", tmp_path) == ""
    (tmp_path / "empty").write_text("\n")
    for name in ("empty", "missing", "."):
        assert "t " in refused(table(t=name), "secret", "t", tmp_path)


def test_what_nobody_asked_for_is_refused_at_the_end() -> None:
    """With everything that may stand there."""
    found = table(id="a", colour="red")
    assert found.has("colour")
    found.text("id")
    assert not found.has("id")
    assert refused(found, "close", ["id", "name"]) == "f.toml line 12: unknown key colour"
