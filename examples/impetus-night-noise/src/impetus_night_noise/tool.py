"""Glue: observations in, findings out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

import numpy as np

from impetus.core.evidence import Evidence
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import DatastreamId, FindingKey, ToolId
from impetus.core.observation import Batch, Catalogue, concatenate, empty_batch, from_us, to_us
from impetus.core.text import Phrase
from impetus.core.tool import Setting
from impetus_night_noise.config import Config, from_settings
from impetus_night_noise.detect import Crossing, Levels, Night
from impetus_night_noise.explain import explain

TOOL = ToolId("night_noise")
REMEMBERED = 20_000
"""Newest readings kept for plots: about half a megabyte."""


class Tool:
    """Night noise. The host fills `SITE_SETTINGS` in from the site's own settings when unset."""

    SITE_SETTINGS = ("timezone",)

    def __init__(self, config: Config, catalogue: Catalogue) -> None:
        self.config = config
        self.levels = Levels()
        self.night = Night(first=config.night_from_hour, until=config.night_until_hour, zone=config.zone())
        self.recent = empty_batch()
        self.learn(catalogue)

    @classmethod
    def create(cls, settings: Mapping[str, Setting], catalogue: Catalogue) -> Self:
        """Build a fresh tool; unknown or out-of-range settings raise `Misconfigured`."""
        return cls(from_settings(settings), catalogue)

    def learn(self, catalogue: Catalogue) -> None:
        """Take in a changed catalogue without forgetting what was learned."""
        self.catalogue = catalogue
        known = np.zeros(catalogue.highest_id() + 1, dtype=np.bool_)
        known[[one for one in catalogue.datastreams if one > 0]] = True
        self.levels.grow(known)

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Take in readings of any order and quality and return what was noticed."""
        sound = self.levels.sound(batch, to_us(at))
        joined = concatenate([self.recent, sound])
        self.recent = joined.take(np.arange(max(0, len(joined) - REMEMBERED), len(joined)))
        crossings = self.levels.take(sound, self.config.limit, self.config.readings, self.night)
        return [self._finding(crossing, at) for crossing in crossings]

    def tick(self, *, at: datetime) -> Sequence[Finding]:
        """Let time pass; this tool says nothing without readings."""
        del at
        return ()

    def explain(self, finding: Finding) -> Evidence:
        """Return the series behind a finding."""
        return explain(finding, self.recent, self.catalogue, self.config.limit)

    def _finding(self, crossing: Crossing, at: datetime) -> Finding:
        """Say that a limit is passed, or no longer. The key is the same however often this is sent."""
        datastream = self.catalogue.datastreams[DatastreamId(crossing.datastream)]
        subject = f"thing:{datastream.thing}"
        key = f"{TOOL}:{Kind.ANOMALY}:{subject}:{crossing.began_us}:{datastream.id}"
        values = {
            "thing": datastream.thing_name,
            "measured": round(crossing.value, 1),
            "unit": datastream.unit,
            "limit": self.config.limit,
        }
        return Finding(
            key=FindingKey(f"{key}:over" if crossing.is_over else key),
            tool=TOOL,
            kind=Kind.ANOMALY,
            subject=subject,
            headline=Phrase(template="Noise above the night limit at {thing}: {measured} {unit}", values=values),
            why=Phrase(template="{measured} {unit} measured, the night limit is {limit} {unit}", values=values),
            began=from_us(crossing.began_us),
            noticed=at,
            ended=from_us(crossing.time_us) if crossing.is_over else None,
            severity=Severity.MINOR,
            urgency=Urgency.PAST if crossing.is_over else Urgency.EXPECTED,
            certainty=Certainty.OBSERVED,
            score=0.5,
            point=datastream.point,
            zone=datastream.zone,
            datastreams=(datastream.id,),
            simulated=datastream.simulated,
            facts={"measured": crossing.value, "limit": self.config.limit},
        )
