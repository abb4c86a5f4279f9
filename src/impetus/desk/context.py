"""The desk's context: the ports every use case may use, bundled once by the wiring."""

from dataclasses import dataclass

from impetus.ports import Blobs, Bus, Chance, Clock, Codec, Columns, History, Keys, OneTimeCodes, Passwords, Store
from impetus.ports.ethics import Journal, Signatures
from impetus.ports.stops import Stops


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything outside, behind ports."""

    store: Store
    bus: Bus
    history: History
    blobs: Blobs
    keys: Keys
    clock: Clock
    chance: Chance
    passwords: Passwords
    codec: Codec
    columns: Columns
    codes: OneTimeCodes
    journal: Journal
    signatures: Signatures
    stops: Stops


OBSERVATIONS = "observations"
"""Topic of the bus: Arrow IPC streams of accepted readings (see `adapters/arrow.py`)."""
FINDINGS = "findings"
"""Topic of the bus: one CloudEvent (JSON) per finding with its evidence (see `adapters/envelope.py`)."""
