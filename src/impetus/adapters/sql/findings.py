"""Findings: each once, with the alert it became."""

from collections.abc import Sequence

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository
from impetus.adapters.sql.schema import FINDINGS
from impetus.core.finding import Finding
from impetus.core.ids import AlertId, FindingKey

FINDING = RowCodec(Finding)


class SqlFindings(Repository):
    """Fulfils `impetus.ports.Findings`."""

    def add(self, finding: Finding, alert: AlertId) -> bool:
        """Store it unless its key is known; `Unknown` when there is no such alert."""
        return self._put_once(FINDINGS, FINDING.to_row(finding) | {"alert": alert})

    def alert_of(self, key: FindingKey) -> AlertId | None:
        """Return the alert a finding became."""
        found = self._connection.execute(sa.select(FINDINGS.c.alert).where(FINDINGS.c.key == key)).scalar()
        return None if found is None else AlertId(found)

    def of_alert(self, alert: AlertId, *, limit: int = 100) -> Sequence[Finding]:
        """Return an alert's findings, newest first."""
        mine = sa.select(FINDINGS).where(FINDINGS.c.alert == alert)
        newest = mine.order_by(FINDINGS.c.noticed.desc(), FINDINGS.c.id.desc()).limit(limit)
        return tuple(FINDING.from_row(row) for row in self._rows(newest))

    def latest_of_alert(self, alert: AlertId, *, among: int = 500) -> Sequence[Finding]:
        """Return, of each tool, kind, subject and severity among an alert's newest findings, the latest."""
        mine = sa.select(FINDINGS).where(FINDINGS.c.alert == alert)
        newest = mine.order_by(FINDINGS.c.noticed.desc(), FINDINGS.c.id.desc()).limit(among).subquery()
        told_apart = (newest.c.tool, newest.c.kind, newest.c.subject, newest.c.simulated, newest.c.severity)
        latest = sa.select(sa.func.max(newest.c.id)).group_by(*told_apart)
        rows = self._rows(sa.select(FINDINGS).where(FINDINGS.c.id.in_(latest)).order_by(FINDINGS.c.id.desc()))
        return tuple(FINDING.from_row(row) for row in rows)
