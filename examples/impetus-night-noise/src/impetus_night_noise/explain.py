"""From a finding to what an operator can check by eye: the series and the limit."""

import numpy as np

from impetus.core.evidence import MAX_SERIES, Evidence, SeriesEvidence
from impetus.core.finding import Finding
from impetus.core.observation import Batch, Catalogue, Datastream, to_us
from impetus.core.text import Phrase

POINTS = 96
"""Points of a plot; what fits a screen's width at a glance."""

SUMMARY = "The line is what was measured; the band ends at the limit of {limit}"


def explain(finding: Finding, recent: Batch, catalogue: Catalogue, limit: float) -> Evidence:
    """Return the series behind a finding with the limit as its upper bound."""
    shown = [catalogue.datastreams[one] for one in finding.datastreams[:MAX_SERIES] if one in catalogue.datastreams]
    return Evidence(
        finding=finding.key,
        summary=Phrase(template=SUMMARY, values={"limit": limit}),
        series=tuple(_series(datastream, recent, limit, to_us(finding.began)) for datastream in shown),
    )


def _series(datastream: Datastream, recent: Batch, limit: float, began_us: int) -> SeriesEvidence:
    rows = np.flatnonzero(recent.datastream == datastream.id)[-POINTS:]
    return SeriesEvidence(
        datastream=datastream.id,
        title=Phrase(template="{thing}", values={"thing": datastream.thing_name}),
        unit=datastream.unit,
        time_us=recent.time_us[rows],
        measured=recent.result[rows],
        low=np.full(len(rows), np.nan),
        high=np.full(len(rows), limit),
        coverage=1.0,
        from_us=began_us,
    )
