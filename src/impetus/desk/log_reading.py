"""What can be said about the log: how long it is, when it was last signed, who has seen it, and proofs from it."""

from dataclasses import dataclass
from datetime import datetime

from impetus.core.actor import Actor
from impetus.desk.context import Desk
from impetus.desk.permit import permit

LOG_READ = "log.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessSeen:
    """How a witness stands: the last checkpoint it was shown and took; `trouble` is why the last try failed.

    `at` is None and `size` 0 for one that has taken none. `failures` counts tries since it last took one.
    """

    name: str
    at: datetime | None
    size: int
    failures: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHealth:
    """How the log stands.

    `size`: entries under the newest checkpoint; `checkpoint_at` when it was signed, None before the first; `root_hex` its
    root. `pending`: records on their way. `pruned_before`: entries below this index were removed by retention.
    `last_verified_at`: when the log was last read and recomputed in whole. `trouble` is empty when all is well.
    """

    size: int
    checkpoint_at: datetime | None
    root_hex: str
    witnesses: tuple[WitnessSeen, ...]
    pending: int
    pruned_before: int
    last_verified_at: datetime | None
    trouble: str
    origin: str = ""
    key: str = ""


def log_health(desk: Desk, actor: Actor) -> LogHealth:
    """Return how the log stands."""
    permit(desk, actor, LOG_READ)
    return LogHealth(
        size=0,
        checkpoint_at=None,
        root_hex="",
        witnesses=(),
        pending=0,
        pruned_before=0,
        last_verified_at=None,
        trouble="",
    )
