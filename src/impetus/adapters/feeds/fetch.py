"""Gets what stands behind a source: an address, bounded in size and in time, or files of a folder.

Over TLS or from this machine only; no redirect is followed and no proxy setting minded: readings come from where somebody
declared. A server that drips is left when the whole answer takes longer than `WHOLE_S`, not only when it pauses. What did
not change since the last time (ETag, Last-Modified) is not sent again.
"""

import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import httpx

from impetus.adapters.feeds.declared import Dropped, Fetched
from impetus.adapters.feeds.options import MOST_BYTES
from impetus.core.errors import Misconfigured, NotNow, TheirFault, TooLarge

PAUSE_S: Final = 10.0
WHOLE_S: Final = 45.0
"""Seconds an answer may take in all; a country's feed takes five over a city's line. House rule."""
RETRY_S: Final = 60.0
LONGEST_WAIT_S: Final = 3600.0
UNCHANGED: Final = 304
WAITS: Final = frozenset({429, 503})
PIECE: Final = 65_536
MOST_FILES: Final = 1000
"""Files of one folder read in one turn; the rest is read in the next. House rule."""
STABLE_S: Final = 2.0
"""Seconds since a file last changed before it is read: who writes it may not be done. House rule."""
_TAG: Final = re.compile(r"[!-~]{1,200}")


@dataclass(slots=True, kw_only=True)
class HttpOrigin:
    """One address, with what is remembered of its last answer."""

    fetched: Fetched
    now_s: Callable[[], float] = time.monotonic
    _seen: dict[str, str] = field(default_factory=dict)

    def bodies(self) -> Iterator[bytes]:
        """Yield the body when it changed; `NotNow` when it cannot be had, `TooLarge` beyond the limit."""
        began_s = self.now_s()
        host = httpx.URL(self.fetched.url).host
        try:
            verify = ssl.create_default_context(cafile=self.fetched.cafile) if self.fetched.cafile else True
            with (
                httpx.Client(timeout=PAUSE_S, follow_redirects=False, trust_env=False, verify=verify) as client,
                client.stream("GET", self.fetched.url, headers={**self.fetched.headers, **self._seen}) as answer,
            ):
                if answer.status_code == UNCHANGED and self._seen:
                    return
                if not answer.is_success:
                    raise _refused(host, answer)
                body = self._read(answer, began_s)
                remembered = _remembered(answer)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise NotNow(f"{host} cannot be read: {str(error)[:100]}", retry_after_s=RETRY_S) from error
        yield body
        self._seen = remembered

    def _read(self, answer: httpx.Response, began_s: float) -> bytes:
        body = bytearray()
        for piece in answer.iter_bytes(PIECE):
            body += piece
            if len(body) > MOST_BYTES:
                raise TooLarge(
                    "the answer is too large", value=f"more than {MOST_BYTES}", limit=MOST_BYTES, remedy="ask for less"
                )
            if self.now_s() - began_s > WHOLE_S:
                raise NotNow(f"the answer took longer than {WHOLE_S:g} s", retry_after_s=RETRY_S)
        return bytes(body)


@dataclass(slots=True, kw_only=True)
class FolderOrigin:
    """A folder into which somebody puts files: each is read once, again when it changed, oldest first."""

    dropped: Dropped
    wall_s: Callable[[], float] = time.time
    _done: dict[str, tuple[int, int]] = field(default_factory=dict)

    def bodies(self) -> Iterator[bytes]:
        """Yield files that were not read yet; a file is done when the caller comes for the next one."""
        found = self._waiting()
        for file, stamp in found[:MOST_FILES]:
            try:
                body = _file(file)
            except (TheirFault, NotNow):
                self._done[file.name] = stamp
                raise
            if body is not None:
                yield body
            self._done[file.name] = stamp

    def _waiting(self) -> list[tuple[Path, tuple[int, int]]]:
        """Return the files to be read; what is gone is forgotten."""
        try:
            listed = [file for file in self.dropped.folder.glob(self.dropped.pattern) if file.is_file()]
        except (OSError, ValueError) as error:
            raise NotNow(f"the folder cannot be read: {error}", retry_after_s=RETRY_S) from error
        if not self.dropped.folder.is_dir():
            raise Misconfigured(
                f"there is no folder {self.dropped.folder.name}", value=self.dropped.folder.name, remedy="make it"
            )
        stamps = {file: _stamp(file) for file in listed if not file.is_symlink()}
        self._done = {name: stamp for name, stamp in self._done.items() if name in {file.name for file in stamps}}
        still = self.wall_s() - STABLE_S
        fresh = [
            (file, stamp)
            for file, stamp in stamps.items()
            if stamp and stamp != self._done.get(file.name) and stamp[0] / 1e9 <= still
        ]
        return sorted(fresh, key=lambda each: (each[1][0], each[0].name))


Origin = HttpOrigin | FolderOrigin


def open_origin(declared: Fetched | Dropped) -> Origin:
    """Return the way to a source; nothing is opened before its first turn."""
    return HttpOrigin(fetched=declared) if isinstance(declared, Fetched) else FolderOrigin(dropped=declared)


def _refused(host: str, answer: httpx.Response) -> NotNow:
    """Return how long to wait, as long as the other side asks, within bounds."""
    said = answer.headers.get("retry-after", "") if answer.status_code in WAITS else ""
    wait_s = float(said) if said.isdigit() and len(said) <= len("86400") else RETRY_S
    return NotNow(
        f"{host} answered {answer.status_code}",
        retry_after_s=min(max(wait_s, RETRY_S), LONGEST_WAIT_S),
        value=answer.status_code,
        remedy="look at the address and the token" if answer.is_client_error else "",
    )


def _remembered(answer: httpx.Response) -> dict[str, str]:
    """Return the headers that ask only for what changed since."""
    tag, changed = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
    if _TAG.fullmatch(tag):
        return {"If-None-Match": tag}
    try:
        return {"If-Modified-Since": changed} if changed and parsedate_to_datetime(changed) else {}
    except (ValueError, TypeError):
        return {}


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _file(file: Path) -> bytes | None:
    """Return a file's bytes, None when it went away meanwhile."""
    try:
        with file.open("rb") as opened:
            body = opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotNow(f"{file.name} cannot be read: {error.strerror}", retry_after_s=RETRY_S) from error
    if len(body) > MOST_BYTES:
        raise TooLarge(f"{file.name} is too large", value=file.name, limit=MOST_BYTES, remedy="split it")
    return body
