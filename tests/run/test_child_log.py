"""Logs of children: kept, rotated, bounded, and listened to."""

import json
from pathlib import Path

from impetus.run.child_log import KEPT, ChildLog, began_s


def test_what_a_child_says_is_kept(tmp_path: Path) -> None:
    """Bytes go to the file as they come, also after a restart of the supervisor."""
    ChildLog(tmp_path / "log" / "web.log").append(b"one\n")
    ChildLog(tmp_path / "log" / "web.log").append(b"two\n")
    assert (tmp_path / "log" / "web.log").read_bytes() == b"one\ntwo\n"


def test_a_runaway_log_stays_within_its_bound(tmp_path: Path) -> None:
    """Set aside when full, the oldest forgotten."""
    log = ChildLog(tmp_path / "web.log", limit_bytes=1000)
    for number in range(100):
        log.append(b"%099d\n" % number)
    files = sorted(tmp_path.iterdir())
    assert len(files) == KEPT + 1
    assert sum(file.stat().st_size for file in files) <= 1000 * (KEPT + 1)
    assert (tmp_path / "web.log").read_bytes().endswith(b"99\n")


def test_the_last_error_is_remembered_over_cut_lines(tmp_path: Path) -> None:
    """A line may arrive in two pieces; only errors count."""
    log = ChildLog(tmp_path / "web.log")
    line = json.dumps({"level": "error", "what": "port 8470 is taken"}).encode() + b"\n"
    log.append(line[:20])
    assert log.last_error == ""
    log.append(line[20:] + json.dumps({"level": "info", "what": "still here"}).encode() + b"\n")
    assert log.last_error == "port 8470 is taken"


def test_a_trace_without_json_counts_as_an_error(tmp_path: Path) -> None:
    """A child that dies before it can log still says why."""
    log = ChildLog(tmp_path / "web.log")
    log.append(b"Traceback (most recent call last):\nModuleNotFoundError: No module named 'x'\n")
    assert log.last_error == "ModuleNotFoundError: No module named 'x'"


def test_a_disk_that_takes_nothing_costs_lines_and_counts_them(tmp_path: Path) -> None:
    """The part itself goes on."""
    log = ChildLog(tmp_path / "log" / "web.log")
    (tmp_path / "log").rmdir()
    log.append(b"lost\n")
    assert log.lost_bytes == 5


def test_a_log_of_yesterday_is_set_aside(tmp_path: Path) -> None:
    """A part that says little: what it said a day ago does not stay because it still speaks."""
    now = [1_000_000.0]
    log = ChildLog(tmp_path / "part.log", now_s=lambda: now[0])
    log.append(b"monday\n")
    now[0] += 86_399
    log.append(b"still monday\n")
    now[0] += 2
    log.append(b"tuesday\n")
    assert (tmp_path / "part.log").read_bytes() == b"tuesday\n"
    assert (tmp_path / "part.log.1").read_bytes() == b"monday\nstill monday\n"


def test_a_log_begins_when_its_first_line_says(tmp_path: Path) -> None:
    """After a restart too; without a time in it, when it was last written."""
    file = tmp_path / "part.log"
    file.write_text('{"at": "2026-03-01T12:00:00.000+00:00"}\n{"at": "2026-03-02T11:00:00.000+00:00"}\n')
    began = 1_772_366_400.0
    assert began_s(file) == began
    log = ChildLog(file, now_s=lambda: began + 86_401)
    log.append(b"new\n")
    assert file.read_bytes() == b"new\n"
    file.write_text("no json\n")
    assert began_s(file) == file.stat().st_mtime
    assert began_s(tmp_path / "absent") is None


def test_a_log_that_retention_removed_begins_anew(tmp_path: Path) -> None:
    """Nothing is written into a file that nobody sees."""
    log = ChildLog(tmp_path / "part.log")
    log.append(b"old\n")
    (tmp_path / "part.log").unlink()
    log.append(b"new\n")
    assert (tmp_path / "part.log").read_bytes() == b"new\n"
