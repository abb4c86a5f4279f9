"""The tool's figures from labelled series: every sample once, in order, through the tool as shipped, nothing looked at ahead.

False alarms come first: how many there were against how many were promised, all together and at the worst sampler. Then what was
found of the outbreaks, how late, and what simple charts would have found that were given their threshold on the same files.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from impetus.core.errors import Unknown
from impetus.core.finding import Finding, Kind, Severity
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import Catalogue, Datastream, batch_of, from_us
from impetus.tools.bacteria.baselines import BASELINES
from impetus.tools.bacteria.config import Config
from impetus.tools.bacteria.detect import MONTH_DAYS
from impetus.tools.bacteria.figures import (
    RARER,
    Scored,
    detection,
    equalised,
    false_alarms,
    fault_scores,
    levels,
)
from impetus.tools.bacteria.instrument import CONCENTRATION
from impetus.tools.bacteria.regions import region_figures
from impetus.tools.bacteria.series import Series, read_series_of
from impetus.tools.bacteria.tool import Tool

Progress = Callable[[str], None]
CHUNK = 500


def evaluate(directory: Path, progress: Progress) -> Mapping[str, object]:
    """Measure the tool on a directory; `Unknown` when it is absent or holds no series."""
    if not directory.is_dir():
        raise Unknown(
            f"{directory} is not there",
            value=str(directory),
            limit="a directory with a series per sampler",
            remedy="make one with `impetus generate air`, or point IMPETUS_DATA at one",
        )
    series = read_series_of(directory, text_of)
    progress(f"replaying {len(series)} samplers, {sum(len(one) for one in series):,} samples")
    scored = replay(series, progress)
    progress("where releases came from")
    regions = region_figures(directory, text_of, series)
    progress("baselines")
    return {
        **figures_of(scored),
        "regions": regions,
        "region_coverage": regions.get("region_coverage"),
        "region_area_km2": regions.get("region_area_km2"),
    }


def text_of(file: Path) -> str:
    """Return the text of a file; what is not UTF-8 in it is replaced, since only numbers and names matter."""
    return file.read_text(encoding="utf-8-sig", errors="replace")


def figures_of(scored: Sequence[Scored]) -> dict[str, object]:
    """Return every figure of replayed series."""
    config = Config()
    found = detection(scored)
    promised = {"watch": config.watch_per_month, "alarm": config.alarm_per_month}
    faults = fault_scores(scored)
    return {
        "tool": "bacteria",
        "samplers": len(scored),
        "samples": sum(len(one.series) for one in scored),
        "false_alarms_actual_over_nominal": false_alarms(scored),
        "pod": found["pod"],
        "delay": found["delay_days"],
        "detection": found,
        "detection_rarer": detection(scored, RARER),
        "levels": levels(scored, promised, MONTH_DAYS),
        "fault_f1": faults.get("macro_f1"),
        "faults": faults,
        "baselines": {
            name: equalised(scored, [score(one.series) for one in scored]) for name, score in BASELINES.items()
        },
    }


class _Said:
    """What the tool said of one series, by row."""

    def __init__(self, rows: int) -> None:
        self.chance = np.full(rows, np.nan)
        self.watch, self.alarm = np.zeros(rows, dtype=np.bool_), np.zeros(rows, dtype=np.bool_)
        self.fault = [""] * rows


def replay(series: Sequence[Series], progress: Progress) -> list[Scored]:
    """Return every series with what the tool said, all samplers side by side in the order of their samples."""
    catalogue, streams = _catalogue(series)
    tool = Tool.create({}, catalogue)
    said = [_Said(len(one)) for one in series]
    order = sorted(
        (int(time_us), place, row) for place, one in enumerate(series) for row, time_us in enumerate(one.time_us)
    )
    for number, (time_us, place, row) in enumerate(order):
        if number % (CHUNK * 20) == 0:
            progress(f"sample {number:,} of {len(order):,}")
        ids, values = _sample(series[place], streams[place], row)
        at = from_us(time_us) + timedelta(seconds=1)
        findings = tool.observe(batch_of(ids, [time_us] * len(ids), values), at=at)
        _note(said[place], row, tool, ThingKey(f"evaluation/{place}"), findings)
    return [
        Scored(series=one, chance=heard.chance, watch=heard.watch, alarm=heard.alarm, fault=tuple(heard.fault))
        for one, heard in zip(series, said, strict=True)
    ]


def _note(said: _Said, row: int, tool: Tool, thing: ThingKey, findings: Sequence[Finding]) -> None:
    judged = tool.past[thing][-1] if thing in tool.past else None
    if judged is not None:
        said.chance[row], said.fault[row] = judged.chance, str(judged.fault)
    news = [one for one in findings if one.kind is Kind.ANOMALY and one.ended is None]
    said.watch[row] = any(one.severity is not Severity.SEVERE for one in news)
    said.alarm[row] = any(one.severity is Severity.SEVERE for one in news)


def _sample(series: Series, streams: Mapping[str, int], row: int) -> tuple[list[int], list[float]]:
    """Return the readings of one sample: its value and its parts."""
    parts = {CONCENTRATION: float(series.value[row]), **{name: float(part[row]) for name, part in series.parts.items()}}
    return [streams[name] for name in parts], list(parts.values())


def _catalogue(series: Sequence[Series]) -> tuple[Catalogue, list[dict[str, int]]]:
    """Declare each series as a sampler of its own with the parts its file has."""
    datastreams: dict[DatastreamId, Datastream] = {}
    streams: list[dict[str, int]] = []
    for place, one in enumerate(series):
        names = (CONCENTRATION, *one.parts)
        own = {name: len(datastreams) + offset for offset, name in enumerate(names, start=1)}
        streams.append(own)
        for name, identity in own.items():
            datastreams[DatastreamId(identity)] = Datastream(
                id=DatastreamId(identity),
                key=DatastreamKey(f"evaluation/{place}/{name}"),
                source=SourceId("evaluation"),
                thing=ThingKey(f"evaluation/{place}"),
                thing_name=one.name,
                observed_property=name,
                unit="/m3" if name == CONCENTRATION else "1",
                highest=65_535.0 if name == "raw_signal" else 1e18,
                simulated=True,
            )
    return Catalogue(version=1, datastreams=datastreams), streams
