"""The log keeper's own notes beside the log: how far it came in the bus, who has seen what, what is wrong.

Each is one small JSON file, written by the keeper, or, where a person asks for a verification, by the page; what cannot be read counts as not written, and is written anew.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from impetus.core.ids import Offset
from impetus.core.observation import from_us, to_us
from impetus.ports.ethics import LogFiles

KEEPER, WITNESSES, VERIFIED, TROUBLE, ASKED = ".keeper", ".witnesses", ".verified", ".trouble", ".asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The last checkpoint the keeper wrote: its size, when, and through which message of the bus it reaches."""

    size: int
    at: datetime
    offset: Offset


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessSeen:
    """How a witness stands: the last checkpoint it was shown and took; `trouble` is why the last try failed.

    `at` is None and `size` 0 for one that has taken none. `failures` counts tries since it last took one. `is_fork`: it
    holds another log under this name, or a longer one.
    """

    name: str
    at: datetime | None
    size: int
    failures: int = 0
    trouble: str = ""
    is_fork: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """When the keeper last read and recomputed the whole log, how many entries, and what was wrong."""

    at: datetime
    size: int
    trouble: str = ""


def read_sealed(files: LogFiles) -> Sealed | None:
    """Return the keeper's note on its last checkpoint."""
    try:
        said = _read(files, KEEPER)
        return Sealed(size=int(said["size"]), at=from_us(said["at"]), offset=Offset(int(said["offset"])))
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def write_sealed(files: LogFiles, sealed: Sealed) -> None:
    """Note a checkpoint."""
    _write(files, KEEPER, {"size": sealed.size, "at": to_us(sealed.at), "offset": sealed.offset})


def read_witnesses(files: LogFiles) -> tuple[WitnessSeen, ...]:
    """Return how each witness stands."""
    try:
        return tuple(
            WitnessSeen(
                name=str(name),
                at=None if said["at"] is None else from_us(said["at"]),
                size=int(said["size"]),
                failures=int(said["failures"]),
                trouble=str(said["trouble"]),
                is_fork=bool(said["is_fork"]),
            )
            for name, said in _read(files, WITNESSES).items()
        )
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
        return ()


def write_witnesses(files: LogFiles, seen: Mapping[str, WitnessSeen]) -> None:
    """Note how each witness stands."""
    said = {
        each.name: {
            "at": None if each.at is None else to_us(each.at),
            "size": each.size,
            "failures": each.failures,
            "trouble": each.trouble,
            "is_fork": each.is_fork,
        }
        for each in seen.values()
    }
    _write(files, WITNESSES, said)


def read_verified(files: LogFiles) -> Verified | None:
    """Return when the log was last recomputed in whole."""
    try:
        said = _read(files, VERIFIED)
        return Verified(at=from_us(said["at"]), size=int(said["size"]), trouble=str(said["trouble"]))
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def write_verified(files: LogFiles, verified: Verified) -> None:
    """Note a verification."""
    _write(files, VERIFIED, {"at": to_us(verified.at), "size": verified.size, "trouble": verified.trouble})


def read_asked(files: LogFiles) -> datetime | None:
    """Return since when somebody waits for the whole log to be verified, None when nobody does."""
    try:
        asked = from_us(_read(files, ASKED)["at"])
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    verified = read_verified(files)
    return asked if verified is None or verified.at < asked else None


def write_asked(files: LogFiles, at: datetime) -> None:
    """Note that somebody wants the whole log verified now."""
    _write(files, ASKED, {"at": to_us(at)})


def read_trouble(files: LogFiles) -> str:
    """Return what keeps the log from being written, empty when nothing does."""
    return (files.read(TROUBLE) or b"").decode("utf-8", "replace")


def write_trouble(files: LogFiles, trouble: str) -> None:
    """Note what keeps the log from being written, or that nothing does any more."""
    if read_trouble(files) != trouble:
        files.write({TROUBLE: trouble.encode()})


def _read(files: LogFiles, path: str) -> dict[str, Any]:
    """Return what a note says; `ValueError` for one that is no JSON object, nothing for none."""
    said = json.loads(files.read(path) or b"{}")
    if not isinstance(said, dict):
        raise TypeError(path)
    return said


def _write(files: LogFiles, path: str, said: Mapping[str, object]) -> None:
    files.write({path: json.dumps(said).encode()})
