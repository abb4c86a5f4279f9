"""The likelihood of a source at each of many places, compiled: one core, no fast arithmetic, the same result always.

For a place, a dispersion class, a strength and an error of the wind's direction, each sample is expected to show its
background and what the plume brings. The direction is wrong twice: by one amount that lasts, and by another at each time;
both are summed over, with the strength and the class, so that what is left is the place alone.

Source strengths are tried around the one that would bring, in sum, the excess that was measured; in its logarithm all are
equally likely beforehand. The error of a sample is log-normal in the middle with tails of Student's t, for what the plume
leaves out. `tests/tools/bacteria/plainly.py` says the same in NumPy, without the tables.
"""

import math
from collections.abc import Callable
from typing import NamedTuple, ParamSpec, TypeVar, cast

import numpy as np
from numba import njit

from impetus.core.observation import Float64s, Int64s

TAIL = 5.0
"""Degrees of freedom of a sample's error: heavier than normal, so that one odd sample does not move the area. House rule."""
NEGLIGIBLE = 0.02
"""Share of the background below which what a plume brings is not computed."""
FIRST_RATIO, RATIO_STEP, RATIOS = math.log(NEGLIGIBLE), 0.08, 240
"""Where the table of misfits begins, its steps and their number, as logarithms of brought over background: up to 4e6."""
REFINED = 3
"""How often the step between strengths is halved about the best: from 1.5 to 0.19, a fifth of the strength."""
TINY = 1e-300
SIDE_BEND = 0.0004
"""**Source**: Briggs 1973, urban, as in `plume`."""
FAR_ASIDE = 5.0
"""Deviations beside the middle of a plume beyond which nothing arrives."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return the function compiled for the types it is first called with, kept beside its source; `py_func` is the plain one."""
    return cast("Callable[_P, _R]", njit(cache=True)(function))


class Seen(NamedTuple):
    """Samples sorted by time: `sites (samples, 2)` in metres; the wind in the parts of each, `(samples, parts)`.

    `measured` and `background` are above 0, `spread` is one deviation of the background. `slot_from (times + 1,)` says where
    each time's samples begin.
    """

    sites: Float64s
    speed: Float64s
    from_rad: Float64s
    measured: Float64s
    background: Float64s
    spread: Float64s
    slot_from: Int64s


class Doubt(NamedTuple):
    """What is summed over: errors of direction, dispersion classes and strengths.

    `lasting (offsets,)` is the weight of each error of `offsets_rad` as a lasting one, `passing (offsets, offsets)` as a total
    given a lasting one; `fits (classes, 4)` are side, up, bend, power of each class; `strengths` are logarithms of factors on
    the first guess of a strength, evenly apart, that are tried first.
    `error` is one deviation of the logarithm of a sample, `least` the spread of a plume at its source in metres.
    """

    offsets_rad: Float64s
    lasting: Float64s
    passing: Float64s
    fits: Float64s
    fit_weights: Float64s
    strengths: Float64s
    error: float
    least: float


class _Tables(NamedTuple):
    """What is the same for every place."""

    calm: Float64s
    misfits: Float64s
    to_east: Float64s
    to_north: Float64s
    excess: float


@compiled
def misfit(measured: float, brought: float, background: float, spread: float, error: float) -> float:
    """Return the log-likelihood of one sample, up to a constant: `measured` above 0, `spread` the background's deviation."""
    mean = background + brought
    variance = spread * spread + (error * brought) ** 2
    width = math.log(1.0 + variance / (mean * mean))
    off = math.log(measured / mean)
    return -0.5 * math.log(width) - 0.5 * (TAIL + 1.0) * math.log(1.0 + off * off / (TAIL * width))


@compiled
def diluted(displaced: tuple[float, float], blows_to: tuple[float, float], fit: Float64s, least: float) -> float:
    """Return the dilution times the wind's speed, in 1/m2, at a displacement from source to sampler in metres."""
    down = displaced[0] * blows_to[0] + displaced[1] * blows_to[1]
    across = displaced[0] * blows_to[1] - displaced[1] * blows_to[0]
    if down <= 0.0 or abs(across) > 2.0 * down + FAR_ASIDE * least:
        return 0.0
    side = math.hypot(fit[0] * down / math.sqrt(1.0 + SIDE_BEND * down), least)
    if abs(across) > FAR_ASIDE * side:
        return 0.0
    bent = math.sqrt(1.0 + fit[2] * down)
    up = math.hypot(fit[1] * down * (bent if fit[3] > 0.0 else 1.0 / bent), least)
    return math.exp(-0.5 * (across / side) ** 2) / (math.pi * side * up)


@compiled
def _tables(seen: Seen, doubt: Doubt) -> _Tables:
    """Work out what is the same for every place: misfits by sample and ratio, and where each wind blows to."""
    samples, parts = seen.speed.shape
    turns = doubt.offsets_rad.shape[0]
    calm, misfits, excess = np.empty(samples), np.empty((samples, RATIOS)), 0.0
    to_east, to_north = np.empty((samples, turns, parts)), np.empty((samples, turns, parts))
    for sample in range(samples):
        here, spread, measured = seen.background[sample], seen.spread[sample], seen.measured[sample]
        calm[sample] = misfit(measured, 0.0, here, spread, doubt.error)
        excess += max(measured - here, 0.0)
        for ratio in range(RATIOS):
            brought = here * math.exp(FIRST_RATIO + RATIO_STEP * ratio)
            misfits[sample, ratio] = misfit(measured, brought, here, spread, doubt.error)
        for turn in range(turns):
            for part in range(parts):
                bearing = seen.from_rad[sample, part] + doubt.offsets_rad[turn]
                to_east[sample, turn, part], to_north[sample, turn, part] = -math.sin(bearing), -math.cos(bearing)
    return _Tables(calm, misfits, to_east, to_north, max(excess, TINY))


