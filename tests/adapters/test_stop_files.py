"""Stops as files: touched by hand, removed by hand, torn, unreadable, full disk, two processes, a crash half way."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.adapters import stop_files
from impetus.adapters.stop_files import MOST_LIFTED, UNWRITTEN, StopFiles
from impetus.adapters.stop_record import decode_stop, encode_stop, file_name, read_name
from impetus.core.errors import NotNow
from impetus.core.log_record import LogRecord, Outcome
from impetus.core.stop import Stop, StopState, parse_target

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOOL = parse_target("tool:noisy")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of stops of an empty home."""
    return tmp_path / "stops"


def touch(folder: Path, name: str, content: str = "", *, age_s: float = 60.0) -> None:
    """Touch a file as a person at the machine would, some while ago."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(content)
    then = time.time() - age_s
    os.utime(folder / name, (then, then))


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("tool:noisy", "tool:noisy"),
        ("TOOL:noisy", "tool:noisy"),
        ("ALL", "all"),
        ("site", "site"),
        ("camera:square%2Fc11", "camera:square/c11"),
        ("camera:c11", "camera:c11"),
    ],
)
def test_a_touched_file_counts(folder: Path, name: str, target: str) -> None:
    """Empty, made by nobody's program, in whatever capitals."""
    touch(folder, name)
    [stop] = StopFiles(folder).standing().stops
    assert (str(stop.target), stop.by_hand, stop.asks_why) == (target, True, True)
    assert stop.by.endswith(", by hand")


@pytest.mark.parametrize("name", ["STOP", "tool", "tool:", "ALL.txt", "notes", "tool:a b"])
def test_a_file_nobody_understands_stops_everything_and_says_so(folder: Path, name: str) -> None:
    """Somebody wanted something stopped; which, they can say afterwards."""
    touch(folder, name)
    stop = StopFiles(folder).standing().of_tool("whatever")
    assert stop is not None
    assert name[:3] in stop.trouble
    assert "everything is stopped" in stop.note()


def test_hidden_files_are_no_stops(folder: Path) -> None:
    """What editors and our own writing leave for a moment."""
    touch(folder, ".ALL.swp")
    assert StopFiles(folder).standing().stops == ()


def test_a_folder_that_cannot_be_read_stops_everything(tmp_path: Path) -> None:
    """A file in its place, here; nobody can tell what was stopped."""
    (tmp_path / "stops").write_text("")
    standing = StopFiles(tmp_path / "stops").standing()
    stop = standing.of_source("any")
    assert stop is not None
    assert "stops cannot be read" in stop.note()
    assert StopFiles(tmp_path / "stops").all()[0].trouble


def test_a_stop_is_there_for_another_process_and_after_a_restart(folder: Path) -> None:
    """Durable, with everything said about it."""
    StopFiles(folder).stop(TOOL, by="ada", at=AT, why="smoke")
    [stop] = StopFiles(folder).standing().stops
    assert (stop.by, stop.at, stop.why, stop.by_hand) == ("ada", AT, "smoke", False)


def test_the_file_alone_tells_who_stopped(folder: Path) -> None:
    """Somebody removed the records; the stop's own file holds its record too."""
    StopFiles(folder).stop(TOOL, by="ada", at=AT)
    (folder / ".held" / "tool:noisy").unlink()
    [stop] = StopFiles(folder).standing().stops
    assert (stop.by, stop.at) == ("ada", AT)


def test_removing_the_file_by_hand_lifts_nothing_and_is_seen(folder: Path) -> None:
    """It stands, says when the file was found gone, and a line for the log says it too."""
    stops = StopFiles(folder)
    stops.stop(TOOL, by="ada", at=AT)
    (folder / "tool:noisy").unlink()
    assert StopFiles(folder).standing().of_tool("noisy") is not None
    stops.notice(at=AT + timedelta(seconds=9))
    stops.notice(at=AT + timedelta(seconds=10))
    [stop] = StopFiles(folder).standing().stops
    assert stop.gone_at == AT + timedelta(seconds=9)
    assert [(record.act, record.subject) for _, record in stops.kept()] == [("stop.file_removed", "tool:noisy")]


def test_a_touched_file_that_is_removed_again_still_stands_once_it_was_noticed(folder: Path) -> None:
    """The supervisor looks four times a second; what it saw, it holds."""
    touch(folder, "tool:noisy")
    stops = StopFiles(folder)
    stops.notice(at=AT)
    (folder / "tool:noisy").unlink()
    assert StopFiles(folder).standing().of_tool("noisy") is not None
    assert [record.act for _, record in stops.kept()] == ["stop.noticed"]


