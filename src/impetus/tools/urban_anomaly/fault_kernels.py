"""The instrument, reading by reading in the order of time, compiled: what only a broken one does.

Each rule is a signature that the city does not have: a value that stands still where it always moved; the lowest possible
reading among ordinary ones; one wild reading between calm ones; readings that fit exactly once divided by a factor between
two units; a slow pull, hour by hour, that no fellow shares. `tests/tools/urban_anomaly/test_faults.py` works each by hand.
"""

# ruff: noqa: PLR0913, PLR0917, FBT001, C901, PLR2004 - one compiled pass: its arrays are its arguments, and calls are by place

import numpy as np

from impetus.core.observation import Float64s, Int64s
from impetus.tools.urban_anomaly.compiled import Bools, Int32s, compiled

STUCK, DROPOUT, DRIFT, SPIKE, UNIT = 1, 2, 3, 4, 6
"""Codes of `core.standing.FaultKind`; clock and missing are about times and are not found here."""
FIRST, LAST, EQUAL_SINCE, SPIKE_TOLD, FAULT_SINCE, FAULT_OVER, BLOCK = range(7)
"""Rows of `us`, microseconds: first and last reading, since when it stands still, when a spike was told, since when and until
when the last fault was, and which block runs."""
VALUE, Z, MOVES, SEEN, DROP, BOTTOM, MISFIT, SPREAD, PULL, PULLED, MEAN, PER_HOUR = range(12)
"""Rows of `numbers`: last value and z, share of readings that moved, readings seen, score of a dropout, share of readings at the
bottom, squares of a unit's misfit, usual departure, sum and count of the block, mean of the last block, readings an hour."""
FAULT, CALM, EQUAL, LONGEST, FAR, FITTING, FACTOR, LATEST = range(8)
"""Rows of `kinds`: the fault there is, calm readings in it, equal readings now and at most, far ones, ones that fit a factor, which,
and the fault there was last."""
FACTORS = np.array([1_000.0, 100.0, 60.0, 10.0, 3.6, 1 / 3.6, 0.1, 1 / 60, 0.01, 0.001])
"""Ratios between units an instrument can be set to: metric steps, per hour to per minute, m/s to km/h. Ratios nearer to
one (miles, feet) are left out: an ordinary event reaches them."""
FITS_Z = 2.5
"""Deviations within which a reading divided by the factor is what was expected."""
FITS_MEAN_SQUARE = 2.5
FAR_Z = 5.0
CERTAIN = 2.5
"""Deviations from zero that an expectation must be for its multiples to say anything."""
WIDE_FACTOR, CLOSE = 5.0, 0.08
"""A factor below the first is one that crowds reach too: a reading must then fit to within this share to count."""
UNIT_READINGS = 6
SUSPECTED_UNIT = 1
MOVES_PACE = 0.002
MOVES_USUALLY = 0.2
MOVES_MOSTLY = 0.5
BY_CHANCE = 1e-9
"""Chance of a run of equal readings by which it is no chance."""
LEAST_EQUAL = 6
FLOOR_PACE = 0.002
FLOOR_SELDOM = 0.02
"""Share of readings at the lowest possible value up to which being there says something."""
DROP_Z = -3.0
DROP_FADES = 0.85
DROP_SCORE = 2.2
"""Three readings at the bottom of any four or five."""
DROP_CALM = 8
CALM_READINGS = 5
WEEK_US = 7 * 86_400_000_000
GAP_CADENCES = 20.0
GRACE_CADENCES, GRACE_US = 24.0, 21_600e6
"""How long after a fault its sensor starts no event alone: what it taught is being unlearnt. House rule."""
BLOCK_US = 21_600_000_000
"""A quarter of a day: long enough to average noise away, short enough to see a drift within two days."""
BLOCKS = 12
LEAST_BLOCKS = 9
DRIFT_RISE = 2.0
"""Usual departures that a drift pulls within `BLOCKS` blocks before it is one."""
DRIFT_CLEAR = 8.0
"""How many times further than the blocks scatter around its line."""
LEAST_SCATTER = 0.15
DRIFT_OVER = 0.3
DRIFT_READY_US = 9 * 86_400_000_000
VISITS = 28.0
"""Days that the slow profile and the usual departure from it remember: a drift of days must not become usual within it."""
LEAST_READINGS = 2.0


