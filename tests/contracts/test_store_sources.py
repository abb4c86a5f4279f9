"""What every adapter of the port `Store` promises about sources, datastreams and the quarantine."""

import time
from dataclasses import replace

import pytest

from contracts.samples import SQUARE, T0, a_datastream, a_refusal, a_source, minutes
from impetus.adapters.sql import quarantine
from impetus.core.board import Rule, SourceStatus
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.ids import SourceId
from impetus.core.observation import Catalogue
from impetus.ports import Store

DOCK = SourceId("dock")
GENEROUS_S = 5.0
"""Five times what 10,000 datastreams should take, so that a busy machine does not fail the test."""


def declare(store: Store, *numbers: int, **changes: object) -> list[int]:
    """Declare the square with these datastreams and return their ids."""
    with store.write() as unit:
        declared = unit.sources.declare(a_source(), [a_datastream(number, **changes) for number in numbers])
    return [datastream.id for datastream in declared]


def catalogue(store: Store) -> Catalogue:
    """Return the whole catalogue."""
    with store.read() as unit:
        return unit.sources.catalogue()


def test_datastreams_are_numbered_from_one_and_keep_their_numbers(store: Store) -> None:
    """Ids are dense, in order of declaration, and the same key has the same id for ever."""
    assert declare(store, 5, 3) == [1, 2]
    assert declare(store, 3, 4, 5) == [2, 3, 1]
    assert catalogue(store).datastreams[2] == a_datastream(3, id=2)


def test_the_version_rises_only_with_changes(store: Store) -> None:
    """Declaring the same again changes nothing; one changed field, or a new datastream, is a new version."""
    versions = []
    for numbers, changes in [((1,), {}), ((1,), {}), ((1,), {"unit": "Pa"}), ((1, 2), {"unit": "Pa"})]:
        declare(store, *numbers, **changes)
        with store.read() as unit:
            versions.append(unit.sources.catalogue_version())
    assert versions[0] == versions[1] < versions[2] < versions[3]
    assert catalogue(store).version == versions[3]


def test_what_is_not_declared_again_stays(store: Store) -> None:
    """A source that names fewer datastreams later does not lose the others."""
    declare(store, 1, 2)
    declare(store, 1)
    assert len(catalogue(store).datastreams) == 2


def test_a_datastream_named_twice_in_one_call_is_one(store: Store) -> None:
    """The last word of a call counts, for every mention."""
    assert declare(store, 1, 1) == [1, 1]


def test_a_source_cannot_take_anothers_datastream(store: Store) -> None:
    """A key another source declared is refused, and nothing of the call happens."""
    declare(store, 1)
    with pytest.raises(Conflict, match="belongs to source square"), store.write() as unit:
        unit.sources.declare(a_source(id=DOCK), [a_datastream(1, source=DOCK)])
    with store.read() as unit:
        assert [source.id for source in unit.sources.all()] == [SQUARE]


def test_a_datastream_names_its_own_source(store: Store) -> None:
    """A datastream that claims another source is malformed."""
    with pytest.raises(Malformed, match="names source dock"), store.write() as unit:
        unit.sources.declare(a_source(), [a_datastream(1, source=DOCK)])


def test_sources_are_listed_by_id_as_last_declared(store: Store) -> None:
    """Declaring again updates what is said of a source."""
    with store.write() as unit:
        unit.sources.declare(a_source(), [])
        unit.sources.declare(a_source(id=DOCK, name="Dock"), [])
        unit.sources.declare(a_source(freshness_s=5.0), [])
        assert unit.sources.all() == (a_source(id=DOCK, name="Dock"), a_source(freshness_s=5.0))


def test_ten_thousand_datastreams_are_declared_in_about_a_second(store: Store) -> None:
    """A city's worth in one call; declaring it again and reading it are no slower."""
    city = [a_datastream(number) for number in range(10_000)]
    for _ in range(2):
        started = time.perf_counter()
        with store.write() as unit:
            declared = unit.sources.declare(a_source(), city)
        assert time.perf_counter() - started < GENEROUS_S
    started = time.perf_counter()
    assert list(catalogue(store).datastreams.values()) == list(declared)
    assert time.perf_counter() - started < GENEROUS_S


def test_readings_are_counted_by_rule(store: Store) -> None:
    """Counters add up, and the source was seen at the last time it spoke."""
    declare(store, 1)
    with store.write() as unit:
        unit.sources.count(SQUARE, {Rule.ACCEPTED: 500, Rule.LATE: 2, Rule.FUTURE: 0}, T0)
        unit.sources.count(SQUARE, {Rule.ACCEPTED: 499}, minutes(1))
    with store.read() as unit:
        (status,) = unit.sources.statuses()
    expected = {Rule.ACCEPTED: 999, Rule.LATE: 2}
    assert status == SourceStatus(source=SQUARE, seen_at=minutes(1), counts=expected)


