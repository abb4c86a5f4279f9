"""Glue: observations in, findings out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

import numpy as np

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
        """Score readings, learn from them, and say what began, changed or ended."""
        scored = self.detector.take(batch, at=at)
        faults = self._marked(batch, scored, at)
        self._grown(batch, scored)
        return [*self.events.told(at=at), *faults]

    def tick(self, *, at: datetime) -> Sequence[Finding]:
        """End what can no longer be seen."""
        self.events.expire(at=at)
        return self.events.told(at=at)

    def explain(self, finding: Finding) -> Evidence:
        """Return the series behind a finding."""
        return explain(finding, self.detector.columns, self.catalogue)

    def _marked(self, batch: Batch, scored: Scored, at: datetime) -> list[Finding]:
        """Turn marked readings into events and faults, in the order of time."""
        faults: list[Finding] = []
        marked = np.flatnonzero((scored.mark != Mark.NOTHING) | (scored.fault != Fault.NOTHING))
        rows = scored.row[marked]
        for entry in marked[np.lexsort((batch.datastream[rows], batch.time_us[rows]))]:
            event = _event(batch, scored, int(entry))
            datastream = self.catalogue.datastreams[event.datastream]
            if scored.mark[entry] == Mark.STARTED:
                self.events.started(event, datastream)
            elif scored.mark[entry] == Mark.ENDED:
                self.events.ended(datastream, event.time_us)
            if scored.fault[entry] != Fault.NOTHING and len(faults) < MAX_FAULTS:
                faults.append(self._fault(scored, int(entry), event, at))
            elif scored.fault[entry] != Fault.NOTHING:
                self.faults_left_out += 1
        return faults

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

    def _grown(self, batch: Batch, scored: Scored) -> None:
        """Tell running events their newest readings."""
        running = self.events.running()
        if running:
            for entry in np.flatnonzero(np.isin(batch.datastream[scored.row], running)):
                event = _event(batch, scored, int(entry))
                self.events.grew(event, self.catalogue.datastreams[event.datastream])


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
