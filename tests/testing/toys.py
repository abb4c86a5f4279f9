"""Toy tools for the checks of the suite: one that keeps to every rule, and ways to break each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import numpy as np

from impetus.core.errors import Misconfigured
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding, Kind
from impetus.core.ids import DatastreamId, FindingKey, ToolId
from impetus.core.manifest import read_manifest
from impetus.core.observation import Batch, Catalogue, from_us, to_us
from impetus.core.text import Phrase
from impetus.core.tool import Setting
from impetus.run.tools import InstalledTool
from impetus.testing.tool_checks import FILES, Subject
from impetus.testing.tool_samples import sample_catalogue, sample_steps
from manifests import plain_manifest

MANIFEST_TEXT = plain_manifest("toy", summary="Says what is loud.")
MANIFEST = read_manifest(MANIFEST_TEXT)
LOUD = 150.0


class Toy:
    """Says each reading above 150 that is the newest of its datastream: sound in every way the suite checks."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.newest_us: dict[int, int] = {}

    @classmethod
    def create(cls, settings: Mapping[str, Setting], catalogue: Catalogue) -> Self:
        """Build one; it has no settings."""
        if settings:
            raise Misconfigured(f"toy has no setting {min(settings)}", limit="none")
        return cls(catalogue)

    def learn(self, catalogue: Catalogue) -> None:
        """Know the new ones."""
        self.catalogue = catalogue

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Say what is loud, oldest first."""
        order = np.argsort(batch.time_us, kind="stable").tolist()
        findings = []
        for row in order:
            which, time_us, value = int(batch.datastream[row]), int(batch.time_us[row]), float(batch.result[row])
            if which not in self.catalogue.datastreams or not 0 <= time_us <= to_us(at) + 60_000_000:
                continue
            if time_us <= self.newest_us.get(which, -1):
                continue
            self.newest_us[which] = time_us
            if LOUD < value < 1e9:
                findings.append(self.loud(which, time_us, at))
        return findings

    def loud(self, which: int, time_us: int, at: datetime) -> Finding:
        """Say that a datastream is loud."""
        return Finding(
            key=FindingKey(f"toy:{which}:{time_us}"),
            tool=ToolId("toy"),
            kind=Kind.ANOMALY,
            subject=f"thing:{self.catalogue.datastreams[DatastreamId(which)].thing}",
            headline=Phrase(template="loud"),
            why=Phrase(template="above {limit}", values={"limit": LOUD}),
            began=from_us(time_us),
            noticed=at,
            ended=from_us(time_us),
            datastreams=(DatastreamId(which),),
        )

    def tick(self, *, at: datetime) -> Sequence[Finding]:
        """Say nothing."""
        assert at.tzinfo is not None
        return ()

    def explain(self, finding: Finding) -> Evidence:
        """Say why."""
        return Evidence(finding=finding.key, summary=Phrase(template="it was loud"))


def subject(directory: Path, factory: type = Toy, **changes: Any) -> Subject:
    """Return a tool under test with every file a tool holds, and one day of the suite's sample that has something in it."""
    for name in FILES:
        (directory / name).write_text("")
    installed = Fitted(id=ToolId("toy"), package="testing.toys", directory=directory, manifest=MANIFEST)
    catalogue = sample_catalogue(MANIFEST)
    steps = sample_steps(catalogue)[144 * 2 :: 3]
    made = Subject(installed=installed, manifest=MANIFEST, factory=factory, catalogue=catalogue, steps=steps)
    return replace(made, **changes)


class Fitted(InstalledTool):
    """An entry as if installed."""

    __slots__ = ()


def faults(check: Any, under_test: Subject) -> list[str]:
    """Return what one check finds."""
    found: Iterator[str] = check(under_test)
    return list(found)
