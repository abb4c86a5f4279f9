"""What is kept longer than its time, and what was erased: holds, runs and their figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

HoldId = int
RunId = int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A person's word that something must not be erased before a date, with a reason.

    `subject` is what it covers (`incident:12`, see `ethics.retention.read_scope`). `owner` answers for it. It stands from
    `placed_at` until `until`, or until somebody lifts it. `extends` is the hold it goes on from.
    """

    id: HoldId
    subject: str
    owner: str
    why: str
    placed_at: datetime
    until: datetime
    extends: HoldId | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lift_why: str = ""

    def stands(self, at: datetime) -> bool:
        """Say whether it holds anything back at this time; at `until` itself it no longer does."""
        return self.lifted_at is None and at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRun:
    """One run of retention, over all stores, and what it found and left.

    `due` had passed its time; of it `gone` was erased and `held` is covered by a hold. `by_store` has the same figures
    under `store.due`, `store.gone`, `store.held`. `digest` is the SHA-256 of the report as the log has it; `log_index`
    where in the log. `ended_at` is None while it is at work. `behind` names key safes that still hold destroyed keys.
    """

    id: RunId
    at: datetime
    ended_at: datetime | None = None
    due: int = 0
    gone: int = 0
    held: int = 0
    by_store: Mapping[str, int] = field(default_factory=dict)
    behind: tuple[str, ...] = ()
    digest: str = ""
    log_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof of erasure by search: marks planted in every store, retention run, every byte of every file searched.

    `found` of the `planted` must be 0; `held` marks lay under a hold, and `held_found` of them were there afterwards.
    """

    at: datetime
    planted: int
    found: int
    held: int
    held_found: int
    files: int
    bytes_: int

    @property
    def is_good(self) -> bool:
        """Say whether all that should be gone is gone, and all that is held is there."""
        return self.planted > 0 and self.found == 0 and self.held_found == self.held
