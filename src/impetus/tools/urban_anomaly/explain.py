"""From a finding to what an operator can check by eye: the measured series against the band it was expected in."""

import numpy as np

from impetus.core.evidence import MAX_SERIES, Evidence, SeriesEvidence
from impetus.core.finding import Finding
from impetus.core.observation import Catalogue, Datastream, to_us
from impetus.core.text import Phrase
from impetus.tools.urban_anomaly.columns import LEVELS, STEPS_PER_DOUBLING, Columns

COVERAGE = 0.98
"""Share of a datastream's past readings that lay inside a band of the width drawn. One in fifty outside. House choice."""
LEAST_REACH = 1.0
"""Narrowest band drawn, in robust deviations: sizes below one are not told apart."""
WIDEST_REACH = 20.0
"""Widest band drawn, in robust deviations; a sensor that erratic has no useful band."""
TITLE = "{property} at {thing}"
SUMMARY = "The line is what was measured, the band is where {percent} % of this sensor's past readings lay around what its time of day and recent level made normal"
SUMMARY_GONE = "The sensors of this finding are no longer declared, so no series can be shown"


def explain(finding: Finding, columns: Columns, catalogue: Catalogue) -> Evidence:
    """Return the plots of a finding, most telling first."""
    shown = [
        _series(catalogue.datastreams[identity], columns, to_us(finding.began))
        for identity in finding.datastreams[:MAX_SERIES]
        if identity in catalogue.datastreams and identity < len(columns.known)
    ]
    template = SUMMARY if shown else SUMMARY_GONE
    percent = round(100 * shown[0].coverage) if shown else 0
    return Evidence(
        finding=finding.key, summary=Phrase(template=template, values={"percent": percent}), series=tuple(shown)
    )


def reach_of(columns: Columns, row: int, coverage: float = COVERAGE) -> tuple[float, float]:
    """Return how many robust deviations hold this share of the past readings, and the share they really held.

    Counts are per size of surprise, so the width is rounded up to the next size and the coverage is at least what was
    asked; with too little past to tell, the widest band is drawn with the coverage of what there is.
    """
    readings = float(columns.readings[row])
    sizes = columns.sizes[:, row].astype(np.float64)
    if readings <= 0:
        return WIDEST_REACH, 1.0
    inside = 1.0 - np.cumsum(sizes[::-1])[::-1] / readings
    enough = np.flatnonzero(inside >= coverage)
    level = int(enough[0]) if len(enough) else LEVELS - 1
    reach = min(max(2.0 ** (level / STEPS_PER_DOUBLING), LEAST_REACH), WIDEST_REACH)
    return reach, float(min(max(inside[level], 0.0), 1.0))


def _series(datastream: Datastream, columns: Columns, began_us: int) -> SeriesEvidence:
    row = int(datastream.id)
    order = np.roll(np.arange(columns.ring_time.shape[0]), -int(columns.ring_at[row]) - 1)
    order = order[columns.ring_time[order, row] >= 0]
    expected = columns.ring_expected[order, row].astype(np.float64)
    reach, coverage = reach_of(columns, row)
    margin = reach * columns.ring_scale[order, row].astype(np.float64)
    return SeriesEvidence(
        datastream=datastream.id,
        title=Phrase(
            template=TITLE,
            values={
                "property": datastream.observed_property.replace("_", " ").capitalize(),
                "thing": datastream.thing_name,
            },
        ),
        unit=datastream.unit,
        time_us=columns.ring_time[order, row],
        measured=columns.ring_value[order, row].astype(np.float64),
        low=np.maximum(expected - margin, datastream.lowest),
        high=np.minimum(expected + margin, datastream.highest),
        coverage=coverage,
        from_us=began_us,
    )
