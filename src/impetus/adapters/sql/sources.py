"""Sources and datastreams: declared once by key, numbered for good; and how their readings fared."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.quarantine import SqlQuarantine
from impetus.adapters.sql.schema import DATASTREAMS, SOURCE_COUNTS, SOURCES
from impetus.core.board import Rule, SourceStatus
from impetus.core.errors import Conflict, Malformed
from impetus.core.ids import DatastreamId, SourceId
from impetus.core.observation import Catalogue, Datastream, Source, from_us, to_us

SOURCE = RowCodec(Source)
DATASTREAM = RowCodec(Datastream)
VERSION = "catalogue.version"


class SqlSources(SqlQuarantine):
    """Fulfils `impetus.ports.Sources`; the quarantine's part lies in `quarantine.py`."""

    def declare(self, source: Source, datastreams: Sequence[Datastream]) -> Sequence[Datastream]:
        """Store or update by key; ids are dense, from 1 up, and stay.

        The catalogue version rises only when something changed, so that a source which declares itself at each start
        does not make every tool learn anew. A key of another source is a `Conflict`.
        """
        self._put_source(source)
        held = {row["key"]: DATASTREAM.from_row(row) for row in self._of_source(source.id)}
        declared = {datastream.key: _checked(datastream, source) for datastream in datastreams}
        new = [datastream for key, datastream in declared.items() if key not in held]
        numbered = held | {item.key: item for item in self._number(new)}
        changed = []
        for key, datastream in declared.items():
            current = replace(datastream, id=numbered[key].id)
            if key in held and current != held[key]:
                changed.append(current)
            numbered[key] = current
        self._change(changed)
        return tuple(numbered[datastream.key] for datastream in datastreams)

    def all(self) -> Sequence[Source]:
        """Return every source by id."""
        return tuple(SOURCE.from_row(row) for row in self._rows(sa.select(SOURCES).order_by(SOURCES.c.id)))

    def catalogue(self) -> Catalogue:
        """Return all datastreams; about 0.1 s for 10,000."""
        rows = self._rows(sa.select(DATASTREAMS).order_by(DATASTREAMS.c.id))
        found = (DATASTREAM.from_row(row) for row in rows)
        return Catalogue(version=self.catalogue_version(), datastreams={item.id: item for item in found})

    def catalogue_version(self) -> int:
        """Return the version only."""
        return self.counted(VERSION)[VERSION]

    def count(self, source: SourceId, counts: Mapping[Rule, int], at: datetime) -> None:
        """Add to the counters and note that the source spoke; `Unknown` for a source never declared."""
        for rule, readings in counts.items():
            if readings:
                row = {"source": source, "rule": str(rule), "readings": readings}
                self._add_to(SOURCE_COUNTS, "readings", row)
        self._connection.execute(sa.update(SOURCES).where(SOURCES.c.id == source).values(seen_at=to_us(at)))

    def statuses(self) -> Sequence[SourceStatus]:
        """Return every source's counters, by id."""
        counts: dict[str, dict[Rule, int]] = {}
        for row in self._rows(sa.select(SOURCE_COUNTS)):
            counts.setdefault(row["source"], {})[Rule(row["rule"])] = row["readings"]
        return tuple(
            SourceStatus(
                source=SourceId(row["id"]),
                seen_at=None if row["seen_at"] is None else from_us(row["seen_at"]),
                counts=counts.get(row["id"], {}),
            )
            for row in self._rows(sa.select(SOURCES.c.id, SOURCES.c.seen_at).order_by(SOURCES.c.id))
        )

    def _put_source(self, source: Source) -> None:
        row = self._row(sa.select(SOURCES).where(SOURCES.c.id == source.id))
        if row is None or SOURCE.from_row(row) != source:
            self._put(SOURCES, SOURCE.to_row(source))
            self._count(VERSION, 1)

    def _of_source(self, source: SourceId) -> list[sa.RowMapping]:
        return self._rows(sa.select(DATASTREAMS).where(DATASTREAMS.c.source == source))

    def _number(self, new: Sequence[Datastream]) -> list[Datastream]:
        """Give new datastreams the next ids and store them."""
        if not new:
            return []
        self._count(VERSION, 1)  # first, so that two declarations at once take turns on this row
        highest = self._connection.execute(sa.select(sa.func.max(DATASTREAMS.c.id))).scalar() or 0
        numbered = [replace(item, id=DatastreamId(highest + count)) for count, item in enumerate(new, 1)]
        rows = [DATASTREAM.to_row(item) for item in numbered]
        self._require_free(rows)
        self._connection.execute(sa.insert(DATASTREAMS), rows)
        return numbered

    def _require_free(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Refuse keys another source holds."""
        keys = [row["key"] for row in rows]
        for start in range(0, len(keys), 500):
            taken = sa.select(DATASTREAMS.c.key, DATASTREAMS.c.source)
            held = self._row(taken.where(DATASTREAMS.c.key.in_(keys[start : start + 500])))
            if held is not None:
                raise Conflict(
                    f"datastream {held['key']} belongs to source {held['source']}",
                    value=held["key"],
                    limit="one source a datastream",
                    remedy="declare it under a key of this source",
                )

    def _change(self, changed: Sequence[Datastream]) -> None:
        if not changed:
            return
        names = [column.name for column in DATASTREAMS.c if column.name != "id"]
        change = sa.update(DATASTREAMS).where(DATASTREAMS.c.id == sa.bindparam("which"))
        values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names}
        rows = (DATASTREAM.to_row(datastream) for datastream in changed)
        parameters = [{"which": row["id"]} | {f"new_{name}": row[name] for name in names} for row in rows]
        self._connection.execute(change.values(values), parameters)
        self._count(VERSION, 1)


def _checked(datastream: Datastream, source: Source) -> Datastream:
    """Return the datastream when it belongs to the source that declares it."""
    if datastream.source != source.id:
        raise Malformed(
            f"datastream {datastream.key} names source {datastream.source}",
            value=datastream.source,
            limit=source.id,
            remedy="declare each datastream under its own source",
        )
    return datastream
