"""What people's verdicts on alerts tell a tool."""

import pytest

from impetus.core.alert import Verdict as AlertVerdict
from impetus.core.errors import Malformed
from impetus.core.ids import DatastreamId
from impetus.core.verdict import Verdict, VerdictKind, kind_of


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        (AlertVerdict.CONFIRMED, VerdictKind.TRUE),
        (AlertVerdict.FALSE_ALARM, VerdictKind.BENIGN),
        (AlertVerdict.BENIGN, VerdictKind.BENIGN),
        (AlertVerdict.EXERCISE, VerdictKind.EXPECTED),
        (AlertVerdict.NOT_ENOUGH_INFORMATION, None),
        (None, None),
    ],
)
def test_each_verdict_tells_a_tool_one_thing_or_nothing(verdict: AlertVerdict | None, kind: VerdictKind | None) -> None:
    """Who could not tell teaches nothing; a false alarm and a harmless thing teach the same."""
    assert kind_of(verdict) is kind


def test_a_verdict_on_a_span_that_ends_before_it_begins_is_refused() -> None:
    """The error names the span's end and what it may be."""
    with pytest.raises(Malformed) as refusal:
        Verdict(subject="zone:quay", datastreams=(DatastreamId(1),), began_us=10, ended_us=9, kind=VerdictKind.BENIGN)
    assert (refusal.value.value, refusal.value.limit) == (9, "10 or later")


def test_a_verdict_on_one_moment_stands() -> None:
    """Both ends count, so a span of one reading is a span."""
    one = Verdict(subject="thing:a", datastreams=(), began_us=5, ended_us=5, kind=VerdictKind.TRUE)
    assert one.began_us == one.ended_us
