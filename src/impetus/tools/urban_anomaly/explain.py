"""From a finding to what an operator can check by eye: the measured series against the band it was expected in."""

from collections.abc import Sequence

import numpy as np

from impetus.core.evidence import MAX_SERIES, Evidence, SeriesEvidence
from impetus.core.finding import Finding
from impetus.core.observation import Catalogue, Datastream, from_us, to_us
from impetus.core.text import Phrase, Value
from impetus.core.verdict import VerdictKind
from impetus.tools.urban_anomaly.calibrate import reaches
from impetus.tools.urban_anomaly.columns import Columns
from impetus.tools.urban_anomaly.episodes import Episode
from impetus.tools.urban_anomaly.telling import COVERAGE

TITLE = "{property} at {thing}"
SUMMARY = "The line is what was measured, the band is where {percent} % of this sensor's past readings lay around what its time of day and recent level made normal"
LIKE = "; like it before here: {count}, the last at {last}"
SUMMARY_LIKE = {
    None: SUMMARY + LIKE,
    VerdictKind.BENIGN: SUMMARY + LIKE + ", found harmless",
    VerdictKind.EXPECTED: SUMMARY + LIKE + ", found planned",
    VerdictKind.TRUE: SUMMARY + LIKE + ", found true",
}
SUMMARY_GONE = "The sensors of this finding are no longer declared, so no series can be shown"


def explain(finding: Finding, columns: Columns, catalogue: Catalogue, like: Sequence[Episode] = ()) -> Evidence:
    """Return the plots of a finding, most telling first, and say what was like it before; `like` newest first."""
    shown = [
        _series(catalogue.datastreams[identity], columns, to_us(finding.began))
        for identity in finding.datastreams[:MAX_SERIES]
        if identity in catalogue.datastreams and identity < len(columns.known)
    ]
    if not shown:
        return Evidence(finding=finding.key, summary=Phrase(template=SUMMARY_GONE))
    template = SUMMARY
    values: dict[str, Value] = {"percent": round(100 * shown[0].coverage)}
    if like:
        template = SUMMARY_LIKE[like[0].verdict]
        values = {**values, "count": len(like), "last": f"{from_us(like[0].began_us):%Y-%m-%d %H:%M} UTC"}
    return Evidence(finding=finding.key, summary=Phrase(template=template, values=values), series=tuple(shown))


def _series(datastream: Datastream, columns: Columns, began_us: int) -> SeriesEvidence:
    row = int(datastream.id)
    order = np.roll(np.arange(columns.ring_time.shape[0]), -int(columns.ring_at[row]) - 1)
    order = order[columns.ring_time[order, row] >= 0]
    expected = columns.ring_expected[order, row].astype(np.float64)
    reach = float(reaches(columns.sizes[:, [row]], columns.readings[[row]], COVERAGE)[0])
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
        coverage=COVERAGE,
        from_us=began_us,
    )