@compiled
def look(
    ids: Int64s,
    time_us: Int64s,
    value: Float64s,
    z: Float64s,
    expected: Float64s,
    scale: Float64s,
    judged: Bools,
    shared: Bools,
    hour: Int64s,
    floor: Float64s,
    cadence_us: Float64s,
    fellows: Int32s,
    rules: Float64s,
    us: Int64s,
    numbers: Float64s,
    kinds: Int64s,
    usual: Float64s,
    visits: Float64s,
    blocks: Float64s,
    suspect: Int64s,
    began: Int64s,
    over: Int64s,
    since_us: Int64s,
    about: Float64s,
) -> None:
    """Look at readings sorted by time; fills `suspect`, `began`, `over` (codes), `since_us` and `about` per reading."""
    for k in range(ids.shape[0]):
        i, t, v = ids[k], time_us[k], value[k]
        gap = us[LAST, i] >= 0 and t - us[LAST, i] > GAP_CADENCES * cadence_us[i]
        if us[FIRST, i] < 0:
            us[FIRST, i] = t
            numbers[VALUE, i] = v
            us[EQUAL_SINCE, i] = t
        since_us[k], about[k] = t, v
        found = stuck(i, t, v, judged[k], rules, us, numbers, kinds)
        if found == 0:
            found = spike(i, t, z[k], judged[k], gap, rules, us, numbers, kinds)
            if found == SPIKE:
                began[k], since_us[k], about[k] = SPIKE, us[LAST, i], numbers[VALUE, i]
                found = 0
        elif found == STUCK:
            since_us[k] = us[EQUAL_SINCE, i]
        if found == 0:
            found = dropout(i, v, z[k], judged[k] and not shared[k], floor[i], numbers, kinds)
        if found == 0 and judged[k]:
            found = unit(i, v, 0.0 if shared[k] else z[k], expected[k], scale[k], numbers, kinds)
        if found == 0:
            found = drift(i, t, v, hour[k], fellows, us, numbers, kinds, usual, visits, blocks)
        if found > 0 and kinds[FAULT, i] == 0:
            kinds[FAULT, i] = found
            began[k] = found
            us[FAULT_SINCE, i] = since_us[k]
            kinds[CALM, i] = 0
        elif found < 0 and kinds[FAULT, i] == -found:
            over[k], since_us[k] = -found, us[FAULT_SINCE, i]
            kinds[FAULT, i], kinds[LATEST, i] = 0, -found
            us[FAULT_OVER, i] = t
        suspect[k] = kinds[FAULT, i] if kinds[FAULT, i] != 0 else suspected(i, numbers, kinds)
        if suspect[k] == 0 and us[FAULT_OVER, i] >= 0:
            grace_us = max(GRACE_CADENCES * cadence_us[i], GRACE_US)
            suspect[k] = kinds[LATEST, i] if t - us[FAULT_OVER, i] < grace_us else 0
        numbers[VALUE, i], numbers[Z, i] = v, z[k]
        us[LAST, i] = t


@compiled
def suspected(i: int, numbers: Float64s, kinds: Int64s) -> int:
    """Return what a run of signs that is not long enough yet would be."""
    if kinds[EQUAL, i] >= max(3, kinds[LONGEST, i] + 1) and numbers[MOVES, i] >= MOVES_MOSTLY:
        return STUCK
    if numbers[DROP, i] >= 1.0:
        return DROPOUT
    if kinds[FITTING, i] >= SUSPECTED_UNIT:
        return UNIT
    return 0


@compiled
def stuck(i: int, t: int, v: float, judged: bool, rules: Float64s, us: Int64s, numbers: Float64s, kinds: Int64s) -> int:
    """Count equal readings; 1 where they are too many for chance and for this sensor, -1 where it moves again."""
    change = v != numbers[VALUE, i]
    ended = change and kinds[FAULT, i] == STUCK
    if change:
        if kinds[FAULT, i] != STUCK:
            kinds[LONGEST, i] = max(kinds[LONGEST, i], kinds[EQUAL, i])
        kinds[EQUAL, i], us[EQUAL_SINCE, i] = 0, t
    kinds[EQUAL, i] += 1
    numbers[SEEN, i] += 1.0
    if kinds[FAULT, i] != STUCK or change:
        moved = 1.0 if change else 0.0
        numbers[MOVES, i] += max(MOVES_PACE, 1.0 / numbers[SEEN, i]) * (moved - numbers[MOVES, i])
    if ended:
        return -STUCK
    moves = numbers[MOVES, i]
    if not judged or moves < MOVES_USUALLY or kinds[FAULT, i] != 0:
        return 0
    chance = np.log(BY_CHANCE) / np.log(1.0 - min(moves, 0.99))
    needed = max(min(max(chance, LEAST_EQUAL), rules[0]), 3.0 * kinds[LONGEST, i])
    return STUCK if kinds[EQUAL, i] >= needed and t - us[EQUAL_SINCE, i] >= rules[1] else 0


