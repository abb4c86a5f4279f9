"""`impetus bench`, `impetus evaluate` and `impetus tool` at the console: figures on standard output, the rest beside it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import impetus.bench
from cli.console import Console
from impetus.cli.bench import _said, flat, names

QUICK = '''"""A measurement of a moment."""


def run(progress):
    """Measure."""
    progress("measuring")
    return {"speed": {"p50_ms": 0.5, "rounds": 12000}, "machine": "this one"}
'''
BROKEN = '''"""A measurement that needs what is not installed."""

import no_such_library


def run(progress):
    """Never get here."""
'''
SHARED = '''"""What measurements share."""


def start():
    """Start."""
'''


@pytest.fixture
def benches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder of measurements of our own in place of those of the package."""
    folder = tmp_path / "benches"
    folder.mkdir()
    monkeypatch.setattr(impetus.bench, "__path__", [str(folder)])
    yield folder
    for name in ("quick", "broken", "shared"):
        sys.modules.pop(f"impetus.bench.{name}", None)
        vars(impetus.bench).pop(name, None)


def test_figures_come_last_on_standard_output(benches: Path, console: Console) -> None:
    """And nothing else does: progress is on standard error."""
    (benches / "quick.py").write_text(QUICK)
    said = console.type("bench", "quick", "--json")
    assert said.facts == {"speed": {"p50_ms": 0.5, "rounds": 12000}, "machine": "this one"}
    assert said.err == "measuring\n"


def test_a_person_reads_a_table_of_dotted_names(benches: Path, console: Console) -> None:
    """Large numbers in groups of three."""
    (benches / "quick.py").write_text(QUICK)
    lines = [line.split() for line in console.type("bench", "quick").out.splitlines()]
    assert ["speed.p50_ms", "0.5"] in lines
    assert ["speed.rounds", "12,000"] in lines
    assert ["machine", "this", "one"] in lines


def test_all_is_every_measurement_by_its_name(benches: Path, console: Console) -> None:
    """What they share is not measured."""
    (benches / "quick.py").write_text(QUICK)
    (benches / "shared.py").write_text(SHARED)
    assert list(console.type("bench", "all", "--json").facts) == ["quick"]


def test_a_measurement_that_lacks_a_library_is_listed_and_says_so_when_it_is_used(
    benches: Path, console: Console
) -> None:
    """The list does not import; the use does, and ends in one line with the library's name."""
    (benches / "broken.py").write_text(BROKEN)
    assert names() == ["broken"]
    said = console.type("bench", "broken")
    assert (said.code, said.out) == (70, "")
    assert "no_such_library" in said.err
    assert "Traceback" not in said.err


def test_an_unknown_measurement_is_answered_with_those_there_are(benches: Path, console: Console) -> None:
    """And with `all`."""
    (benches / "quick.py").write_text(QUICK)
    said = console.type("bench", "luck")
    assert said.code == 65
    assert "quick, all" in said.err


def test_every_measurement_of_the_package_is_found() -> None:
    """Those the documentation speaks of."""
    assert {"alerts", "bus", "crash", "detect", "fusion", "ingest", "start"} <= set(names())
    assert not {"installation", "load"} & set(names())


FIGURES = st.recursive(
    st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3),
    max_leaves=8,
)


def _leaves(figures: object) -> int:
    return sum(map(_leaves, figures.values())) if isinstance(figures, dict) else 1


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), FIGURES, max_size=4))
def test_flat_figures_are_all_the_figures(figures: dict[str, object]) -> None:
    """None is lost and none is nested."""
    rows = flat(figures)
    assert len(rows) == _leaves(figures)
    assert not any(isinstance(value, dict) for value in rows.values())


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (1234567, "1,234,567"),
        (0.5, "0.5"),
        (1234567.8, "1.23457e+06"),
        (98765.4321, "98,765.4"),
        ("x", "x"),
        (None, "None"),
    ],
)
def test_a_figure_is_said_with_six_digits(value: object, said: str) -> None:
    """More would claim a precision that no measurement here has."""
    assert _said(value) == said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("evaluate", "sorcery", "."), 65, "no tool 'sorcery'"),
        (("evaluate", "urban_anomaly", "absent"), 65, "absent is not there"),
        (("evaluate", "urban_anomaly", "empty"), 65, "empty"),
        (("tool", "check", "sorcery"), 65, "no tool 'sorcery'"),
        (("tool", "new", "Night Watch"), 65, "slug"),
        (("tool", "new", "night", "--directory", "empty"), 65, "is there already"),
    ],
)
def test_what_cannot_be_measured_is_one_line(words: tuple[str, ...], code: int, said: str, console: Console) -> None:
    """What, and what would help; standard output stays empty for whoever reads figures there."""
    Path("empty").mkdir()
    answer = console.type(*words)
    assert answer.code == code
    assert answer.out == ""
    assert said in answer.err
    assert "To mend it" in answer.err


def test_a_wrong_name_is_answered_with_the_right_ones(console: Console) -> None:
    """The limit is part of the line."""
    assert "urban_anomaly" in console.type("evaluate", "urban_anomly", ".").err


@pytest.mark.parametrize("words", [("evaluate",), ("evaluate", "urban_anomaly"), ("bench",), ("tool", "check")])
def test_a_word_that_is_missing_is_a_wrong_use(words: tuple[str, ...], console: Console) -> None:
    """Exit code 2, and the usage."""
    answer = console.type(*words)
    assert answer.code == 2
    assert "Usage" in answer.out + answer.err
