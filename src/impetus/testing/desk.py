"""A desk in memory: every port with its in-memory adapter, and a clock that a test sets."""

from datetime import datetime

from impetus.adapters.arrow import ArrowColumns
from impetus.adapters.cedar import open_policy
from impetus.adapters.envelope import JsonCodec
from impetus.adapters.masks import SilhouetteMasks
from impetus.adapters.pictures import PillowPictures
from impetus.adapters.process_texts import ProcessFiles
from impetus.adapters.reports import PrintedReports
from impetus.adapters.text_masks import LibraryTextMasks
from impetus.adapters.totp import TotpCodes
from impetus.desk.context import Desk
from impetus.testing.blobs import MemoryBlobs
from impetus.testing.bus import MemoryBus
from impetus.testing.chance import SeededChance
from impetus.testing.city import memory_outside
from impetus.testing.clock import SettableClock
from impetus.testing.history import MemoryHistory
from impetus.testing.journal import MemoryJournal
from impetus.testing.keys import PlainKeys
from impetus.testing.log_files import MemoryLogFiles
from impetus.testing.media import StillMedia
from impetus.testing.passwords import FastPasswords
from impetus.testing.register import MemoryConfiguration
from impetus.testing.retention import MemoryClassKeys, MemoryRemains
from impetus.testing.signatures import SeededSignatures
from impetus.testing.standing import MemoryStandings
from impetus.testing.stops import MemoryStops
from impetus.testing.store import memory_store
from impetus.testing.vault import MemoryVault


def memory_desk(at: datetime) -> Desk:
    """Return an empty desk whose clock stands at `at`; move it with `clock_of(desk)`."""
    clock, keys = SettableClock(at), PlainKeys()
    return Desk(
        store=memory_store(),
        bus=MemoryBus(clock),
        history=MemoryHistory(),
        blobs=MemoryBlobs(keys, clock),
        keys=keys,
        clock=clock,
        chance=SeededChance(),
        passwords=FastPasswords(),
        codec=JsonCodec(),
        columns=ArrowColumns(),
        codes=TotpCodes(),
        journal=MemoryJournal(),
        signatures=SeededSignatures(),
        log_files=MemoryLogFiles(),
        policy=open_policy(),
        tenant="test-city",
        class_keys=MemoryClassKeys(),
        remains=MemoryRemains(),
        stops=MemoryStops(),
        configuration=MemoryConfiguration(),
        reports=PrintedReports(),
        media=StillMedia(),
        masks=SilhouetteMasks(),
        pictures=PillowPictures(),
        text_masks=LibraryTextMasks(),
        vault=MemoryVault(),
        outside=memory_outside(),
        process_texts=ProcessFiles(),
        standings=MemoryStandings(),
    )


def clock_of(desk: Desk) -> SettableClock:
    """Return the clock of a desk in memory, to be moved."""
    if not isinstance(desk.clock, SettableClock):
        raise TypeError("this desk has a real clock")
    return desk.clock
