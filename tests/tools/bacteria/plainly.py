"""The likelihood of a source said plainly: every sum written out in NumPy, no tables. The compiled one must agree with it."""

import numpy as np

from impetus.core.observation import Float64s
from impetus.tools.bacteria.plume_kernels import SIDE_BEND, TAIL, Doubt, Seen


def misfit(measured: Float64s, brought: Float64s, background: Float64s, spread: Float64s, error: float) -> Float64s:
    """Return the log-likelihood of samples, up to a constant."""
    mean = background + brought
    width = np.log1p((spread**2 + (error * brought) ** 2) / mean**2)
    return -0.5 * np.log(width) - 0.5 * (TAIL + 1.0) * np.log1p(np.log(measured / mean) ** 2 / (TAIL * width))


def dilution(place: Float64s, seen: Seen, turn: float, fit: Float64s, least: float) -> Float64s:
    """Return what reaches each sample per unit of strength, the mean over the parts of the wind."""
    bearing = seen.from_rad + turn
    away = (seen.sites - place)[:, None, :]
    east, north = -np.sin(bearing), -np.cos(bearing)
    down, across = away[..., 0] * east + away[..., 1] * north, away[..., 0] * north - away[..., 1] * east
    ahead = np.maximum(down, 1e-9)
    side = np.hypot(fit[0] * ahead / np.sqrt(1.0 + SIDE_BEND * ahead), least)
    up = np.hypot(fit[1] * ahead * (1.0 + fit[2] * ahead) ** fit[3], least)
    arrives = np.exp(-0.5 * (across / side) ** 2) / (np.pi * seen.speed * side * up)
    return np.asarray(np.where(down > 0.0, arrives, 0.0).mean(axis=1))


def of_strength(strength: float, place: Float64s, seen: Seen, doubt: Doubt, fit: Float64s) -> float:
    """Return the likelihood of all samples given a place, a class and a factor on the first guess of the strength."""
    reaches = np.array([dilution(place, seen, turn, fit, doubt.least) for turn in doubt.offsets_rad])
    guess = np.maximum(seen.measured - seen.background, 0.0).sum() / (doubt.lasting @ reaches).sum()
    brought = guess * np.exp(strength) * reaches
    fits = misfit(seen.measured, brought, seen.background, seen.spread, doubt.error)
    times = [
        doubt.passing @ np.exp(fits[:, low:high].sum(axis=1))
        for low, high in zip(seen.slot_from[:-1], seen.slot_from[1:], strict=True)
    ]
    return float(doubt.lasting @ np.prod(times, axis=0))


def likelihood(place: Float64s, seen: Seen, doubt: Doubt) -> float:
    """Return the log-likelihood of one place, the strength summed over in many small steps."""
    strengths = np.linspace(doubt.strengths[0], doubt.strengths[-1], 301)
    total = 0.0
    for fit, weight in zip(doubt.fits, doubt.fit_weights, strict=True):
        likely = [of_strength(each, place, seen, doubt, fit) for each in strengths.tolist()]
        total += weight * float(np.trapezoid(likely, strengths))
    return float(np.log(total))
