"""The neighbourhood, reading by reading in the order of time, compiled: the region's average and what is left without it.

One pass over readings sorted by time. Before a reading is judged, only earlier ones were seen: nothing looks ahead, and
where a batch was cut changes nothing. `tests/tools/urban_anomaly/region_twin.py` says the same in plain NumPy.
"""

# ruff: noqa: PLR0912, PLR0913, PLR0915, PLR0917, FBT001, C901, SIM108 - one compiled pass: its arrays are its arguments, and calls are by place

import numpy as np

from impetus.core.observation import Float64s, Int64s
from impetus.tools.urban_anomaly.compiled import Bools, Int32s, compiled

REGION, ALONE = 0, 1
"""Channels: the average of a reading and its fellows, and the reading without what its fellows explain."""
END_Z, START_READINGS, END_READINGS, HOLD = 2, 3, 4, 5
"""Places in `rules`, behind the two channels' bars; `HOLD` in microseconds."""
FRESH_CADENCES = 2.0
"""Cadences after which a fellow's last reading says nothing about now."""
LEAST_FELLOWS = 3
CLIP_FELLOW = 4.0
"""Deviations beyond which one fellow moves the average no further: one broken sensor is no region."""
NO_CITY = 1.5
"""How much higher the bar of a region is where the city is too small to know what it all does."""
CLIP_OWN = 12.0
AGREE_Z = 1.5
"""Deviations from which a fellow agrees; three must, or half of those there are."""
NORMAL = 1.2533
FLOOR = (0.15, 0.5)
"""Least spread of each channel in deviations of one sensor: steadier than that is rounding. House choice."""
MEMORY_US = 2.0 * 86_400e6
READY_US = 86_400e6
READY_READINGS = 100.0
LONGEST_STEP_US = 3_600e6
WINSOR = 3.0
CREST_FADES_US = 21.0 * 86_400e6
MARGIN = 1.1
"""How much further than its own past excursions a channel must go."""
AFTER_EVENT = 0.7
"""Share of a told event's crest that counts as past: the same again is told again, a lesser one is not."""
AGAIN = 1.5
GAP_CADENCES = 20.0
OWN_Z = 2.5
WIDE = 1.5
"""How many times a neighbourhood the whole city must be before what it all does is taken off: a wet Saturday is no region."""
UNEVEN = 0.35
"""Share by which sensors differ in how far they go with what all share: less than that is no difference."""
TIED = 0.5
"""Share of its variance that fellows must explain before not following them is news."""


@compiled
def follow(
    ids: Int64s,
    time_us: Int64s,
    z: Float64s,
    judged: Bools,
    bar: Float64s,
    fellows: Int32s,
    kin: Int32s,
    kin_size: Int64s,
    kin_mean: Float64s,
    cadence_us: Float64s,
    rules: Float64s,
    last_us: Int64s,
    last_z: Float64s,
    ties: Float64s,
    spread: Float64s,
    seen: Float64s,
    lived_us: Float64s,
    crest: Float64s,
    top: Float64s,
    run: Int64s,
    active: Int64s,
    calm: Int64s,
    peak: Float64s,
    hold_us: Int64s,
    mean: Float64s,
    count: Int64s,
    strength: Float64s,
    mark: Int64s,
) -> None:
    """Judge readings against their neighbourhood and learn; fills `mean`, `count`, `strength` and `mark`."""
    for k in range(ids.shape[0]):
        i, t = ids[k], time_us[k]
        passed_us = t - last_us[i] if last_us[i] >= 0 else cadence_us[i]
        gap = last_us[i] >= 0 and passed_us > GAP_CADENCES * cadence_us[i]
        if not judged[k]:
            last_us[i] = -1
            continue
        total, n, up, down = 0.0, 0, 0, 0
        for place in range(fellows.shape[1]):
            j = fellows[i, place]
            if j < 0:
                break
            if last_us[j] >= 0 and t - last_us[j] <= FRESH_CADENCES * max(cadence_us[j], cadence_us[i]):
                other = min(max(last_z[j], -CLIP_FELLOW), CLIP_FELLOW)
                total += other
                n += 1
                up += other >= AGREE_Z
                down += other <= -AGREE_Z
        own = min(max(z[k], -CLIP_OWN), CLIP_OWN)
        near = min(max(own, -CLIP_FELLOW), CLIP_FELLOW)
        city, alike = 0.0, NO_CITY
        if kin_size[kin[i]] >= WIDE * (n + 1):
            city, alike = kin_mean[kin[i]], 1.0
        kin_mean[kin[i]] += (near - kin_mean[kin[i]]) / max(kin_size[kin[i]], 1)
        last_us[i], last_z[i] = t, own
        count[k] = n
        mean[k] = total / max(n, 1)
        if n < LEAST_FELLOWS:
            continue
        up += z[k] >= AGREE_Z
        down += z[k] <= -AGREE_Z
        agree = max(up, down) >= max(LEAST_FELLOWS, (n + 1) / 2)
        tie = min(max(ties[1, i] / max(ties[0, i], 1e-9), 0.0), 1.2)
        is_tied = ties[1, i] * ties[1, i] >= TIED * ties[0, i] * ties[2, i] and ties[0, i] > 0.0
        for c in range(2):
            if c == REGION:
                value = (total + near) / (n + 1) - city
            else:
                value = own - tie * mean[k]
            usual = max(FLOOR[c], NORMAL * spread[c, i])
            ready = lived_us[c, i] >= READY_US and seen[c, i] >= READY_READINGS
            common = city if c == REGION else tie * mean[k]
            s = value / (usual + UNEVEN * abs(common)) if ready else 0.0
            strength[c, k] = s
            far = abs(s) >= bar[k] * max(rules[c], MARGIN * top[c, i])
            if c == REGION:
                far = far and abs(s) >= alike * rules[c] and agree and z[k] * s > 0.0 and abs(z[k]) >= 1.0
            else:
                far = far and (is_tied or abs(z[k]) >= OWN_Z) and abs(strength[REGION, k]) < 0.6 * abs(s)
            mark[c, k] = step(c, i, t, s, far, gap, rules, run, active, calm, peak, hold_us, crest, top)
            learn(c, i, value, usual, ready, passed_us, spread, seen, lived_us, active, run, top)
        if active[REGION, i] == 0 and active[ALONE, i] == 0:
            pace = max(min(passed_us / MEMORY_US, 0.05), 1.0 / (seen[ALONE, i] + 1.0))
            ties[0, i] += pace * (mean[k] * mean[k] - ties[0, i])
            ties[1, i] += pace * (mean[k] * near - ties[1, i])
            ties[2, i] += pace * (near * near - ties[2, i])


