"""Glue: observations in, findings out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Self

import numpy as np
from numpy.typing import NDArray

from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.ids import DatastreamId
from impetus.core.observation import Batch, Catalogue
from impetus.core.tool import Setting
from impetus.tools.urban_anomaly.config import Config, from_settings
from impetus.tools.urban_anomaly.detect import Detector, Fault, Mark, Scored
from impetus.tools.urban_anomaly.events import Event, Events
from impetus.tools.urban_anomaly.explain import explain
from impetus.tools.urban_anomaly.words import Member, fault_finding

MAX_FAULTS = 100
"""Fault findings of one call; a storm of them is one broken network, and the rest are left out and counted."""


class Tool:
    """The Urban Anomaly Detector. `SITE_SETTINGS` are settings the host fills in from the site's own when unset."""

    SITE_SETTINGS = ("timezone",)

    def __init__(self, config: Config, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.detector = Detector(config, catalogue)
        self.events = Events(config=config)
        self.faults_left_out = 0

    @classmethod
    def create(cls, settings: Mapping[str, Setting], catalogue: Catalogue) -> Self:
        """Build a fresh tool; unknown or out-of-range settings raise `Misconfigured`."""
        return cls(from_settings(settings), catalogue)

    def learn(self, catalogue: Catalogue) -> None:
        """Take in a changed catalogue without forgetting what was learned."""
        self.catalogue = catalogue
        self.detector.learn(catalogue)
        self.events.forget(catalogue)

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Score readings, learn from them, and say what began, changed or ended, in the order it happened."""
        scored = self.detector.take(batch, at=at)
        findings: list[Finding] = []
        faults = 0
        for time_us, entries in _by_time(batch, scored, self._telling(batch, scored)):
            for entry in entries:
                event = _event(batch, scored, entry)
                self._marked(event, Mark(int(scored.mark[entry])))
                if scored.fault[entry] != Fault.NOTHING:
                    faults += 1
                    findings += [self._fault(scored, entry, event, at)] if faults <= MAX_FAULTS else []
            findings += self.events.told(time_us, at=at)
        self.faults_left_out += max(0, faults - MAX_FAULTS)
        return findings

    def tick(self, *, at: datetime) -> Sequence[Finding]:
        """End what can no longer be seen."""
        return self.events.expire(at=at)

    def explain(self, finding: Finding) -> Evidence:
        """Return the series behind a finding."""
        return explain(finding, self.detector.columns, self.catalogue)

    def _telling(self, batch: Batch, scored: Scored) -> NDArray[np.intp]:
        """Return the readings that may change what is told: marked ones, and those of datastreams in an event."""
        marked = scored.mark != Mark.NOTHING
        ids = batch.datastream[scored.row]
        running = [*self.events.running(), *np.unique(ids[marked]).tolist()]
        chosen = marked | (scored.fault != Fault.NOTHING)
        return np.flatnonzero(chosen | np.isin(ids, running) if running else chosen)

    def _marked(self, event: Event, mark: Mark) -> None:
        """Let an event begin, grow or end."""
        datastream = self.catalogue.datastreams[event.datastream]
        if mark is Mark.STARTED:
            self.events.started(event, datastream)
        elif mark is Mark.ENDED:
            self.events.ended(datastream, event.time_us)
        else:
            self.events.grew(event, datastream)

    def _fault(self, scored: Scored, entry: int, event: Event, at: datetime) -> Finding:
        """Say what is wrong with a sensor."""
        fault = Fault(int(scored.fault[entry]))
        member = Member(
            datastream=self.catalogue.datastreams[event.datastream],
            began_us=int(scored.about_us[entry]),
            z=float(scored.about_z[entry]),
            value=float(scored.about_value[entry]),
            expected=event.expected,
            scale=event.scale,
            one_in=event.one_in,
            seen_us=event.time_us,
        )
        ended_us = None if fault is Fault.STUCK else event.time_us
        return fault_finding(member, stuck=fault is not Fault.SPIKE, ended_us=ended_us, at=at)


def _by_time(batch: Batch, scored: Scored, entries: NDArray[np.intp]) -> Iterator[tuple[int, list[int]]]:
    """Yield each time with its entries, oldest first, datastreams in the order of their ids."""
    rows = scored.row[entries]
    order = np.lexsort((batch.datastream[rows], batch.time_us[rows]))
    for time_us, group in groupby(entries[order].tolist(), key=lambda entry: int(batch.time_us[scored.row[entry]])):
        yield time_us, list(group)


def _event(batch: Batch, scored: Scored, entry: int) -> Event:
    row = int(scored.row[entry])
    return Event(
        datastream=DatastreamId(int(batch.datastream[row])),
        time_us=int(batch.time_us[row]),
        z=float(scored.z[entry]),
        value=float(batch.result[row]),
        expected=float(scored.expected[entry]),
        scale=float(scored.scale[entry]),
        one_in=float(scored.one_in[entry]),
    )
