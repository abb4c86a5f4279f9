"""Restoring a backup into a new home: all of it that can still be opened, or nothing.

Everything is written beside the new home and takes its name at the end, so that a restore that is killed leaves no
installation that looks whole. Pieces whose key is gone are left out: retention destroyed it, and what was erased stays
erased. What belongs to something that is not there any more is let go of.
"""

import os
import shutil
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from impetus.adapters.backup.files import Stored, unpack
from impetus.adapters.backup.make import trouble_of
from impetus.adapters.backup.manifest import ROWS, Manifest, Piece, read_manifest
from impetus.adapters.backup.state import GROUPED, LEFT_OUT, SEQUENCES, decode_rows
from impetus.adapters.chance import SystemChance
from impetus.adapters.class_keys import FileClassKeys
from impetus.adapters.durable_file import disk_full, sync_directory
from impetus.adapters.file_keys import FileKeys
from impetus.adapters.key_safe import KEY, copy_keys, require_safe
from impetus.adapters.sql.engine import open_writer
from impetus.adapters.sql.migrate import HEAD
from impetus.adapters.sql.schema import (
    ALERT_LOAD,
    ALERTS,
    COUNTERS,
    INCIDENTS,
    METADATA,
    QUARANTINE,
    QUARANTINE_HELD,
)
from impetus.adapters.sql.store import STATE_FILE, open_store
from impetus.core.errors import Conflict, Malformed, Misconfigured, Refused, Unknown
from impetus.ports.backups import Move, Restored

RESTORING = ".restoring"
MINUTE_US = 60_000_000


def restore_backup(place: Path, safe: Path, home: Path, move: Move) -> Restored:
    """Check a backup, open what the safe has keys for, and make a home of it; `NotNow` when the disk is full."""
    manifest = _checked(place, safe, home, move)
    fresh = home.with_name(f"{home.name}{RESTORING}")
    if fresh.exists():
        shutil.rmtree(fresh)
    try:
        fresh.mkdir(mode=0o700, parents=True)
        copy_keys(safe, fresh)
        restored = _fill(manifest, place, fresh, move)
        _sync(fresh)
        with suppress(FileNotFoundError):
            home.rmdir()
        fresh.rename(home)
        sync_directory(home.parent)
    except OSError as error:
        raise disk_full(error, fresh) from error
    return Restored(
        home=home,
        made_at=manifest.made_at,
        rows=restored["rows"],
        files=restored["files"],
        unreadable={name[1:]: count for name, count in restored.items() if name.startswith("-")},
    )


def _checked(place: Path, safe: Path, home: Path, move: Move) -> Manifest:
    """Refuse before anything is written: a home in use, no safe, a damaged backup, another program's schema."""
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise Conflict(
            f"{home} is not empty", value=str(home), limit="a new or empty folder", remedy="name another folder"
        )
    require_safe(safe)
    manifest = read_manifest(place)
    if manifest.schema > HEAD:
        raise Misconfigured(
            f"the backup was made by a newer program ({manifest.program}, schema {manifest.schema})",
            limit=f"up to schema {HEAD}",
            remedy="restore it with the program that made it, or a newer one",
        )
    for number, piece in enumerate(manifest.pieces, 1):
        trouble = trouble_of(place, piece)
        if trouble:
            raise Malformed(
                f"the backup in {place} is damaged: {trouble}",
                value=piece.path,
                limit="every piece as it was written",
                remedy="take another copy of it; nothing was restored",
            )
        move(0.3 * number / max(1, len(manifest.pieces)), "checking")
    return manifest


def _fill(manifest: Manifest, place: Path, fresh: Path, move: Move) -> Counter[str]:
    """Write rows and files of every piece that can be opened; return how many, and under `-class` what could not."""
    keys = FileClassKeys(fresh / "class-keys", FileKeys(fresh / KEY, SystemChance()), SystemChance())
    open_store(fresh).close()
    engine = open_writer(f"sqlite:///{fresh / STATE_FILE}")
    counts: Counter[str] = Counter(rows=0, files=0)
    try:
        with engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            for number, piece in enumerate(manifest.pieces, 1):
                content = _opened(keys, place, piece, safe_hint=manifest.site)
                if content is None:
                    counts[f"-{piece.kind}"] += 1
                elif piece.what == ROWS:
                    counts["rows"] += _insert(connection, content)
                else:
                    counts["files"] += _write_files(fresh, unpack(content))
                move(0.3 + 0.7 * number / max(1, len(manifest.pieces)), piece.kind)
            _let_go(connection)
            _count_anew(connection)
    finally:
        engine.dispose()
    if not counts["rows"] and not counts["files"]:
        raise Refused(
            f"the safe has no key for anything in {place}",
            rule="what cannot be opened cannot be restored",
            value=str(place),
            source="encryption by class and day",
            remedy="name the key safe of the installation that made the backup",
        )
    return counts