@compiled
def step(
    c: int,
    i: int,
    t: int,
    s: float,
    far: bool,
    gap: bool,
    rules: Float64s,
    run: Int64s,
    active: Int64s,
    calm: Int64s,
    peak: Float64s,
    hold_us: Int64s,
    crest: Float64s,
    top: Float64s,
) -> int:
    """Let a channel's event of one datastream begin (1), end (2) or go on (0)."""
    side = 1 if s > 0 else -1
    if gap:
        run[c, i] = 0
    size = abs(s)
    if active[c, i] != 0:
        peak[c, i] = max(peak[c, i], size)
        crest[c, i] = max(crest[c, i], size)
        hold_us[c, i] = t + np.int64(rules[HOLD])
        calm[c, i] = calm[c, i] + 1 if size < rules[END_Z] else 0
        if gap or calm[c, i] >= rules[END_READINGS]:
            active[c, i], run[c, i], calm[c, i] = 0, 0, 0
            top[c, i] = max(top[c, i], AFTER_EVENT * crest[c, i])
            crest[c, i] = 0.0
            return 2
        return 0
    if size >= rules[END_Z]:
        crest[c, i] = max(crest[c, i], size)
    elif crest[c, i] > 0.0:
        top[c, i] = max(top[c, i], min(crest[c, i], 4.0 * rules[c]))
        crest[c, i] = 0.0
    if not far:
        if size < rules[END_Z] or run[c, i] * side < 0:
            run[c, i] = 0
        return 0
    run[c, i] = run[c, i] + side if run[c, i] * side >= 0 else side
    held = t < hold_us[c, i] and size < AGAIN * peak[c, i]
    if abs(run[c, i]) < rules[START_READINGS] or held:
        return 0
    active[c, i], peak[c, i], calm[c, i] = side, size, 0
    hold_us[c, i] = t + np.int64(rules[HOLD])
    return 1


@compiled
def learn(
    c: int,
    i: int,
    value: float,
    usual: float,
    ready: bool,
    passed_us: float,
    spread: Float64s,
    seen: Float64s,
    lived_us: Float64s,
    active: Int64s,
    run: Int64s,
    top: Float64s,
) -> None:
    """Take a channel's value into its usual size, unless it is part of an event."""
    top[c, i] *= np.exp(-passed_us / CREST_FADES_US)
    if active[c, i] != 0 or run[c, i] != 0:
        return
    size = min(abs(value), WINSOR * usual) if ready else abs(value)
    pace = max(min(passed_us / MEMORY_US, 0.05), 1.0 / (seen[c, i] + 1.0))
    spread[c, i] += pace * (size - spread[c, i])
    seen[c, i] += 1.0
    lived_us[c, i] += min(passed_us, LONGEST_STEP_US)
