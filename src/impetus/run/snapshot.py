"""A tool's snapshot: where it stood in the bus, and the pickled tool; replaced whole, never half.

The first line says in JSON whose it is and how long the rest must be; the rest is the pickle. A snapshot of another
version of the tool, or one that cannot be read, is set aside under another name and never loaded. It is read from the
installation's own home, which only the platform's user may write: it is as trusted as the program.
"""

import contextlib
import hashlib
import json
import os
import pickle
from dataclasses import asdict, dataclass
from pathlib import Path

from impetus.core.errors import NotNow
from impetus.core.ids import Offset
from impetus.core.tool import SensingTool

FILE = "snapshot"
ASIDE = "snapshot.set-aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Which tool, at which version and manifest, stood where; `dropped` counts messages lost so far.

    `told_us` is up to when it was told what people decided, microseconds since the epoch.
    """

    tool: str
    version: str
    manifest_hash: str
    offset: Offset
    catalogue_version: int
    dropped: int = 0
    told_us: int = 0


def write_snapshot(directory: Path, stamp: Stamp, pickled: bytes) -> None:
    """Replace the snapshot durably; `NotNow` when the disk cannot take it: the old one stays."""
    head = json.dumps({**asdict(stamp), "bytes": len(pickled), "sha256": hashlib.sha256(pickled).hexdigest()})
    fresh = directory / f"{FILE}.new"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            file.write(head.encode() + b"\n")
            file.write(pickled)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(directory / FILE)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise NotNow(
            f"snapshot not written: {error}", retry_after_s=10.0, value=str(directory), remedy="make room on the disk"
        ) from error


def read_snapshot(directory: Path, wanted: Stamp) -> tuple[Stamp, SensingTool, bytes] | str | None:
    """Return stamp, tool and its pickle; None when there is no snapshot; or why there is one that was set aside."""
    file = directory / FILE
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return _opened(content, wanted)
    except Exception as error:  # noqa: BLE001  # unpickling runs the tool's code, which may raise anything at all
        file.replace(directory / ASIDE)
        return f"snapshot set aside: {error}"


def _opened(content: bytes, wanted: Stamp) -> tuple[Stamp, SensingTool, bytes]:
    """Check the head against what is wanted before anything is unpickled."""
    line, _, pickled = content.partition(b"\n")
    head = json.loads(line)
    size, digest = head.pop("bytes"), head.pop("sha256")
    stamp = Stamp(**head)
    for name in ("tool", "version", "manifest_hash"):
        if getattr(stamp, name) != getattr(wanted, name):
            raise ValueError(f"its {name} is {getattr(stamp, name)!r}, not {getattr(wanted, name)!r}")
    if len(pickled) != size or hashlib.sha256(pickled).hexdigest() != digest:
        raise ValueError(f"it has {len(pickled)} bytes that are not the {size} written")
    return stamp, pickle.loads(pickled), pickled  # noqa: S301  # from our own home, checked; see the module's opening
