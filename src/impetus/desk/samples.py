"""The network of air samplers: how each stands, the wind, where a load may have come from, and every sample of one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from impetus.core.actor import Actor
from impetus.core.alert import AlertState
from impetus.core.custody import OPEN_SAMPLES, FieldSample
from impetus.core.errors import Unknown
from impetus.core.evidence import SeriesEvidence
from impetus.core.ids import AlertId, DatastreamId, ThingKey, ToolId
from impetus.core.observation import Batch, Datastream, Float64s, from_us
from impetus.core.place import Point
from impetus.core.source_area import SourceArea
from impetus.core.standing import COVERAGE
from impetus.core.text import Phrase
from impetus.desk import read
from impetus.desk.context import Desk
from impetus.desk.custody import samples as field_samples
from impetus.desk.permit import permit
from impetus.desk.sensor_health import Row, row_of
from impetus.desk.standing import Sensors, past, sensors
from impetus.ethics.guard import Operation, may
from impetus.ports import AlertQuery

BACTERIA = ToolId("bacteria")
LOAD, WIND_SPEED, WIND_FROM = "airborne_bacteria", "wind_speed", "wind_direction"
PARTS = ("sample_duration", "air_volume", "collector_volume", "raw_signal", LOAD, "detection_limit", "quality_flag")
"""What one sample consists of, in the order an instrument goes through it."""
OPEN_ALERTS = (AlertState.NEW, AlertState.HELD, AlertState.OFFERED)
MOST_AREAS = 3
"""Areas drawn on one map, of the newest open alerts; more overlap to nothing. House rule."""
LOG_DAYS = 30
"""Days of the sample log shown: as long as readings are kept by default."""
LOG_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaShown:
    """An area and the alert it belongs to."""

    alert: AlertId
    headline: Phrase
    area: SourceArea
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mast:
    """Wind at one place, now: where it blows from in degrees."""

    thing: ThingKey
    name: str
    point: Point | None
    speed_mps: float
    from_deg: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerRow:
    """One sampler: how its load stands, and a second sample by hand that is under way."""

    row: Row
    by_hand: FieldSample | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """All samplers by name, the wind, and areas of open alerts, newest first."""

    at: datetime
    samplers: tuple[SamplerRow, ...]
    masts: tuple[Mast, ...]
    areas: tuple[AreaShown, ...]
    is_simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One sample as the instrument reported it: its parts by observed property, missing ones left out."""

    at: datetime
    parts: Mapping[str, float]

    @property
    def is_below_limit(self) -> bool:
        """Say whether the reader could not tell it from nothing."""
        return self.parts.get(LOAD, np.inf) <= self.parts.get("detection_limit", 0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplerView:
    """One sampler: its samples newest first, its load as a series against what was expected, and samples by hand."""

    sampler: SamplerRow
    units: Mapping[str, str]
    log: tuple[LogRow, ...]
    series: SeriesEvidence | None
    by_hand: tuple[FieldSample, ...]
    areas: tuple[AreaShown, ...]


def network(desk: Desk, actor: Actor) -> Network:
    """Return the network as it stands now; areas only for who may see alerts, samples by hand for who may see those."""
    shown = sensors(desk, actor, on="samplers")
    latest = desk.history.latest()
    by_hand = _by_hand(desk, actor)
    rows = tuple(
        SamplerRow(row=row_of(shown, stream.id), by_hand=by_hand.get(stream.thing)) for stream in _loads(shown)
    )
    return Network(
        at=shown.at,
        samplers=rows,
        masts=_masts(shown, latest),
        areas=areas(desk, actor),
        is_simulated=any(each.row.datastream.simulated for each in rows),
    )


def sampler(desk: Desk, actor: Actor, thing: ThingKey) -> SamplerView:
    """Return one sampler with its log of thirty days; `Unknown` when there is none of that name."""
    permit(desk, actor, Operation.HISTORY_READ, on=f"thing:{thing}")
    shown = sensors(desk, actor, on=f"thing:{thing}")
    stream = next((each for each in _loads(shown) if each.thing == thing), None)
    if stream is None:
        raise Unknown(f"there is no sampler {thing}", value=thing, remedy="choose one from the list of samplers")
    streams = {
        each.observed_property: each
        for each in shown.datastreams.values()
        if each.thing == thing and each.observed_property in PARTS
    }
    since = shown.at - timedelta(days=LOG_DAYS)
    readings = desk.history.read([each.id for each in streams.values()], since, shown.at + timedelta(seconds=1))
    by_hand = field_samples(desk, actor, sampler=thing) if may(actor, Operation.SAMPLES_READ) else ()
    open_one = next((each for each in by_hand if each.state in OPEN_SAMPLES), None)
    return SamplerView(
        sampler=SamplerRow(row=row_of(shown, stream.id), by_hand=open_one),
        units={name: each.unit for name, each in streams.items()},
        log=log_of(readings, {each.id: name for name, each in streams.items()})[:LOG_ROWS],
        series=_series(desk, shown, stream, readings, since),
        by_hand=by_hand,
        areas=tuple(each for each in areas(desk, actor) if thing in {one.thing for one in each.area.samplers}),
    )


def log_of(readings: Batch, names: Mapping[DatastreamId, str]) -> tuple[LogRow, ...]:
    """Return readings put together to samples, newest first: parts of one sample bear one time."""
    found: dict[int, dict[str, float]] = {}
    columns = (readings.datastream.tolist(), readings.time_us.tolist(), readings.result.tolist())
    for datastream, time_us, value in zip(*columns, strict=True):
        if datastream in names and np.isfinite(value):
            found.setdefault(time_us, {})[names[datastream]] = value
    return tuple(LogRow(at=from_us(time_us), parts=found[time_us]) for time_us in sorted(found, reverse=True))


def areas(desk: Desk, actor: Actor) -> tuple[AreaShown, ...]:
    """Return the areas of the newest open alerts about abnormal load; none for who may not see alerts."""
    if not may(actor, Operation.ALERTS_READ):
        return ()
    found: list[AreaShown] = []
    for alert in read.list_alerts(
        desk, actor, AlertQuery(states=OPEN_ALERTS, tool=BACTERIA, limit=2 * MOST_AREAS)
    ).items:
        view = read.alert(desk, actor, alert.id)
        area = next((each.area for each in view.evidences if each.area is not None), None)
        if area is not None:
            shown = AreaShown(alert=alert.id, headline=alert.headline, area=area, simulated=alert.simulated)
            found.append(shown)
    return tuple(found[:MOST_AREAS])


def _loads(shown: Sensors) -> Sequence[Datastream]:
    """Return the datastreams of samplers' loads, by the sampler's name."""
    found = (each for each in shown.datastreams.values() if each.observed_property == LOAD)
    return sorted(found, key=lambda each: (each.thing_name, each.thing))


def _by_hand(desk: Desk, actor: Actor) -> Mapping[ThingKey, FieldSample]:
    if not may(actor, Operation.SAMPLES_READ):
        return {}
    return {each.sampler: each for each in reversed(field_samples(desk, actor, open_only=True))}


def _masts(shown: Sensors, latest: Batch) -> tuple[Mast, ...]:
    """Return the newest wind of each mast that has both halves."""
    newest = dict(zip(latest.datastream.tolist(), zip(latest.time_us, latest.result, strict=True), strict=True))
    halves: dict[ThingKey, dict[str, Datastream]] = {}
    for each in shown.datastreams.values():
        if each.observed_property in (WIND_SPEED, WIND_FROM) and each.id in newest:
            halves.setdefault(each.thing, {})[each.observed_property] = each
    found = []
    for thing, both in sorted(halves.items()):
        if len(both) == 2:  # noqa: PLR2004 - speed and direction
            speed, bearing = newest[both[WIND_SPEED].id], newest[both[WIND_FROM].id]
            if np.isfinite(speed[1]) and np.isfinite(bearing[1]):
                stream = both[WIND_SPEED]
                found.append(
                    Mast(
                        thing=thing,
                        name=stream.thing_name,
                        point=stream.point,
                        speed_mps=float(speed[1]),
                        from_deg=float(bearing[1]) % 360.0,
                        at=from_us(int(min(speed[0], bearing[0]))),
                    )
                )
    return tuple(found)


def _series(desk: Desk, shown: Sensors, stream: Datastream, readings: Batch, since: datetime) -> SeriesEvidence | None:
    """Return the load as a series with the band that was written down before each sample; None without a sample."""
    own = readings.take(readings.datastream == stream.id)
    if not len(own):
        return None
    row = row_of(shown, stream.id)
    low, high = _band(desk, row, own, since, shown.at)
    return SeriesEvidence(
        datastream=stream.id,
        title=Phrase(template="{thing}", values={"thing": stream.thing_name}),
        unit=stream.unit,
        time_us=own.time_us,
        measured=own.result,
        low=low,
        high=high,
        coverage=COVERAGE,
        from_us=2**62,
    )


def _band(desk: Desk, row: Row, own: Batch, since: datetime, until: datetime) -> tuple[Float64s, Float64s]:
    """Return low and high at each sample, NaN where nothing was written down."""
    low, high = np.full(len(own), np.nan), np.full(len(own), np.nan)
    if row.tool is None:
        return low, high
    was = past(desk, [row.tool], np.array([row.datastream.id]), since, until)
    if len(was):
        at = np.searchsorted(was.time_us, own.time_us, side="right").clip(1) - 1
        low, high = was.low[at].astype(np.float64), was.high[at].astype(np.float64)
    low[-1], high[-1] = row.low, row.high
    return low, high
