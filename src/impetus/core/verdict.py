"""What people decided on alerts, as a tool is told it: about which datastreams, when, and that it was nothing or something.

A tool learns from it without going blind: a verdict is about one place in one context and fades, it is never a switch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from impetus.core.alert import Verdict as AlertVerdict
from impetus.core.errors import Malformed
from impetus.core.ids import DatastreamId


class VerdictKind(StrEnum):
    """What a person found an alert to be."""

    BENIGN = "benign"
    """Real, and nothing to act on; or no more than chance."""
    EXPECTED = "expected"
    """Somebody had planned it: an exercise, a match, works."""
    TRUE = "true"
    """It was what the alert said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One decision on one alert. `subject` as in `Finding`; times are microseconds since the epoch, both ends included."""

    subject: str
    datastreams: tuple[DatastreamId, ...]
    began_us: int
    ended_us: int
    kind: VerdictKind

    def __post_init__(self) -> None:
        """Refuse a span that ends before it begins: it would be about nothing."""
        if self.ended_us < self.began_us:
            raise Malformed(
                f"a verdict on {self.subject} ends before it begins",
                value=self.ended_us,
                limit=f"{self.began_us} or later",
                remedy="give the span of the alert, oldest first",
            )


KINDS: Mapping[AlertVerdict, VerdictKind] = {
    AlertVerdict.CONFIRMED: VerdictKind.TRUE,
    AlertVerdict.FALSE_ALARM: VerdictKind.BENIGN,
    AlertVerdict.BENIGN: VerdictKind.BENIGN,
    AlertVerdict.EXERCISE: VerdictKind.EXPECTED,
}
"""What a closed alert's verdict tells a tool; "not enough information" tells it nothing."""


def kind_of(verdict: AlertVerdict | None) -> VerdictKind | None:
    """Return what an alert's verdict tells a tool, None for nothing.

    >>> kind_of(AlertVerdict.FALSE_ALARM), kind_of(AlertVerdict.NOT_ENOUGH_INFORMATION)
    (<VerdictKind.BENIGN: 'benign'>, None)
    """
    return KINDS.get(verdict) if verdict is not None else None
