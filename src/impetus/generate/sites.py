"""Made-up sites of road loops with the votes of made-up experts: flow and density every 15 minutes, one CSV file a site.

How it works. Demand follows the hours and the kind of day. What the road lets through is bounded: while a queue stands,
flow is the (dropped) capacity and density grows with the queue; else density is flow over speed: a fundamental diagram with
a capacity drop. What happens: incidents (capacity falls), closures (nothing passes), crowds (demand at an odd hour), a
holiday (demand of a Sunday), and dead loops (zero). Rush-hour queues are no anomaly: they come every day.

Experts look at how far a reading lies from the usual one of its hour and kind of day; a jam strikes them most, an emptier
road least, and there are hours of which all make much or little alike. Each has a taste of their own, and draws the border
of what they mark early or late. `probability` is the share of twenty who marked a reading. The spreads are set so that one
expert agrees with the others, and a seasonal z-score with them, about as well as on the labelled road loops of the
literature (F1 0.7, average precision 0.46); nothing else is fitted to anything.

**Source**: triangular fundamental diagram, Newell, Transportation Research B 27 (1993) 281-313; capacity drop of some 10 %,
Hall and Agyemang-Duah, Transportation Research Record 1320 (1991). Numbers of sites, hours and experts are house choices.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from impetus.core.errors import Malformed
from impetus.core.observation import Float64s

STEPS = 96
"""Quarters of an hour of a day."""
STEP_H = 0.25
EXPERTS = 20
START = datetime(2026, 1, 5)  # noqa: DTZ001 - site files bear local times without a zone
DROP = 0.9
"""Flow out of a queue as a share of capacity."""
LENGTH_KM = 3.0
"""Road on which a queue stands."""
JAM_PER_KM = 140.0
"""Vehicles per kilometre and lane that stand still."""
WARM_UP_DAYS = 7
"""Days at the beginning on which nothing happens."""
SEEN = 5.0
"""Deviations from the usual at which half of the experts mark a reading."""
TASTE, ATTENTION = 0.26, 0.26
"""Spread of experts' borders, and of their attention from one hour to the next, in logarithms."""
COMMON, COMMON_STEPS = 0.75, 12
"""Spread, in logarithms, of what all experts make of three hours alike."""
BUSIER, EMPTIER = 0.7, 0.5
"""Weights of a departure of flow and of an emptier road against a jam's."""
CAPACITY_SD, DAY_SD, DRIFT_SD, NOISE = 0.07, 0.07, 0.04, 0.09
"""Chance, as shares: capacity and demand of a day, demand of a quarter of an hour (with memory), each reading."""
HOLIDAY_SEEN = 0.5
"""How much less a holiday strikes those who know the calendar."""
CLOSED = 0.02
"""Share of capacity left by a closure."""
Progress = Callable[[str], None]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """A site's own numbers: vehicles an hour at the busiest (`demand_per_h`), what fits, speed, how often things happen."""

    demand_per_h: float
    capacity_per_h: float
    speed_kmph: float
    morning: float
    evening: float
    happenings: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteDays:
    """One site, columns of shape `(readings,)`; `share` is of experts who marked a reading."""

    time: list[datetime]
    flow: Float64s
    density: Float64s
    share: Float64s


def generate_sites(directory: Path, *, seed: int, sites: int, weeks: int, progress: Progress) -> dict[str, object]:
    """Write site files and return what was written; `Malformed` names a size out of range or a directory in use."""
    for name, value, lowest, highest in (
        ("sites", sites, 1, 100),
        ("weeks", weeks, 2, 52),
        ("seed", seed, 0, 2**31 - 1),
    ):
        if not lowest <= value <= highest:
            raise Malformed(
                f"{name} is {value}", value=value, limit=f"{lowest}..{highest}", remedy="choose one in range"
            )
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise Malformed(
            f"{directory} is not an empty directory",
            value=str(directory),
            limit="empty or absent",
            remedy="name another",
        )
    directory.mkdir(parents=True, exist_ok=True)
    marked = readings = 0
    for number in range(sites):
        made = make_site(seed=seed, number=number, weeks=weeks)
        (directory / f"site_{number:02d}.csv").write_text(_text(made), encoding="utf-8")
        readings += len(made.time)
        marked += int((made.share >= 0.5).sum())  # noqa: PLR2004 - half of the experts
        progress(f"site {number + 1} of {sites}")
    return {"directory": str(directory), "seed": seed, "sites": sites, "readings": readings, "anomalous": marked,
            "simulated": True}  # fmt: skip


