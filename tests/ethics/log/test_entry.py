"""Entries: public in clear, personal as commitments that open only with their salt."""

import contextlib
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics.log_samples import AT, a_record, an_entry, salts_of
from impetus.core.errors import Malformed
from impetus.core.log_record import LogRecord, Outcome
from impetus.ethics.log.entry import PERSONAL, commitment, open_commitment, read_entry, time_of, write_entry
from impetus.ethics.log.tiles import MAX_ENTRY_BYTES

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def test_an_entry_is_canonical_json_without_names() -> None:
    """Keys sorted, no spaces, what is empty left out; who, why and recipient only as commitments."""
    entry = an_entry(5)
    said = json.loads(entry)
    assert json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == entry
    assert said["at"] == "2026-05-03T12:00:05.000000Z"
    assert said["subject"] == "camera:5"
    assert set(said["commit"]) == set(PERSONAL)
    assert not any(word in entry for word in (b"anna", b"a bag", b"police"))
    assert "facts" not in said


def test_a_commitment_is_what_the_reference_says() -> None:
    """SHA-256 over the tag, the field, the salt and the value, each as documented."""
    by_hand = hashlib.sha256(b"impetus log commitment v1\nwho\n" + bytes(range(16)) + "Åse".encode()).hexdigest()
    assert commitment("who", "Åse", bytes(range(16))) == by_hand


def test_a_commitment_opens_with_its_value_and_salt_only() -> None:
    """Another value, another salt, another field or no salt at all open nothing."""
    entry, salts = an_entry(5), salts_of(5)
    assert open_commitment(entry, "who", "anna5", salts)
    assert open_commitment(entry, "recipient", "police", salts)
    assert not open_commitment(entry, "who", "anna4", salts)
    assert not open_commitment(entry, "who", "anna5", salts_of(6))
    assert not open_commitment(entry, "why", "anna5", salts)
    assert not open_commitment(entry, "who", "anna5", b"")
    assert not open_commitment(entry, "role", "operator", salts)
    assert not open_commitment(b"{}", "who", "anna5", salts)


def test_what_was_not_said_is_not_committed_to() -> None:
    """An empty recipient is no commitment, and that can be shown as well."""
    entry = an_entry(1)
    assert "recipient" not in json.loads(entry)["commit"]
    assert open_commitment(entry, "recipient", "", salts_of(1))
    assert not open_commitment(an_entry(5), "recipient", "", salts_of(5))


def test_one_value_never_gives_one_commitment_twice() -> None:
    """Two entries of one person cannot be joined by their commitments."""
    entries = [json.loads(write_entry(a_record(0), salts_of(number)))["commit"]["who"] for number in range(50)]
    assert len(set(entries)) == 50


@given(who=WORDS, why=WORDS, recipient=WORDS, rule=WORDS, subject=WORDS, salts=st.binary(min_size=48, max_size=48))
def test_every_record_becomes_an_entry_that_opens(
    who: str, why: str, recipient: str, rule: str, subject: str, salts: bytes
) -> None:
    """Whatever the words are, the entry is JSON, holds the public ones, and opens with the personal ones."""
    record = a_record(who=who, why=why, recipient=recipient, rule=rule, subject=subject)
    entry = write_entry(record, salts)
    said = read_entry(entry)
    assert said.get("rule", "") == rule
    assert said.get("subject", "") == subject
    assert all(open_commitment(entry, name, getattr(record, name), salts) for name in PERSONAL)


def test_times_are_utc_whatever_zone_they_came_in() -> None:
    """One moment is one spelling."""
    rome = timezone(timedelta(hours=2))
    here, there = a_record(at=AT), a_record(at=AT.astimezone(rome))
    assert write_entry(here, salts_of(1)) == write_entry(there, salts_of(1))
    assert time_of(an_entry(5)) == datetime(2026, 5, 3, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "content", [b"{}", b'{"at":"soon"}', b'{"at":"2026-05-03T12:00:05"}', b'{"at":7}', b"[]", b"\xff"]
)
def test_an_entry_that_does_not_say_when_is_refused(content: bytes) -> None:
    """No time, a time without zone, or no entry at all."""
    with pytest.raises(Malformed):
        time_of(content)


@given(st.binary(max_size=100))
def test_no_bytes_break_the_entry_parser(content: bytes) -> None:
    """Any bytes are an object, or refused."""
    with contextlib.suppress(Malformed):
        assert isinstance(read_entry(content), dict)


def test_json_that_is_nested_beyond_reason_is_refused() -> None:
    """A hundred thousand brackets are an error of the input, not of the reader."""
    with pytest.raises(Malformed):
        read_entry(b"[" * 100_000)


@pytest.mark.parametrize("count", [0, 47, 49])
def test_salts_are_48_bytes(count: int) -> None:
    """Sixteen for each of three fields, never fewer."""
    with pytest.raises(Malformed, match=f"{count} bytes of salts"):
        write_entry(a_record(), bytes(count))


def test_facts_that_are_too_long_are_replaced_by_their_hash() -> None:
    """No record can stop the log: what does not fit in a bundle stays there as a hash."""
    facts = {f"fact {number}": "x" * 1000 for number in range(80)}
    entry = write_entry(a_record(facts=facts), salts_of(1))
    body = json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()
    assert json.loads(entry)["facts"] == {"omitted_sha256": hashlib.sha256(body).hexdigest()}
    assert open_commitment(entry, "who", "anna0", salts_of(1))


@pytest.mark.parametrize("letter", ["x", "é", "\x00", "😀"])
def test_words_that_are_too_long_are_replaced_by_their_hash(letter: str) -> None:
    """Whatever they are made of, the entry fits into a bundle."""
    long = letter * 60_000
    record = LogRecord(at=AT, who="anna", role=long, act=long, outcome=Outcome.DONE, rule=long, subject="alert:1")
    entry = write_entry(record, salts_of(1))
    assert len(entry) <= MAX_ENTRY_BYTES
    assert read_entry(entry)["rule"] == f"sha256:{hashlib.sha256(long.encode()).hexdigest()}"
    assert read_entry(entry)["subject"] == "alert:1"
