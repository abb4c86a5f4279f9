"""What a sampler's last samples say about the next: weather and streets change the load for hours or days.

Normal scores of samples follow a part that fades with time plus a part that does not: score = weather + chance. How much is
weather, and how fast it fades, is read from how alike scores one, two and three samples apart are; the weather itself is
tracked by a Kalman filter whose steps are cut, so that an event is not taken for weather.

**Source**: Harvey, Forecasting, Structural Time Series Models and the Kalman Filter (1989), section 3.2; Huber's cut of
innovations as in Ruckdeschel et al., Test 23 (2014) 1.
"""

import math
from dataclasses import dataclass, field

LAGS = 3
FADES = 1.0 / 400.0
"""Share by which older pairs of samples count less with each new one: the memory of about 400 samples. House choice."""
SHY = 30.0
"""Pairs without likeness that are reckoned beside those seen, so that a young sampler finds no weather in chance."""
SCORE_CUT = 3.0
"""Farthest score that teaches likeness."""
STEP_CUT = 2.0
"""Farthest step of the weather at once, in deviations of its innovation."""
SURE = 2.0
"""Standard errors of likeness below which there is no weather."""
MOST_LASTING, LEAST_LASTING, MOST_SHARE = 0.98, 0.3, 0.95
"""Bounds of the fade from one sample to the next and of the weather's share."""
PATIENCE = 2
"""Cut steps to the same side after which a new level is believed, and longer steps are allowed. House choice."""
LASTING_SHARE, LASTING_FADE = 0.5, 0.9
"""The least weather reckoned with then."""
GAP = 2.0
"""Usual spacings beyond which neighbours are no neighbours."""


@dataclass(slots=True, kw_only=True)
class Memory:
    """The weather at one sampler, in normal scores: mutable, pickles."""

    last: list[float] = field(default_factory=list)
    pairs: list[float] = field(default_factory=lambda: [0.0] * (LAGS + 1))
    seen: float = 0.0
    share: float = 0.0
    fade: float = 0.0
    mean: float = 0.0
    var: float = 0.0
    same: int = 0

    def expect(self, steps: float) -> tuple[float, float]:
        """Return mean and deviation of the next normal score, so many usual spacings after the last."""
        share, fade = self._allowed()
        kept = fade**steps
        mean = self.mean * kept
        var = share * (1 - kept**2) + self.var * kept**2
        return mean, math.sqrt(max(1.0 - share + var, 0.05))

    def learn(self, score: float, steps: float) -> None:
        """Take in the normal score of a sample, so many usual spacings after the last."""
        self._track(score, steps)
        cut = min(max(score, -SCORE_CUT), SCORE_CUT)
        self.last = [cut, *self.last[:LAGS]] if steps <= GAP else [cut]
        rate = max(FADES, 1.0 / (self.seen + 1.0))
        for lag, other in enumerate(self.last):
            self.pairs[lag] += rate * (cut * other - self.pairs[lag])
        self.seen += 1
        self._likeness()

    def _track(self, score: float, steps: float) -> None:
        share, fade = self._allowed()
        kept = fade**steps
        mean = self.mean * kept
        var = share * (1 - kept**2) + self.var * kept**2
        total = var + max(1.0 - share, 0.05)
        step = score - mean
        limit = STEP_CUT * math.sqrt(total)
        gain = var / total
        side = math.copysign(1.0, step) if abs(step) > limit else 0.0
        self.same = int(side * (1 + (abs(self.same) if self.same * side > 0 else 0)))
        longest = limit * max(1, abs(self.same) - PATIENCE)
        self.mean = mean + gain * min(max(step, -longest), longest)
        self.var = var * (1 - gain)

    def _allowed(self) -> tuple[float, float]:
        """Return share and fade of the weather: more of both once samples keep falling far on the same side."""
        if abs(self.same) <= PATIENCE:
            return self.share, self.fade
        return max(self.share, LASTING_SHARE), max(self.fade, LASTING_FADE)

    def _likeness(self) -> None:
        """Read share and fade of the weather from how alike neighbours are."""
        count = min(self.seen, 1 / FADES)
        one, two, three = (pair * count / (self.pairs[0] * count + SHY) for pair in self.pairs[1:])
        if one < SURE / math.sqrt(count + 1.0):
            self.share = self.fade = 0.0
            return
        self.fade = min(max((two + three) / max(one + two, 1e-9), 0.0), MOST_LASTING)
        self.share = min(one / max(self.fade, one, LEAST_LASTING), MOST_SHARE)
