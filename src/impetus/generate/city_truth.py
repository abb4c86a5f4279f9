"""What happens in a made-up city: when, where, to which datastreams and by how much. Objects, because they are rare.

Three classes. An `event` is something a person wants to know. A `fault` is an instrument that reads wrong. An `expected`
one is a day the calendar, or the city's plan, explains: nobody wants to be told. Sizes are in standard deviations of the
datastream at that hour (`sd`), so that a figure of recall says at which size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from impetus.core.errors import Malformed
from impetus.core.observation import US_PER_S, to_us
from impetus.generate.city_days import TIMEZONE, first_day, free_days
from impetus.generate.city_plan import MODELS, City

WARM_UP_WEEKS = 2
"""Weeks at the beginning in which nothing happens: what is normal can be learnt from them."""
HOUR_US = 3_600 * US_PER_S
REST_US = 24 * HOUR_US
"""Between two happenings at one thing."""
PER_MILLION: dict[str, float] = {
    "local": 215.0,
    "gradual": 107.0,
    "regional": 107.0,
    "correlation_break": 107.0,
    "football_match": 11.0,
    "football_match_announced": 11.0,
}
"""Happenings per million stream-days after the warm-up: some two in a shift of eight hours in a city of 10,000."""
FAULT_PER_MILLION = 72.0
LEAST = 3
"""Happenings of each kind in the smallest city."""
LEAST_FAULTS = 2
SIZES_SD = (3.0, 4.0, 5.0, 5.0, 5.0, 6.0, 8.0)
BREAK_SD = 2.5
"""How far each of a pair of datastreams goes, apart; each alone is ordinary."""
ONSET_SD = 3.0
"""Size from which a slow event counts as having begun: delays are counted from there."""
FAULTS = ("stuck", "dropout", "drift", "spike", "clock", "unit", "missing")
UNIT_FACTORS = (1_000.0, 0.001, 3.6, 1 / 3.6, 10.0, 0.1)
CLOCK_H = (-6.0, -2.0, -1.0, 1.0, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One happening. Times are microseconds since 1970 UTC; `rows` are rows of the city, `signs` how each is pushed.

    `onset_us` is when it is as large as it can be asked to be seen. `amount` is what the kind needs: a factor of a unit,
    hours of a clock, deviations of a spike.
    """

    number: int
    category: str
    kind: str
    start_us: int
    onset_us: int
    end_us: int
    sd: float = 0.0
    rows: tuple[int, ...] = ()
    signs: tuple[float, ...] = ()
    amount: float = 0.0
    name: str = ""


@dataclass(slots=True, kw_only=True)
class Planner:
    """Draws happenings so that no thing has two at a time. Mutable."""

    city: City
    weeks: int
    rng: np.random.Generator
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    busy: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    @property
    def begin_us(self) -> int:
        """Return the first microsecond after the warm-up."""
        day = first_day(self.weeks) + timedelta(weeks=WARM_UP_WEEKS)
        return to_us(datetime.combine(day, time(), UTC))

    @property
    def end_us(self) -> int:
        """Return the microsecond after the last."""
        return self.begin_us + (self.weeks - WARM_UP_WEEKS) * 7 * REST_US

    def many(self, per_million: float, least: int) -> int:
        """Return how many happenings of a kind there are in a city of this size and length."""
        days = len(self.city) * 7 * (self.weeks - WARM_UP_WEEKS)
        return max(least, round(per_million * days / 1e6))

    def free(self, things: Sequence[int], start_us: int, end_us: int) -> bool:
        """Say whether none of these things has something else then, or within a day of it."""
        spans = (span for thing in things for span in self.busy.get(thing, ()))
        return all(end_us + REST_US < first or last + REST_US < start_us for first, last in spans)

    def take(self, things: Sequence[int], start_us: int, end_us: int) -> None:
        """Keep things for one happening."""
        for thing in things:
            self.busy.setdefault(thing, []).append((start_us, end_us))

    def moment(self, length_us: int, pace_s: int = 300) -> int:
        """Return a beginning on the datastreams' beat, early enough to end, and be seen to have ended."""
        latest = self.end_us - length_us - REST_US // 4
        pace_us = pace_s * US_PER_S
        return int(self.rng.integers(self.begin_us, max(latest, self.begin_us + pace_us))) // pace_us * pace_us

    def thing(self, *, streams: int = 1, model: str | None = None) -> NDArray[np.intp]:
        """Return the rows of a thing drawn at random, of so many datastreams."""
        fits = np.ones(len(self.city), dtype=np.bool_)
        if model is not None:
            fits = self.city.model == [each.name for each in MODELS].index(model)
        things, sizes = np.unique(self.city.thing[fits], return_counts=True)
        chosen = self.rng.choice(things[sizes >= streams])
        return np.flatnonzero(self.city.thing == chosen)