def test_whoever_saw_a_stop_holds_it_though_file_and_record_are_gone(folder: Path) -> None:
    """And keeps its record anew; only a lift ends it."""
    stops = StopFiles(folder)
    stops.stop(TOOL, by="ada", at=AT)
    (folder / "tool:noisy").unlink()
    (folder / ".held" / "tool:noisy").unlink()
    assert stops.standing().of_tool("noisy") is not None
    stops.notice(at=AT)
    assert StopFiles(folder).standing().of_tool("noisy") is not None


def test_a_removed_folder_lifts_nothing_for_who_saw_it(folder: Path) -> None:
    """Moved away, deleted: it is made anew and filled with what is held."""
    stops = StopFiles(folder)
    stops.stop(TOOL, by="ada", at=AT)
    folder.rename(folder.with_name("elsewhere"))
    assert stops.notice(at=AT).of_tool("noisy") is not None
    assert StopFiles(folder).standing().of_tool("noisy") is not None


def test_a_lift_by_another_process_is_seen(folder: Path) -> None:
    """The supervisor learns of it from the record."""
    supervisor = StopFiles(folder)
    supervisor.stop(TOOL, by="ada", at=AT)
    StopFiles(folder).lift(TOOL, by="sam", at=AT, why="mended")
    assert supervisor.notice(at=AT).stops == ()
    assert not (folder / "tool:noisy").exists()


def test_a_crash_between_the_two_halves_of_a_lift_leaves_it_stopped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file goes first, the record says it last."""

    def no_room(*_: object) -> None:
        raise NotNow("no room", retry_after_s=1.0)

    stops = StopFiles(folder)
    stops.stop(TOOL, by="ada", at=AT)
    with monkeypatch.context() as broken:
        broken.setattr(stop_files, "write_durably", no_room)
        with pytest.raises(NotNow):
            stops.lift(TOOL, by="sam", at=AT, why="mended")
    assert not (folder / "tool:noisy").exists()
    assert StopFiles(folder).standing().of_tool("noisy") is not None
    stops.lift(TOOL, by="sam", at=AT, why="mended")
    assert StopFiles(folder).standing().stops == ()


def test_a_stop_holds_on_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty file takes no block; what cannot be written is said as far as it is known."""

    def no_room(*_: object) -> None:
        raise NotNow("no room", retry_after_s=1.0)

    monkeypatch.setattr(stop_files, "write_durably", no_room)
    stops = StopFiles(folder)
    assert stops.stop(TOOL, by="ada", at=AT).by == "ada"
    assert StopFiles(folder).standing().of_tool("noisy") is not None
    [seen] = stops.standing().stops
    assert seen.target == TOOL


def test_a_stop_that_cannot_be_made_says_what_else_ends_it(tmp_path: Path) -> None:
    """Never silently."""
    (tmp_path / "stops").write_text("")
    with pytest.raises(NotNow) as failed:
        StopFiles(tmp_path / "stops").stop(TOOL, by="ada", at=AT)
    assert "impetus serve" in failed.value.remedy


def test_all_spellings_of_one_target_are_lifted_together(folder: Path) -> None:
    """`ALL`, `all` and a file nobody understood are one stop of everything."""
    for name in ("ALL", "STOPP"):
        touch(folder, name)
    stops = StopFiles(folder)
    stops.stop(parse_target("all"), by="ada", at=AT)
    stops.lift(parse_target("all"), by="sam", at=AT, why="drill over")
    assert StopFiles(folder).standing().stops == ()
    assert [path.name for path in folder.iterdir() if not path.name.startswith(".")] == []


def test_a_file_touched_after_a_lift_stops_again(folder: Path) -> None:
    """The record of the lift does not outlive the touch."""
    stops = StopFiles(folder)
    stops.stop(TOOL, by="ada", at=AT)
    stops.lift(TOOL, by="sam", at=AT, why="mended")
    touch(folder, "tool:noisy")
    assert stops.standing().of_tool("noisy") is not None
    stops.notice(at=AT)
    [stop] = StopFiles(folder).standing().stops
    assert (stop.by_hand, stop.state) == (True, StopState.STOPPED)


def test_a_file_that_is_just_being_written_is_no_touch(folder: Path) -> None:
    """The supervisor stops at once but leaves the record to whoever is writing it."""
    touch(folder, "tool:noisy", age_s=0.0)
    stops = StopFiles(folder)
    assert stops.notice(at=AT).of_tool("noisy") is not None
    assert stops.kept() == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"state": "lifted"', b'{"at": 5}', b"\xff" * 9, b"[" * 99_999]
)
def test_a_record_that_cannot_be_read_is_a_stop_in_force(folder: Path, body: bytes) -> None:
    """In doubt it is stopped."""
    (folder / ".held").mkdir(parents=True)
    (folder / ".held" / "tool:noisy").write_bytes(body)
    stop = StopFiles(folder).standing().of_tool("noisy")
    assert stop is not None
    assert stop.by == "somebody unknown"


