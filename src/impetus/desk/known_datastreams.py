"""The catalogue as last read, kept per store until its version rises: 10,000 datastreams are not read for each page."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from weakref import WeakKeyDictionary

from impetus.core.ids import SourceId
from impetus.core.observation import Catalogue, Datastream
from impetus.ports import Store, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A catalogue, and its datastreams by source, each by id."""

    catalogue: Catalogue
    by_source: Mapping[SourceId, tuple[Datastream, ...]]


_KNOWN: WeakKeyDictionary[Store, Known] = WeakKeyDictionary()


def known_datastreams(store: Store, unit: Unit) -> Known:
    """Return the catalogue as this unit sees it; reads it only when its version is not the one kept."""
    version = unit.sources.catalogue_version()
    known = _KNOWN.get(store)
    if known is None or known.catalogue.version != version:
        catalogue = unit.sources.catalogue()
        ordered = sorted(catalogue.datastreams.values(), key=lambda datastream: (datastream.source, datastream.id))
        by_source = {source: tuple(group) for source, group in groupby(ordered, lambda datastream: datastream.source)}
        known = Known(catalogue=catalogue, by_source=by_source)
        _KNOWN[store] = known
    return known
