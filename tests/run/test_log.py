"""The log of a child as lines of JSON: read back by the supervisor, and by whoever looks for a mistake."""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.run.child_log import ChildLog
from impetus.run.log import JsonLines, log_to_file, log_to_stderr


@pytest.fixture(autouse=True)
def _root_logger() -> Iterator[None]:
    """Give the root logger back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for one in set(root.handlers) - set(handlers):
        one.close()
    root.handlers[:] = handlers
    root.setLevel(level)


def _record(message: str, *arguments: object, level: int = logging.WARNING) -> logging.LogRecord:
    record = logging.LogRecord("impetus.run.keeper", level, __file__, 1, message, arguments, None)
    record.created = datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=UTC).timestamp()
    return record


def test_a_line_says_when_how_bad_who_where_and_what() -> None:
    """UTC to the millisecond; the level in small letters."""
    assert json.loads(JsonLines("keeper").format(_record("%d readings of %s", 3, "square"))) == {
        "at": "2026-03-02T12:00:00.250+00:00",
        "level": "warning",
        "part": "keeper",
        "where": "impetus.run.keeper",
        "what": "3 readings of square",
    }


def test_an_exception_brings_its_trace() -> None:
    """In the same line, so that it cannot be torn apart."""
    record = _record("failed")
    try:
        int("luck")
    except ValueError:
        record.exc_info = sys.exc_info()
    line = JsonLines("web").format(record)
    assert "\n" not in line
    assert json.loads(line)["trace"].endswith("ValueError: invalid literal for int() with base 10: 'luck'")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=100))
def test_whatever_is_logged_is_one_line_that_reads_back(said: str) -> None:
    """A name with a line break in it does not become two lines."""
    line = JsonLines("web").format(_record("%s", said))
    assert "\n" not in line
    assert json.loads(line)["what"] == said


def test_what_a_child_logs_as_an_error_is_what_the_supervisor_remembers(tmp_path: Path) -> None:
    """Both sides of the pipe agree on the words."""
    log = ChildLog(tmp_path / "web.log")
    for level in (logging.ERROR, logging.INFO):
        line = JsonLines("web").format(_record("level %d", level, level=level))
        log.append(line.encode() + b"\n")
    assert log.last_error == "level 40"


def test_a_child_logs_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """From `info` on; what a library whispers below that is left out."""
    log_to_stderr("keeper")
    logging.getLogger("impetus.x").info("said")
    logging.getLogger("impetus.x").debug("whispered")
    said = capsys.readouterr()
    assert said.out == ""
    assert [json.loads(line)["what"] for line in said.err.splitlines()] == ["said"]


def test_the_supervisors_own_log_is_bounded(tmp_path: Path) -> None:
    """Three files of the limit at most; the newest line is in the first."""
    file = tmp_path / "log" / "supervisor.log"
    log_to_file("supervisor", file, limit_bytes=2000)
    for number in range(200):
        logging.getLogger("impetus.x").warning("line %d", number)
    files = list(file.parent.iterdir())
    assert len(files) == 3
    assert all(each.stat().st_size <= 2000 for each in files)
    assert json.loads(file.read_text().splitlines()[-1])["what"] == "line 199"


def test_the_supervisors_own_log_changes_with_the_day_and_goes_on_when_removed(tmp_path: Path) -> None:
    """What it said yesterday is set aside; and when retention removed the file, a new one takes the next line."""
    file = tmp_path / "log" / "supervisor.log"
    file.parent.mkdir()
    file.write_text('{"at": "2026-03-01T12:00:00.000+00:00", "what": "old"}\n')
    log_to_file("supervisor", file, limit_bytes=2000)
    logging.getLogger("impetus.x").warning("new")
    assert [json.loads(line)["what"] for line in file.read_text().splitlines()] == ["new"]
    assert "old" in file.with_name("supervisor.log.1").read_text()
    file.unlink()
    logging.getLogger("impetus.x").warning("newer")
    assert [json.loads(line)["what"] for line in file.read_text().splitlines()] == ["newer"]
