"""A city replayed: what it is set up with, what it announces, and spans in which there is nothing to judge."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from impetus.core.errors import Malformed
from impetus.core.observation import Int64s, batch_of, from_us, to_us
from impetus.tools.urban_anomaly.city_read import CityFiles
from impetus.tools.urban_anomaly.city_score import Ground, city_score
from impetus.tools.urban_anomaly.evaluate_city import Coverage, announce, city_figures, local_s, settings_of
from impetus.tools.urban_anomaly.tool import Tool
from tools.urban_anomaly.town_of import BEGIN_US, line

HOUR_US = 3_600_000_000
NO_TIMES = np.zeros(0, dtype=np.int64)


def city(*hours: Sequence[int], warm_up_days: float = 0.0) -> CityFiles:
    """Return a city of two sensors with a file each of readings at these hours."""
    tables = {Path(f"{number}.parquet"): at for number, at in enumerate(hours)}

    def table(file: Path) -> pa.Table:
        """Return a file's readings: both sensors say the hour of the day."""
        at = np.repeat(np.array(tables[file], dtype=np.int64), 2)
        stream = pa.array(["1", "2"] * len(tables[file]), pa.string())
        return pa.table({"stream": stream, "time": BEGIN_US + at * HOUR_US, "value": (at % 24).astype(np.float64)})

    return CityFiles(
        catalogue=line(2),
        truths=(),
        planned=(),
        timezone="UTC",
        country="",
        warm_up_days=warm_up_days,
        files=list(tables),
        ids={"1": 1, "2": 2},
        table=table,
    )


def figures(of: CityFiles) -> dict[str, object]:
    """Return the figures of a city."""
    return dict(city_figures(of, lambda _: None))


def test_a_city_is_judged_from_the_end_of_its_warm_up_to_its_last_reading() -> None:
    """Two sensors over 72 hours of which the first day is learnt from: four stream-days."""
    made = figures(city(range(24), range(24, 73), warm_up_days=1))
    assert (made["readings"], made["streams"], made["stream_days"]) == (146, 2, 4)
    assert made["false_alarms_per_1000_stream_days"] == 0.0


def test_a_file_without_readings_is_a_day_without_readings() -> None:
    """First, in between or last: the figures are those without it."""
    plain = figures(city(range(4), range(4, 8)))
    assert figures(city((), range(4), (), range(4, 8), ())) == plain


def test_a_city_without_any_reading_is_refused_with_a_remedy() -> None:
    """There is nothing to count from."""
    with pytest.raises(Malformed, match="no reading") as refused:
        figures(city((), ()))
    assert "observations" in str(refused.value.remedy)


def test_a_city_shorter_than_its_warm_up_has_no_rates() -> None:
    """Nothing was judged: no nought, and no days below nought."""
    made = figures(city(range(24), warm_up_days=14))
    assert made["stream_days"] == 0
    for rate in ("false_alarms_per_1000_stream_days", "incidents_per_shift", "range_coverage"):
        assert made[rate] is None
    assert made["baselines"]["null"]["false_alarms_per_1000_stream_days"] is None  # type: ignore[index]  # a page of figures


@pytest.mark.parametrize("days", [-3, 0])
def test_a_span_that_ends_before_it_begins_is_empty(days: int) -> None:
    """Stream-days are never negative."""
    ground = Ground(truths=(), cadence_s={1: 300.0}, zone={1: "a"}, begin_us=0, end_us=days * 24 * HOUR_US)
    assert ground.stream_days == 0.0
    made = city_score([], ground)
    assert made["incidents_per_shift"] is None
    ends = made["interval_90"]
    assert isinstance(ends, dict)
    assert ends["false_alarms_per_1000_stream_days"] is None


def test_progress_counts_files_and_readings() -> None:
    """A word a file that holds something."""
    words: list[str] = []
    city_figures(city(range(3), range(3, 5)), words.append)
    assert words == [
        "file 1 of 2: 6 readings, 0 incidents told",
        "file 2 of 2: 10 readings, 0 incidents told",
    ]


@pytest.mark.parametrize(
    ("country", "settings"), [("", {"timezone": "Europe/Oslo"}), ("NO", {"timezone": "Europe/Oslo", "country": "NO"})]
)
def test_the_tool_is_set_up_as_an_installation_of_the_city_would_be(country: str, settings: dict[str, str]) -> None:
    """With its zone, and its country's holidays where it names one; the tool takes them."""
    made = settings_of(replace(city(()), timezone="Europe/Oslo", country=country))
    assert made == settings
    assert Tool.create(made, line(1)).detector.config.country == country


def test_what_was_announced_is_told_beforehand_and_nothing_otherwise() -> None:
    """The plan reaches the detector whole; without one the tool is not bothered."""
    plan = [("quay", BEGIN_US, BEGIN_US + HOUR_US), ("hill", BEGIN_US, BEGIN_US + 2 * HOUR_US)]
    tool = Tool.create({}, line(1))
    announce(tool, replace(city(()), planned=plan))
    assert list(tool.detector.context.planned) == plan
    announce(tool, city(()))
    assert list(tool.detector.context.planned) == plan


def local(*times: datetime) -> Int64s:
    """Return local seconds in Oslo."""
    at = [to_us(one) for one in times]
    return local_s(batch_of([1] * len(at), at, [0.0] * len(at)), ZoneInfo("Europe/Oslo"))


def test_local_seconds_follow_the_citys_clock() -> None:
    """An hour ahead in winter, two in summer; the night of the change has both."""
    winter, before, after = (
        datetime(2026, 1, 5, 12, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, tzinfo=UTC),
    )
    assert [(one - to_us(at) // 1_000_000) // 3600 for one, at in zip(
        local(winter, before, after).tolist(), (winter, before, after), strict=True
    )] == [1, 1, 2]  # fmt: skip
    assert local().tolist() == []


def coverage(inside: Sequence[int], asked: Sequence[int]) -> dict[str, object]:
    """Return the figures of counts by datastream."""
    return Coverage(
        inside=np.array(inside, dtype=np.int64), asked=np.array(asked, dtype=np.int64), calm_until_us=[], stated=0.9
    ).figures()


def test_coverage_is_over_all_readings_and_the_worst_is_over_those_asked_often() -> None:
    """90 of 100, 50 of 100 and 0 of 2: 140 of 202; the one asked twice is not called the worst."""
    made = coverage([0, 90, 50, 0], [0, 100, 100, 2])
    assert made["range_coverage"] == pytest.approx(140 / 202, abs=1e-4)
    assert made["range_coverage_worst"] == 0.5
    ends = made["range_coverage_interval_90"]
    assert isinstance(ends, list)
    assert ends[0] <= 140 / 202 <= ends[1]


def test_what_was_never_asked_has_no_coverage() -> None:
    """Only what was stated is given."""
    assert coverage([0, 0], [0, 0]) == {"range_coverage": None, "range_coverage_stated": 0.9}


def test_a_tool_is_asked_on_whole_hours_of_the_time_that_is_judged() -> None:
    """A reading at half past is none; of 49 hours, the first day is learnt from by the tool itself."""
    made = figures(city(range(24), range(24, 49)))
    assert made["range_coverage_stated"] == 0.9
    assert from_us(BEGIN_US).minute == 0
