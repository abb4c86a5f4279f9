"""Parts of the log by themselves: frames among noise, and a tail that changes while it is read."""

import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.adapters.log.frames import (
    HEADER,
    find_header,
    frame_bytes,
    is_whole,
    read_bodies,
    read_header,
    write_frame,
)
from impetus.adapters.log.reader import Reader
from impetus.adapters.log.segments import make_segment, segments_of
from impetus.adapters.log.tail import PAGE_BYTES, Tail, TailPage

MARK = b"\x01\x02\x03\x04\x05\x06\x07\x08"
BODIES = st.lists(st.binary(max_size=30), min_size=1, max_size=6)


@given(
    bodies=BODIES, first=st.integers(1, 2**63), at_us=st.integers(-(2**63), 2**63 - 1), before=st.binary(max_size=30)
)
def test_a_frame_is_found_among_noise_and_read(bodies: list[bytes], first: int, at_us: int, before: bytes) -> None:
    """Whatever precedes it, the frame is found and gives back its messages, their offsets and their time."""
    frame = write_frame(MARK, first, at_us, bodies)
    header = find_header(before + frame, 1000, 1000, MARK, least=first)

    assert header is not None
    assert (header.position, header.first, header.last, header.at_us) == (
        1000 + len(before),
        first,
        first + len(bodies) - 1,
        at_us,
    )
    assert header.end == 1000 + len(before) + frame_bytes(bodies)
    assert is_whole(before + frame, 1000, header)
    assert read_bodies(frame[HEADER.size :], header) == bodies


@settings(max_examples=300)
@given(bodies=BODIES, place=st.integers(0, 10_000), flip=st.integers(1, 255), cut=st.integers(0, 20))
def test_a_damaged_frame_is_never_read_as_another(bodies: list[bytes], place: int, flip: int, cut: int) -> None:
    """A byte changed or an end cut off gives no header or no messages: never wrong ones."""
    frame = bytearray(write_frame(MARK, 5, 6, bodies))
    frame[place % len(frame)] ^= flip
    damaged = bytes(frame[: len(frame) - cut])
    header = read_header(damaged, 0, MARK)

    assert header is None or read_bodies(damaged[HEADER.size :], header) is None


@given(noise=st.binary(max_size=200))
def test_noise_is_no_frame(noise: bytes) -> None:
    """Bytes that nobody wrote as a frame are none, even after the right mark."""
    assert read_header(noise, 0, MARK) is None
    assert read_header(MARK + noise, 0, MARK) is None
    assert find_header(MARK + noise + MARK, 0, 0, MARK, least=0) is None


def test_a_frame_of_another_segment_is_none() -> None:
    """The mark belongs to the segment."""
    assert read_header(write_frame(MARK, 1, 1, [b"x"]), 0, b"otherone") is None


def test_the_tail_is_read_whole_while_it_changes(tmp_path: Path) -> None:
    """A reader of another mapping sees only tails that were stored, none of them mixed."""
    writing, reading = TailPage(tmp_path / "tail"), TailPage(tmp_path / "tail")
    writing.store(Tail(0, 0, 0, 0, 0, 0))
    done = threading.Event()

    def change() -> None:
        for number in range(1, 20_000):
            writing.store(Tail(number, number, number, number, number, number))
        done.set()

    writer = threading.Thread(target=change)
    writer.start()
    seen: list[int] = []
    while not done.is_set():
        tail = reading.load()
        assert tail is not None
        assert {tail.last} == {tail.segment, tail.position, tail.first, tail.bytes_, tail.at_us}
        seen.append(tail.last)
    writer.join()
    assert seen == sorted(seen)


@pytest.mark.parametrize("place", range(0, 160, 8))
def test_a_damaged_tail_is_no_tail_or_one_that_was(tmp_path: Path, place: int) -> None:
    """Any word of the page damaged: the page is not believed, or says what was stored before, which a writer heals."""
    page = TailPage(tmp_path / "tail")
    stored = [Tail(1, 1, 100, 1, 100, 7), Tail(2, 1, 200, 1, 200, 8)]
    for tail in stored:
        page.store(tail)
    content = bytearray((tmp_path / "tail").read_bytes())
    content[place] ^= 1
    (tmp_path / "other").write_bytes(content)

    assert TailPage(tmp_path / "other").load() in [None, *stored]
    assert len(content) == PAGE_BYTES


def test_an_unused_segment_of_the_same_offset_is_replaced(tmp_path: Path) -> None:
    """A writer that died between making a segment and using it leaves nothing behind."""
    make_segment(tmp_path, 1)
    unused = make_segment(tmp_path, 9)
    used = make_segment(tmp_path, 9)

    assert [segment.first for segment in segments_of(tmp_path)] == [1, 9]
    assert not unused.path.exists()
    assert used.path.exists()


def test_a_reader_of_an_empty_topic_reads_nothing(tmp_path: Path) -> None:
    """A topic with a segment and no frame has no messages and nothing missing."""
    page = TailPage(tmp_path / "tail")
    make_segment(tmp_path, 1)
    tail = Tail(0, 1, 0, 1, 0, 0)
    page.store(tail)
    reader = Reader(tmp_path, page)

    assert list(reader.read(0, 10, tail)) == []
    assert reader.next_after(0, tail) == 1
