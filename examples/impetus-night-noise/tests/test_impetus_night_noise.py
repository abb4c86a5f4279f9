"""Night noise, by what it says."""

from datetime import UTC, datetime, timedelta

from impetus_night_noise.tool import Tool

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import Catalogue, Datastream, batch_of, to_us
from impetus.testing.check_tool import check_tool

NIGHT = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
STREAM = Datastream(
    id=DatastreamId(1),
    key=DatastreamKey("square/n1/noise_level"),
    source=SourceId("square"),
    thing=ThingKey("square/n1"),
    thing_name="N1",
    observed_property="noise_level",
    unit="dB",
)


def says(*values: float, at: datetime = NIGHT, timezone: str = "UTC") -> list[str]:
    """Return the headlines for readings a minute apart."""
    tool = Tool.create(
        {"limit": 50.0, "readings": 2, "timezone": timezone}, Catalogue(version=1, datastreams={STREAM.id: STREAM})
    )
    times = [at + timedelta(minutes=number) for number in range(len(values))]
    findings = tool.observe(batch_of([1] * len(values), list(map(to_us, times)), values), at=times[-1])
    return [finding.headline.say() for finding in findings]


def test_it_keeps_to_the_rules_of_tools() -> None:
    """The conformance suite finds no fault."""
    assert check_tool("night_noise") == []


def test_a_level_above_the_limit_is_told_once() -> None:
    """Two readings above the limit are one finding, and a third adds none."""
    assert says(40, 61, 62, 63) == ["Noise above the night limit at N1: 62.0 dB"]


def test_the_same_noise_by_day_is_not_told() -> None:
    """At noon the same readings are the city at work."""
    assert says(40, 61, 62, 63, at=DAY) == []


def test_night_is_where_the_sensor_is() -> None:
    """One in the morning UTC is ten in the morning in Tokyo."""
    assert says(40, 61, 62, 63, timezone="Asia/Tokyo") == []


def test_one_reading_above_the_limit_is_not_told() -> None:
    """A glitch is not an event."""
    assert says(40, 61, 40, 61, 40) == []


def test_the_end_is_told() -> None:
    """Coming back below the limit is a second finding that says when it ended."""
    assert len(says(61, 62, 40)) == 2
