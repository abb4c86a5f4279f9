"""The desk's context: the ports every use case may use, bundled once by the wiring."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from impetus.core.action import ActionKind
from impetus.desk.tally import Tally
from impetus.ports import Blobs, Bus, Chance, Clock, Codec, Columns, History, Keys, OneTimeCodes, Passwords, Store
from impetus.ports.city import Outside
from impetus.ports.effects import Effector
from impetus.ports.ethics import Journal, LogFiles, Policy, Signatures
from impetus.ports.media import Masks, Media, Pictures, TextMasks
from impetus.ports.notices import ChannelBook, NoChannels
from impetus.ports.pseudonyms import Vault
from impetus.ports.register import Configuration, Reports
from impetus.ports.retention import ClassKeys, Remains
from impetus.ports.runs import ProcessTexts
from impetus.ports.standing import Standings
from impetus.ports.stops import Stops


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What is needed to ask the guard and to log the answer, for parts that have no whole desk."""

    store: Store
    journal: Journal
    policy: Policy
    clock: Clock
    tenant: str
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything outside, behind ports. `tenant` is the city whose installation this is, as a slug."""

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
    log_files: LogFiles
    policy: Policy
    tenant: str
    class_keys: ClassKeys
    remains: Remains
    stops: Stops
    configuration: Configuration
    reports: Reports
    media: Media
    masks: Masks
    pictures: Pictures
    text_masks: TextMasks
    vault: Vault
    outside: Outside
    process_texts: ProcessTexts
    standings: Standings
    effectors: Mapping[ActionKind, Effector] = field(default_factory=dict)
    channels: ChannelBook = field(default_factory=NoChannels)
    tally: Tally = field(default_factory=Tally)

    def close(self) -> None:
        """Write the decisions that are only counted yet, and give the store's connections back."""
        self.tally.write_all(self.journal, self.clock.now())
        self.store.close()


OBSERVATIONS = "observations"
"""Topic of the bus: Arrow IPC streams of accepted readings (see `adapters/arrow.py`)."""
FINDINGS = "findings"
"""Topic of the bus: one CloudEvent (JSON) per finding with its evidence (see `adapters/envelope.py`)."""
LOG = "log"
"""Topic of the bus: one JSON object a log record, on its way into the tamper-evident log."""
