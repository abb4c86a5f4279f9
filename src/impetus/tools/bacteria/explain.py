"""From a finding to what an operator can check by eye: a sampler's last samples against the band they were expected in."""

from collections import deque
from collections.abc import Mapping, Sequence

import numpy as np

from impetus.core.evidence import MAX_SERIES, Evidence, SeriesEvidence
from impetus.core.finding import Finding
from impetus.core.ids import ThingKey
from impetus.core.observation import Catalogue, Datastream, to_us
from impetus.core.text import Phrase
from impetus.tools.bacteria.course import COVERAGE, POINTS
from impetus.tools.bacteria.detect import Judged

TITLE = "Airborne bacteria at {thing}"
SUMMARY = "The line is what was measured, the band is where {percent} % of samples were expected by season, time of day and the samples before. A sample with a fault is left out"
SUMMARY_GONE = "The samplers of this finding are no longer declared, so no series can be shown"

Past = Mapping[ThingKey, deque[Judged]]


def remember(past: dict[ThingKey, deque[Judged]], judged: Judged) -> None:
    """Keep a sample for the plots of its sampler."""
    past.setdefault(judged.sample.thing, deque(maxlen=POINTS)).append(judged)


def explain(finding: Finding, past: Past, catalogue: Catalogue) -> Evidence:
    """Return the plots of a finding, the sampler that leads first."""
    shown = [
        _series(stream, past[stream.thing], to_us(finding.began))
        for identity in finding.datastreams[:MAX_SERIES]
        if (stream := catalogue.datastreams.get(identity)) is not None and stream.thing in past
    ]
    values = {"percent": round(100 * COVERAGE)}
    summary = Phrase(template=SUMMARY if shown else SUMMARY_GONE, values=values)
    return Evidence(finding=finding.key, summary=summary, series=tuple(shown))


def _series(stream: Datastream, judged: Sequence[Judged], began_us: int) -> SeriesEvidence:
    sound = [one for one in judged if not one.fault]
    low, high = np.array([one.low for one in sound]), np.array([one.high for one in sound])
    return SeriesEvidence(
        datastream=stream.id,
        title=Phrase(template=TITLE, values={"thing": stream.thing_name}),
        unit=stream.unit,
        time_us=np.array([one.sample.time_us for one in sound], dtype=np.int64),
        measured=np.array([one.sample.concentration for one in sound], dtype=np.float64),
        low=np.maximum(low.astype(np.float64), stream.lowest),
        high=np.minimum(high.astype(np.float64), stream.highest),
        coverage=COVERAGE,
        from_us=began_us,
    )