def test_a_silent_source_has_a_status(store: Store) -> None:
    """A declared source that never spoke is listed, as never seen; declaring it again does not change that."""
    declare(store, 1)
    declare(store, 1, 2)
    with store.read() as unit:
        assert unit.sources.statuses() == (SourceStatus(source=SQUARE, seen_at=None, counts={}),)


def test_declaring_again_forgets_no_count(store: Store) -> None:
    """An update of the source keeps when it was seen and how its readings fared."""
    declare(store, 1)
    with store.write() as unit:
        unit.sources.count(SQUARE, {Rule.ACCEPTED: 1}, T0)
        unit.sources.declare(a_source(name="Renamed"), [])
        assert unit.sources.statuses() == (SourceStatus(source=SQUARE, seen_at=T0, counts={Rule.ACCEPTED: 1}),)


def test_counting_for_an_undeclared_source_is_refused(store: Store) -> None:
    """Nobody invents a source by sending readings."""
    with pytest.raises(Unknown), store.write() as unit:
        unit.sources.count(DOCK, {Rule.ACCEPTED: 1}, T0)


def test_refused_records_read_newest_first_page_by_page(store: Store) -> None:
    """Pages follow each other without gaps, of one source or of all, declared or not."""
    with store.write() as unit:
        unit.sources.quarantine([a_refusal(number, source=(SQUARE, DOCK)[number % 2]) for number in range(6)])
        first = unit.sources.quarantined(limit=4)
        second = unit.sources.quarantined(limit=4, after=int(first.next or 0))
        docks = unit.sources.quarantined(source=DOCK)
    assert [item.detail for item in (*first.items, *second.items)] == [f"record {n}" for n in (5, 4, 3, 2, 1, 0)]
    assert second.next is None
    assert [item.record for item in docks.items] == [b"5", b"3", b"1"]
    assert docks.items[0] == a_refusal(5, source=DOCK, id=docks.items[0].id)


def test_the_quarantine_of_a_source_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source's oldest records go, whether they came at once or one by one, and are counted; others keep theirs."""
    monkeypatch.setattr(quarantine, "KEPT_PER_SOURCE", 5)
    with store.write() as unit:
        unit.sources.quarantine([a_refusal(0, source=DOCK)])
        unit.sources.quarantine([a_refusal(number) for number in range(8)])
        unit.sources.quarantine([a_refusal(8)])
        kept = [item.detail for item in unit.sources.quarantined(source=SQUARE).items]
        assert kept == [f"record {number}" for number in (8, 7, 6, 5, 4)]
        assert len(unit.sources.quarantined(source=DOCK).items) == 1
        assert unit.sources.quarantine_dropped() == 4


def test_invented_sources_cannot_fill_the_quarantine(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound in all drops the oldest of anybody."""
    monkeypatch.setattr(quarantine, "KEPT_IN_ALL", 5)
    with store.write() as unit:
        for number in range(9):
            unit.sources.quarantine([a_refusal(number, source=SourceId(f"made-up-{number}"))])
        assert [item.detail for item in unit.sources.quarantined().items] == [f"record {n}" for n in (8, 7, 6, 5, 4)]
        assert unit.sources.quarantine_dropped() == 4


def test_a_huge_record_is_cut_and_says_so(store: Store) -> None:
    """A record beyond what a person reads is kept in part, with its whole size named."""
    with store.write() as unit:
        unit.sources.quarantine([a_refusal(record=b"x" * 50_000)])
        (item,) = unit.sources.quarantined().items
    assert len(item.record) == quarantine.RECORD_BYTES
    assert "of 50000 bytes" in item.detail


def test_retention_erases_refused_records(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old records go, are not counted as lost, and make room under the bound."""
    monkeypatch.setattr(quarantine, "KEPT_PER_SOURCE", 3)
    with store.write() as unit:
        unit.sources.quarantine([a_refusal(number, at=minutes(number)) for number in range(3)])
        assert unit.sources.erase_quarantine(minutes(2)) == 2
        unit.sources.quarantine([a_refusal(3), a_refusal(4)])
        assert len(unit.sources.quarantined().items) == 3
        assert unit.sources.quarantine_dropped() == 0


def test_a_page_of_the_quarantine_has_a_size(store: Store) -> None:
    """Too much at once is refused with the limit."""
    with store.read() as unit, pytest.raises(Malformed, match="limit is 201"):
        unit.sources.quarantined(limit=201)


def test_a_moved_datastream_is_a_change(store: Store) -> None:
    """A datastream declared without its place loses it."""
    declare(store, 1)
    declare(store, 1, point=None)
    assert catalogue(store).datastreams[1] == replace(a_datastream(1), id=1, point=None)
