"""The tail of a topic: where its durable part ends, in one page of memory that all processes share.

Two slots take turns, and a counter says which is valid: whoever holds the topic's lock fills the other slot, with a
checksum, and then counts up. A reader that meets a change in between sees it by counter or checksum and looks again; a
writer that dies in between leaves the valid slot as it was. The page is never made durable: it carries the boot it was
written in, and after another boot it is built anew from the segments.
"""

import mmap
import os
import zlib
from dataclasses import astuple, dataclass
from pathlib import Path

from impetus.adapters.durable_file import disk_full

PAGE_BYTES = 4096
VERSION = 0x494D5042_00000001
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_VERSION, _BOOT, _COUNTER, _SLOTS, _SLOT_WORDS = 0, 1, 2, 8, 8


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a topic stands.

    `last` is the newest durable offset, `segment` the first offset of the segment being written, `position` its durable
    bytes, `first` the oldest offset held, `bytes_` of all segments, `at_us` the time of the newest message.
    """

    last: int
    segment: int
    position: int
    first: int
    bytes_: int
    at_us: int


class TailPage:
    """The shared page. `load` may be called by anybody, `store` only under the topic's lock."""

    def __init__(self, file: Path) -> None:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Room is taken now: storing into a page the full disk has none for would kill the process.
            os.posix_fallocate(descriptor, 0, PAGE_BYTES)
            self._map = mmap.mmap(descriptor, PAGE_BYTES)
        except OSError as error:
            raise disk_full(error, file) from error
        finally:
            os.close(descriptor)
        self._words = memoryview(self._map).cast("q")
        self._boot = zlib.crc32(BOOT_ID.read_bytes()) if BOOT_ID.exists() else 0

    def load(self) -> Tail | None:
        """Return the tail, None when the page was not written in this boot."""
        while True:
            if self._words[_VERSION] != VERSION or self._words[_BOOT] != self._boot:
                return None
            counter = self._words[_COUNTER]
            base = _SLOTS + counter % 2 * _SLOT_WORDS
            last, segment, position, first, bytes_, at_us, check = self._words[base : base + 7].tolist()
            tail = Tail(last, segment, position, first, bytes_, at_us)
            if check == _check(tail, counter):
                return tail
            if self._words[_COUNTER] == counter:
                return None

    def store(self, tail: Tail) -> None:
        """Replace the tail for everybody at once."""
        valid = self._words[_VERSION] == VERSION and self._words[_BOOT] == self._boot
        counter = self._words[_COUNTER] + 1 if valid else 0
        base = _SLOTS + counter % 2 * _SLOT_WORDS
        for place, word in enumerate((*astuple(tail), _check(tail, counter))):
            self._words[base + place] = word
        self._words[_COUNTER] = counter
        self._words[_BOOT] = self._boot
        self._words[_VERSION] = VERSION

    def close(self) -> None:
        """Unmap the page."""
        self._words.release()
        self._map.close()


def _check(tail: Tail, counter: int) -> int:
    """Return a checksum over a slot and the turn it was written in."""
    return zlib.crc32(repr((astuple(tail), counter)).encode())
