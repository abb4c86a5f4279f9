"""What a maintainer reads: which sensor, what it does, since when."""

import pytest

from impetus.core.finding import Finding, Kind, Severity, Urgency
from impetus.core.observation import to_us
from impetus.core.standing import FaultKind
from impetus.tools.urban_anomaly.fault_words import SAID, fault_finding
from impetus.tools.urban_anomaly.faults import Fault
from tools.urban_anomaly.street import START
from tools.urban_anomaly.town_of import sensor

SINCE_US = to_us(START)
REAL = [kind for kind in FaultKind if kind is not FaultKind.NONE]


def told(kind: FaultKind, *, value: float = 61.5, over: bool = False, minutes: int = 40) -> Finding:
    """Return what is said of a fault that began at the start, so many minutes later."""
    fault = Fault(
        datastream=1, kind=kind, since_us=SINCE_US, at_us=SINCE_US + minutes * 60_000_000, value=value, over=over
    )
    return fault_finding(fault, [sensor(1), sensor(2)], at=START)


def test_every_kind_of_fault_has_words() -> None:
    """A new kind cannot be forgotten."""
    assert set(SAID) == set(REAL)


@pytest.mark.parametrize("kind", REAL)
@pytest.mark.parametrize("over", [False, True])
def test_a_fault_is_minor_to_maintainers_and_complete(kind: FaultKind, *, over: bool) -> None:
    """No gap in a sentence, no alarm in its tone, its kind beside it as a number."""
    finding = told(kind, over=over)
    assert (finding.kind, finding.severity) == (Kind.FAULT, Severity.MINOR)
    assert "{" not in finding.headline.say() + finding.why.say()
    assert "S1" in finding.headline.say()
    assert finding.facts["fault"] == kind


@pytest.mark.parametrize(
    ("kind", "headline", "why"),
    [
        (
            FaultKind.STUCK,
            "Flow sensor at S1 reports the same value: 61.5 per min",
            "61.5 per min for 40 min without change; this sensor usually moves",
        ),
        (
            FaultKind.MISSING,
            "S1 sends nothing any more",
            "no reading for 40 min while the sensors around it go on; its last was 61.5 per min",
        ),
        (
            FaultKind.DRIFT,
            "Flow sensor at S1 drifts: 61.5 per min",
            "it went further from its own usual values for two days, steadily and alone; clean or calibrate it",
        ),
    ],
)
def test_words_name_the_sensor_and_what_to_do(kind: FaultKind, headline: str, why: str) -> None:
    """In full."""
    finding = told(kind)
    assert (finding.headline.say(), finding.why.say()) == (headline, why)


def test_a_wrong_clock_says_by_how_much() -> None:
    """An hour and a half, ahead or behind."""
    assert told(FaultKind.CLOCK, value=-5_400.0).headline.say() == "The clock of S1 is wrong by 90 min"


def test_the_end_has_the_key_of_the_beginning_and_more() -> None:
    """They belong together and are told apart; a spike is over when it is told."""
    began, over = told(FaultKind.STUCK), told(FaultKind.STUCK, over=True)
    assert over.key == f"{began.key}:over"
    assert (began.ended, began.urgency) == (None, Urgency.FUTURE)
    assert over.ended is not None
    assert told(FaultKind.SPIKE).urgency is Urgency.PAST


def test_a_fault_of_a_thing_names_all_its_datastreams() -> None:
    """What to look at on the screens."""
    assert told(FaultKind.CLOCK).datastreams == (1, 2)