@compiled
def spike(
    i: int, t: int, z: float, judged: bool, gap: bool, rules: Float64s, us: Int64s, numbers: Float64s, kinds: Int64s
) -> int:
    """Return 4 where a calm reading follows exactly one far out, at most once a week a sensor."""
    far = abs(numbers[Z, i]) >= rules[2]
    alone = far and kinds[FAR, i] == 1 and judged and abs(z) < rules[3] and not gap and kinds[FAULT, i] == 0
    kinds[FAR, i] = kinds[FAR, i] + 1 if abs(z) >= rules[3] else 0
    if alone and (us[SPIKE_TOLD, i] < 0 or t - us[SPIKE_TOLD, i] >= WEEK_US):
        us[SPIKE_TOLD, i] = t
        return SPIKE
    return 0


@compiled
def dropout(i: int, v: float, z: float, judged: bool, floor: float, numbers: Float64s, kinds: Int64s) -> int:
    """Score readings at the bottom that are far below what was expected, from a sensor that is seldom there."""
    bottom = v <= floor
    hit = bottom and judged and z <= DROP_Z and numbers[BOTTOM, i] < FLOOR_SELDOM
    if kinds[FAULT, i] == DROPOUT:
        kinds[CALM, i] = 0 if bottom else kinds[CALM, i] + 1
        numbers[DROP, i] = 0.0
        return -DROPOUT if kinds[CALM, i] >= DROP_CALM else 0
    numbers[DROP, i] = numbers[DROP, i] * DROP_FADES + (1.0 if hit else 0.0)
    at = 1.0 if bottom else 0.0
    numbers[BOTTOM, i] += max(FLOOR_PACE, 1.0 / numbers[SEEN, i]) * (at - numbers[BOTTOM, i])
    if numbers[DROP, i] >= DROP_SCORE and kinds[FAULT, i] == 0:
        numbers[DROP, i] = 0.0
        return DROPOUT
    return 0


@compiled
def unit(i: int, v: float, z: float, expected: float, scale: float, numbers: Float64s, kinds: Int64s) -> int:
    """Count readings that are far out as they are and ordinary once divided by one factor between units."""
    if kinds[FAULT, i] == UNIT:
        jump = v / numbers[VALUE, i] if numbers[VALUE, i] != 0.0 else 1.0
        back = abs(jump * FACTORS[kinds[FACTOR, i]] - 1.0) < 0.5
        kinds[CALM, i] = kinds[CALM, i] + 1 if abs(z) < FITS_Z else 0
        kinds[FITTING, i] = 0
        return -UNIT if back or kinds[CALM, i] >= CALM_READINGS else 0
    if abs(z) < FAR_Z or kinds[FAULT, i] != 0 or abs(expected) < CERTAIN * scale:
        kinds[FITTING, i] = 0
        return 0
    best, nearest = -1, FITS_Z
    for place in range(FACTORS.shape[0]):
        off = abs(v / FACTORS[place] - expected) / scale
        if off <= nearest and v != 0.0:
            best, nearest = place, off
    if best < 0:
        kinds[FITTING, i] = 0
        return 0
    if kinds[FITTING, i] == 0 or kinds[FACTOR, i] != best:
        kinds[FITTING, i], kinds[FACTOR, i], numbers[MISFIT, i] = 0, best, 0.0
    if FACTORS[best] < WIDE_FACTOR and FACTORS[best] * WIDE_FACTOR > 1.0 and nearest * scale > CLOSE * abs(expected):
        kinds[FITTING, i] = 0
        return 0
    kinds[FITTING, i] += 1
    numbers[MISFIT, i] += nearest * nearest
    fits = numbers[MISFIT, i] <= FITS_MEAN_SQUARE * kinds[FITTING, i]
    return UNIT if kinds[FITTING, i] >= UNIT_READINGS and fits else 0


