"""Glue: observations in, findings out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

import numpy as np

from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.ids import DatastreamId
from impetus.core.observation import Batch, Catalogue, Int64s, to_us
from impetus.core.standing import Forecast, Standing
from impetus.core.tool import Setting, Window
from impetus.core.verdict import Verdict
from impetus.tools.urban_anomaly import stand
from impetus.tools.urban_anomaly.config import Config, from_settings
from impetus.tools.urban_anomaly.detect import Detector
from impetus.tools.urban_anomaly.episodes import Episodes
from impetus.tools.urban_anomaly.events import Events
from impetus.tools.urban_anomaly.explain import explain
from impetus.tools.urban_anomaly.faults import Faults
from impetus.tools.urban_anomaly.graph import graph_of
from impetus.tools.urban_anomaly.left import watched
from impetus.tools.urban_anomaly.region import Region
from impetus.tools.urban_anomaly.seen import bars_of, hours_of_week, seen_in_order
from impetus.tools.urban_anomaly.telling import Conditions, Telling
from impetus.tools.urban_anomaly.warm import made_up, rehearse


class Tool:
    """The Urban Anomaly Detector. `SITE_SETTINGS` are settings the host fills in from the site's own when unset."""

    SITE_SETTINGS = ("timezone",)

    def __init__(self, config: Config, catalogue: Catalogue) -> None:
        self.leaves = config.leaves
        catalogue = self.catalogue = watched(catalogue, config.leaves)
        self.detector = Detector(config, catalogue)
        graph = graph_of(catalogue, len(self.detector.columns.known))
        self.region = Region(config, graph)
        self.faults = Faults(config, catalogue, graph)
        self.conditions = Conditions(catalogue=catalogue)
        self.events = Events(config=config, catalogue=catalogue, graph=graph)
        self.episodes = Episodes()

    @classmethod
    def create(cls, settings: Mapping[str, Setting], catalogue: Catalogue) -> Self:
        """Build a fresh tool; unknown or out-of-range settings raise `Misconfigured`."""
        return cls(from_settings(settings), catalogue)

    @classmethod
    def warm(cls) -> None:
        """Compile what is compiled, before anybody waits for it."""
        rehearse(cls(Config(), made_up()))

    def learn(self, catalogue: Catalogue) -> None:
        """Take in a changed catalogue without forgetting what was learned; what is left to others is not watched."""
        catalogue = self.catalogue = watched(catalogue, self.leaves)
        self.detector.learn(catalogue)
        graph = graph_of(catalogue, len(self.detector.columns.known))
        self.region.learn(graph)
        self.faults.learn(catalogue, graph)
        self.conditions.learn(catalogue)
        self.events.learn(catalogue, graph)

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Score readings, learn from them, and say what began, changed or ended, in the order it happened."""
        sound, clocks = self.faults.screen(batch, at=at)
        batch = batch if sound.all() else batch.take(sound)
        seen = seen_in_order(batch, self.detector.take(batch, at=at))
        around = self.region.take(seen, self.detector.columns.cadence_s, bars_of(self.detector, seen))
        silences = self.faults.silent(seen)
        looked = self.faults.look(seen, around, hours_of_week(seen.time_us, self.detector.zone))
        for fault in clocks:
            self.events.broken(DatastreamId(fault.datastream))
        telling = Telling(seen=seen, around=around, looked=looked, columns=self.detector.columns)
        findings = [
            *self.conditions.told(clocks, at=at),
            *telling.findings(self.events, self.conditions, at=at),
            *self.conditions.told(silences, at=at),
        ]
        self.episodes.keep(self.events.given_up())
        return findings

    def tick(self, *, at: datetime) -> Sequence[Finding]:
        """End what can no longer be seen."""
        return self.events.expire(at=at)

    def explain(self, finding: Finding) -> Evidence:
        """Return the series behind a finding."""
        like = self.episodes.like(finding, self.detector.zone)
        return explain(finding, self.detector.columns, self.catalogue, like)

    def judged(self, verdicts: Sequence[Verdict]) -> None:
        """Learn what people found alerts to be: patience for those datastreams in that context, fading, never blindness."""
        self.episodes.judge(verdicts)
        for verdict in verdicts:
            ids = np.array(sorted(map(int, verdict.datastreams)), dtype=np.int64)
            self.detector.accept(ids, verdict.began_us, verdict.ended_us, verdict.kind.value)

    def planned(self, windows: Sequence[Window]) -> None:
        """Know what is planned from now on, in place of what was planned before."""
        self.detector.plan(windows)

    def standing(self, *, at: datetime) -> Standing:
        """Return how every datastream stands, for the screens."""
        return stand.standing(self.detector, self.faults, at_us=to_us(at))

    def forecast(self, times_us: Int64s, *, at: datetime) -> Forecast:
        """Return what is expected of every datastream at times to come."""
        return stand.forecast(self.detector, times_us, at_us=to_us(at))
