"""Declaring what a sender speaks of for the first time: only what is new, only with the right, and bounded."""

import pytest

from impetus.core.actor import Actor
from impetus.core.errors import Refused, TooLarge
from impetus.core.feed import FeedDraft, FeedReport, thing_of
from impetus.core.ids import SourceId
from impetus.core.observation import Datastream
from impetus.core.quantity import AIR, Measure
from impetus.desk import declare_seen as module
from impetus.desk.context import Desk
from impetus.desk.declare_seen import declare_seen
from ingest_samples import HARBOUR, SQUARE, datastreams, make_desk, sender

DECLARER = sender("broker", "observations.write", "sources.declare")
BROKER = SourceId("broker")


def report(*things: str, measure: Measure = AIR["no2"]) -> FeedReport:
    """Return a report of one reading at each of these things."""
    draft = FeedDraft()
    for thing in things:
        draft.add(thing_of(thing), measure, 0, 1.0)
    return draft.report()


def own(desk: Desk, source: str) -> dict[str, Datastream]:
    """Return the datastreams of a source by key."""
    return {key: stream for key, stream in datastreams(desk).items() if stream.source == source}


def test_a_source_declares_itself_with_the_first_thing_it_says() -> None:
    """Under its own name, as something that comes from a broker."""
    desk = make_desk()
    assert declare_seen(desk, DECLARER, BROKER, report("Quay", "Torg"))
    assert set(own(desk, "broker")) == {"broker/quay/no2", "broker/torg/no2"}
    with desk.store.read() as unit:
        (source,) = [each for each in unit.sources.all() if each.id == BROKER]
    assert (source.name, source.kind, source.simulated) == ("broker", "ngsi-ld", False)


def test_the_same_again_changes_nothing() -> None:
    """Not even the version of the catalogue: nobody reads it anew for nothing."""
    desk = make_desk()
    declare_seen(desk, DECLARER, BROKER, report("Quay"))
    with desk.store.read() as unit:
        before = unit.sources.catalogue_version()
    assert not declare_seen(desk, DECLARER, BROKER, report("Quay"))
    with desk.store.read() as unit:
        assert unit.sources.catalogue_version() == before


def test_without_the_right_nothing_is_declared() -> None:
    """The readings are refused later, as anybody's."""
    desk = make_desk()
    assert not declare_seen(desk, sender("broker"), BROKER, report("Quay"))
    assert not own(desk, "broker")


def test_a_token_of_one_source_does_not_declare_for_another() -> None:
    """The right is for its own."""
    desk = make_desk()
    stranger = sender(str(SQUARE), "observations.write", "sources.declare")
    with pytest.raises(Refused, match="bound to the source square"):
        declare_seen(desk, stranger, HARBOUR, report("Quay"))
    assert len(own(desk, "harbour")) == 1


def test_what_stands_keeps_its_name_unit_and_silence() -> None:
    """A source that was declared by hand is only added to."""
    desk = make_desk()
    with desk.store.read() as unit:
        before = {each.id: each for each in unit.sources.all()}
    assert declare_seen(desk, sender(str(HARBOUR), "observations.write", "sources.declare"), HARBOUR, report("Quay"))
    with desk.store.read() as unit:
        assert {each.id: each for each in unit.sources.all()} == before
    assert set(own(desk, "harbour")) == {"harbour/t1/temperature", "harbour/quay/no2"}


def test_a_source_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """All or nothing: what would go beyond is not declared in part."""
    monkeypatch.setattr(module, "MOST_SEEN", 3)
    desk = make_desk()
    declare_seen(desk, DECLARER, BROKER, report("a", "b"))
    with pytest.raises(TooLarge) as said:
        declare_seen(desk, DECLARER, BROKER, report("c", "d"))
    assert "impetus source declare" in said.value.remedy
    assert len(own(desk, "broker")) == 2
    assert declare_seen(desk, DECLARER, BROKER, report("a", "c"))


def test_a_property_that_stands_for_a_person_is_refused() -> None:
    """However it comes."""
    desk = make_desk()
    plate = Measure(property="licence_plate", unit="1", lowest=0, highest=1)
    with pytest.raises(Refused):
        declare_seen(desk, DECLARER, BROKER, report("Gate", measure=plate))
    assert not own(desk, "broker")


def test_an_actor_without_a_source_may_declare_where_it_may_at_all() -> None:
    """An integrator's token is bound to none."""
    desk = make_desk()
    free = Actor(name="token:free", role=DECLARER.role, operations=frozenset({"sources.declare"}))
    assert declare_seen(desk, free, BROKER, report("Quay"))
