"""Checkpoints, signed notes and cosignatures, held against what others have published."""

import base64
import contextlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics.log_samples import AT, LOG_KEY, ORIGIN, SIGNATURES
from impetus.adapters.signatures import verify as check
from impetus.core.errors import Malformed
from impetus.ethics.log.checkpoint import (
    COSIGNATURE,
    Checkpoint,
    Note,
    NoteSignature,
    VerifierKey,
    cosign,
    cosignatures,
    is_signed,
    parse_checkpoint,
    parse_key,
    parse_note,
    parse_signature,
    sign_checkpoint,
    spoiled,
)

PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
"""Verifier key of the example in the documentation of Go's package `golang.org/x/mod/sumdb/note`."""
PUBLISHED_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
PUBLISHED_CHECKPOINT = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
).encode()
"""The example of C2SP tlog-cosignature."""
HEAD = Checkpoint(origin=ORIGIN, size=7, root=bytes(range(32)))
WITNESS = VerifierKey(name="witness.example/w1", public_key=SIGNATURES.public_key("w1"), kind=COSIGNATURE)


def a_note(head: Checkpoint = HEAD) -> Note:
    """Return a checkpoint signed by the log's key."""
    return sign_checkpoint(head, LOG_KEY, lambda message: SIGNATURES.sign("log", message))


def cosigned(note: Note, *, at: datetime = AT, signer: str = "w1") -> Note:
    """Return a note with a witness's signature on it."""
    line = cosign(note, WITNESS, lambda message: SIGNATURES.sign(signer, message), at=at)
    return replace(note, signatures=(*note.signatures, line))


def test_a_note_that_others_published_verifies() -> None:
    """Key, id and signature of Go's documented example are read and hold."""
    key, note = parse_key(PUBLISHED_KEY), parse_note(PUBLISHED_NOTE.encode())
    assert key.key_id.hex() == "c74f20a3"
    assert key.text() == PUBLISHED_KEY
    assert is_signed(note, key, check)
    assert not is_signed(replace(note, text=note.text.replace("think", "hope")), key, check)


def test_the_checkpoint_of_the_specification_is_read() -> None:
    """Origin, size, root and both signature lines, and it is written again byte for byte."""
    note = parse_note(PUBLISHED_CHECKPOINT)
    head = parse_checkpoint(note.text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert base64.b64encode(head.root) == b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    assert [line.name for line in note.signatures] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert int.from_bytes(note.signatures[1].signature[:8], "big") == 1_679_315_147
    assert note.encode() == PUBLISHED_CHECKPOINT
    assert head.text() == note.text


def test_a_signed_checkpoint_comes_back_and_verifies() -> None:
    """What the log signs, a reader with its key accepts, and nobody with another key."""
    note = parse_note(a_note().encode())
    assert parse_checkpoint(note.text) == HEAD
    assert is_signed(note, LOG_KEY, check)
    assert not is_signed(note, VerifierKey(name=ORIGIN, public_key=SIGNATURES.public_key("thief")), check)
    assert not is_signed(note, replace(LOG_KEY, name="impetus/other"), check)


@given(size=st.integers(0, 10**17), minimum=st.integers(0, 10**17), root=st.binary(min_size=32, max_size=32))
def test_every_head_comes_back(size: int, minimum: int, root: bytes) -> None:
    """With and without a minimum index."""
    head = Checkpoint(origin=ORIGIN, size=size, root=root, minimum=min(size, minimum))
    assert parse_checkpoint(head.text()) == head


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n7\n",
        "o\n7\nAAAA\n",
        "\n7\n" + "A" * 43 + "=\n",
        "o\n07\n" + "A" * 43 + "=\n",
        "o\n-7\n" + "A" * 43 + "=\n",
        "o\n7\n" + "A" * 43 + "=",
        "o\n7\n" + "A" * 42 + "B=\n",
        "o\n7\n" + "A" * 43 + "=\n\n",
        "o\n7\n" + "A" * 43 + "=\nwhat else\n",
        "o\n7\n" + "A" * 43 + "=\nimpetus:minimum-index 0\n",
        "o\n7\n" + "A" * 43 + "=\nimpetus:minimum-index 8\n",
        "o\n7\n" + "A" * 43 + "=\nimpetus:minimum-index 3\nimpetus:minimum-index 4\n",
        "o\n99999999999999999999\n" + "A" * 43 + "=\n",
    ],
)
def test_other_heads_are_refused(text: str) -> None:
    """A size in another spelling, a root of another length, a line nobody knows."""
    with pytest.raises(Malformed, match="no checkpoint"):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\nno signature\n",
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— name AAAAAAA\n".encode(),
        "text\n\n— na me AAAAAAAA\n".encode(),
        "text\n\n— na+me AAAAAAAA\n".encode(),
        "text\n\n—  AAAAAAAA\n".encode(),
        "text\n\n— name AAAAAAAA".encode(),
        "te\txt\n\n— name AAAAAAAA\n".encode(),
        b"\xff\n\n\xe2\x80\x94 name AAAAAAAA\n",
        b"text\n\n" + "— name AAAAAAAA\n".encode() * 65,
        b"x" * 70_000 + "\n\n— name AAAAAAAA\n".encode(),
    ],
)
def test_other_notes_are_refused(content: bytes) -> None:
    """No signature, one cut short, control characters, too many, too long."""
    with pytest.raises(Malformed, match="no checkpoint"):
        parse_note(content)