def _text(site: SiteDays) -> str:
    rows = zip(site.time, site.flow.tolist(), site.density.tolist(), site.share.tolist(), strict=True)
    lines = [f"{time:%Y-%m-%d %H:%M},{flow:.0f},{density:.2f},{share:.2f}" for time, flow, density, share in rows]
    return "\n".join(["timestamp,flow,density,probability", *lines, ""])


def make_site(*, seed: int, number: int, weeks: int) -> SiteDays:
    """Make one site from the seed and its number."""
    rng = np.random.default_rng([seed, 7, number])
    road = _road(rng)
    days = 7 * weeks
    holiday = int(rng.integers(WARM_UP_DAYS, days))
    demand = _demand(rng, road, days, holiday)
    capacity = road.capacity_per_h * np.repeat(np.clip(rng.normal(1, CAPACITY_SD, days), 0.7, 1.3), STEPS)
    dead = np.zeros(days * STEPS, dtype=np.bool_)
    for _ in range(max(1, round(road.happenings * days / 49))):
        _happen(rng, demand, capacity, dead)
    flow, density = _drive(demand, capacity, road)
    flow = np.maximum(flow * (1 + NOISE * _tailed(rng, len(flow))) + rng.normal(0, np.sqrt(flow + 4)), 0)
    density = np.maximum(density * (1 + NOISE * _tailed(rng, len(flow))) + rng.normal(0, 0.2, len(flow)), 0)
    flow[dead], density[dead] = 0.0, 0.0
    far = _strikes(_far(flow, usual(flow), 0.10), _far(density, usual(density), 0.14)) * _common(rng, days * STEPS)
    day = np.arange(days * STEPS) // STEPS
    far = np.where(day == holiday, HOLIDAY_SEEN * far, far)
    time = [START + timedelta(minutes=15 * step) for step in range(days * STEPS)]
    return SiteDays(time=time, flow=np.round(flow), density=np.round(density, 2), share=_votes(rng, far))


def _road(rng: np.random.Generator) -> Road:
    demand = float(rng.uniform(600, 4_200))
    return Road(
        demand_per_h=demand,
        capacity_per_h=demand * float(rng.uniform(0.92, 1.35)),
        speed_kmph=float(rng.uniform(45, 95)),
        morning=float(rng.uniform(0.6, 1.0)),
        evening=float(rng.uniform(0.7, 1.0)),
        happenings=int(rng.integers(12, 26)),
    )


def _demand(rng: np.random.Generator, road: Road, days: int, holiday: int) -> Float64s:
    """Return vehicles an hour that want to pass."""
    hour = np.arange(STEPS, dtype=np.float64) * STEP_H
    working = (
        0.08
        + road.morning * _bell(hour, 8.0, 1.4)
        + road.evening * _bell(hour, 16.8, 2.0)
        + 0.5 * _bell(hour, 12.5, 4.0)
    )
    resting = 0.10 + 0.62 * _bell(hour, 14.0, 4.5)
    free = [(day % 7) >= 5 or day == holiday for day in range(days)]  # noqa: PLR2004 - Saturday
    wanted = np.concatenate([resting if rests else working for rests in free]) / 1.25 * road.demand_per_h
    drift = np.zeros(days * STEPS)
    for step in range(1, len(drift)):
        drift[step] = 0.9 * drift[step - 1] + rng.normal(0, DRIFT_SD)
    today = np.repeat(1 + rng.normal(0, DAY_SD, days), STEPS)
    return np.asarray(wanted * today * (1 + drift))


def _bell(hour: Float64s, middle: float, width: float) -> Float64s:
    return np.asarray(np.exp(-(((hour - middle) / width) ** 2)), dtype=np.float64)


