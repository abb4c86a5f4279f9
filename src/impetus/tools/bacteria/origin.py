"""From judged samples to the area a load came from: which samples count, and what was usual where each was drawn."""

import math
from collections.abc import Iterable, Mapping, Sequence

from impetus.core.finding import Finding, Kind
from impetus.core.ids import ThingKey
from impetus.core.observation import US_PER_S, Catalogue, Datastream, to_us
from impetus.core.source_area import SourceArea
from impetus.tools.bacteria.detect import Judged
from impetus.tools.bacteria.instrument import CONCENTRATION
from impetus.tools.bacteria.source import AirSample, locate
from impetus.tools.bacteria.wind import Masts

BEFORE_US = 3 * 3_600 * US_PER_S
"""Samples that ended up to so long before the event count as well: what was not there yet says where it is not. Three hours."""
UNSAID_S = 3_600.0
"""How long a sample is taken to have been drawn that does not say so: an hour."""
SIGMAS = 2 * 1.645
"""Deviations between the ends of a band that holds nine in ten."""
LEAST_SPREAD = 0.2
"""Narrowest spread of what is usual, as a share of it. House rule: no sampler is known better."""


def origin_of(
    finding: Finding, past: Mapping[ThingKey, Iterable[Judged]], masts: Masts, catalogue: Catalogue
) -> SourceArea | None:
    """Return the area of an event, None for a fault, without wind, or where no sampler stands on the map."""
    if finding.kind is not Kind.ANOMALY:
        return None
    streams = {each.thing: each for each in catalogue.datastreams.values() if each.observed_property == CONCENTRATION}
    since_us, until_us = to_us(finding.began) - BEFORE_US, to_us(finding.noticed)
    samples = [
        sample
        for thing, judged in sorted(past.items())
        if (stream := streams.get(thing)) is not None
        for sample in usable(stream, judged, since_us, until_us)
    ]
    if not samples:
        return None
    return locate(samples, masts.winds(min(each.began_us for each in samples), max(each.ended_us for each in samples)))


def usable(stream: Datastream, judged: Iterable[Judged], since_us: int, until_us: int) -> Sequence[AirSample]:
    """Return a sampler's samples between two times that are sound and were judged."""
    if stream.point is None:
        return ()
    found = []
    for one in judged:
        sample = one.sample
        known = one.expected
        if one.fault or not since_us <= sample.time_us <= until_us or not known > 0.0:
            continue
        duration_s = sample.duration_s if sample.duration_s > 0 else UNSAID_S
        spread = (one.high - one.low) / SIGMAS
        found.append(
            AirSample(
                thing=sample.thing,
                name=stream.thing_name,
                point=stream.point,
                began_us=sample.time_us - int(duration_s * US_PER_S),
                ended_us=sample.time_us,
                measured=sample.concentration,
                expected=known,
                spread=max(spread if math.isfinite(spread) else 0.0, LEAST_SPREAD * known),
                limit=sample.limit if sample.limit > 0 else 0.0,
            )
        )
    return found
