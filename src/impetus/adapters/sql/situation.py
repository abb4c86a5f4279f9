"""METHANE reports, objectives and sectors of incidents."""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository, unknown
from impetus.adapters.sql.situation_schema import METHANE, METHANE_LINES, METHANE_TEXTS, OBJECTIVES, SECTORS
from impetus.core.errors import Conflict
from impetus.core.ids import IncidentId, ObjectiveId, SectorId
from impetus.core.situation import Methane, MethaneField, MethaneLine, MethaneText, Objective, Sector

REPORT = RowCodec(Methane)
TEXT = RowCodec(MethaneText)
LINE = RowCodec(MethaneLine)
OBJECTIVE = RowCodec(Objective)
SECTOR = RowCodec(Sector)
LINES_KEPT = 500
"""Words of one report that do not stand, kept at most; a wording a minute for eight hours stays below."""
OBJECTIVES_SHOWN, SECTORS_SHOWN = 100, 200


class SqlSituation(Repository):
    """Fulfils `impetus.ports.situation.Situation`."""

    def methane(self, incident: IncidentId) -> Methane:
        """Return the incident's report, version 0 when nobody wrote one."""
        row = self._row(sa.select(METHANE).where(METHANE.c.incident == incident))
        return REPORT.from_row(row) if row else Methane(incident=incident)

    def put_methane(self, report: Methane) -> None:
        """Store the report's version and newest sending."""
        self._put(METHANE, REPORT.to_row(report))

    def texts(self, incident: IncidentId) -> dict[MethaneField, MethaneText]:
        """Return the parts that were written."""
        rows = self._rows(sa.select(METHANE_TEXTS).where(METHANE_TEXTS.c.incident == incident))
        return {text.name: text for text in map(TEXT.from_row, rows)}

    def put_text(self, text: MethaneText) -> None:
        """Store a part as it stands now."""
        self._put(METHANE_TEXTS, TEXT.to_row(text))

    def add_line(self, line: MethaneLine) -> MethaneLine:
        """Keep words that do not stand, and return them with their number."""
        stored = replace(line, id=self._add(METHANE_LINES, LINE.to_row(line)))
        self._keep_newest(METHANE_LINES, METHANE_LINES.c.incident, line.incident, LINES_KEPT)
        return stored

    def replace_line(self, line: MethaneLine) -> None:
        """Store the change of a line."""
        mine = sa.update(METHANE_LINES).where(METHANE_LINES.c.id == line.id)
        self._connection.execute(mine.values(LINE.to_row(line)))

    def line(self, line: int) -> MethaneLine:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(METHANE_LINES).where(METHANE_LINES.c.id == line))
        if row is None:
            raise unknown("line of a METHANE report", line)
        return LINE.from_row(row)

    def lines(self, incident: IncidentId) -> Sequence[MethaneLine]:
        """Return what does not stand, oldest first."""
        mine = sa.select(METHANE_LINES).where(METHANE_LINES.c.incident == incident).order_by(METHANE_LINES.c.id)
        return tuple(LINE.from_row(row) for row in self._rows(mine.limit(LINES_KEPT)))

    def add_objective(self, objective: Objective) -> Objective:
        """Store a new one and return it with its id."""
        return replace(objective, id=ObjectiveId(self._add(OBJECTIVES, OBJECTIVE.to_row(objective))))

    def objective(self, objective: ObjectiveId) -> Objective:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(OBJECTIVES).where(OBJECTIVES.c.id == objective))
        if row is None:
            raise unknown("objective", objective)
        return OBJECTIVE.from_row(row)

    def replace_objective(self, before: Objective, after: Objective) -> None:
        """Store the change if it still stands as `before` says."""
        row = OBJECTIVE.to_row(before)
        same = [OBJECTIVES.c[name] == row[name] for name in ("id", "state", "changed_at", "text", "holder")]
        if self._connection.execute(sa.update(OBJECTIVES).where(*same).values(OBJECTIVE.to_row(after))).rowcount != 1:
            raise _changed("objective", before.id)

    def objectives(self, incident: IncidentId) -> Sequence[Objective]:
        """Return them in the order in which they were set."""
        mine = sa.select(OBJECTIVES).where(OBJECTIVES.c.incident == incident).order_by(OBJECTIVES.c.id)
        return tuple(OBJECTIVE.from_row(row) for row in self._rows(mine.limit(OBJECTIVES_SHOWN)))

    def add_sector(self, sector: Sector) -> Sector:
        """Store a new one and return it with its id."""
        return replace(sector, id=SectorId(self._add(SECTORS, SECTOR.to_row(sector))))

    def sector(self, sector: SectorId) -> Sector:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(SECTORS).where(SECTORS.c.id == sector))
        if row is None:
            raise unknown("sector", sector)
        return SECTOR.from_row(row)

    def replace_sector(self, sector: Sector) -> None:
        """Store the change."""
        mine = sa.update(SECTORS).where(SECTORS.c.id == sector.id)
        self._connection.execute(mine.values(SECTOR.to_row(sector)))

    def sectors(self, incident: IncidentId) -> Sequence[Sector]:
        """Return every one there was, by number."""
        mine = sa.select(SECTORS).where(SECTORS.c.incident == incident).order_by(SECTORS.c.id)
        return tuple(SECTOR.from_row(row) for row in self._rows(mine.limit(SECTORS_SHOWN)))


def _changed(what: str, number: int) -> Conflict:
    """Return the refusal of a change to what is not as it was seen."""
    return Conflict(
        f"{what} {number} was changed by somebody else", value=number, remedy="look at it as it is now, then act again"
    )
