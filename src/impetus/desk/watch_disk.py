"""A disk that fills up is told before it is full. Pure: the figures and the time are handed in."""

from dataclasses import dataclass
from datetime import datetime

from impetus.core.finding import Finding, Urgency
from impetus.core.observation import to_us
from impetus.core.text import Phrase
from impetus.desk.platform_finding import SelfReport, trouble_began, trouble_ended

MIB = 1024 * 1024
LOW_SHARE = 0.05
"""Share of the disk that must be free: what file systems need to stay quick, and ext4 keeps back by default."""
LOW_BYTES = 512 * MIB
"""Bytes that must be free: minutes of readings at full rate. House rule."""
AGAIN = 1.25
"""Factor above both limits at which there is room again, so that a disk at the edge does not flap. House rule."""
SUBJECT = "platform:disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """How full the installation's disk is."""

    free_bytes: int
    total_bytes: int

    def is_below(self, factor: float) -> bool:
        """Say whether less is free than either limit times the factor."""
        return self.free_bytes < factor * max(LOW_BYTES, LOW_SHARE * self.total_bytes)


def watch_disk(disk: Disk, low_since: datetime | None, *, at: datetime) -> tuple[list[Finding], datetime | None]:
    """Return what is to be told now, and since when the disk has been nearly full, None when it is not."""
    if low_since is None:
        return ([_low(disk, at)], at) if disk.is_below(1.0) else ([], None)
    return ([], low_since) if disk.is_below(AGAIN) else ([_roomy(disk, low_since, at)], None)


def _low(disk: Disk, at: datetime) -> Finding:
    """Return the finding that the disk is nearly full."""
    report = SelfReport(
        key=f"platform:disk:low:{to_us(at)}",
        subject=SUBJECT,
        headline=Phrase(template="The disk is nearly full"),
        why=Phrase(
            template="{free} MiB of {total} MiB are free. When it is full, readings are no longer taken in. Free space or shorten retention.",
            values={"free": disk.free_bytes // MIB, "total": disk.total_bytes // MIB},
        ),
        facts={"free_bytes": float(disk.free_bytes), "total_bytes": float(disk.total_bytes)},
    )
    return trouble_began(report, at, urgency=Urgency.EXPECTED)


def _roomy(disk: Disk, since: datetime, at: datetime) -> Finding:
    """Return the finding that there is room again."""
    report = SelfReport(
        key=f"platform:disk:room:{to_us(since)}",
        subject=SUBJECT,
        headline=Phrase(template="The disk has room again"),
        why=Phrase(template="{free} MiB are free.", values={"free": disk.free_bytes // MIB}),
    )
    return trouble_ended(report, since, at)
