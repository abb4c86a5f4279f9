"""What a child says is never believed blindly: its heartbeats and its log come from a process that may be broken."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.board import PartState, PartStatus
from impetus.core.ids import ToolId
from impetus.run.child_log import MAX_LINE_BYTES, ChildLog
from impetus.run.heartbeat import MAX_NOTE_CHARS, MOST_COUNTED, Beat, decode_beat, encode_beat
from impetus.run.parts import Part
from impetus.run.restarts import Pace, Restarts
from impetus.run.supervised import READ_BYTES, Child
from impetus.testing.store import memory_store

SOUND = {"rate_per_s": 1.5, "lag": 2, "dropped": 3, "note": "well"}
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
NESTED = b"[" * 50_000


def _line(**changed: object) -> bytes:
    return json.dumps({**SOUND, **changed}).encode()


def test_a_sound_line_is_a_beat() -> None:
    """What the refusals below differ from by one word."""
    assert decode_beat(_line()) == Beat(rate_per_s=1.5, lag=2, dropped=3, note="well")


@pytest.mark.parametrize("missing", SOUND)
def test_a_beat_lacks_no_word(missing: str) -> None:
    """All four or none."""
    assert decode_beat(json.dumps({name: word for name, word in SOUND.items() if name != missing}).encode()) is None


@pytest.mark.parametrize("wrong", [None, [], {}, "many", [1.0]])
@pytest.mark.parametrize("name", ["rate_per_s", "lag", "dropped"])
def test_a_number_that_is_none_is_no_beat(name: str, wrong: object) -> None:
    """Words, lists and nothing are not counts."""
    assert decode_beat(_line(**{name: wrong})) is None


@pytest.mark.parametrize("name", ["rate_per_s", "lag", "dropped"])
@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "-1", "1e400", "1" + "0" * 30, "1" + "0" * 400])
def test_a_number_the_board_cannot_hold_is_no_beat(name: str, word: str) -> None:
    """JSON as Python reads it knows NaN, infinity and endless integers; the board's columns do not."""
    line = _line(**{name: "HERE"}).replace(b'"HERE"', word.encode())
    assert decode_beat(line) is None


@pytest.mark.parametrize("number", [0, 1, 10**9, MOST_COUNTED])
def test_the_largest_number_believed_is_believed(number: int) -> None:
    """The limit itself is within it."""
    assert decode_beat(_line(lag=number, dropped=number)) == Beat(
        rate_per_s=1.5, lag=number, dropped=number, note="well"
    )


@pytest.mark.parametrize(
    "line", [b"", b"null", b"7", b'"beat"', b"[]", b"[1, 2]", b"{", b"\xff\xfe", b"\x00" * 9, NESTED]
)
def test_a_line_of_another_shape_is_no_beat(line: bytes) -> None:
    """Not an object, not JSON, not text, or nested deeper than any reader follows."""
    assert decode_beat(line) is None


def test_a_note_is_cut_on_arrival_too() -> None:
    """A child that does not use our own encoder is bounded by our decoder."""
    beat = decode_beat(_line(note="x" * 5000))
    assert beat is not None
    assert beat.note == "x" * MAX_NOTE_CHARS


def test_a_note_that_is_no_text_becomes_text() -> None:
    r"""Half a surrogate pair, `\ud800`, is valid JSON and cannot be stored as UTF-8 (RFC 8259, section 8.2)."""
    beat = decode_beat(b'{"rate_per_s": 0, "lag": 0, "dropped": 0, "note": "a\\ud800b"}')
    assert beat is not None
    assert beat.note == "a?b"


def test_a_whole_pair_of_surrogates_stays_one_character() -> None:
    """Only broken halves are replaced."""
    assert decode_beat(encode_beat(Beat(note="\N{POLICE CARS REVOLVING LIGHT} 3"))) == Beat(
        note="\N{POLICE CARS REVOLVING LIGHT} 3"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=40, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(SOUND, JSON)))
def test_every_beat_that_is_believed_can_be_put_on_the_board(words: dict[str, object]) -> None:
    """Whatever a child sends, the row made of it is one that the state takes."""
    beat = decode_beat(json.dumps(words).encode())
    if beat is None:
        return
    assert len(beat.note) <= MAX_NOTE_CHARS
    row = PartStatus(
        part=ToolId("x"),
        state=PartState.RUNNING,
        rate_per_s=beat.rate_per_s,
        lag=beat.lag,
        dropped=beat.dropped,
        note=beat.note,
    )
    with STORE.write() as unit:
        unit.parts.report(row)


STORE = memory_store()


