"""A disk that fills up is told once, and so is the room that comes back."""

from datetime import UTC, datetime, timedelta

import pytest

from impetus.core.finding import Kind, Urgency
from impetus.desk.watch_disk import LOW_BYTES, Disk, watch_disk

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
GIB = 1024**3


@pytest.mark.parametrize(
    ("free_bytes", "total_bytes", "is_low"),
    [
        (4.9 * GIB, 100 * GIB, True),
        (5.1 * GIB, 100 * GIB, False),
        (LOW_BYTES - 1, 2 * GIB, True),
        (LOW_BYTES, 2 * GIB, False),
        (0, 2 * GIB, True),
    ],
)
def test_either_limit_is_enough(free_bytes: float, total_bytes: float, is_low: bool) -> None:  # noqa: FBT001 - a case
    """Less than 5 % or less than 512 MiB free is low."""
    findings, since = watch_disk(Disk(free_bytes=int(free_bytes), total_bytes=int(total_bytes)), None, at=AT)

    assert bool(findings) == is_low
    assert since == (AT if is_low else None)


def test_it_is_told_once_and_says_how_much_is_left() -> None:
    """The finding names the figures and the remedy; the next look is silent."""
    disk = Disk(free_bytes=100 * 1024**2, total_bytes=10 * GIB)
    (finding,), since = watch_disk(disk, None, at=AT)

    assert finding.kind == Kind.PLATFORM
    assert finding.why.say().startswith("100 MiB of 10240 MiB are free.")
    assert watch_disk(disk, since, at=AT + timedelta(hours=1)) == ([], AT)


def test_a_disk_at_the_edge_does_not_flap() -> None:
    """Room is told only with a quarter more than the limit."""
    assert watch_disk(Disk(free_bytes=6 * GIB, total_bytes=100 * GIB), AT, at=AT) == ([], AT)

    (finding,), since = watch_disk(Disk(free_bytes=7 * GIB, total_bytes=100 * GIB), AT, at=AT)

    assert (finding.urgency, finding.began, since) == (Urgency.PAST, AT, None)
