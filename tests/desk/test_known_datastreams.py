"""The catalogue is read once and kept until it changes, for each store by itself."""

from dataclasses import replace

import pytest

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import Catalogue, Datastream, Source
from impetus.desk.known_datastreams import known_datastreams
from impetus.ports import Store
from impetus.testing.store import memory_store

COUNTER = Datastream(
    id=DatastreamId(0),
    key=DatastreamKey("square/c1/people"),
    source=SourceId("square"),
    thing=ThingKey("square/c1"),
    thing_name="Counter 1",
    observed_property="people",
    unit="1",
)


def declare(store: Store, *datastreams: Datastream) -> None:
    """Declare datastreams under their sources."""
    with store.write() as unit:
        for source in dict.fromkeys(each.source for each in datastreams):
            own = [each for each in datastreams if each.source == source]
            unit.sources.declare(Source(id=source, name=source, kind="http"), own)


def known(store: Store) -> Catalogue:
    """Return the catalogue as a fresh unit of the store sees it."""
    with store.read() as unit:
        return known_datastreams(store, unit).catalogue


@pytest.fixture
def store() -> Store:
    """Return a store with one datastream."""
    store = memory_store()
    declare(store, COUNTER)
    return store


def test_the_same_catalogue_is_handed_out_until_it_changes(store: Store) -> None:
    """Ten thousand datastreams are not read for each page: it is the very same object."""
    first = known(store)
    assert known(store) is first
    declare(store, replace(COUNTER, thing_name="Counter one"))
    second = known(store)
    assert second is not first
    assert [each.thing_name for each in second.datastreams.values()] == ["Counter one"]


def test_declaring_the_same_again_keeps_what_is_known(store: Store) -> None:
    """A source that declares itself at each start costs no reading."""
    first = known(store)
    declare(store, COUNTER)
    assert known(store) is first


def test_datastreams_are_known_by_source_and_by_number(store: Store) -> None:
    """Each source has its own, in the order of their numbers, and nobody else's."""
    quay = SourceId("quay")
    declare(
        store,
        replace(COUNTER, key=DatastreamKey("quay/b/people"), source=quay),
        replace(COUNTER, key=DatastreamKey("quay/a/people"), source=quay),
    )
    with store.read() as unit:
        found = known_datastreams(store, unit)
    assert [each.id for each in found.by_source[quay]] == [2, 3]
    assert [each.key for each in found.by_source[SourceId("square")]] == ["square/c1/people"]
    assert found.by_source.keys() == {quay, SourceId("square")}


def test_two_installations_are_two_catalogues(store: Store) -> None:
    """What one process knows of one store says nothing about another with the same version."""
    other = memory_store()
    declare(other, replace(COUNTER, thing_name="Another"))
    assert [each.thing_name for each in known(store).datastreams.values()] == ["Counter 1"]
    assert [each.thing_name for each in known(other).datastreams.values()] == ["Another"]


def test_a_store_without_datastreams_knows_none() -> None:
    """The first page of a fresh installation."""
    empty = memory_store()
    with empty.read() as unit:
        found = known_datastreams(empty, unit)
    assert (found.catalogue.datastreams, found.by_source) == ({}, {})
