"""Measure the tamper-evident log: how fast records become signed entries, and how long a verification takes.

On the disk of this machine, in a temporary folder, with the real bus, state and files, and checkpoints on. Records are what
a consultation of personal data leaves: who, why, for which case, with which rule.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from impetus.adapters.bus_journal import BusJournal
from impetus.adapters.cedar import open_policy
from impetus.adapters.chance import SystemChance
from impetus.adapters.clock import SystemClock
from impetus.adapters.file_keys import FileKeys
from impetus.adapters.local_bus import LocalBus
from impetus.adapters.record_codec import decode_record
from impetus.adapters.signatures import FileSignatures
from impetus.adapters.signatures import verify as check
from impetus.adapters.sql.store import open_store
from impetus.adapters.tile_log import TileFiles
from impetus.core.access import Category, Purpose
from impetus.core.actor import platform
from impetus.core.errors import OurFault
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.desk.context import LOG, Desk
from impetus.desk.keep_log import LogWriter
from impetus.desk.tally import Tally
from impetus.desk.verify_log import verify_log
from impetus.ethics.log.checkpoint import Checkpoint, VerifierKey, sign_checkpoint
from impetus.ethics.log.merkle import inclusion_proof
from impetus.ethics.log.rebuild import CHECKPOINT, Copy
from impetus.ethics.log.tiles import StoredTree
from impetus.ethics.log.tree import EntryTree
from impetus.ethics.log.verify import Trusted, verify
from impetus.run.log_keeper import SEAL_S

Progress = Callable[[str], None]

RECORDS = 200_000
"""Records from the bus to the last checkpoint: ten seconds at the rate asked for, so that at least one falls within."""
AT_ONCE = 500
ENTRIES = 1_000_000
SITE = "impetus/bench"
AT = datetime(2026, 5, 3, tzinfo=UTC)
PROOFS = 2_000


def run(progress: Progress, *, records: int = RECORDS, entries: int = ENTRIES) -> dict[str, object]:
    """Append, sign, verify, prove; return entries a second, seconds, and microseconds."""
    with tempfile.TemporaryDirectory(prefix="impetus-log-") as folder:
        desk = open_files(Path(folder))
        try:
            progress(f"publishing {records:,} records")
            publish_s = _publish(desk, records)
            progress("making entries of them: bus, index, tree, checkpoints")
            before_s = time.process_time()
            append_s, checkpoints = _append(desk)
            append_cpu_s = time.process_time() - before_s
            progress("verifying what was written")
            if not verify_log(desk, platform("log"), check).is_sound:
                raise OurFault("what was written does not verify", remedy="report it")
        finally:
            desk.store.close()
    progress(f"making {entries:,} entries to verify")
    tree_per_s, verify_s, proof_us = _verify(entries)
    return {
        "records_published_per_s": round(records / publish_s),
        "entries_per_s": round(records / append_s),
        "entries_per_cpu_s": round(records / append_cpu_s),
        "checkpoints": checkpoints,
        "tree_entries_per_s": round(tree_per_s),
        "verified_entries": entries,
        "verify_s": round(verify_s, 2),
        "inclusion_proof_us": round(proof_us, 1),
    }


def open_files(home: Path) -> Desk:
    """Return a desk of which only what the log needs is there, on real files."""
    clock, chance = SystemClock(), SystemChance()
    bus = LocalBus(home / "bus", clock=clock, limit_bytes=1 << 30)
    given: dict[str, Any] = {
        "clock": clock,
        "chance": chance,
        "store": open_store(home),
        "bus": bus,
        "journal": BusJournal(bus),
        "log_files": TileFiles(home / "log-tiles"),
        "signatures": FileSignatures(home / "signing", FileKeys(home / "key", chance), chance),
        "policy": open_policy(),
        "tenant": "bench",
        "tally": Tally(),
    }
    unused = dict.fromkeys((item.name for item in fields(Desk) if item.name not in given), None)
    return Desk(**given, **unused)  # type: ignore[arg-type]  # what a measurement does not touch is not there


def record(number: int) -> LogRecord:
    """Return the record of a consultation."""
    return LogRecord(
        at=AT + timedelta(milliseconds=number),
        who=f"operator{number % 40}",
        role="operator",
        act="alerts.read",
        outcome=Outcome.PERMITTED,
        processing=Processing.CONSULTATION,
        rule="working-incident",
        subject=f"alert:{number % 5000}",
        purpose=Purpose.INCIDENT_RESPONSE,
        category=Category.IMAGE_MASKED,
        controller="city",
        case=str(number % 90),
        why="looking for the bag that was left behind",
    )


def _publish(desk: Desk, count: int) -> float:
    """Write records through the journal, in batches, and return the seconds it took."""
    started = time.perf_counter()
    for first in range(0, count, AT_ONCE):
        desk.journal.write([record(number) for number in range(first, min(count, first + AT_ONCE))])
    return time.perf_counter() - started


def _append(desk: Desk) -> tuple[float, int]:
    """Drain the bus as the part does, a checkpoint every ten seconds and one at the end; return seconds and checkpoints."""
    started = sealed_s = time.perf_counter()
    writer, checkpoints = LogWriter(desk, platform("log"), origin=SITE, decode=decode_record), 0
    more = True
    while more:
        more = writer.take()
        if not more or time.perf_counter() - sealed_s >= SEAL_S:
            writer.seal()
            sealed_s, checkpoints = time.perf_counter(), checkpoints + 1
    if desk.bus.held(LOG, "log") != desk.bus.status(LOG).last:
        raise OurFault("not every record became an entry", remedy="report it")
    return time.perf_counter() - started, checkpoints


def _verify(count: int) -> tuple[float, float, float]:
    """Verify a log of so many entries from files; return the tree's entries a second, seconds, microseconds a proof."""
    from impetus.ethics.log.entry import write_entry  # noqa: PLC0415 - only this measurement makes entries by hand

    with tempfile.TemporaryDirectory(prefix="impetus-log-") as folder:
        files, tree, grown_s = TileFiles(Path(folder)), EntryTree(), 0.0
        for first in range(0, count, 25_600):
            batch = [write_entry(record(number), bytes(48)) for number in range(first, min(count, first + 25_600))]
            started = time.perf_counter()
            tree.append(batch)
            grown_s += time.perf_counter() - started
            files.write({tile.path: content for tile, content in tree.take_full()})
        files.write({tile.path: content for tile, content in tree.edge()})
        chance = SystemChance()
        signatures = FileSignatures(Path(folder, ".signing"), FileKeys(Path(folder, ".key"), chance), chance)
        key = VerifierKey(name=SITE, public_key=signatures.public_key("log"))
        head = Checkpoint(origin=SITE, size=count, root=tree.root())
        note = sign_checkpoint(head, key, lambda message: signatures.sign("log", message)).encode()
        files.write({CHECKPOINT: note})
        started = time.perf_counter()
        verdict = verify(Copy(read=files.read, names=files.names()), Trusted(key=key, checkpoint=note), check)
        verify_s = time.perf_counter() - started
        if not verdict.is_sound or verdict.entries != count:
            raise OurFault(verdict.sentence(), remedy="report it")
        stored, started = StoredTree(files.read, count), time.perf_counter()
        for number in range(PROOFS):
            inclusion_proof(number * 7919 % count, count, stored.node)
        return count / grown_s, verify_s, (time.perf_counter() - started) / PROOFS * 1e6