@compiled
def drift(
    i: int,
    t: int,
    v: float,
    hour: int,
    fellows: Int32s,
    us: Int64s,
    numbers: Float64s,
    kinds: Int64s,
    usual: Float64s,
    visits: Float64s,
    blocks: Float64s,
) -> int:
    """Average departures from a slow profile over quarters of a day; 3 where they climb alone and one way, -3 where not."""
    have = visits[hour, i]
    away = v - usual[hour, i] if have > 0.0 else 0.0
    spread = max(1.2533 * numbers[SPREAD, i], 1e-9 * abs(v) + 1e-300)
    block = t // BLOCK_US
    found = 0
    if block != us[BLOCK, i]:
        found = closed(i, block, t, fellows, us, numbers, kinds, blocks)
        us[BLOCK, i] = block
    known = have >= LEAST_READINGS
    if known:
        numbers[PULL, i] += min(max(away / spread, -20.0), 20.0)
        numbers[PULLED, i] += 1.0
    kept = usual[hour, i] + min(max(away, -3.0 * spread), 3.0 * spread) if known else v
    if kinds[FAULT, i] == 0:
        visits[hour, i] = min(have + 1.0, VISITS * max(1.0, numbers[PER_HOUR, i]))
        usual[hour, i] += (kept - usual[hour, i]) / visits[hour, i]
        if known:
            pace = max(1.0 / (24.0 * VISITS * max(1.0, numbers[PER_HOUR, i])), 1.0 / numbers[SEEN, i])
            numbers[SPREAD, i] += pace * (
                min(abs(away), 4.0 * spread if numbers[SPREAD, i] > 0 else abs(away)) - numbers[SPREAD, i]
            )
    return found


@compiled
def closed(
    i: int, block: int, t: int, fellows: Int32s, us: Int64s, numbers: Float64s, kinds: Int64s, blocks: Float64s
) -> int:
    """Close a block: keep its mean beside its fellows', and test the last ones for a climb that is this sensor's alone."""
    n = numbers[PULLED, i]
    numbers[PER_HOUR, i] = max(numbers[PER_HOUR, i], n / 6.0)
    mean = numbers[PULL, i] / n if n >= 1.0 else np.nan
    numbers[PULL, i], numbers[PULLED, i] = 0.0, 0.0
    for place in range(BLOCKS - 1):
        blocks[place, i] = blocks[place + 1, i]
    total, others = 0.0, 0
    for place in range(fellows.shape[1]):
        j = fellows[i, place]
        if j < 0:
            break
        if us[BLOCK, j] >= block - 1 and not np.isnan(numbers[MEAN, j]):
            total += min(max(numbers[MEAN, j], -4.0), 4.0)
            others += 1
    blocks[BLOCKS - 1, i] = mean - (total / others if others >= 3 else 0.0)
    numbers[MEAN, i] = mean
    now = blocks[BLOCKS - 1, i]
    if kinds[FAULT, i] == DRIFT:
        return -DRIFT if abs(now) < 1.0 or abs(now) < DRIFT_OVER * abs(blocks[BLOCKS - 2, i]) else 0
    if t - us[FIRST, i] < DRIFT_READY_US or np.isnan(now) or abs(now) < DRIFT_RISE:
        return 0
    return DRIFT if climbs(blocks[:, i], now) else 0


@compiled
def climbs(block: Float64s, now: float) -> bool:
    """Say whether the last blocks lie along a line that rises (or falls) far and clearly, to where it is now."""
    n, sx, sy, sxx, sxy, syy = 0, 0.0, 0.0, 0.0, 0.0, 0.0
    for place in range(BLOCKS):
        y = block[place]
        if not np.isnan(y):
            n += 1
            sx, sy = sx + place, sy + y
            sxx, sxy, syy = sxx + place * place, sxy + place * y, syy + y * y
    if n < LEAST_BLOCKS:
        return False
    across = sxx - sx * sx / n
    slope = (sxy - sx * sy / n) / across
    left = max(syy - sy * sy / n - slope * slope * across, 0.0)
    rise = slope * (BLOCKS - 1)
    scatter = max(np.sqrt(left / (n - 2)), LEAST_SCATTER)
    return abs(rise) >= DRIFT_RISE and abs(rise) >= DRIFT_CLEAR * scatter and rise * now > 0.0
