"""Protocols of what is kept about attention: seats, what waits, what was asked, quiet rules, and alerts' lives for figures."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from impetus.core.attention import AlertLife, Ask, AskLine, Quiet, QuietKind, Seat, Waiting
from impetus.core.finding import Severity
from impetus.core.ids import AlertId


class Attention(Protocol):
    """What asks people, what was asked, and what is put aside."""

    def sit(self, seat: Seat, at: datetime) -> None:
        """Note that somebody works there now."""
        ...

    def leave(self, name: str) -> None:
        """Forget a seat."""
        ...

    def seats(self, since: datetime) -> Sequence[Seat]:
        """Return the seats seen since a time, by name."""
        ...

    def wait(self, waiting: Waiting) -> None:
        """Let an alert wait, in place of how it waited before."""
        ...

    def waits(self, alert: AlertId) -> Waiting | None:
        """Return how an alert waits, None when it does not."""
        ...

    def waiting(self, *, limit: int = 5_000) -> Sequence[Waiting]:
        """Return what waits, the longest first."""
        ...

    def count_waiting(self) -> int:
        """Return how many wait."""
        ...

    def heard(self, alerts: Sequence[AlertId]) -> None:
        """Let alerts wait no longer: somebody has them before them."""
        ...

    def ask(self, ask: Ask, lines: Sequence[AskLine]) -> Ask:
        """Store a card with its lines (whose `ask` is ignored), end their waiting, and return it with its id."""
        ...

    def asked(self, since: datetime, *, seat: str | None = None) -> Sequence[Ask]:
        """Return the cards after a time, oldest first; of one seat when given."""
        ...

    def lines(self, asks: Sequence[int]) -> Sequence[AskLine]:
        """Return the lines of cards, by card, worst first."""
        ...

    def first_asks(self, alerts: Sequence[AlertId]) -> Mapping[AlertId, datetime]:
        """Return when each of these was first on a card."""
        ...

    def erase_asks(self, before: datetime) -> int:
        """Erase cards and seats older than the time; return how many cards."""
        ...

    def raised_by_minute(self, since: datetime, until: datetime) -> Sequence[int]:
        """Return how many alerts each whole minute of a span raised, the minute of `until` included."""
        ...

    def severities(self, since: datetime) -> Mapping[Severity, int]:
        """Return how many alerts raised since a time have each severity."""
        ...

    def add_rule(self, rule: Quiet) -> Quiet:
        """Store a quiet rule and return it with its id."""
        ...

    def rule(self, rule: int) -> Quiet:
        """Return it, or raise `Unknown`."""
        ...

    def replace_rule(self, rule: Quiet) -> None:
        """Store the change."""
        ...

    def rules(self, kind: QuietKind | None = None, *, ends_after: datetime | None = None) -> Sequence[Quiet]:
        """Return rules, the latest to end first (at most 500); those that end after a time when given."""
        ...

    def quieted(self, rule: int, alert: AlertId, at: datetime) -> None:
        """Note that a rule put an alert aside; once each."""
        ...

    def rule_of(self, alert: AlertId) -> Quiet | None:
        """Return the rule that last put this alert aside, None when none did."""
        ...

    def counts(self, rules: Sequence[int]) -> Mapping[int, int]:
        """Return how many alerts each rule put aside."""
        ...

    def alerts_of(self, rule: int, *, limit: int = 200) -> Sequence[AlertId]:
        """Return the alerts a rule put aside, newest first."""
        ...

    def erase_rules(self, before: datetime) -> int:
        """Erase rules that ended before the time; return how many."""
        ...

    def lives(
        self, since: datetime, until: datetime, *, simulated: bool = False, limit: int = 50_000
    ) -> Sequence[AlertLife]:
        """Return the lives of real alerts raised in the span, or of simulated ones, never of both; oldest first."""
        ...
