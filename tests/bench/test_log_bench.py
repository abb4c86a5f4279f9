"""The log's measurement made small: every figure is there, and what it measures verifies."""

import json
from pathlib import Path

import pytest

from impetus.adapters.record_codec import decode_record, encode_record
from impetus.bench import log
from impetus.core.errors import OurFault
from impetus.desk.context import LOG
from impetus.ethics.log.entry import read_entry, write_entry


def test_appending_and_verifying_are_measured() -> None:
    """A few thousand entries give every figure, all above nothing."""
    said: list[str] = []
    figures = json.loads(json.dumps(log.run(said.append, records=1500, entries=3000)))
    assert figures["verified_entries"] == 3000
    assert figures["checkpoints"] >= 1
    assert all(value > 0 for value in figures.values())
    assert len(said) == 4


def test_the_records_are_what_a_consultation_leaves() -> None:
    """They survive the bus, and become entries of the usual size with a person and a reason committed to."""
    record = log.record(7)
    assert decode_record(encode_record(record)) == record
    entry = write_entry(record, bytes(48))
    assert set(read_entry(entry)["commit"]) == {"who", "why"}
    assert 400 < len(entry) < 700


def test_a_measurement_that_leaves_something_behind_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of half the work are none."""
    desk = log.open_files(tmp_path)
    log._publish(desk, 10)
    monkeypatch.setattr(type(desk.bus), "held", lambda *_: 3)
    with pytest.raises(OurFault, match="not every record"):
        log._append(desk)
    assert desk.bus.status(LOG).last == 10
    desk.store.close()