def _happen(rng: np.random.Generator, demand: Float64s, capacity: Float64s, dead: Flags) -> None:
    """Let one thing happen, by day mostly, after the warm-up."""
    day = int(rng.integers(WARM_UP_DAYS, len(demand) // STEPS))
    kind = rng.choice(["incident", "incident", "incident", "closure", "crowd", "dead"])
    hour = float(rng.choice([22.0, 1.0])) if kind == "crowd" else float(rng.uniform(6.5, 19.0))
    first = day * STEPS + int(hour / STEP_H)
    span = slice(first, first + int(rng.integers(3, 11)))
    if kind == "incident":
        capacity[span] *= rng.uniform(0.15, 0.85)
    elif kind == "closure":
        capacity[span] *= CLOSED
        demand[span] *= rng.uniform(0.05, 0.3)
    elif kind == "crowd":
        demand[span] += rng.uniform(0.1, 0.5) * demand.max()
    else:
        dead[span] = True


def _drive(demand: Float64s, capacity: Float64s, road: Road) -> tuple[Float64s, Float64s]:
    """Return flow (vehicles a quarter) and density (vehicles a kilometre) of what wants to pass and what can."""
    flow, density, queue = np.zeros(len(demand)), np.zeros(len(demand)), 0.0
    for step, (wanted, fits) in enumerate(zip(demand.tolist(), capacity.tolist(), strict=True)):
        arrived = wanted * STEP_H + queue
        passes = min(arrived, fits * STEP_H * (DROP if queue > 0 else 1.0))
        queue = min(arrived - passes, JAM_PER_KM * LENGTH_KM)
        flow[step] = passes
        density[step] = min(passes / STEP_H / road.speed_kmph + queue / LENGTH_KM, JAM_PER_KM)
    return flow, density


def usual(measured: Float64s) -> Float64s:
    """Return the middle over days of the same kind at each quarter of an hour: what somebody who saw all days calls usual."""
    days = measured.reshape(-1, STEPS)
    rests = np.arange(len(days)) % 7 >= 5  # noqa: PLR2004 - Saturday
    middle = {kind: np.median(days[rests == kind], axis=0) for kind in (True, False)}
    return np.concatenate([middle[bool(kind)] for kind in rests])


def _far(measured: Float64s, usual: Float64s, share: float) -> Float64s:
    """Return how far readings lie from the usual, signed, in what an eye takes for the usual spread of that hour."""
    return np.asarray((measured - usual) / (share * usual + 0.03 * usual.max() + 1e-9))


def _strikes(flow: Float64s, density: Float64s) -> Float64s:
    """Return how much departures of flow and density strike an eye: a jam most of all, an emptier road least."""
    jam = np.maximum(density, 0.0)
    return np.asarray(np.maximum.reduce([jam, BUSIER * np.abs(flow), EMPTIER * np.maximum(-density, 0.0)]))


def _common(rng: np.random.Generator, count: int) -> Float64s:
    """Return what all experts overlook or make much of alike, by blocks of hours: they see one picture of a day."""
    blocks = rng.normal(0, COMMON, count // COMMON_STEPS + 1)
    return np.asarray(np.exp(np.repeat(blocks, COMMON_STEPS)[:count]), dtype=np.float64)


def _votes(rng: np.random.Generator, far: Float64s) -> Float64s:
    """Return the share of experts who mark each reading; each has a border of their own and marks a little early or late."""
    votes = np.zeros(len(far))
    smooth = np.maximum.reduce([far, _moved(far, 1) * 0.7, _moved(far, -1) * 0.7])
    for _ in range(EXPERTS):
        border = SEEN * float(np.exp(rng.normal(0, TASTE)))
        attention = np.repeat(np.exp(rng.normal(0, ATTENTION, len(far) // 4 + 1)), 4)[: len(far)]
        votes += _moved((smooth * attention > border).astype(np.float64), int(rng.integers(-1, 2)))
    return np.asarray(votes / EXPERTS)


def _moved(values: Float64s, by: int) -> Float64s:
    """Return values so many readings later, or earlier; 0 comes in at the end, not what fell out at the other."""
    moved = np.zeros_like(values)
    moved[max(by, 0) : len(values) + min(by, 0)] = values[max(-by, 0) : len(values) - max(by, 0)]
    return moved


def _tailed(rng: np.random.Generator, count: int) -> Float64s:
    """Return noise of unit variance with tails heavier than normal: five degrees of freedom."""
    return np.asarray(rng.standard_t(5.0, count) / np.sqrt(5.0 / 3.0), dtype=np.float64)