def plan_truth(city: City, weeks: int) -> list[Truth]:
    """Return everything that happens, by time."""
    if weeks <= WARM_UP_WEEKS:
        raise Malformed(
            f"{weeks} weeks", value=weeks, limit=f"more than {WARM_UP_WEEKS}", remedy="two weeks are for learning"
        )
    planner = Planner(city=city, weeks=weeks, rng=np.random.default_rng([city.seed, 4]))
    truths = [*_calendar(planner), *_matches(planner), *_regional(planner)]
    for kind, make in (("correlation_break", _break), ("local", _local), ("gradual", _gradual)):
        truths += [make(planner) for _ in range(planner.many(PER_MILLION[kind], LEAST))]
    for kind in FAULTS:
        truths += [_fault(planner, kind) for _ in range(planner.many(FAULT_PER_MILLION, LEAST_FAULTS))]
    return sorted(truths, key=lambda truth: (truth.start_us, truth.number))


def _calendar(planner: Planner) -> list[Truth]:
    """Return public holidays and the change of clocks after the warm-up: the city is as it is on such days."""
    zone = ZoneInfo(TIMEZONE)
    first = first_day(planner.weeks)
    truths = []
    for offset in range(7 * WARM_UP_WEEKS, 7 * planner.weeks):
        day = first + timedelta(days=offset)
        changed = _offset(day, zone) != _offset(day + timedelta(days=1), zone)
        for kind in (["holiday"] if day in free_days() else []) + (["dst"] if changed else []):
            start = to_us(datetime.combine(day, time(), zone))
            end = to_us(datetime.combine(day + timedelta(days=1), time(), zone))
            truths.append(
                Truth(number=next(planner.numbers), category="expected", kind=kind, start_us=start, onset_us=start,
                      end_us=end)
            )  # fmt: skip
    return truths


def _offset(day: date, zone: ZoneInfo) -> timedelta | None:
    return datetime.combine(day, time(), zone).utcoffset()