def test_base64_has_one_spelling() -> None:
    """Bits that base64 leaves open must be zero: else one signature would have several texts."""
    assert parse_signature("— name AAAAAAA=").signature == b"\x00"
    with pytest.raises(Malformed):
        parse_signature("— name AAAAAAB=")


@given(st.binary(max_size=300))
def test_no_bytes_break_the_note_parser(content: bytes) -> None:
    """Any bytes are a note that is written again as it was, or refused."""
    with contextlib.suppress(Malformed):
        assert parse_note(content).encode() == content


@given(text=st.text(max_size=80), place=st.integers(0, len(PUBLISHED_CHECKPOINT)))
def test_no_change_to_a_checkpoint_breaks_its_parsers(text: str, place: int) -> None:
    """Text put in anywhere gives another checkpoint, or is refused."""
    changed = PUBLISHED_CHECKPOINT[:place] + text.encode("utf-8", "replace") + PUBLISHED_CHECKPOINT[place:]
    with contextlib.suppress(Malformed):
        note = parse_note(changed)
        assert note.encode() == changed
        assert parse_checkpoint(note.text).text() == note.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+c74f20a3",
        PUBLISHED_KEY.replace("c74f20a3", "c74f20a4"),
        PUBLISHED_KEY.replace("PeterNeumann", "Peter Neumann"),
        PUBLISHED_KEY.replace("ARpc", "Arpc"),
        PUBLISHED_KEY[:-4],
    ],
)
def test_other_keys_are_refused(text: str) -> None:
    """An id that is not the key's, another kind, a key cut short."""
    with pytest.raises(Malformed, match="verifier key"):
        parse_key(text)


@given(st.text(max_size=120))
def test_no_text_breaks_the_key_parser(text: str) -> None:
    """Any text is a key that is written again, or refused."""
    with contextlib.suppress(Malformed):
        assert parse_key(text).text() == text.strip()


def test_a_known_keys_bad_signature_spoils_the_note() -> None:
    """Two lines by the log's key, one of them not good: the note is rejected, as signed-note says."""
    good = a_note()
    bad = replace(good.signatures[0], signature=bytes(64))
    assert not is_signed(replace(good, signatures=(*good.signatures, bad)), LOG_KEY, check)
    assert not is_signed(replace(good, signatures=()), LOG_KEY, check)


def test_unknown_signatures_are_ignored() -> None:
    """A line by a key nobody asked about neither helps nor hurts."""
    good = a_note()
    stranger = NoteSignature(name="stranger", key_id=b"abcd", signature=bytes(64))
    assert is_signed(replace(good, signatures=(stranger, *good.signatures)), LOG_KEY, check)


def test_a_witness_says_who_and_when() -> None:
    """A cosignature holds for this checkpoint, this key and this time."""
    found = cosignatures(cosigned(a_note()), [WITNESS], check)
    assert [(one.name, one.at) for one in found] == [("witness.example/w1", AT)]


def test_a_cosignature_of_another_checkpoint_is_none() -> None:
    """Put on a later head, signed by somebody else, cut, or dated otherwise, it does not count, and is blamed."""
    good = cosigned(a_note())
    line = good.signatures[1]
    later = sign_checkpoint(replace(HEAD, size=8), LOG_KEY, lambda message: SIGNATURES.sign("log", message))
    moved = replace(later, signatures=(*later.signatures, line))
    redated = replace(line, signature=(1).to_bytes(8, "big") + line.signature[8:])
    for bad in (
        moved,
        cosigned(a_note(), signer="thief"),
        replace(good, signatures=(redated,)),
        replace(good, signatures=(replace(line, signature=line.signature[:-1]),)),
    ):
        assert cosignatures(bad, [WITNESS], check) == ()
        assert spoiled(bad, [WITNESS], check) == ("witness.example/w1",)
    assert spoiled(good, [WITNESS], check) == ()


def test_a_key_of_the_logs_kind_is_no_witness() -> None:
    """The same bytes under another kind are another key with another id."""
    as_log = replace(WITNESS, kind=1)
    assert as_log.key_id != WITNESS.key_id
    assert cosignatures(cosigned(a_note()), [as_log], check) == ()
    assert parse_key(WITNESS.text()) == WITNESS


def test_a_cosignature_beyond_every_calendar_is_none() -> None:
    """A time no calendar has is not a time somebody saw it."""
    note = a_note()
    seconds = 2**63 - 1
    message = f"cosignature/v1\ntime {seconds}\n{note.text}".encode()
    signature = seconds.to_bytes(8, "big") + SIGNATURES.sign("w1", message)
    line = NoteSignature(name=WITNESS.name, key_id=WITNESS.key_id, signature=signature)
    assert cosignatures(replace(note, signatures=(line,)), [WITNESS], check) == ()


def test_times_of_cosignatures_are_utc() -> None:
    """Seconds since 1970, as POSIX counts."""
    found = cosignatures(cosigned(a_note(), at=datetime(2026, 1, 1, 1, tzinfo=UTC)), [WITNESS], check)
    assert found[0].at == datetime(2026, 1, 1, 1, tzinfo=UTC)
