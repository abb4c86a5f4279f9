"""How sensors might stand: the seeded square with a believable past, and a made-up city of any size."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ToolId, ZoneId
from impetus.core.observation import Batch, Datastream, Float64s, Int64s, Source, to_us
from impetus.core.place import Point
from impetus.core.standing import FaultKind, Forecast, Standing, StandingState, past_of, unknown_standing
from impetus.desk.context import Desk

UAD = ToolId("urban_anomaly")
STEP = timedelta(minutes=5)
NOMINAL = 0.001
STRANGE, FAULT, SILENT, LEARNING = (
    StandingState.STRANGE,
    StandingState.FAULT,
    StandingState.SILENT,
    StandingState.LEARNING,
)


def made_up_city(count: int) -> tuple[Source, tuple[Datastream, ...]]:
    """Return so many datastreams, three at a thing, scattered in towns over some kilometres; the same for the same count."""
    rng = np.random.default_rng(7)
    towns = rng.normal(0, 0.02, (12, 2))
    properties = ("sound_level", "traffic", "speed")
    made = []
    for number in range(count):
        thing = number // 3
        town = towns[thing % len(towns)]
        spread = np.random.default_rng(thing).normal(0, 0.006, 2)
        made.append(
            Datastream(
                id=DatastreamId(number + 1),
                key=DatastreamKey(f"city/t{thing}/{properties[number % 3]}"),
                source=SourceId("city"),
                thing=ThingKey(f"city/t{thing}"),
                thing_name=f"Cabinet {thing}",
                observed_property=properties[number % 3],
                unit="dB(A)",
                point=Point(lon=10.74 + 2 * (town[0] + spread[0]), lat=59.92 + town[1] + spread[1]),
                zone=ZoneId(f"district-{thing % 12}"),
                simulated=True,
            )
        )
    return Source(id=SourceId("city"), name="The made-up city", kind="simulator", simulated=True), tuple(made)


def city_standing(ids: Int64s, at: datetime, *, seed: int = 1) -> Standing:
    """Return how so many datastreams stand: p spread evenly, one in 300 strange, at fault, silent or learning."""
    rng = np.random.default_rng(seed)
    count = len(ids)
    state = np.ones(count, dtype=np.uint8)
    for wanted in (STRANGE, FAULT, SILENT, LEARNING):
        state[rng.random(count) < 1 / 300] = wanted
    p = np.where(state == STRANGE, rng.random(count) * 1e-4, rng.random(count))
    expected = 55 + 8 * np.sin(ids)
    days = np.full(count, 30.0)
    alarms = rng.poisson(days * NOMINAL)
    alarms[:2] += 4
    return replace(
        unknown_standing(ids, at_us=to_us(at)),
        time_us=np.where(state == SILENT, to_us(at - timedelta(hours=3)), to_us(at)) + 0 * ids,
        measured=expected + rng.normal(0, 2, count) + 15 * (state == STRANGE),
        expected=expected,
        low=expected - 3.3,
        high=expected + 3.3,
        p=np.where(np.isin(state, (FAULT, SILENT, LEARNING)), np.nan, p),
        state=state,
        fault=np.where(state == FAULT, FaultKind.STUCK, FaultKind.NONE).astype(np.uint8),
        alarms=alarms.astype(np.int64),
        days=days,
        nominal=np.full(count, NOMINAL),
        exceeded=rng.binomial(2_880, 0.01, count).astype(np.int64),
        judged=np.full(count, 2_880, dtype=np.int64),
    )


def stand_in_city(desk: Desk, datastreams: Sequence[Datastream], *, hours: int, step: timedelta) -> None:
    """Write a past of some hours, a newest standing and a forecast for a made-up city."""
    ids, at = np.array([each.id for each in datastreams], dtype=np.int64), desk.clock.now()
    moment = at - timedelta(hours=hours)
    number = 0
    while moment < at:
        desk.standings.append(UAD, past_of(city_standing(ids, moment, seed=number // 8), to_us(moment)))
        moment, number = moment + step, number + 1
    desk.standings.put(UAD, city_standing(ids, at, seed=(number - 1) // 8))
    desk.standings.foresee(UAD, ahead(ids, at, 55 + 8 * np.sin(ids), np.full(len(ids), 3.3)))


def stand_on_square(
    desk: Desk, datastreams: Mapping[str, Datastream], readings: Batch, strange: Mapping[str, datetime]
) -> None:
    """Write a past for the square from its readings: what was expected is the running median of the last three hours.

    `strange` says since when keys are within an event. The last noise meter stands still, one counter is silent.
    """
    at = desk.clock.now()
    moments = [at - timedelta(hours=6) + STEP * number for number in range(72)] + [at]
    keys = sorted(datastreams)
    ids = np.array([datastreams[key].id for key in keys], dtype=np.int64)
    order = np.argsort(ids)
    keys, ids = [keys[place] for place in order], ids[order]
    columns = {key: _column(readings, datastreams[key].id, moments) for key in keys}
    broken = {key: FAULT for key in keys if key.endswith("n3/sound_level")}
    broken |= dict.fromkeys(keys[-2:-1], SILENT)
    for place, moment in enumerate(moments):
        newest = _square(keys, ids, columns, place, moment, strange, broken)
        if moment < at:
            desk.standings.append(UAD, past_of(newest, to_us(moment)))
    desk.standings.put(UAD, newest)
    desk.standings.foresee(UAD, ahead(ids, at, newest.expected, newest.high - newest.expected))


def _column(readings: Batch, identity: int, moments: Sequence[datetime]) -> Float64s:
    """Return the newest reading at each moment."""
    own = readings.datastream == identity
    time_us, result = readings.time_us[own], readings.result[own]
    rows = np.searchsorted(time_us, [to_us(each) for each in moments], side="right") - 1
    return np.where(rows >= 0, result[np.maximum(rows, 0)], np.nan) if len(result) else np.full(len(moments), np.nan)


def _square(  # noqa: PLR0913, PLR0917 - one moment of the square has this many parts
    keys: Sequence[str],
    ids: Int64s,
    columns: Mapping[str, Float64s],
    place: int,
    moment: datetime,
    strange: Mapping[str, datetime],
    broken: Mapping[str, StandingState],
) -> Standing:
    measured = np.array([columns[key][place] for key in keys])
    before = np.array([columns[key][max(0, place - 36) : max(6, place - 4)] for key in keys], dtype=object)
    expected = np.array([float(np.nanmedian(each)) for each in before])
    spread = np.array([float(np.nanstd(each)) for each in before]) + 0.02 * np.abs(expected) + 1e-6
    z = np.abs(measured - expected) / spread
    p = np.array([math.erfc(min(each, 7.0) / math.sqrt(2)) for each in np.nan_to_num(z)])
    state = np.array(
        [STRANGE if key in strange and moment >= strange[key] else broken.get(key, StandingState.CALM) for key in keys],
        dtype=np.uint8,
    )
    count = len(ids)
    return replace(
        unknown_standing(ids, at_us=to_us(moment)),
        time_us=np.where(state == SILENT, to_us(moment - timedelta(hours=2)), to_us(moment)) + 0 * ids,
        measured=measured,
        expected=expected,
        low=expected - 1.645 * spread,
        high=expected + 1.645 * spread,
        p=np.where(np.isin(state, (FAULT, SILENT)), np.nan, np.where(state == STRANGE, np.minimum(p, 1e-4), p)),
        state=state,
        fault=np.where(state == FAULT, FaultKind.STUCK, FaultKind.NONE).astype(np.uint8),
        alarms=np.where(state == STRANGE, 2, 0).astype(np.int64) + (ids % 17 == 0),
        days=np.full(count, 21.0),
        nominal=np.full(count, 0.01),
        exceeded=(ids % 40 + 10).astype(np.int64),
        judged=np.full(count, 2_880, dtype=np.int64),
    )


def ahead(ids: Int64s, at: datetime, expected: Float64s, spread: Float64s) -> Forecast:
    """Return a day ahead that swings gently about what is expected now."""
    times = to_us(at) // 1_800_000_000 * 1_800_000_000 + np.arange(49, dtype=np.int64) * 1_800_000_000
    swing = np.sin(np.arange(49) / 48 * 2 * np.pi)[None, :] * 2 * spread[:, None]
    middle = (expected[:, None] + swing).astype(np.float32)
    wide = (spread[:, None] * np.linspace(1, 1.8, 49)[None, :]).astype(np.float32)
    return Forecast(
        at_us=to_us(at),
        coverage=0.9,
        datastream=ids,
        time_us=times,
        expected=middle,
        low=middle - wide,
        high=middle + wide,
    )