def _matches(planner: Planner) -> list[Truth]:
    """Return football evenings at the stadium's zone and around it, half of them announced beforehand."""
    city, truths = planner.city, []
    roads = np.isin(city.model, [0, 1])
    stadium = int(planner.rng.choice(city.zone[roads]))
    near = _nearest(planner, np.flatnonzero(roads & (city.zone == stadium))[:1], 15)
    rows = np.flatnonzero(np.isin(city.thing, near))
    evenings = planner.rng.permutation(np.arange(7 * WARM_UP_WEEKS, 7 * planner.weeks - 1))
    wanted = 2 * min(planner.many(PER_MILLION["football_match"], 1), len(evenings) // 4)
    for turn, offset in enumerate(sorted(evenings[:wanted].tolist())):
        kick_off = datetime.combine(first_day(planner.weeks) + timedelta(days=offset), time(19), ZoneInfo(TIMEZONE))
        start, end = to_us(kick_off) - 2 * HOUR_US, to_us(kick_off) + 4 * HOUR_US
        planner.take(near, start, end)
        announced = turn % 2 == 1
        truths.append(
            Truth(
                number=next(planner.numbers),
                category="expected" if announced else "event",
                kind="football_match",
                start_us=start,
                onset_us=start + HOUR_US // 2,
                end_us=end,
                sd=float(planner.rng.choice([5.0, 6.0, 8.0])),
                rows=tuple(rows.tolist()),
                signs=(1.0,) * len(rows),
                name=f"football match, zone-{stadium:03d}",
            )
        )
    return truths


def _nearest(planner: Planner, rows: NDArray[np.intp], most: int) -> list[int]:
    """Return the things with roads or people that stand nearest to a datastream, itself included."""
    city = planner.city
    first = np.flatnonzero(np.isin(city.model, [0, 1]) & (np.diff(city.thing, prepend=-1) > 0))
    row = int(rows[0])
    far = np.hypot((city.lon[first] - city.lon[row]) * 0.5, city.lat[first] - city.lat[row])
    return [int(thing) for thing in city.thing[first[np.argsort(far, kind="stable")[:most]]]]


def _regional(planner: Planner) -> list[Truth]:
    """Return events that a neighbourhood shares; fewer where a small city has no neighbourhood to which nothing happens."""
    truths = []
    for _ in range(planner.many(PER_MILLION["regional"], LEAST)):
        near, start, length = [0], planner.begin_us, HOUR_US
        for _attempt in range(200):
            size = int(planner.rng.integers(6, 15))
            near = _nearest(planner, planner.thing(model="road"), size)
            length = int(planner.rng.uniform(12, 48)) * HOUR_US // 12
            start = _by_day(planner, length)
            if planner.free(near, start, start + length):
                break
        else:
            continue
        planner.take(near, start, start + length)
        rows = np.flatnonzero(np.isin(planner.city.thing, near))
        sd = float(planner.rng.choice([3.0, 4.0, 5.0, 5.0, 6.0]))
        sign = float(planner.rng.choice([-1.0, 1.0, 1.0]))
        truths.append(_event(planner, "regional", (start, start, start + length), sd, rows, (sign,) * len(rows)))
    return truths


def _by_day(planner: Planner, length_us: int) -> int:
    """Return a beginning between 7 and 18 o'clock UTC, so that something can go down as well as up."""
    day = planner.moment(length_us) // REST_US * REST_US
    start = day + int(planner.rng.uniform(7, 18) * 12) * HOUR_US // 12
    return max(start, planner.begin_us)


def _event(
    planner: Planner,
    kind: str,
    span: tuple[int, int, int],
    sd: float,
    rows: NDArray[np.intp],
    signs: tuple[float, ...],
) -> Truth:
    start, onset, end = span
    return Truth(number=next(planner.numbers), category="event", kind=kind, start_us=start, onset_us=onset, end_us=end,
                 sd=sd, rows=tuple(rows.tolist()), signs=signs)  # fmt: skip


def _quiet_thing(planner: Planner, length_us: int, *, streams: int = 1) -> tuple[NDArray[np.intp], int]:
    """Return the rows of a thing to which nothing happens for so long, and when that begins."""
    for _attempt in range(200):
        rows = planner.thing(streams=streams)
        start = planner.moment(length_us, int(planner.city.cadence_s[rows[0]]))
        if planner.free([int(planner.city.thing[rows[0]])], start, start + length_us):
            break
    planner.take([int(planner.city.thing[rows[0]])], start, start + length_us)
    return rows, start


def _local(planner: Planner) -> Truth:
    """Return an event at one datastream of one thing."""
    rows, start = _quiet_thing(planner, 18 * HOUR_US)
    slow = planner.city.cadence_s[rows[0]] >= 3_600  # noqa: PLR2004 - an hour
    length = int(planner.rng.uniform(6.0, 18.0) if slow else planner.rng.uniform(1.0, 4.0)) * HOUR_US
    row = planner.rng.choice(rows)
    sd = float(planner.rng.choice(SIZES_SD))
    sign = float(planner.rng.choice([-1.0, 1.0, 1.0]))
    return _event(planner, "local", (start, start, start + length), sd, np.array([row]), (sign,))


def _gradual(planner: Planner) -> Truth:
    """Return an event at all datastreams of a thing that grows over hours and then goes at once."""
    length = int(planner.rng.uniform(8.0, 20.0)) * HOUR_US
    rows, start = _quiet_thing(planner, length)
    sd = float(planner.rng.choice([5.0, 6.0, 8.0]))
    onset = start + int(length * ONSET_SD / sd) // US_PER_S * US_PER_S
    return _event(planner, "gradual", (start, onset, start + length), sd, rows, (1.0,) * len(rows))


def _break(planner: Planner) -> Truth:
    """Return an event in which the two datastreams of a thing part: one up, one down, each not far."""
    length = int(planner.rng.uniform(2.0, 6.0) * 12) * HOUR_US // 12
    rows, start = _quiet_thing(planner, length, streams=2)
    signs = (1.0, -1.0) if planner.rng.random() < 0.5 else (-1.0, 1.0)  # noqa: PLR2004 - a fair coin
    return _event(planner, "correlation_break", (start, start, start + length), BREAK_SD, rows[:2], signs)


def _fault(planner: Planner, kind: str) -> Truth:
    """Return an instrument that reads wrong: one datastream, or the whole thing where its clock or its link is wrong."""
    rng = planner.rng
    hours = {"drift": (72, 120), "spike": (6, 12), "unit": (12, 48), "clock": (6, 24)}.get(kind, (6, 24))
    length = int(rng.uniform(*hours)) * HOUR_US
    length = min(length, (planner.end_us - planner.begin_us) * 3 // 5)
    rows, start = _quiet_thing(planner, length)
    if kind not in {"clock", "missing"}:
        rows = rng.choice(rows, 1)
    amount = {
        "unit": float(rng.choice(UNIT_FACTORS)),
        "clock": float(rng.choice(CLOCK_H)),
        "spike": float(rng.uniform(20.0, 40.0)),
        "drift": float(rng.uniform(6.0, 10.0)),
    }.get(kind, 0.0)
    onset = start + int(length * ONSET_SD / amount) // US_PER_S * US_PER_S if kind == "drift" else start
    return Truth(number=next(planner.numbers), category="fault", kind=kind, start_us=start, onset_us=onset,
                 end_us=start + length, rows=tuple(np.sort(rows).tolist()), signs=(float(rng.choice([-1.0, 1.0])),),
                 amount=amount)  # fmt: skip
