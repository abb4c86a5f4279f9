"""Stops as files: `home/stops/tool:urban_anomaly`, `home/stops/ALL`; a file somebody touched counts like any other.

How it works: a stop is in force while its file is there. Beside it, under `.held`, lies its record: who, when, why. A file
that was removed by hand leaves the record, and the stop stands until the record says that a named person lifted it. `.spool`
holds lines for the log that could not be written there yet.

Invariants: a stop holds as soon as its (empty) file is there, before anything is durable or written anywhere else; lifting
removes the file first and writes the record last, so that a crash in between leaves it stopped; whoever saw a stop goes on
holding it even when file and record are gone; a folder that cannot be read stops everything. Nobody who only looks ever
waits for a lock.

What it does not do: keep out somebody who may write in the home. They can read its key as well.
"""

import contextlib
import fcntl
import os
import pwd
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from impetus.adapters.durable_file import sync_directory, write_durably
from impetus.adapters.record_codec import decode_record, encode_record
from impetus.adapters.stop_record import MAX_BYTES, NOBODY_KNOWN, decode_stop, encode_stop, file_name, read_name
from impetus.core.errors import Conflict, ImpetusError, NotNow
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.core.stop import ALL, STOP_LIFECYCLE, Standing, Stop, StopEvent, StopState, Target

YOUNG_S = 1.0
"""Age in seconds from which a file without a record is somebody's touch, not a stop that is just being written."""
LOCK_WITHIN_S = 2.0
MOST_LIFTED = 200
"""Lifted stops whose record is kept for the page; the log has all of them. House rule."""
MOST_SPOOLED = 10_000
"""Lines that wait for the log on disk; as many stops by hand mean something else is wrong. House rule."""
SPOOLED_AT_ONCE = 200
UNWRITTEN = 100

_HELD, _SPOOL, _LOCK = ".held", ".spool", ".lock"


