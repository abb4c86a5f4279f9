"""Glue: observations in, findings out."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Self

from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.ids import ThingKey
from impetus.core.observation import Batch, Catalogue, to_us
from impetus.core.standing import Standing
from impetus.core.tool import Setting
from impetus.tools.bacteria.config import Config, from_settings
from impetus.tools.bacteria.detect import Detector, Judged
from impetus.tools.bacteria.episodes import Episodes
from impetus.tools.bacteria.explain import explain, remember
from impetus.tools.bacteria.instrument import Inlet, Sample
from impetus.tools.bacteria.origin import origin_of
from impetus.tools.bacteria.repairs import Repairs
from impetus.tools.bacteria.stand import standing_of
from impetus.tools.bacteria.warm import rehearse
from impetus.tools.bacteria.wind import Masts
from impetus.tools.bacteria.words import episode_finding, fault_finding


class Tool:
    """The Bacteria Detector. `SITE_SETTINGS` are settings the host fills in from the site's own when unset."""

    SITE_SETTINGS = ("timezone",)

    def __init__(self, config: Config, catalogue: Catalogue) -> None:
        self.config = config
        self.inlet = Inlet(wait_us=int(config.wait_s * 1e6))
        self.detector = Detector(config=config)
        self.episodes = Episodes(config=config)
        self.repairs = Repairs()
        self.masts = Masts()
        self.past: dict[ThingKey, deque[Judged]] = {}
        self.learn(catalogue)

    @classmethod
    def create(cls, settings: Mapping[str, Setting], catalogue: Catalogue) -> Self:
        """Build a fresh tool; unknown or out-of-range settings raise `Misconfigured`."""
        return cls(from_settings(settings), catalogue)

    @classmethod
    def warm(cls) -> None:
        """Compile what is compiled, before anybody waits for it."""
        rehearse()

    def learn(self, catalogue: Catalogue) -> None:
        """Take in a changed catalogue without forgetting what was learned."""
        self.catalogue = catalogue
        self.inlet.learn(catalogue)
        self.masts.learn(catalogue)
        self.detector.learn(catalogue)
        self.episodes.forget(frozenset(self.detector.samplers))

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Put samples together, judge those that are whole, and say what began, changed or ended, in that order."""
        self.masts.take(batch)
        return self._told(self.inlet.take(batch, at_us=to_us(at)), at)

    def tick(self, *, at: datetime) -> Sequence[Finding]:
        """Judge samples nobody completes any more, and end what can no longer be seen."""
        findings = self._told(self.inlet.expire(at_us=to_us(at)), at)
        for news in self.episodes.expire(at_us=to_us(at)):
            findings.append(episode_finding(news.episode, over=news.over, silent=news.silent, at=at))
        return findings

    def explain(self, finding: Finding) -> Evidence:
        """Return the series behind a finding, and where it may have come from."""
        area = origin_of(finding, self.past, self.masts, self.catalogue)
        return replace(explain(finding, self.past, self.catalogue), area=area)

    def standing(self, *, at: datetime) -> Standing:
        """Return how every sampler stands."""
        return standing_of(self.detector, self.episodes, self.repairs, self.past, at_us=to_us(at))

    def _told(self, samples: Sequence[Sample], at: datetime) -> list[Finding]:
        return [finding for sample in samples for finding in self._of(sample, at)]

    def _of(self, sample: Sample, at: datetime) -> Iterator[Finding]:
        """Judge one sample and yield what there is to tell of it."""
        stream = self.detector.samplers[sample.thing].stream
        judged = self.detector.take(sample)
        remember(self.past, judged)
        for repair in self.repairs.saw(judged):
            yield fault_finding(repair.judged, stream, repair.began_us, over=repair.over, at=at)
        for news in self.episodes.saw(judged, stream):
            yield episode_finding(news.episode, over=news.over, silent=news.silent, at=at)
