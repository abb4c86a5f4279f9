"""A desk whose journal goes over its bus, and a writer of its log: what the desk's tests of the log share."""

from collections.abc import Sequence
from dataclasses import replace

from ethics.log_samples import AT, a_record
from impetus.adapters.bus_journal import BusJournal
from impetus.adapters.record_codec import decode_record
from impetus.adapters.signatures import verify as check
from impetus.core.actor import Actor, Role, platform
from impetus.core.log_record import LogRecord
from impetus.desk.context import Desk
from impetus.desk.keep_log import LogWriter
from impetus.ethics.log.checkpoint import Checkpoint, VerifierKey, parse_checkpoint, parse_note
from impetus.ethics.log.rebuild import CHECKPOINT, Copy
from impetus.ethics.log.tiles import bundles_of, decode_bundle, read_tile
from impetus.ethics.log.verdict import Verdict
from impetus.ethics.log.verify import Trusted, verify
from impetus.ports.ethics import AccessQuery
from impetus.testing.desk import memory_desk

KEEPER = platform("log")
AUDITOR = Actor(name="Aud", role=Role.AUDITOR)
SITE = "impetus/test"


def a_desk() -> Desk:
    """Return a desk in memory whose records travel over its bus, as in an installation."""
    desk = memory_desk(AT)
    return replace(desk, journal=BusJournal(desk.bus))


def writer_of(desk: Desk) -> LogWriter:
    """Return a writer that starts now: what a restarted part makes."""
    return LogWriter(desk, KEEPER, origin=SITE, decode=decode_record)


def report(desk: Desk, first: int, count: int) -> list[LogRecord]:
    """Write so many records, numbered from `first` on, and return them."""
    records = [a_record(number) for number in range(first, first + count)]
    desk.journal.write(records)
    return records


def drain(writer: LogWriter) -> None:
    """Take everything that is on the bus."""
    while writer.take():
        pass


def head_of(desk: Desk) -> Checkpoint:
    """Return the newest checkpoint's head."""
    return parse_checkpoint(parse_note(desk.log_files.read(CHECKPOINT) or b"").text)


def entries_of(desk: Desk) -> list[bytes]:
    """Return every entry under the newest checkpoint."""
    return [
        entry
        for bundle in bundles_of(head_of(desk).size)
        for entry in decode_bundle(read_tile(desk.log_files.read, bundle) or b"")
    ]


def indexed(desk: Desk) -> list[LogRecord]:
    """Return every record of the index, in the order of the log."""
    with desk.store.read() as unit:
        return [entry.record for entry in unit.accesses.from_index(0, limit=100_000)]


def acts(desk: Desk, subject: str) -> int:
    """Return how many acts the index has about something."""
    with desk.store.read() as unit:
        return unit.accesses.count(AccessQuery(subject=subject))


def judged(desk: Desk) -> Verdict:
    """Return the verdict on the stored log, with the key it should be signed with."""
    key = VerifierKey(name=head_of(desk).origin, public_key=desk.signatures.public_key("log"))
    return verify(Copy(read=desk.log_files.read, names=desk.log_files.names()), Trusted(key=key), check)


def subjects(records: Sequence[LogRecord]) -> list[str]:
    """Return what records are about, those of the log's own keeping left out."""
    return [record.subject for record in records if record.subject.startswith("camera:")]
