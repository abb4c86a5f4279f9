"""Protocols of what is kept about playbooks: versions of texts, runs and their events; and of reading the texts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from impetus.core.ids import ActionId, IncidentId, RunId
from impetus.core.playbook_document import Document, Fields, Plain
from impetus.core.run import Revision, Run, RunEvent


class Revisions(Protocol):
    """Versions of incident types and playbooks as people wrote them."""

    def add(self, revision: Revision) -> None:
        """Store a version; `Conflict` when there is one of this number."""
        ...

    def newest(self, kind: str, slug: str) -> Revision | None:
        """Return the newest version, None when there is none."""
        ...

    def get(self, kind: str, slug: str, version: int) -> Revision | None:
        """Return one version, None when there is none."""
        ...

    def versions(self, kind: str, slug: str) -> Sequence[Revision]:
        """Return its versions, newest first (200 at most)."""
        ...

    def slugs(self, kind: str) -> Sequence[str]:
        """Return what has a version, in the alphabet's order."""
        ...


class Runs(Protocol):
    """Runs and what happened in them."""

    def add(self, run: Run) -> Run:
        """Store a new one and return it with its id."""
        ...

    def get(self, run: RunId) -> Run:
        """Return it, or raise `Unknown`."""
        ...

    def of_incident(self, incident: IncidentId) -> Run | None:
        """Return the incident's newest run, None when it has none."""
        ...

    def all_of_incident(self, incident: IncidentId) -> Sequence[Run]:
        """Return the incident's runs, newest first."""
        ...

    def of_action(self, action: ActionId) -> tuple[Run, str] | None:
        """Return the run that proposed an action and the step it did so at, None when none did."""
        ...

    def open(self, *, limit: int = 200) -> Sequence[Run]:
        """Return runs with open steps, newest first."""
        ...

    def due(self, at: datetime, *, limit: int = 200) -> Sequence[Run]:
        """Return runs in which something is late by then, the longest due first."""
        ...

    def append(self, run: Run, event: RunEvent) -> Run:
        """Store what happened next with the run as it stands after it; `Conflict` when something else happened first.

        `event.number` is one more than the run's `length` so far; `run` is given with its `length` before the event.
        """
        ...

    def events(self, run: RunId) -> Sequence[RunEvent]:
        """Return everything that happened, in its order."""
        ...


class ProcessTexts(Protocol):
    """Cuts the texts people edit into plain values, and gives those that come with the platform. `kind` is type or playbook."""

    def __hash__(self) -> int:
        """Tell readers apart, so that what one made of a text can be remembered."""
        ...

    def read_document(self, text: str) -> Document:
        """Return a playbook's front matter and body; never raises for a text."""
        ...

    def write_front(self, values: Mapping[str, str | int | tuple[str, ...]]) -> str:
        """Return front matter as it is written."""
        ...

    def read_fields(self, text: str) -> Fields:
        """Return the fields of an incident type's text; never raises for a text."""
        ...

    def write_fields(self, values: Mapping[str, Plain]) -> str:
        """Return fields as they are written."""
        ...

    def shipped(self, kind: str, slug: str) -> str | None:
        """Return a text that comes with the platform, None when none does."""
        ...

    def shipped_slugs(self, kind: str) -> Sequence[str]:
        """Return what comes with the platform, in the alphabet's order."""
        ...
