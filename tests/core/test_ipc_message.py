"""Compression is seen in a message's header, whichever way it is said, and whatever else the header holds."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrow_bombs import bomb, bomb_of_old, stream_of, zeros
from impetus.core.errors import Malformed
from impetus.core.ipc_message import OLDER_WAY, is_compressed

NUMBERS = pa.schema([pa.field("a", pa.int64()), pa.field("b", pa.float64())])
WORDS = pa.record_batch({"key": pa.array(["x", "x", "y"] * 500).dictionary_encode()})
VERSIONS = [pa.ipc.MetadataVersion.V4, pa.ipc.MetadataVersion.V5]


def headers(body: bytes) -> list[bytes]:
    """Return the headers of a stream's messages."""
    return [message.metadata.to_pybytes() for message in pa.ipc.MessageReader.open_stream(body)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("rows", [zeros(1_000, NUMBERS), WORDS], ids=["numbers", "dictionary"])
def test_what_is_not_compressed_is_not_called_so(rows: pa.RecordBatch, version: pa.ipc.MetadataVersion) -> None:
    """Schema, dictionary and record batch of an ordinary stream, in both versions of the format."""
    options = pa.ipc.IpcWriteOptions(metadata_version=version)
    assert not any(map(is_compressed, headers(stream_of(rows, options=options))))


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_a_compressed_record_batch_is_seen(codec: str) -> None:
    """The schema says nothing, the record batch does."""
    assert [is_compressed(header) for header in headers(bomb(1_000, NUMBERS, codec))] == [False, True]


def test_a_compressed_dictionary_is_seen() -> None:
    """A dictionary holds a record batch of its own, one level deeper."""
    body = stream_of(WORDS, options=pa.ipc.IpcWriteOptions(compression="zstd"))
    assert [is_compressed(header) for header in headers(body)] == [False, True, True]


def test_the_older_way_is_seen_because_readers_still_follow_it() -> None:
    """The field is gone, pyarrow still unpacks it: so it counts as compressed."""
    body = bomb_of_old(1_000, NUMBERS)
    pa.ipc.open_stream(body).read_all().validate(full=True)
    assert [is_compressed(header) for header in headers(body)] == [False, True]


def test_metadata_of_another_kind_is_no_compression() -> None:
    """Only the one key counts."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, NUMBERS) as stream:
        stream.write_batch(zeros(3, NUMBERS), custom_metadata={"station": "C11"})
    body = bytes(sink.getvalue())
    assert OLDER_WAY not in body
    assert not any(map(is_compressed, headers(body)))


@pytest.mark.parametrize("header", [b"", b"\x00", b"\xff" * 8, b"\xf0\x00\x00\x00" + bytes(12)])
def test_what_points_outside_itself_is_malformed(header: bytes) -> None:
    """Cut short, or with an offset beyond its end: an error of the sender's, not of ours."""
    with pytest.raises(Malformed):
        is_compressed(header)


@settings(max_examples=200)
@given(place=st.integers(0, 400), value=st.integers(0, 255), cut=st.integers(0, 200))
def test_a_damaged_header_is_judged_or_malformed(place: int, value: int, cut: int) -> None:
    """A byte changed or an end cut off: yes, no, or `Malformed`; never another error."""
    header = bytearray(headers(bomb(100, NUMBERS))[1])
    header[place % len(header)] = value
    try:
        judged = is_compressed(bytes(header[: len(header) - cut]))
    except Malformed:
        return
    assert isinstance(judged, bool)
