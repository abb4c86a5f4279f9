"""Why so quiet, why so loud: alarms that came against alarms that were promised, the worst sensor by name.

A tool promises a rate of false alarms. Here is what it kept: over all datastreams, for each, and for its p-values, which
should be spread evenly where nothing happens. Real events raise the rate, too; whoever reads this knows whether there were
any. Readings follow each other, so counted p-values vary more than chance alone would let them.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from impetus.core.actor import Actor
from impetus.core.ids import DatastreamId, ToolId
from impetus.core.observation import Datastream, Float64s, Int64s
from impetus.core.standing import NOMINAL_P, Standing, StandingState
from impetus.desk.context import Desk
from impetus.desk.standing import Sensors, past, sensors

BINS = 20
"""Columns of the histogram: one in twenty readings belongs in each."""
PAST = timedelta(hours=24)
WORST = 15
BEYOND_CHANCE = 0.05
"""Chance below which a loud sensor is called loud: one board in twenty names one without cause. House rule."""
Z_90 = 1.6449
"""Standard normal quantile of 0.95: limits that leave out five in a hundred on either side."""
FEWEST_EXPECTED = 1.0
"""Alarms promised below which a ratio says nothing yet. House rule."""
THOUSAND = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Alarms that came and that were promised, with the 90 % limits of the ratio that chance allows."""

    alarms: int
    days: float
    promised: float

    @property
    def per_1000_days(self) -> float:
        """Return alarms in a thousand stream-days, NaN while nothing was judged."""
        return THOUSAND * self.alarms / self.days if self.days > 0 else math.nan

    @property
    def promised_per_1000_days(self) -> float:
        """Return promised alarms in a thousand stream-days."""
        return THOUSAND * self.promised / self.days if self.days > 0 else math.nan

    @property
    def ratio(self) -> float:
        """Return actual over promised, NaN while less than one alarm was promised."""
        return self.alarms / self.promised if self.promised >= FEWEST_EXPECTED else math.nan

    @property
    def limits(self) -> tuple[float, float]:
        """Return the ratios between which the true one lies, nine times in ten."""
        low, high = poisson_limits(self.alarms)
        return (low / self.promised, high / self.promised) if self.promised > 0 else (math.nan, math.nan)

    @property
    def is_loud(self) -> bool:
        """Say whether there were more than promised, beyond chance."""
        return self.promised > 0 and self.limits[0] > 1.0

    @property
    def is_quiet(self) -> bool:
        """Say whether there were fewer than promised, beyond chance."""
        return self.promised > 0 and self.limits[1] < 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loud:
    """One datastream's rate. `exceeded` of `judged` readings had p at or below `NOMINAL_P`.

    `chance` is how likely any of all datastreams would have been this loud by chance, 0..1. Source: C. Bonferroni (1936).
    """

    datastream: Datastream
    rate: Rate
    exceeded: int
    judged: int
    chance: float

    @property
    def is_loud(self) -> bool:
        """Say whether chance is no explanation, looking at every datastream as one does here."""
        return self.chance < BEYOND_CHANCE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rates:
    """One tool's rates, or all tools'.

    `histogram` `(BINS,)` counts p-values of the last day by twentieths; `worst` holds datastreams by how little chance
    explains their alarms. `ratios` `(datastreams,)` are their actual over promised, ascending, NaN left out.
    `share_of_worst` is which share of all alarms the loudest tenth of datastreams raised, 0..1, NaN without alarms.
    """

    sensors: Sensors
    tools: tuple[ToolId, ...]
    tool: ToolId | None
    rate: Rate
    exceeded: int
    judged: int
    histogram: Int64s
    below: int
    worst: tuple[Loud, ...]
    ratios: Float64s
    share_of_worst: float
    quiet: "Unheard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """What raises no alarm now, whatever happens, and why: reasons for quiet that are no good news."""

    learning: int
    silent: int
    fault: int
    unjudged: int
    put_aside: int
    stopped: int
    as_of: datetime | None


def rates(desk: Desk, actor: Actor, *, tool: ToolId | None = None) -> Rates:
    """Return actual against promised alarm rates, of one tool or of all."""
    shown = sensors(desk, actor, on="page:rates")
    chosen = tool if tool in shown.tools else None
    standing = shown.standing
    if chosen is not None:
        standing = standing.take(shown.tool == shown.tools.index(chosen))
    p = past(desk, [chosen] if chosen else shown.tools, None, shown.at - PAST, shown.at)
    told = p.p[np.isfinite(p.p) & np.isin(p.state, (StandingState.CALM, StandingState.STRANGE))].astype(np.float64)
    return Rates(
        sensors=shown,
        tools=shown.tools,
        tool=chosen,
        rate=Rate(
            alarms=int(standing.alarms.sum()),
            days=float(standing.days.sum()),
            promised=float(np.nansum(standing.days * standing.nominal)),
        ),
        exceeded=int(standing.exceeded.sum()),
        judged=int(standing.judged.sum()),
        histogram=np.bincount(np.minimum((told * BINS).astype(np.int64), BINS - 1), minlength=BINS),
        below=int(np.count_nonzero(told <= NOMINAL_P)),
        worst=_worst(standing, shown),
        ratios=_ratios(standing),
        share_of_worst=_share_of_loudest(standing.alarms),
        quiet=_unheard(desk, shown),
    )


def poisson_limits(count: int) -> tuple[float, float]:
    """Return the 90 % limits of the mean of a Poisson count, within two in a hundred of the exact ones.

    **Source**: K. Rothman and J. Boice, Epidemiologic analysis with a programmable calculator (1979), Byar's approximation.

    >>> [round(limit, 1) for limit in poisson_limits(10)]
    [5.4, 17.0]
    """
    high = (count + 1) * (1 - 1 / (9 * (count + 1)) + Z_90 / (3 * math.sqrt(count + 1))) ** 3
    low = count * (1 - 1 / (9 * count) - Z_90 / (3 * math.sqrt(count))) ** 3 if count else 0.0
    return max(0.0, low), high


def poisson_tail(count: int, mean: float) -> float:
    """Return the chance of at least so many where a mean is expected.

    >>> round(poisson_tail(2, 0.21), 4), poisson_tail(0, 0.21)
    (0.0192, 1.0)
    """
    if count <= 0 or mean <= 0:
        return 1.0 if count <= 0 else 0.0
    term, below = math.exp(-mean), 0.0
    for number in range(count):
        below += term
        term *= mean / (number + 1)
    return max(0.0, 1.0 - below)


def _worst(standing: Standing, shown: Sensors) -> tuple[Loud, ...]:
    """Return the datastreams with alarms, those first whose number chance explains least."""
    promised = np.nan_to_num(standing.days * standing.nominal)
    rows = np.flatnonzero(standing.alarms > 0).tolist()
    chance = {row: poisson_tail(int(standing.alarms[row]), float(promised[row])) for row in rows}
    rows.sort(key=lambda row: (chance[row], -int(standing.alarms[row]), row))
    return tuple(
        Loud(
            datastream=shown.datastreams[DatastreamId(int(standing.datastream[row]))],
            rate=Rate(alarms=int(standing.alarms[row]), days=float(standing.days[row]), promised=float(promised[row])),
            exceeded=int(standing.exceeded[row]),
            judged=int(standing.judged[row]),
            chance=min(1.0, chance[row] * len(standing)),
        )
        for row in rows[:WORST]
    )


def _ratios(standing: Standing) -> Float64s:
    """Return each datastream's actual over promised where at least a tenth of an alarm was promised, ascending."""
    promised = np.nan_to_num(standing.days * standing.nominal)
    enough = promised >= FEWEST_EXPECTED / 10
    return np.sort(standing.alarms[enough] / promised[enough])


def _share_of_loudest(alarms: Int64s) -> float:
    """Return which share of all alarms the loudest tenth of datastreams, at least one, raised."""
    total = int(alarms.sum())
    if not total:
        return math.nan
    loudest = np.sort(alarms)[::-1][: max(1, math.ceil(len(alarms) / 10))]
    return float(loudest.sum()) / total


def _unheard(desk: Desk, shown: Sensors) -> Unheard:
    """Return why there may be silence."""
    with desk.store.read() as unit:
        rules = unit.attention.rules(ends_after=shown.at)
    return Unheard(
        learning=shown.count(StandingState.LEARNING),
        silent=shown.count(StandingState.SILENT),
        fault=shown.count(StandingState.FAULT),
        unjudged=len(shown.unjudged),
        put_aside=sum(rule.since <= shown.at and rule.ended_at is None for rule in rules),
        stopped=len(desk.stops.standing().stops),
        as_of=shown.as_of,
    )
