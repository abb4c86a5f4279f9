"""Watches over time: whatever happens to sources and disks, each trouble is told once, and its end once."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.finding import Finding, Urgency
from impetus.core.ids import DatastreamId, SourceId
from impetus.desk.watch_disk import AGAIN, LOW_BYTES, LOW_SHARE, Disk, watch_disk
from impetus.desk.watch_freshness import MOST_LISTED, TOGETHER, Watched, watch_freshness

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
GIB = 1024**3
LIMIT_S = 60.0
MEMBERS = st.integers(1, 9)
LOOKS = st.lists(st.tuples(st.integers(1, 200), st.sets(st.integers(0, 8))), min_size=1, max_size=25)
"""Looks: so many seconds after the one before, these datastreams having just spoken."""


def datastream(number: int, seen: datetime | None) -> Watched:
    """Return a datastream of the square that promised a reading a minute."""
    return Watched(
        source=SourceId("square"),
        name=f"C{number}",
        limit_s=LIMIT_S,
        seen=seen,
        datastream=DatastreamId(number + 1),
        key=f"square/c{number}/count",
    )


def watch(members: int, looks: list[tuple[int, set[int]]]) -> list[tuple[datetime, Finding]]:
    """Play the looks and return every finding with when it was told."""
    heard: dict[int, datetime] = {}
    silent: dict[str, datetime] = {}
    told: list[tuple[datetime, Finding]] = []
    at = AT
    for seconds, spoke in looks:
        at += timedelta(seconds=seconds)
        heard.update({number: at for number in spoke if number < members})
        watched = [datastream(number, heard.get(number)) for number in range(members)]
        found, silent = watch_freshness(watched, silent, started=AT, at=at)
        told += [(at, finding) for finding in found]
    return told


@settings(max_examples=150)
@given(members=st.integers(1, TOGETHER), looks=LOOKS)
def test_each_datastream_falls_silent_and_returns_in_turn(members: int, looks: list[tuple[int, set[int]]]) -> None:
    """Told one by one: silence, return, silence, return; never twice the same, never an end without a beginning."""
    per_subject: dict[str, list[Finding]] = {}
    for _, finding in watch(members, looks):
        per_subject.setdefault(finding.subject, []).append(finding)
    for findings in per_subject.values():
        ends = [finding.ended is not None for finding in findings]
        assert ends == [bool(place % 2) for place in range(len(ends))]


@settings(max_examples=150)
@given(members=MEMBERS, looks=LOOKS)
def test_no_finding_is_told_twice(members: int, looks: list[tuple[int, set[int]]]) -> None:
    """Its key is the silence itself: who, and since when."""
    keys = Counter(finding.key for _, finding in watch(members, looks))
    assert not keys or max(keys.values()) == 1


@settings(max_examples=150)
@given(members=MEMBERS, looks=LOOKS)
def test_a_silence_is_told_after_its_limit_and_says_the_truth(members: int, looks: list[tuple[int, set[int]]]) -> None:
    """Not before the minute is over; `began` lies at least a minute back, and what is over has an end and is past."""
    for at, finding in watch(members, looks):
        assert finding.noticed == at
        if finding.ended is None:
            assert at - finding.began > timedelta(seconds=LIMIT_S)
        else:
            assert (finding.ended, finding.urgency) == (at, Urgency.PAST)


@settings(max_examples=100)
@given(members=MEMBERS, looks=LOOKS, cut=st.integers(0, 25))
def test_a_watch_that_starts_anew_repeats_nobody(members: int, looks: list[tuple[int, set[int]]], cut: int) -> None:
    """With what it remembered, the second life of a watch tells nothing the first one told."""
    first = watch(members, looks[:cut])
    whole = watch(members, looks)
    assert whole[: len(first)] == first
    assert not {finding.key for _, finding in first} & {finding.key for _, finding in whole[len(first) :]}


def test_a_common_silence_lists_at_most_a_hundred() -> None:
    """A finding stays small however large the cabinet; the count is whole."""
    watched = [datastream(number, None) for number in range(MOST_LISTED + 50)]
    (finding,), silent = watch_freshness(watched, {}, started=AT, at=AT + timedelta(seconds=61))
    assert len(finding.datastreams) == MOST_LISTED
    assert finding.facts["datastreams"] == len(silent) == MOST_LISTED + 50


def test_two_cabinets_are_two_findings() -> None:
    """Datastreams fall silent together with those of their own source only."""
    square = [datastream(number, None) for number in range(TOGETHER + 1)]
    quay = [replace(each, source=SourceId("quay"), key=f"quay/{each.datastream}") for each in square]
    found, _ = watch_freshness([*square, *quay], {}, started=AT, at=AT + timedelta(seconds=61))
    assert {finding.subject for finding in found} == {"source:square:datastreams", "source:quay:datastreams"}


@settings(max_examples=200)
@given(
    frees=st.lists(st.floats(0, 1), max_size=30),
    total_gib=st.sampled_from([1, 8, 100, 4_000]),
)
def test_a_disk_is_told_low_and_roomy_in_turn(frees: list[float], total_gib: int) -> None:
    """However it fills and empties: low, room, low, room; each with its own key."""
    since, told = None, []
    for number, free in enumerate(frees):
        disk = Disk(free_bytes=int(free * total_gib * GIB), total_bytes=total_gib * GIB)
        found, since = watch_disk(disk, since, at=AT + timedelta(minutes=number))
        told += found
        assert (since is not None) >= disk.is_below(1.0), "what is low is known to be low"
    assert [finding.ended is not None for finding in told] == [bool(place % 2) for place in range(len(told))]
    assert len({finding.key for finding in told}) == len(told)


@given(total_gib=st.integers(1, 100_000))
def test_the_limits_are_five_in_a_hundred_and_half_a_gibibyte(total_gib: int) -> None:
    """Whichever is more; and room is a quarter more than that."""
    total = total_gib * GIB
    limit = max(LOW_BYTES, LOW_SHARE * total)
    assert Disk(free_bytes=int(limit) - 1, total_bytes=total).is_below(1.0)
    assert not Disk(free_bytes=int(limit) + 1, total_bytes=total).is_below(1.0)
    assert not Disk(free_bytes=int(AGAIN * limit) + 1, total_bytes=total).is_below(AGAIN)
