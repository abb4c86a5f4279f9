"""Batches that come again whole: the usual end of a lost acknowledgement.

A sender that did not get its receipt sends the very same batch again. The ring of `core.admission` knows only the last
few readings of a datastream; this knows whole batches, by a digest of their columns.
"""

import hashlib
from collections import OrderedDict
from typing import Final

import numpy as np

from impetus.core.admission import IS_TAKEN, RULES, Codes
from impetus.core.board import Rule
from impetus.core.ids import SourceId
from impetus.core.observation import Batch

KEPT: Final = 4096
"""Batches remembered: twenty seconds at 200 batches a second, longer than a sender waits before it asks again."""
KEPT_ROWS: Final = 4_000_000
"""Rows whose verdicts are remembered, one byte each: 4 MB. House rule."""
_DUPLICATE: Final = np.uint8(RULES.index(Rule.DUPLICATE))


class Resends:
    """The verdicts of the last batches, by digest; belongs to one thread."""

    def __init__(self) -> None:
        """Start with none."""
        self._known: OrderedDict[bytes, Codes] = OrderedDict()
        self._rows = 0

    def verdicts(self, digest: bytes) -> Codes | None:
        """Return the verdicts of a batch known by its digest, what was taken being duplicate now; None for a new one."""
        codes = self._known.get(digest)
        return None if codes is None else np.where(IS_TAKEN[codes], _DUPLICATE, codes)

    def keep(self, digest: bytes, codes: Codes) -> None:
        """Remember a batch, forgetting the oldest beyond the bounds."""
        self.drop(digest)
        self._known[digest] = codes
        self._rows += codes.size
        while len(self._known) > KEPT or (self._rows > KEPT_ROWS and len(self._known) > 1):
            _, oldest = self._known.popitem(last=False)
            self._rows -= oldest.size

    def drop(self, digest: bytes) -> None:
        """Forget a batch that did not become durable."""
        codes = self._known.pop(digest, None)
        if codes is not None:
            self._rows -= codes.size


def digest_of(source: SourceId, batch: Batch) -> bytes:
    """Return 16 bytes that stand for these columns of this source."""
    digest = hashlib.blake2b(source.encode(), digest_size=16)
    for column in (batch.datastream, batch.time_us, batch.result):
        digest.update(np.ascontiguousarray(column).data)
    return digest.digest()
