"""The tool's figures on a city: replayed day by day, moment by moment, with what was announced told beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from zoneinfo import ZoneInfo

import numpy as np

from impetus.core.errors import Malformed
from impetus.core.finding import Finding, Kind
from impetus.core.observation import US_PER_S, Batch, Float64s, Int64s, from_us, to_us
from impetus.core.tool import Setting, Stands
from impetus.tools.urban_anomaly.city_baselines import CityBaselines
from impetus.tools.urban_anomaly.city_read import CityFiles
from impetus.tools.urban_anomaly.city_score import EVENT, FAULT, Ground, Incident, city_score
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.evaluate_nab import rounded
from impetus.tools.urban_anomaly.metrics import interval_90
from impetus.tools.urban_anomaly.replay import Progress, replay
from impetus.tools.urban_anomaly.seasons import offsets_s
from impetus.tools.urban_anomaly.tool import Tool

DAY_US = 86_400 * US_PER_S
ASKED_EVERY_US = 3_600 * US_PER_S
"""How often the tool is asked for the ranges it expects."""
AROUND_US = 24 * 3_600 * US_PER_S
"""After a happening, readings of its datastreams do not count for coverage for a day."""
SEED = 20_140_404
NO_READING = "put readings into observations/*.parquet"


@dataclass(slots=True, kw_only=True)
class Told:
    """What the tool tells, gathered into incidents. Mutable."""

    tool: Tool
    incidents: list[Incident] = field(default_factory=list)
    known: dict[tuple[str, int], list[Incident]] = field(default_factory=dict)

    def take(self, findings: Sequence[Finding], at_us: int) -> None:
        """Add findings to the incidents they belong to: of one sort, begun at one moment, with a datastream in common.

        That an incident is over is no telling of it, unless nothing was told before.
        """
        for finding in findings:
            category = EVENT if finding.kind is Kind.ANOMALY else FAULT
            streams = frozenset(int(stream) for stream in finding.datastreams)
            alike = self.known.setdefault((category, to_us(finding.began)), [])
            known = next((one for one in alike if any(streams & named for _, named in one.told)), None)
            if known is None:
                fresh = Incident(category=category, lead=self._lead(finding), told=[(at_us, streams)])
                alike.append(fresh)
                self.incidents.append(fresh)
            elif finding.ended is None:
                known.told.append((at_us, streams))

    def _lead(self, finding: Finding) -> tuple[int, ...]:
        """Return the datastreams that the explanation shows, in its order."""
        return tuple(int(series.datastream) for series in self.tool.explain(finding).series)


@dataclass(slots=True, kw_only=True)
class Coverage:
    """How many calm readings lay inside the range the tool expected them in, by datastream. Mutable."""

    inside: Int64s
    asked: Int64s
    calm_until_us: Sequence[tuple[int, int, frozenset[int]]]
    stated: float | None = None

    def take(self, tool: object, at_us: int) -> None:
        """Ask the tool how everything stands, and count what nothing is known to happen to."""
        if not isinstance(tool, Stands):
            return
        standing = tool.standing(at=from_us(at_us))
        self.stated = standing.coverage
        ids, fresh = standing.datastream, standing.time_us > at_us - ASKED_EVERY_US
        fresh &= np.isfinite(standing.low) & np.isfinite(standing.high) & np.isfinite(standing.measured)
        busy = {stream for since, until, streams in self.calm_until_us if since <= at_us <= until for stream in streams}
        if any(since <= at_us <= until and not streams for since, until, streams in self.calm_until_us):
            return
        fresh &= ~np.isin(ids, list(busy))
        within = (standing.measured >= standing.low) & (standing.measured <= standing.high)
        self.asked[ids[fresh]] += 1
        self.inside[ids[fresh & within]] += 1

    def figures(self) -> dict[str, object]:
        """Return the share inside, the worst datastream, and the interval over datastreams."""
        rows = np.flatnonzero(self.asked)
        if not len(rows):
            return {"range_coverage": None, "range_coverage_stated": self.stated}
        inside, asked = self.inside[rows], self.asked[rows]
        often = asked >= max(1, int(np.median(asked) / 2))
        ends = interval_90(len(rows), lambda drawn: float(inside[drawn].sum() / asked[drawn].sum()), seed=SEED)
        return {
            "range_coverage": rounded(float(inside.sum() / asked.sum()), 4),
            "range_coverage_stated": self.stated,
            "range_coverage_worst": rounded(float((inside[often] / asked[often]).min()), 4),
            "range_coverage_interval_90": None if ends is None else [rounded(end, 4) for end in ends],
        }


def city_figures(city: CityFiles, progress: Progress) -> Mapping[str, object]:
    """Return figures of the tool and the baselines on a city."""
    streams = city.catalogue.datastreams
    tool = Tool.create(settings_of(city), city.catalogue)
    announce(tool, city)
    told = Told(tool=tool)
    highest = city.catalogue.highest_id()
    coverage = Coverage(
        inside=np.zeros(highest + 1, dtype=np.int64),
        asked=np.zeros(highest + 1, dtype=np.int64),
        calm_until_us=[(truth.start_us, truth.end_us + AROUND_US, truth.streams) for truth in city.truths],
    )
    begin_us, end_us, readings, zone = 0, 0, 0, ZoneInfo(city.timezone)
    baselines: CityBaselines | None = None
    for number, (batch, arrival_us) in enumerate(city.days(), start=1):
        if not len(batch):
            continue
        if baselines is None:
            begin_us = int(arrival_us.min()) + int(city.warm_up_days * DAY_US)
            baselines = CityBaselines.of(highest, begin_us)
        _day(tool, (batch, arrival_us), told, coverage, begin_us)
        baselines.take(batch, arrival_us, local_s(batch, zone))
        end_us, readings = int(arrival_us.max()) + 1, readings + len(batch)
        progress(f"file {number} of {len(city.files)}: {readings:,} readings, {len(told.incidents)} incidents told")
    if baselines is None:
        raise Malformed("the city's observations hold no reading", value=0, limit="one reading", remedy=NO_READING)
    ground = Ground(
        truths=city.truths,
        cadence_s={int(identity): stream.cadence_s for identity, stream in streams.items()},
        zone={int(identity): str(stream.zone or stream.thing) for identity, stream in streams.items()},
        begin_us=begin_us,
        end_us=end_us,
    )
    others = baselines.all(end_us)
    scored = city_score(told.incidents, ground)
    return {
        "tool": "urban_anomaly",
        "layout": "city",
        **scored,
        **coverage.figures(),
        "streams": len(streams),
        "readings": readings,
        "baselines": {name: _short(city_score(incidents, ground)) for name, incidents in others.items()},
    }


def settings_of(city: CityFiles) -> dict[str, Setting]:
    """Return the settings an installation of this city would have."""
    settings: dict[str, Setting] = {"timezone": city.timezone}
    if city.country and "country" in {item.name for item in fields(Config)}:
        settings["country"] = city.country
    return settings


def announce(tool: Tool, city: CityFiles) -> None:
    """Tell the tool the city's plan, when it takes plans."""
    planned = getattr(tool, "planned", None)
    if planned is not None and city.planned:
        planned(tuple(city.planned))


def local_s(batch: Batch, zone: ZoneInfo) -> Int64s:
    """Return local seconds since 1970 of readings."""
    return np.asarray(batch.time_us // US_PER_S + offsets_s(batch.time_us, zone), dtype=np.int64)


def _day(tool: Tool, readings: tuple[Batch, Int64s], told: Told, coverage: Coverage, begin_us: int) -> None:
    """Replay one file."""
    for moment in replay(tool, *readings):
        if moment.findings:
            told.take(moment.findings, moment.at_us)
        if moment.at_us >= begin_us and moment.at_us % ASKED_EVERY_US == 0:
            coverage.take(tool, moment.at_us)


def _short(figures: dict[str, object]) -> dict[str, object]:
    """Return a baseline's figures without the tables by kind."""
    return {name: figure for name, figure in figures.items() if "_by_" not in name}


Scores = Float64s