@given(
    st.binary(max_size=60)
    | st.dictionaries(st.text(max_size=8), st.integers() | st.text()).map(lambda d: json.dumps(d).encode())
)
def test_whatever_stands_in_a_file_it_is_read(body: bytes) -> None:
    """Never an error, always with a name and a time."""
    stop = decode_stop(body, TOOL, AT)
    assert stop.by
    assert stop.at.tzinfo is not None


def test_a_record_is_read_as_it_was_written() -> None:
    """Every field there and back."""
    stop = Stop(
        target=TOOL,
        state=StopState.LIFTED,
        at=AT,
        by="ada",
        why="smoke",
        why_by="bo",
        why_at=AT,
        by_hand=True,
        gone_at=AT,
        lifted_at=AT,
        lifted_by="sam",
        lifted_why="mended",
    )
    assert decode_stop(encode_stop(stop), TOOL, AT + timedelta(1)) == stop


@pytest.mark.parametrize("text", ["tool:a", "camera:square/c11", "camera:a:b.c/d", "source:x-1", "site", "all"])
def test_every_target_has_a_file_name_that_reads_back(text: str) -> None:
    """No slash, nothing hidden."""
    name = file_name(parse_target(text))
    assert "/" not in name
    assert not name.startswith(".")
    assert read_name(name) == (parse_target(text), "")


def test_only_the_newest_lifted_stops_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log has all of them; the folder stays small."""
    monkeypatch.setattr(stop_files, "MOST_LIFTED", 3)
    stops = StopFiles(folder)
    for number in range(6):
        target = parse_target(f"tool:t{number}")
        stops.stop(target, by="ada", at=AT)
        stops.lift(target, by="sam", at=AT + timedelta(seconds=number), why="drill")
    assert [str(stop.target) for stop in stops.all()] == ["tool:t5", "tool:t4", "tool:t3"]
    assert MOST_LIFTED == 200


def line(number: int) -> LogRecord:
    """Return a line for the log."""
    return LogRecord(
        at=AT + timedelta(seconds=number), who="ada", role="operator", act="stop.make", outcome=Outcome.DONE
    )


def test_lines_for_the_log_outlive_the_process(folder: Path) -> None:
    """Written to disk before `keep` returns."""
    StopFiles(folder).keep(line(1))
    assert [record for _, record in StopFiles(folder).kept()] == [line(1)]


def test_a_line_that_cannot_be_read_is_set_aside(folder: Path) -> None:
    """It does not keep the others from the log."""
    stops = StopFiles(folder)
    stops.keep(line(1))
    (folder / ".spool" / "00000.json").write_text("{")
    assert [record for _, record in stops.kept()] == [line(1)]
    assert (folder / ".spool" / "00000.json.unreadable").exists()


def test_lines_wait_in_memory_while_the_disk_takes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounded, and written as soon as there is room."""

    def no_room(*_: object) -> None:
        raise NotNow("no room", retry_after_s=1.0)

    stops = StopFiles(folder)
    with monkeypatch.context() as broken:
        broken.setattr(stop_files, "write_durably", no_room)
        for number in range(UNWRITTEN + 5):
            stops.keep(line(number))
        assert stops.kept() == []
    assert len(stops.kept()) == UNWRITTEN


def test_looking_never_waits_for_whoever_holds_the_lock(folder: Path) -> None:
    """A program stopped half way through a change must not keep the supervisor from seeing a stop."""
    touch(folder, "tool:noisy")
    stops = StopFiles(folder)
    with StopFiles(folder)._lock():
        began_s = time.monotonic()
        assert stops.notice(at=AT).of_tool("noisy") is not None
        assert time.monotonic() - began_s < 0.5
    assert stops.standing().of_tool("noisy") is not None


def test_processes_that_stop_and_explain_at_once_lose_nothing(folder: Path) -> None:
    """Eight programs, one folder: every stop stands, every reason is kept."""
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from impetus.adapters.stop_files import StopFiles; from impetus.core.stop import parse_target\n"
        "stops, at = StopFiles(Path(sys.argv[1])), datetime.now(UTC)\n"
        "for n in range(5):\n"
        "    stops.stop(parse_target(f'tool:t{sys.argv[2]}_{n}'), by=sys.argv[2], at=at)\n"
        "    stops.explain(parse_target(f'tool:t{sys.argv[2]}_{n}'), by=sys.argv[2], at=at, why='both')\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(folder), str(number)]) for number in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    found = StopFiles(folder).standing().stops
    assert len(found) == 20
    assert all(stop.why == "both" for stop in found)