@compiled
def _ratios(place: Float64s, fit: Float64s, seen: Seen, doubt: Doubt, tables: _Tables, ratios: Float64s) -> None:
    """Write into `ratios (samples, offsets)` the logarithm of what the first guess of the strength brings to each sample."""
    arrives = 0.0
    samples, turns = ratios.shape
    for sample in range(samples):
        displaced = (seen.sites[sample, 0] - place[0], seen.sites[sample, 1] - place[1])
        for turn in range(turns):
            mean = 0.0
            for part in range(seen.speed.shape[1]):
                blows_to = (tables.to_east[sample, turn, part], tables.to_north[sample, turn, part])
                mean += diluted(displaced, blows_to, fit, doubt.least) / seen.speed[sample, part]
            ratios[sample, turn] = mean / seen.speed.shape[1]
            arrives += doubt.lasting[turn] * ratios[sample, turn]
    guess = tables.excess / max(arrives, TINY)
    for sample in range(samples):
        for turn in range(turns):
            brought = ratios[sample, turn] * guess / seen.background[sample]
            ratios[sample, turn] = math.log(brought) if brought > 0.0 else -np.inf


@compiled
def _looked_up(row: Float64s, calm: float, ratio: float) -> float:
    """Return the misfit at a logarithm of the ratio, between two entries of its sample's row of the table."""
    at = (ratio - FIRST_RATIO) / RATIO_STEP
    if at <= 0.0:
        return calm
    if at >= RATIOS - 1:
        return row[RATIOS - 1]  # type: ignore[no-any-return]  # an element of a column of floats
    below = int(at)
    return row[below] + (row[below + 1] - row[below]) * (at - below)  # type: ignore[no-any-return]  # as above


@compiled
def _at_time(slot: int, strength: float, seen: Seen, tables: _Tables, ratios: Float64s, fits: Float64s) -> float:
    """Write into `fits (offsets,)` the likelihood of one time's samples, and return the logarithm left out."""
    highest = -np.inf
    for turn in range(fits.shape[0]):
        fit = 0.0
        for sample in range(seen.slot_from[slot], seen.slot_from[slot + 1]):
            fit += _looked_up(tables.misfits[sample], tables.calm[sample], ratios[sample, turn] + strength)
        fits[turn] = fit
        highest = max(highest, fit)
    for turn in range(fits.shape[0]):
        fits[turn] = math.exp(fits[turn] - highest)
    return highest


@compiled
def _of_strength(strength: float, seen: Seen, doubt: Doubt, tables: _Tables, ratios: Float64s) -> float:
    """Return the log-likelihood of all times given a strength, both errors of direction summed over."""
    turns = doubt.lasting.shape[0]
    fits, joined = np.empty(turns), np.zeros(turns)
    for slot in range(seen.slot_from.shape[0] - 1):
        left_out = _at_time(slot, strength, seen, tables, ratios, fits)
        for lasts in range(turns):
            mean = 0.0
            for turn in range(turns):
                mean += doubt.passing[lasts, turn] * fits[turn]
            joined[lasts] += left_out + math.log(mean + TINY)
    best = joined.max()
    total = 0.0
    for lasts in range(turns):
        total += doubt.lasting[lasts] * math.exp(joined[lasts] - best)
    return best + math.log(total)  # type: ignore[no-any-return]  # the highest of a column of floats


@compiled
def _of_class(seen: Seen, doubt: Doubt, tables: _Tables, ratios: Float64s) -> float:
    """Return the log-likelihood with the strength summed over: tried coarsely first, then ever more finely about the best.

    Many samples know the strength to a tenth; a coarse grid alone would make a place likely by where its points happen to lie.
    """
    first, rounds = doubt.strengths.shape[0], REFINED
    tried, fits = np.empty(first + 2 * rounds), np.empty(first + 2 * rounds)
    for step in range(first):
        tried[step] = doubt.strengths[step]
        fits[step] = _of_strength(float(tried[step]), seen, doubt, tables, ratios)
    apart, count = doubt.strengths[1] - doubt.strengths[0], first
    for _ in range(rounds):
        apart *= 0.5
        middle = float(tried[np.argmax(fits[:count])])
        for side in (-apart, apart):
            tried[count] = middle + side
            fits[count] = _of_strength(float(tried[count]), seen, doubt, tables, ratios)
            count += 1
    order = np.argsort(tried)
    best, total = fits.max(), 0.0
    for place in range(count - 1):
        low, high = order[place], order[place + 1]
        both = math.exp(fits[low] - best) + math.exp(fits[high] - best)
        total += 0.5 * both * (tried[high] - tried[low])
    return best + math.log(total)  # type: ignore[no-any-return]  # the highest of a column of floats


@compiled
def likelihoods(places: Float64s, seen: Seen, doubt: Doubt) -> Float64s:
    """Return the log-likelihood of each of `places (places, 2)`, metres on the same ground as the sites, up to a constant."""
    tables = _tables(seen, doubt)
    kinds, turns = doubt.fits.shape[0], doubt.offsets_rad.shape[0]
    ratios, of_class = np.empty((seen.measured.shape[0], turns)), np.empty(kinds)
    found = np.empty(places.shape[0])
    for place in range(places.shape[0]):
        for kind in range(kinds):
            _ratios(places[place], doubt.fits[kind], seen, doubt, tables, ratios)
            of_class[kind] = _of_class(seen, doubt, tables, ratios) + math.log(doubt.fit_weights[kind])
        best = of_class.max()
        found[place] = best + math.log(np.exp(of_class - best).sum())
    return found