def _opened(keys: FileClassKeys, place: Path, piece: Piece, *, safe_hint: str) -> bytes | None:
    """Return what a piece holds, None when its key was destroyed."""
    try:
        return zlib.decompress(keys.open((place / piece.path).read_bytes(), about=piece.about))
    except Unknown:
        return None
    except Malformed as error:
        raise Refused(
            f"{piece.path} does not open with the keys of this safe",
            rule="a backup is opened with the keys of its own installation",
            value=safe_hint,
            source="encryption by class and day",
            remedy="name the key safe of the installation that made the backup",
        ) from error


def _insert(connection: sa.Connection, content: bytes) -> int:
    """Insert the rows of a piece, in the order in which tables depend on each other."""
    tables = {table.name: table for table in METADATA.sorted_tables}
    rows: dict[str, list[dict[str, Any]]] = {}
    for name, row in decode_rows(content):
        if name == SEQUENCES:
            highest = {"name": str(row["name"]), "seq": int(row["seq"])}
            connection.execute(sa.text(f"DELETE FROM {SEQUENCES} WHERE name = :name"), highest)  # noqa: S608 - a constant
            connection.execute(sa.text(f"INSERT INTO {SEQUENCES} VALUES (:name, :seq)"), highest)  # noqa: S608 - a constant
        elif name in tables and name not in LEFT_OUT:
            rows.setdefault(name, []).append(row)
    for name in (table.name for table in METADATA.sorted_tables if table.name in rows):
        known = {column.name for column in tables[name].columns}
        statement = sa.insert(tables[name]).prefix_with("OR IGNORE")
        connection.execute(statement, [{key: row[key] for key in row if key in known} for row in rows[name]])
    return sum(map(len, rows.values()))


def _let_go(connection: sa.Connection) -> None:
    """Cut what points to rows that did not come back."""
    incidents = sa.select(INCIDENTS.c.id)
    lost = ALERTS.c.incident.is_not(None), ALERTS.c.incident.not_in(incidents)
    connection.execute(sa.update(ALERTS).where(*lost).values(incident=None))
    for table in METADATA.sorted_tables:
        for key in table.foreign_keys if table.name in GROUPED else ():
            column, target = key.parent, key.column
            if table is not ALERTS:
                connection.execute(sa.delete(table).where(column.is_not(None), column.not_in(sa.select(target))))


def _count_anew(connection: sa.Connection) -> None:
    """Count what is kept as counters: open alerts, alerts a minute, refused records a source."""
    states = sa.select(ALERTS.c.state, sa.func.count()).where(ALERTS.c.state != "closed").group_by(ALERTS.c.state)
    counters = [{"name": f"alerts.{state}", "value": count} for state, count in connection.execute(states)]
    minute = (ALERTS.c.raised_at // MINUTE_US).label("minute")
    loads = sa.select(minute, sa.func.count()).group_by(minute)
    held = sa.select(QUARANTINE.c.source, sa.func.count()).group_by(QUARANTINE.c.source)
    rows: Mapping[sa.Table, list[dict[str, Any]]] = {
        COUNTERS: counters,
        ALERT_LOAD: [{"minute": number, "raised": count} for number, count in connection.execute(loads)],
        QUARANTINE_HELD: [{"source": source, "held": count} for source, count in connection.execute(held)],
    }
    for table, fresh in rows.items():
        if fresh:
            connection.execute(sa.insert(table), fresh)


def _write_files(fresh: Path, files: Iterator[Stored]) -> int:
    """Write files, or parts of them at their place, readable by their owner only."""
    count = 0
    for stored in files:
        path = fresh / stored.path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.seek(stored.offset)
            out.write(stored.content)
            out.flush()
            os.fsync(out.fileno())
        if stored.modified_ns:
            os.utime(path, ns=(stored.modified_ns, stored.modified_ns))
        count += 1
    return count


def _sync(fresh: Path) -> None:
    """Make every directory last."""
    for folder, _, _ in os.walk(fresh):
        sync_directory(Path(folder))