@pytest.fixture
def child(tmp_path: Path) -> Iterator[tuple[Child, int]]:
    """Return a child that is being listened to, and the writing end of its heart."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    child = Child(Part(id=ToolId("trial"), role="trial", name="Trial"), tmp_path, Restarts(pace=Pace()))
    child.heart_fd = reading
    yield child, writing
    for descriptor in {child.heart_fd, writing} - {None}:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def test_a_beat_in_two_pieces_is_one_beat(child: tuple[Child, int]) -> None:
    """A pipe knows no lines."""
    listener, writing = child
    os.write(writing, _line()[:20])
    listener.listen(AT, 1.0)
    assert listener.beat is None
    os.write(writing, _line()[20:] + b"\n")
    listener.listen(AT, 2.0)
    assert listener.beat == Beat(rate_per_s=1.5, lag=2, dropped=3, note="well")


def test_the_newest_of_several_beats_counts(child: tuple[Child, int]) -> None:
    """A supervisor that was busy catches up at once."""
    listener, writing = child
    os.write(writing, b"".join(_line(lag=lag) + b"\n" for lag in range(5)))
    listener.listen(AT, 1.0)
    assert listener.beat is not None
    assert listener.beat.lag == 4


def test_nonsense_between_beats_costs_nothing_but_itself(child: tuple[Child, int]) -> None:
    """The beat before it stands, the one after it is heard."""
    listener, writing = child
    os.write(writing, _line(lag=1) + b"\n\xff nonsense \x00\n" + _line(lag=NESTED.decode()[:50]) + b"\n\n")
    listener.listen(AT, 1.0)
    assert listener.beat is not None
    assert listener.beat.lag == 1


def test_a_line_without_an_end_is_held_within_a_bound(child: tuple[Child, int]) -> None:
    """A child that writes for ever without a line break takes no memory of its supervisor."""
    listener, writing = child
    for _ in range(40):
        os.write(writing, b"x" * 60_000)
        listener.listen(AT, 1.0)
    assert len(listener._unread) <= READ_BYTES
    os.write(writing, b"\n" + _line() + b"\n")
    listener.listen(AT, 2.0)
    assert listener.beat is not None


def test_a_heart_that_is_closed_is_listened_to_no_more(child: tuple[Child, int]) -> None:
    """The descriptor is given back, and listening again is harmless."""
    listener, writing = child
    os.close(writing)
    listener.listen(AT, 1.0)
    listener.listen(AT, 2.0)
    assert listener.heart_fd is None


def _error(what: str, level: str = "error") -> bytes:
    return json.dumps({"level": level, "what": what}).encode() + b"\n"


@pytest.mark.parametrize(
    "line", [NESTED, b"[]", b"null", b"7", b"\xff\xfe\x00", b'{"level": ["error"]}', b'{"level": null}']
)
def test_a_log_line_that_is_no_record_is_kept_and_means_nothing(line: bytes, tmp_path: Path) -> None:
    """A tool that prints brackets must not end its supervisor."""
    log = ChildLog(tmp_path / "trial.log")
    log.append(_error("before") + line + b"\n")
    assert log.last_error == "before"
    assert (tmp_path / "trial.log").read_bytes().endswith(line + b"\n")


def test_the_last_error_is_text_that_can_be_stored(tmp_path: Path) -> None:
    """It becomes the note on the board and part of a finding."""
    log = ChildLog(tmp_path / "trial.log")
    log.append(b'{"level": "error", "what": "half a \\ud800 pair"}\n')
    assert log.last_error == "half a ? pair"
    assert log.last_error.encode()


@pytest.mark.parametrize(
    ("level", "counts"), [("error", True), ("critical", True), ("warning", False), ("info", False)]
)
def test_only_errors_are_remembered_as_errors(level: str, counts: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a column of the table
    """A warning is no reason why a part died."""
    log = ChildLog(tmp_path / "trial.log")
    log.append(_error("the disk is full", level))
    assert bool(log.last_error) is counts


def test_an_error_without_words_does_not_erase_the_one_before(tmp_path: Path) -> None:
    """The last that said something is worth more."""
    log = ChildLog(tmp_path / "trial.log")
    log.append(_error("why") + _error("") + b'{"level": "error"}\n')
    assert log.last_error == "why"


def test_a_long_error_is_cut_to_what_a_row_shows(tmp_path: Path) -> None:
    """Two hundred characters, whatever a tool has to say."""
    log = ChildLog(tmp_path / "trial.log")
    log.append(_error("e" * 10_000) + b"SomeError: " + b"f" * 10_000 + b"\n")
    assert len(log.last_error) == 200
    assert log.last_error.startswith("SomeError")


def test_a_log_line_without_an_end_is_remembered_within_a_bound(tmp_path: Path) -> None:
    """The file keeps it, the memory does not."""
    log = ChildLog(tmp_path / "trial.log")
    for _ in range(4):
        log.append(b"y" * MAX_LINE_BYTES)
    assert len(log._unfinished) == MAX_LINE_BYTES
    assert (tmp_path / "trial.log").stat().st_size == 4 * MAX_LINE_BYTES


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=12), st.integers(1, 300))
def test_whatever_is_said_is_kept_or_counted_and_never_beyond_the_bound(pieces: list[bytes], limit_bytes: int) -> None:
    """Three files at most, none larger than the limit or the one piece that is larger than it."""
    with tempfile.TemporaryDirectory() as folder:
        log = ChildLog(Path(folder) / "trial.log", limit_bytes=limit_bytes)
        for piece in pieces:
            log.append(piece)
        files = list(Path(folder).iterdir())
        assert len(files) <= 3
        assert all(file.stat().st_size <= max(limit_bytes, *map(len, pieces), 0) for file in files)
        assert log.lost_bytes == 0
