"""Every store keeps samples and their chains alike."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from impetus.adapters.sql import custody
from impetus.adapters.sql.store import SqlStore
from impetus.core.custody import CustodyEntry, FieldSample, LabOutcome, SampleState, SealState
from impetus.core.errors import Conflict, Unknown
from impetus.core.ids import AlertId, IncidentId, NoticeId, ThingKey
from impetus.core.place import Point

AT = datetime(2026, 3, 14, 21, 0, 0, 5, tzinfo=UTC)
SAMPLE = FieldSample(
    id=0,
    version=0,
    state=SampleState.REPORTED,
    sampler=ThingKey("air/s1"),
    sampler_name="Sjøgata",
    asked_by="ada",
    at=AT,
    changed_at=AT,
    due_at=AT + timedelta(minutes=30),
    why="high twice",
    incident=IncidentId(3),
    alert=AlertId(4),
    point=Point(lon=10.7, lat=59.9),
    seal="A-17",
    seal_state=SealState.WHOLE,
    holder="city laboratory",
    outcome=LabOutcome.RAISED,
    measured=812.5,
    reference="2026/311",
    notice=NoticeId(9),
    simulated=True,
)


def link(sample: FieldSample, number: int = 1) -> CustodyEntry:
    """Return a link."""
    return CustodyEntry(
        sample=sample.id,
        number=number,
        at=AT,
        event="take",
        who="ada",
        holder="field team",
        place="steps",
        text="A-17",
        digest="d" * 64,
    )


def test_a_sample_and_its_chain_come_back_as_they_were_stored(store: SqlStore) -> None:
    """Every field, with and without what may be missing."""
    with store.write() as unit:
        whole = unit.custody.add(SAMPLE)
        bare = unit.custody.add(replace(SAMPLE, incident=None, point=None, outcome=None, measured=None, notice=None))
        after = unit.custody.append(replace(whole, entries=1), link(whole))
    with store.read() as unit:
        assert unit.custody.get(whole.id) == after == replace(whole, entries=1, version=1)
        assert unit.custody.get(bare.id) == bare
        assert unit.custody.entries(whole.id) == (link(whole),)
        with pytest.raises(Unknown):
            unit.custody.get(99)


def test_of_two_links_after_one_version_the_second_is_a_conflict(store: SqlStore) -> None:
    """Two people cannot both be the next to have it."""
    with store.write() as unit:
        sample = unit.custody.add(SAMPLE)
        unit.custody.append(sample, link(sample))
    with pytest.raises(Conflict, match="changed by somebody else"), store.write() as unit:
        unit.custody.append(sample, link(sample, 2))
    with store.read() as unit:
        assert len(unit.custody.entries(sample.id)) == 1


def test_a_chain_is_bounded_and_what_would_be_more_is_refused(store: SqlStore) -> None:
    """Never dropped."""
    with store.write() as unit:
        sample = unit.custody.add(SAMPLE)
    with pytest.raises(Conflict, match="entries"), store.write() as unit:
        unit.custody.append(sample, link(sample, custody.ENTRIES_KEPT + 1))


def test_samples_are_found_by_state_incident_and_sampler_newest_first(store: SqlStore) -> None:
    """As the pages ask."""
    with store.write() as unit:
        for number, state in enumerate((SampleState.ASKED, SampleState.LOST, SampleState.ASKED)):
            unit.custody.add(replace(SAMPLE, state=state, incident=IncidentId(number), seal=f"k{number}"))
        unit.custody.add(replace(SAMPLE, sampler=ThingKey("air/s2"), incident=None, seal="other"))
    with store.read() as unit:
        assert [each.seal for each in unit.custody.find(states=(SampleState.ASKED,))] == ["k2", "k0"]
        assert [each.seal for each in unit.custody.find(incident=IncidentId(1))] == ["k1"]
        assert [each.seal for each in unit.custody.find(sampler=ThingKey("air/s2"))] == ["other"]
        assert len(unit.custody.find(limit=1)) == 1


def test_what_is_over_is_erased_with_its_chain_and_what_is_open_or_held_stays(store: SqlStore) -> None:
    """Counted, a piece at a time."""
    with store.write() as unit:
        old = unit.custody.add(replace(SAMPLE, incident=None))
        unit.custody.append(old, link(old))
        held = unit.custody.add(SAMPLE)
        still_open = unit.custody.add(replace(SAMPLE, state=SampleState.TAKEN))
        young = unit.custody.add(replace(SAMPLE, changed_at=AT + timedelta(days=2)))
    before, cases = AT + timedelta(days=1), (IncidentId(3),)
    with store.write() as unit:
        assert unit.custody.over_before(before, cases) == 1
        assert unit.custody.erase_over(before, spared=cases) == 1
    with store.read() as unit:
        assert unit.custody.entries(old.id) == ()
        assert {each.id for each in unit.custody.find()} == {held.id, still_open.id, young.id}
