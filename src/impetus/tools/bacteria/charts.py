"""Named charts of surveillance to compare with, or to switch to: EARS C1 to C3, EWMA and CUSUM.

Each takes loads (or normal scores) one after the other and gives a normal score: large is surprising. None knows seasons; all
of them are calibrated afterwards like the regression, so that a switch changes what is seen and not how often is cried.

**Source**: Hutwagner et al., Journal of Urban Health 80 (2003) i89 (EARS); Fricker et al., Statistics in Medicine 27 (2008)
3407 (CUSUM on residuals); Roberts, Technometrics 1 (1959) 239 (EWMA).
"""

import math
from dataclasses import dataclass, field

BASELINE = 7
"""Samples of EARS's baseline."""
LAG = 2
"""Samples between the baseline and today in C2 and C3."""
WEIGHT = 0.3
"""Weight of today in the EWMA. **Source**: `nb EWMA(.3)` of the published comparisons."""
SLACK, RESET = 0.5, 5.0
"""Deviations the CUSUM lets pass each sample, and where it begins again."""
LEAST_SD = 0.5
"""Smallest deviation EARS reckons with, in units of the load: a week of equal counts is no certainty."""


@dataclass(slots=True, kw_only=True)
class Charts:
    """The charts of one sampler; mutable, pickles."""

    loads: list[float] = field(default_factory=list)
    excesses: list[float] = field(default_factory=list)
    moving: float = 0.0
    sum: float = 0.0

    def score(self, method: str, load: float, normal: float) -> float:
        """Return a method's score of a load whose normal score under the regression is `normal`; changes nothing."""
        if method == "ears_c1":
            return self._ears(load, 0)
        if method == "ears_c2":
            return self._ears(load, LAG)
        if method == "ears_c3":
            return sum(max(0.0, one - 1.0) for one in (self._ears(load, LAG), *self.excesses[:2]))
        if method == "ewma":
            return self._moved(normal) / math.sqrt(WEIGHT / (2.0 - WEIGHT))
        return self._summed(normal)

    def learn(self, load: float, normal: float) -> None:
        """Take in a sample."""
        self.excesses = [self._ears(load, LAG), *self.excesses[:1]]
        self.moving = self._moved(normal)
        self.sum = self._summed(normal)
        if self.sum > RESET:
            self.sum = 0.0
        self.loads = [*self.loads[-(BASELINE + LAG - 1) :], load]

    def _ears(self, load: float, lag: int) -> float:
        past = self.loads[: len(self.loads) - lag] if lag else self.loads
        past = past[-BASELINE:]
        if len(past) < BASELINE:
            return 0.0
        mean = sum(past) / BASELINE
        sd = math.sqrt(sum((one - mean) ** 2 for one in past) / (BASELINE - 1))
        return (load - mean) / max(sd, LEAST_SD)

    def _moved(self, normal: float) -> float:
        return WEIGHT * normal + (1.0 - WEIGHT) * self.moving

    def _summed(self, normal: float) -> float:
        return max(0.0, self.sum + normal - SLACK)
