"""When a part that failed may start again: pure, over seconds that never go back."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patient the supervisor is, in seconds. House rules, each smaller in tests.

    `first_s` doubles at each failure up to `most_s`, and starts anew after `healthy_s` alive. `failures` within
    `window_s` make a part failed; it is still tried every `retry_s`. `starting_s` is how long a part may take to its
    first heartbeat, `ending_s` how long from SIGTERM to SIGKILL, `report_s` how often the board is written.
    """

    first_s: float = 0.5
    most_s: float = 30.0
    healthy_s: float = 60.0
    failures: int = 5
    window_s: float = 300.0
    retry_s: float = 60.0
    starting_s: float = 45.0
    ending_s: float = 2.0
    report_s: float = 2.0


@dataclass(slots=True, kw_only=True)
class Restarts:
    """What the failures of one part add up to."""

    pace: Pace
    recent_s: deque[float] = field(default_factory=deque)
    in_a_row: int = 0
    total: int = 0
    episode: int = 0

    @property
    def is_failed(self) -> bool:
        """Say whether the part failed so often that somebody should look."""
        return len(self.recent_s) >= self.pace.failures

    @property
    def begins_episode(self) -> bool:
        """Say whether the latest failure was the first after the part had been healthy."""
        return self.in_a_row == 1

    def fail(self, at_s: float, *, alive_s: float) -> float:
        """Count a failure after `alive_s` of life and return the seconds to wait before the next start.

        >>> restarts = Restarts(pace=Pace())
        >>> [restarts.fail(float(at), alive_s=1.0) for at in range(4)]
        [0.5, 1.0, 2.0, 4.0]
        """
        if self.in_a_row == 0 or alive_s >= self.pace.healthy_s:
            self.in_a_row = 0
            self.episode += 1
            self.recent_s.clear()
        self.in_a_row += 1
        self.total += 1
        self.recent_s.append(at_s)
        while self.recent_s[0] < at_s - self.pace.window_s:
            self.recent_s.popleft()
        if self.is_failed:
            return self.pace.retry_s
        return min(self.pace.most_s, self.pace.first_s * 2.0 ** min(self.in_a_row - 1, 30))
