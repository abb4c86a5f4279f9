"""Protocols of what is kept of an incident beside its timeline: METHANE, objectives, sectors, links and shares."""

from collections.abc import Sequence
from typing import Protocol

from impetus.core.ids import AlertId, IncidentId, LinkId, ObjectiveId, SectorId, ShareId, TaskId
from impetus.core.situation import (
    Link,
    Methane,
    MethaneField,
    MethaneLine,
    MethaneText,
    Objective,
    Received,
    Sector,
    Share,
    ShareTask,
)


class Situation(Protocol):
    """METHANE reports, objectives and sectors; all of it goes with its incident."""

    def methane(self, incident: IncidentId) -> Methane:
        """Return the incident's report, version 0 when nobody wrote one."""
        ...

    def put_methane(self, report: Methane) -> None:
        """Store the report's version and newest sending."""
        ...

    def texts(self, incident: IncidentId) -> dict[MethaneField, MethaneText]:
        """Return the parts that were written."""
        ...

    def put_text(self, text: MethaneText) -> None:
        """Store a part as it stands now."""
        ...

    def add_line(self, line: MethaneLine) -> MethaneLine:
        """Keep words that do not stand, and return them with their number; the newest 500 of an incident are kept."""
        ...

    def replace_line(self, line: MethaneLine) -> None:
        """Store the change of a line."""
        ...

    def line(self, line: int) -> MethaneLine:
        """Return it, or raise `Unknown`."""
        ...

    def lines(self, incident: IncidentId) -> Sequence[MethaneLine]:
        """Return what does not stand, oldest first."""
        ...

    def add_objective(self, objective: Objective) -> Objective:
        """Store a new one and return it with its id."""
        ...

    def objective(self, objective: ObjectiveId) -> Objective:
        """Return it, or raise `Unknown`."""
        ...

    def replace_objective(self, before: Objective, after: Objective) -> None:
        """Store the change if it still stands as `before` says; else `Conflict`."""
        ...

    def objectives(self, incident: IncidentId) -> Sequence[Objective]:
        """Return them in the order in which they were set (at most 100)."""
        ...

    def add_sector(self, sector: Sector) -> Sector:
        """Store a new one and return it with its id."""
        ...

    def sector(self, sector: SectorId) -> Sector:
        """Return it, or raise `Unknown`."""
        ...

    def replace_sector(self, sector: Sector) -> None:
        """Store the change."""
        ...

    def sectors(self, incident: IncidentId) -> Sequence[Sector]:
        """Return every one there was, by number (at most 200)."""
        ...


class Links(Protocol):
    """Links of incidents and alerts; a row goes when either end of it is erased."""

    def add(self, link: Link) -> Link:
        """Store a new one and return it with its id."""
        ...

    def get(self, link: LinkId) -> Link:
        """Return it, or raise `Unknown`."""
        ...

    def end(self, link: Link) -> bool:
        """Store that it was undone; false when somebody did before."""
        ...

    def of_incident(self, incident: IncidentId) -> Sequence[Link]:
        """Return every link the incident is an end of, undone ones too, oldest first (the last 200)."""
        ...

    def of_alert(self, alert: AlertId) -> Sequence[Link]:
        """Return every link the alert is an end of, undone ones too, oldest first (the last 200)."""
        ...


class Shares(Protocol):
    """What is shared with other agencies, what they were asked to do, and what was shared with us."""

    def add(self, share: Share) -> Share:
        """Store a new one and return it with its id."""
        ...

    def get(self, share: ShareId) -> Share:
        """Return it, or raise `Unknown`."""
        ...

    def replace(self, share: Share) -> None:
        """Store the change."""
        ...

    def of_incident(self, incident: IncidentId) -> Sequence[Share]:
        """Return them, oldest first (at most 100)."""
        ...

    def add_task(self, task: ShareTask) -> ShareTask:
        """Store a new one and return it with its id."""
        ...

    def task(self, task: TaskId) -> ShareTask:
        """Return it, or raise `Unknown`."""
        ...

    def replace_task(self, before: ShareTask, after: ShareTask) -> None:
        """Store the change if it still stands as `before` says; else `Conflict`."""
        ...

    def tasks(self, share: ShareId) -> Sequence[ShareTask]:
        """Return a share's tasks, oldest first (at most 100)."""
        ...

    def put_received(self, received: Received) -> None:
        """Store where an incident came from, or what came of it since."""
        ...

    def received(self, incident: IncidentId) -> Received | None:
        """Return where an incident came from, None for one of our own."""
        ...

    def received_before(self, agency: str, share: int) -> Received | None:
        """Return what came of a share before, None when it never came."""
        ...