class StopFiles:
    """Port `Stops` in a folder; one object may be used by several threads, many processes share the folder."""

    def __init__(self, directory: Path) -> None:
        """Take `home/stops`; nothing is read or made before it is asked."""
        self._directory, self._held, self._spool = directory, directory / _HELD, directory / _SPOOL
        self._seen: dict[str, Stop] = {}
        self._unwritten: deque[LogRecord] = deque(maxlen=UNWRITTEN)

    def standing(self) -> Standing:
        """Return every stop in force; when the folder cannot be read, everything is stopped."""
        return _standing(self._read())

    def all(self) -> Sequence[Stop]:
        """Return the stops in force and those lifted last, newest first."""
        found = self._read()
        stops = [found] if isinstance(found, Stop) else [*found.values()]
        return sorted(stops, key=lambda stop: (stop.is_in_force, stop.lifted_at or stop.at), reverse=True)

    def stop(self, target: Target, *, by: str, at: datetime, why: str = "") -> Stop:
        """Make the file, then make it durable with its record. Once the file is there it is stopped; the rest may fail."""
        name = file_name(target)
        before = self._record(name)
        step = STOP_LIFECYCLE.step(before.state if before else StopState.LIFTED, StopEvent.STOP)
        stop = Stop(target=target, state=StopState(step.state), at=at, by=by)
        if before is not None and before.is_in_force:
            stop = replace(stop, why=before.why, why_by=before.why_by, why_at=before.why_at)
        if why:
            stop = replace(stop, state=StopState.EXPLAINED, why=why, why_by=by, why_at=at)
        self._touch(name, encode_stop(stop))
        if before is not None and before.is_in_force and not before.by_hand:
            return self.explain(target, by=by, at=at, why=why) if why else before
        self._seen[name] = stop
        with contextlib.suppress(OSError, NotNow), self._lock():
            write_durably(self._directory / name, encode_stop(stop))
            self._write_record(name, stop)
        return stop

    def explain(self, target: Target, *, by: str, at: datetime, why: str) -> Stop:
        """Keep the reason in the stop's record."""

        def explained(stop: Stop) -> Stop:
            state = StopState(STOP_LIFECYCLE.step(stop.state, StopEvent.EXPLAIN).state)
            return replace(stop, state=state, why=why, why_by=by, why_at=at)

        return self._change(target, explained)

    def lift(self, target: Target, *, by: str, at: datetime, why: str) -> Stop:
        """Remove the file, then say in the record that it was lifted."""

        def lifted(stop: Stop) -> Stop:
            state = StopState(STOP_LIFECYCLE.step(stop.state, StopEvent.LIFT).state)
            for name in self._names_of(target):
                (self._directory / name).unlink(missing_ok=True)
            sync_directory(self._directory)
            return replace(stop, state=state, lifted_at=at, lifted_by=by, lifted_why=why)

        return self._change(target, lifted)

    def notice(self, *, at: datetime) -> Standing:
        """Read, then keep what people did by hand; the stops are returned whether or not that succeeds."""
        found = self._read()
        if not isinstance(found, Stop):
            with contextlib.suppress(OSError, ImpetusError), self._lock(within_s=0.0):
                self._keep_up(found, at)
            self._respool()
        return _standing(found)

    def keep(self, record: LogRecord) -> None:
        """Write the line into the spool; what even that refuses waits in memory, the newest hundred."""
        self._unwritten.append(record)
        self._respool()

    def kept(self) -> Sequence[tuple[str, LogRecord]]:
        """Return the lines that wait for the log, oldest first, at most 200; one that cannot be read is set aside."""
        self._respool()
        found: list[tuple[str, LogRecord]] = []
        with contextlib.suppress(OSError):
            for name in sorted(name for name in os.listdir(self._spool) if name.endswith(".json"))[:SPOOLED_AT_ONCE]:  # noqa: PTH208 - names are all that is wanted
                try:
                    found.append((name, decode_record((self._spool / name).read_bytes())))
                except ImpetusError:
                    (self._spool / name).rename(self._spool / f"{name}.unreadable")
        return found

    def forget(self, name: str) -> None:
        """Remove a line from the spool."""
        (self._spool / name).unlink(missing_ok=True)

    def _touch(self, name: str, body: bytes) -> None:
        """Make the file, which is the stop, and write into an empty one whose it is, as far as there is room."""
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._directory / name, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise NotNow(
                f"the stop could not be made: {error}",
                retry_after_s=1.0,
                value=str(self._directory / name),
                remedy="stop the whole installation: end the process `impetus serve`",
            ) from error
        with contextlib.suppress(OSError):  # a full disk: the empty file holds
            if not os.fstat(descriptor).st_size:
                os.write(descriptor, body)
        os.close(descriptor)

    def _read(self) -> dict[str, Stop] | Stop:
        """Return every stop by file name, or the one that says why nobody can tell."""
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            names = [entry.name for entry in os.scandir(self._directory) if not entry.name.startswith(".")]
            held = self._held_names()
            found = {name: self._of_file(name) for name in names}
        except OSError as error:
            said = f"stops cannot be read ({error.strerror or error}), so everything is stopped"
            return Stop(
                target=ALL, state=StopState.STOPPED, at=datetime.now(UTC), by="the platform itself", trouble=said
            )
        for name in held - found.keys():
            record = self._record(name)
            if record is not None:
                found[name] = record
        for name, stop in self._seen.items():
            found.setdefault(name, stop)
        self._seen = {name: stop for name, stop in found.items() if stop.is_in_force}
        return found

    def _of_file(self, name: str) -> Stop:
        """Return the stop of a file that is there: whatever its record says, it is in force."""
        target, trouble = read_name(name)
        record = self._record(name)
        if record is None or not record.is_in_force:
            record = self._touched(name, target)
        return replace(record, trouble=trouble) if trouble else record

    def _touched(self, name: str, target: Target) -> Stop:
        """Return what a file without a record tells: its content when it is a record, else its owner and time."""
        file = self._directory / name
        try:
            facts = file.stat()
            with file.open("rb") as opened:
                body = opened.read(MAX_BYTES) if facts.st_size else b""
        except (FileNotFoundError, IsADirectoryError, PermissionError):
            return Stop(target=target, state=StopState.STOPPED, at=datetime.now(UTC), by="somebody", by_hand=True)
        at = datetime.fromtimestamp(facts.st_mtime, UTC)
        stop = decode_stop(body, target, at)
        if body and stop.by != NOBODY_KNOWN and stop.is_in_force:
            return stop
        return Stop(target=target, state=StopState.STOPPED, at=at, by=f"{_owner(facts.st_uid)}, by hand", by_hand=True)

    def _record(self, name: str) -> Stop | None:
        """Return the record under `.held`, None when there is none; one that cannot be read is a stop in force."""
        file = self._held / name
        target, trouble = read_name(name)
        try:
            body, changed_s = file.read_bytes()[:MAX_BYTES], file.stat().st_mtime
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            body, changed_s = b"", 0.0
        return replace(decode_stop(body, target, datetime.fromtimestamp(changed_s, UTC)), trouble=trouble)

    def _held_names(self) -> set[str]:
        try:
            return {entry.name for entry in os.scandir(self._held) if not entry.name.startswith(".")}
        except FileNotFoundError:
            return set()

    def _names_of(self, target: Target) -> list[str]:
        """Return the files that stand for a target, in whatever spelling; those nobody understands stand for `all`."""
        found = self._read()
        if isinstance(found, Stop):
            raise NotNow(found.trouble, retry_after_s=1.0, value=str(self._directory), remedy="mend the folder first")
        return sorted(name for name, stop in found.items() if stop.target == target)

    def _change(self, target: Target, change: Callable[[Stop], Stop]) -> Stop:
        """Change the records of a stop in force, all spellings of it alike."""
        with self._lock():
            names = self._names_of(target)
            if not names:
                raise Conflict(
                    f"{target} is not stopped", value=str(target), limit="a stop in force", remedy="look at the list"
                )
            in_force = [name for name in names if (stop := self._now(name)) is not None and stop.is_in_force] or names
            changed = {name: change(stop) for name in in_force if (stop := self._now(name)) is not None}
            for name, stop in changed.items():
                self._write_record(name, replace(stop, trouble=""))
            return next(iter(changed.values()))

    def _now(self, name: str) -> Stop | None:
        found = self._read()
        return None if isinstance(found, Stop) else found.get(name)

    def _write_record(self, name: str, stop: Stop) -> None:
        """Make the record durable; `NotNow` when there is no room for it."""
        self._held.mkdir(mode=0o700, exist_ok=True)
        write_durably(self._held / name, encode_stop(stop))
        if stop.is_in_force:
            self._seen[name] = stop
        else:
            self._seen.pop(name, None)
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        """Keep the records of the stops lifted last."""
        records = [(name, record) for name in self._held_names() if (record := self._record(name)) is not None]
        lifted = sorted((stop.lifted_at or stop.at, name) for name, stop in records if not stop.is_in_force)
        for _, name in lifted[:-MOST_LIFTED]:
            (self._held / name).unlink(missing_ok=True)

    def _keep_up(self, found: dict[str, Stop], at: datetime) -> None:
        """Give a touched file its record, and a record whose file is gone the time at which that was seen."""
        for name, stop in found.items():
            file, record = self._directory / name, self._record(name)
            is_there = file.exists()
            if is_there and (record is None or not record.is_in_force):
                if time.time() - file.lstat().st_mtime >= YOUNG_S:
                    self._write_record(name, stop)
                    self.keep(_line(stop, at, "stop.noticed"))
            elif not is_there and stop.is_in_force and (stop.gone_at is None or record is None):
                state = StopState(STOP_LIFECYCLE.step(stop.state, StopEvent.VANISH).state)
                self._write_record(name, replace(stop, state=state, gone_at=at))
                self.keep(_line(stop, at, "stop.file_removed"))

    def _respool(self) -> None:
        """Write what waits in memory into the spool."""
        try:
            self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
            while self._unwritten and len(os.listdir(self._spool)) < MOST_SPOOLED:  # noqa: PTH208 - a count is all that is wanted
                record = self._unwritten[0]
                name = f"{round(record.at.timestamp() * 1e6):020d}-{secrets.token_hex(4)}.json"
                write_durably(self._spool / name, encode_record(record))
                self._unwritten.popleft()
        except (OSError, ImpetusError):
            return

    @contextlib.contextmanager
    def _lock(self, within_s: float = LOCK_WITHIN_S) -> Iterator[None]:
        """Be the only one who changes records; `NotNow` when somebody holds on to that for too long."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            deadline_s = time.monotonic() + within_s
            while not _locked(descriptor):
                if time.monotonic() >= deadline_s:
                    raise NotNow("another program is changing the stops", retry_after_s=1.0, value=str(self._directory))
                time.sleep(0.01)
            yield
        finally:
            os.close(descriptor)


def _standing(found: dict[str, Stop] | Stop) -> Standing:
    if isinstance(found, Stop):
        return Standing(trouble=found)
    return Standing(stops=tuple(sorted((s for s in found.values() if s.is_in_force), key=lambda stop: stop.at)))


def _line(stop: Stop, at: datetime, act: str) -> LogRecord:
    """Return the line for the log of what was found done by hand."""
    return LogRecord(
        at=at,
        who=stop.by,
        role="platform",
        act=act,
        outcome=Outcome.DONE,
        processing=Processing.CONTROL,
        rule="AI Act, article 14(4)(e)",
        subject=str(stop.target) if stop.target.key else f"stop:{stop.target}",
        why=stop.why,
    )


def _owner(number: int) -> str:
    """Return the name of the machine's account that made a file."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
