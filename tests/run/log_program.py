"""Keep a log on real files as fast as it goes, until it is killed: `python log_program.py HOME`.

Signs after every turn, so that a kill at any moment hits a writing of tiles, of the checkpoint, or of the index.
"""

import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from impetus.adapters.bus_journal import BusJournal
from impetus.adapters.cedar import open_policy
from impetus.adapters.chance import SystemChance
from impetus.adapters.clock import SystemClock
from impetus.adapters.local_bus import LocalBus
from impetus.adapters.record_codec import decode_record
from impetus.adapters.sql.store import open_store
from impetus.adapters.tile_log import TileFiles
from impetus.core.actor import platform
from impetus.desk.context import LOG, Desk
from impetus.desk.keep_log import LogWriter
from impetus.desk.tally import Tally
from impetus.testing.signatures import SeededSignatures

SITE = "impetus/test"
LIMIT_BYTES = 1 << 28


def open_files(home: Path) -> Desk:
    """Return a desk whose state, bus and log lie in files; the signing key is the same for everybody."""
    clock = SystemClock()
    bus = LocalBus(home / "bus", clock=clock, limit_bytes=LIMIT_BYTES)
    given: dict[str, Any] = {
        "clock": clock,
        "chance": SystemChance(),
        "store": open_store(home),
        "bus": bus,
        "journal": BusJournal(bus),
        "log_files": TileFiles(home / "log-tiles"),
        "signatures": SeededSignatures(),
        "policy": open_policy(),
        "tenant": "test",
        "tally": Tally(),
    }
    unused = dict.fromkeys((item.name for item in fields(Desk) if item.name not in given), object())
    return Desk(**given, **unused)


def main() -> None:
    """Take, sign, wait, for ever."""
    desk = open_files(Path(sys.argv[1]))
    writer = LogWriter(desk, platform("log"), origin=SITE, decode=decode_record)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        if not writer.take():
            desk.bus.wait(LOG, writer.offset, timeout_s=1.0)
        writer.seal()


if __name__ == "__main__":
    main()
