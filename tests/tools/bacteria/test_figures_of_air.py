"""Figures, baselines, the card, series and planted releases: hand-worked numbers, refusals by line, nothing looked at ahead."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.errors import ImpetusError, Malformed
from impetus.core.observation import Float64s, to_us
from impetus.core.place import Point
from impetus.tools.bacteria.baselines import BASELINES, WEIGHT, WINDOW
from impetus.tools.bacteria.card import said, span, write_card
from impetus.tools.bacteria.evaluate import figures_of, replay
from impetus.tools.bacteria.figures import (
    DRAWS,
    NOMINAL,
    WARM_UP_DAYS,
    Scored,
    _chance_worst,
    _interval,
    detection,
    detections,
    equalised,
    false_alarms,
    fault_scores,
    levels,
    ratio_of,
)
from impetus.tools.bacteria.regions import (
    LEAST_BEFORE,
    Planted,
    _planted,
    _table,
    region_figures,
    samples_of,
    summed_up,
)
from impetus.tools.bacteria.series import DAY_US, LEAST_SAMPLES, Series, series_in
from tools.bacteria.air import START

HOUR_US = 3_600_000_000
OSLO = Point(lon=10.73, lat=59.91)
ROWS = 400


def series(value: Float64s, *, name: str = "s", every_us: int = DAY_US, **about: object) -> Series:
    """Return a series of these values without outbreaks."""
    rows = len(value)
    known: dict[str, object] = {"outbreak": np.zeros(rows), **about}
    return Series(name=name, time_us=to_us(START) + every_us * np.arange(rows, dtype=np.int64), value=value, **known)  # type: ignore[arg-type]  # columns of a series


def scored(chance: Float64s | float, **about: object) -> Scored:
    """Return four hundred days on which the tool said these chances, the first half warm-up."""
    flags = about.pop("flags", np.zeros(ROWS, dtype=np.bool_))
    said_faults = about.pop("said", ("",) * ROWS)
    made = series(np.ones(ROWS), **about)  # type: ignore[arg-type]  # columns of a series
    return Scored(series=made, chance=np.full(ROWS, chance), watch=flags, alarm=flags, fault=said_faults)  # type: ignore[arg-type]  # as above


def marked(*rows: int, size: float = 1.0) -> Float64s:
    """Return a column that is nought but for these rows."""
    column = np.zeros(ROWS)
    column[list(rows)] = size
    return column


@pytest.mark.parametrize(("rows", "warm"), [(10, 5), (400, 200), (730, 365), (2_000, 365)])
def test_the_first_year_is_learnt_from_at_most_half(rows: int, warm: int) -> None:
    """A series of two years is scored for one, a shorter one for half of itself."""
    made = Scored(
        series=series(np.ones(rows)),
        chance=np.ones(rows),
        watch=np.zeros(rows, dtype=np.bool_),
        alarm=np.zeros(rows, dtype=np.bool_),
        fault=("",) * rows,
    )
    assert made.warm() == warm
    assert WARM_UP_DAYS == 365.0


def test_an_outbreak_is_from_its_first_row_to_its_last() -> None:
    """One in the warm-up is not scored, one that begins with it neither, one to the very end is."""
    one = scored(0.5, outbreak=marked(10, 199, 200, 201, 300, 301, 302, 398, 399))
    assert one.events() == [(300, 302), (398, 399)]
    assert scored(0.5).events() == []


def test_what_was_not_judged_promises_nothing() -> None:
    """A chance that is no number is no quiet sample, nor is a sample with a true fault."""
    chance = np.full(ROWS, 0.5)
    chance[210:230] = math.nan
    faults = tuple("stuck" if 240 <= row < 250 else "" for row in range(ROWS))
    assert int(scored(chance, fault=faults).quiet().sum()) == 200 - 20 - 10


@pytest.mark.parametrize(("hits", "rows", "ratio"), [(1, 100, 1.0), (0, 100, 0.0), (5, 200, 2.5), (100, 100, 100.0)])
def test_the_ratio_by_hand(hits: int, rows: int, ratio: float) -> None:
    """Hits over a hundredth of the rows."""
    flags = np.arange(rows) < hits
    assert ratio_of(flags, np.ones(rows, dtype=np.bool_), NOMINAL) == pytest.approx(ratio)
    assert math.isnan(ratio_of(flags[:99], np.ones(99, dtype=np.bool_), NOMINAL))


def test_the_worst_sampler_is_named_and_the_mean_is_of_samples() -> None:
    """Nought and four of two hundred each: one mean of two promised of four, one worst of two."""
    loud = np.where(np.isin(np.arange(ROWS), (210, 220, 230, 240)), 0.001, 0.5)
    told = false_alarms([scored(0.5, name="calm"), scored(loud, name="loud")])
    assert (told["mean"], told["worst"], told["worst_sampler"], told["samples"]) == (1.0, 2.0, "loud", 400)


def test_the_worst_by_chance_grows_with_the_number_of_samplers() -> None:
    """One that keeps its promise has about one; of fifty with two promised each the worst has two or more. None has none."""
    assert _chance_worst([20_000], NOMINAL) == pytest.approx(1.0, abs=0.1)
    assert _chance_worst([200] * 50, NOMINAL) >= 2.0
    assert _chance_worst([200] * 50, NOMINAL) > _chance_worst([2_000] * 50, NOMINAL)


def test_an_interval_is_drawn_the_same_each_time_and_needs_two_values() -> None:
    """It holds the mean, and of equal values it is a point."""
    values = [0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0]
    interval = _interval(values)
    assert interval == _interval(values)
    assert interval is not None
    assert interval[0] < np.mean(values) < interval[1]
    assert _interval([1.0] * 5) == [1.0, 1.0]
    assert _interval([1.0]) is None
    assert DRAWS >= 100


@pytest.mark.parametrize(
    ("hits", "found"), [((), [None, None]), ((4,), [0, None]), ((6, 7), [2, None]), ((3, 9), [None, 1])]
)
def test_a_hit_counts_within_its_event_alone(hits: tuple[int, ...], found: list[int | None]) -> None:
    """Events on rows 4 to 6 and 8 to 9; what comes before or between is none."""
    assert detections(np.isin(np.arange(12), hits), [(4, 6), (8, 9)]) == found


def test_detection_tells_sizes_apart() -> None:
    """Large ones found at once, small ones never; without events there is no share, and no delay."""
    chance = np.where(np.isin(np.arange(ROWS), (300, 350)), 0.001, 0.5)
    told = detection([scored(chance, outbreak=marked(300, 350, size=10.0) + marked(250, 320, size=2.0))])
    assert told["by_size"] == {"2": 0.0, "10": 1.0}
    assert (told["pod"], told["delay_samples"], told["events"]) == (0.5, 0.0, 4)
    nothing = detection([scored(0.5)])
    assert (nothing["events"], nothing["pod"], nothing["delay_days"], nothing["interval_90"]) == (0, None, None, None)


def test_findings_within_outbreaks_and_the_warm_up_break_no_promise() -> None:
    """Three of five begun flags count: over 199 days, by months of thirty."""
    flags = marked(10, 250, 300, 310, 320).astype(np.bool_)
    told = levels([scored(0.5, flags=flags, outbreak=marked(250))], {"watch": 0.3, "alarm": 0.03}, 30.0)
    assert told["alarm"]["count"] == 3  # type: ignore[index]  # a mapping by level
    assert told["watch"]["per_sampler_month"] == pytest.approx(3 / (199 / 30), abs=1e-4)  # type: ignore[index]  # as above


def test_faults_are_a_mean_over_kinds_and_not_over_samples() -> None:
    """Ten blocked all found, one stuck called blocked: F1 20/21 and 0, mean .476; one of eleven raised as load."""
    truth = tuple("blocked" if 300 <= row < 310 else "stuck" if row == 350 else "" for row in range(ROWS))
    found = tuple("blocked" if one else "" for one in truth)
    chance = np.where(np.arange(ROWS) == 350, 0.001, math.nan)
    told = fault_scores([scored(chance, fault=truth, said=found)])
    assert told["by_kind"] == {"blocked": round(20 / 21, 3), "stuck": 0.0}
    assert told["macro_f1"] == pytest.approx(10 / 21, abs=1e-3)
    assert (told["raised_as_load"], told["samples"]) == (round(1 / 11, 4), 11)


def test_a_fault_seen_where_there_was_none_costs_precision() -> None:
    """Two found right, two wrong: precision one half, recall one, F1 two thirds."""
    truth = tuple("stuck" if row in (300, 301) else "" for row in range(ROWS))
    found = tuple("stuck" if 300 <= row < 304 else "" for row in range(ROWS))
    assert fault_scores([scored(0.5, fault=truth, said=found)])["macro_f1"] == pytest.approx(0.667)


def test_equal_scores_never_cry() -> None:
    """Silence has no threshold below it; without a quiet sample there is no figure."""
    one = scored(0.5, outbreak=marked(300))
    told = equalised([one], [np.zeros(ROWS)])
    assert (told["pod"], told["mean"], told["worst"]) == (0.0, 0.0, 0.0)
    assert equalised([scored(math.nan)], [np.zeros(ROWS)]) == {"pod": None, "worst": None}


@pytest.mark.parametrize("name", sorted(BASELINES))
@pytest.mark.parametrize(
    "value",
    [np.zeros(60), np.full(60, math.nan), np.concatenate([[math.nan], np.arange(59.0)]), np.full(60, 1e15)],
    ids=["nothing", "no values", "first missing", "huge"],
)
def test_baselines_score_whatever_came(name: str, value: Float64s) -> None:
    """A sample without a value is none at all to them, and spoils none of the scores after it."""
    scores = BASELINES[name](series(value))
    assert scores.shape == (60,)
    assert np.isfinite(scores).all()


def test_the_moving_mean_by_hand() -> None:
    """From 10 to 12: two over one, then the mean is 10.1 and the variance 1 + .05 (4 - 1) = 1.15."""
    scores = BASELINES["ewma_z"](series(np.array([10.0, 12.0, 10.1])))
    assert scores[0] == 0.0
    assert scores[1] == pytest.approx(2.0 / math.sqrt(1 + 1e-9 - WEIGHT * 1.0), rel=1e-6)
    assert scores[2] == pytest.approx(0.0, abs=1e-9)


def test_novelty_is_above_everything_seen_or_below_nothing() -> None:
    """Of 1, 5: a 9 lies (9 - 5) / (4 + 1) above; a 5 again is as high as one before."""
    scores = BASELINES["value_novelty"](series(np.array([1.0, 5.0, 9.0, 5.0])))
    assert scores[2] == pytest.approx(0.8)
    assert scores[3] == pytest.approx(-2 / WINDOW)


def test_the_seasonal_score_compares_a_month_with_its_own() -> None:
    """Forty days of 100 and then 144: the root of January's is 10 and of February's first day has nothing to compare with."""
    value = np.full(60, 100.0)
    value[20] = 144.0
    scores = BASELINES["seasonal_z"](series(value))
    assert scores[20] > 2.0
    assert scores[0] == 0.0


@pytest.mark.parametrize(("value", "words"), [(None, "\u2013"), (0.0, "0"), (1.25, "1.25"), (math.nan, "nan")])
def test_the_card_writes_figures_briefly(value: float | None, words: str) -> None:
    """A dash for none."""
    assert said(value) == words
    assert span(None) == "unknown"
    assert span((0.5, 1.0)) == span([0.5, 1.0]) == "0.5 to 1"


def test_a_card_of_nothing_found_has_dashes_and_no_gaps() -> None:
    """Without events, faults or enough samples every figure is a dash, and nothing is left to fill in."""
    card = write_card(figures_of([scored(math.nan)]))
    assert "{" not in card
    assert "None" not in card
    assert "| null | \u2013 | \u2013 |" in card


def test_a_replay_says_the_same_of_a_prefix() -> None:
    """Eighty days, and the first sixty of them alone."""
    value = np.random.default_rng(1).gamma(9.0, 20.0, 80).round(1)
    whole = replay([series(value)], lambda _: None)[0]
    part = replay([series(value[:60])], lambda _: None)[0]
    assert np.array_equal(whole.chance[:60], part.chance, equal_nan=True)
    assert whole.fault[:60] == part.fault
    assert np.array_equal(whole.watch[:60], part.watch)


def table(header: str, line: str, rows: int = LEAST_SAMPLES + 5) -> str:
    """Return a file of lines with the row's number put in."""
    return "\n".join([header, *(line.format(row=row, day=20_000 + row) for row in range(rows))])


@pytest.mark.parametrize(
    ("cell", "line"), [("", 12), ("NA", 12), ("inf", 12), ("1e300", 12), ("nan", 12), ("-1e300", 12)]
)
@pytest.mark.parametrize("column", ["time", "week"])
def test_a_sample_without_a_time_is_refused_by_its_line(column: str, cell: str, line: int) -> None:
    """And is not put at the beginning of 1970, nor beyond any calendar."""
    lines = table(f"{column},value", "{row},{row}").split("\n")
    lines[line - 1] = f"{cell},5"
    with pytest.raises(Malformed, match=f"line {line}: {column}") as refused:
        series_in("s", "\n".join(lines))
    assert refused.value.remedy


def test_labels_are_no_samplers() -> None:
    """In a file of one column a sampler, what says when outbreaks were is not one more of them."""
    found = series_in("wide", table("date,north,south,outbreak", "{day},{row},7,0"))
    assert sorted(one.name for one in found) == ["wide/north", "wide/south"]


def test_a_series_is_put_in_order_and_each_time_once() -> None:
    """Backwards and with the first line twice: ascending, the first of equals kept."""
    lines = table("time,value", "{row},{row}").split("\n")
    [one] = series_in("s", "\n".join([lines[0], "0,99", *lines[:0:-1]]))
    assert (np.diff(one.time_us) == DAY_US).all()
    assert one.value[0] == 99.0
    assert len(one) == LEAST_SAMPLES + 5


def test_headers_may_be_shouted_spaced_and_marked() -> None:
    """A byte-order mark, capitals and blanks are no other names."""
    [one] = series_in("s", table("\ufeffTime , VALUE,Volume_M3", "{row},{row},3"))
    assert one.parts["air_volume"].tolist() == [3.0] * len(one)


@pytest.mark.parametrize("rows", [LEAST_SAMPLES - 1, LEAST_SAMPLES])
def test_thirty_samples_are_a_series_and_fewer_are_none(rows: int) -> None:
    """Counted after those without a value are left out."""
    text = table("time,value", "{row},{row}", rows) + "\n9999,\n9998,NA"
    assert len(series_in("s", text)) == int(rows >= LEAST_SAMPLES)


def test_a_sample_with_parts_and_no_value_is_kept() -> None:
    """It is a sample whose concentration is missing, which is a fault and no gap."""
    lines = table("time,value,volume", "{row},{row},3").split("\n")
    lines[10] = "9,,3"
    [one] = series_in("s", "\n".join(lines))
    assert math.isnan(one.value[9])
    assert len(one) == LEAST_SAMPLES + 5


def quiet_then(high: float, *, rows: int = 40, loud: int = 3, **parts: Float64s) -> Series:
    """Return hours of 200 and then some of more."""
    value = np.full(rows, 200.0)
    value[rows - loud :] = high
    return series(value, name="s0", every_us=HOUR_US, parts=parts)


def planted(first: int, last: int) -> Planted:
    """Return a release between two hours after the start."""
    return Planted(began_us=to_us(START) + first * HOUR_US, ended_us=to_us(START) + last * HOUR_US, point=OSLO)


@pytest.mark.parametrize(("before", "is_used"), [(LEAST_BEFORE - 1, True), (LEAST_BEFORE - 2, False)])
def test_a_sampler_needs_a_past_to_say_what_is_usual(before: int, *, is_used: bool) -> None:
    """Eight samples, the one at the very beginning of the release included."""
    assert bool(samples_of([quiet_then(900.0)], {"s0": OSLO}, planted(before, before + 3))) == is_used


def test_samples_that_overlap_a_release_count_and_others_do_not() -> None:
    """Hourly ones: those that end within it, and the one that is still being drawn as it ends."""
    found = samples_of([quiet_then(900.0)], {"s0": OSLO}, planted(36, 38))
    assert [(one.ended_us - to_us(START)) // HOUR_US for one in found] == [37, 38]
    longer = samples_of([quiet_then(900.0, sample_duration=np.full(40, 7_200.0))], {"s0": OSLO}, planted(36, 38))
    assert [(one.ended_us - to_us(START)) // HOUR_US for one in longer] == [37, 38, 39]


def test_what_never_scatters_still_has_a_spread() -> None:
    """A fifth of what is usual, and of nothing a little more than nothing."""
    [one, *_] = samples_of([quiet_then(900.0)], {"s0": OSLO}, planted(36, 38))
    assert (one.expected, one.spread) == (200.0, 40.0)
    empty = quiet_then(900.0)
    empty.value[:37] = 0.0
    [one, *_] = samples_of([empty], {"s0": OSLO}, planted(36, 38))
    assert one.expected > 0
    assert one.spread > 0


def test_nothing_planted_has_no_coverage() -> None:
    """Numbers of nought, and no share of them."""
    assert summed_up([]) == {"sources": 0, "regions": 0, "sectors": 0, "nothing_said": 0}
    assert summed_up([(OSLO, None)])["nothing_said"] == 1


def laid_out(directory: Path, **files: str) -> None:
    """Write the files about a network."""
    known = {
        "samplers": "sampler,lon,lat\ns0,10.73,59.91\n",
        "wind": "time,speed_mps,from_deg\n0,4.0,270\n",
        "sources": "began,ended,lon,lat\n0,3600,10.7,59.9\n",
    }
    for name, text in {**known, **files}.items():
        (directory / f"{name}.csv").write_text(text)


def read(file: Path) -> str:
    """Return a file's text."""
    return file.read_text()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("samplers", "sampler,lon,lat\ns0,10.73\n", "line 1 below the header"),
        ("samplers", "sampler,lon,lat\ns0,10.73,59.91\ns1,10.7,59.9,7\n", "line 2 below the header"),
        ("samplers", "sampler,lon,lat\ns0,190,59.91\n", "not on the globe"),
        ("wind", "time,speed_mps,from_deg\nnan,4,270\n", "is no time"),
        ("wind", "time,speed_mps,from_deg\n0,strong,270\n", "speed_mps is 'strong'"),
        ("sources", "ended,lon,lat\n3600,10.7,59.9\n", "no column began"),
    ],
)
def test_a_network_that_cannot_be_read_is_refused_with_a_remedy(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    """By file, line and value."""
    laid_out(tmp_path, **{name: text})
    with pytest.raises(Malformed, match=words) as refused:
        region_figures(tmp_path, read, [])
    assert refused.value.remedy


def test_a_release_without_an_end_lasts_a_day_and_one_that_ends_early_a_moment(tmp_path: Path) -> None:
    """Both are read, and with no series nothing is said of them."""
    laid_out(tmp_path, sources="began,ended,lon,lat\n0,,10.7,59.9\n7200,3600,10.7,59.9\n")
    figures = region_figures(tmp_path, read, [])
    assert (figures["sources"], figures["nothing_said"]) == (2, 2)


@settings(max_examples=40)
@given(some.text(alphabet="beganlot,\n0123456789.-:TZ \"'", max_size=200))
def test_no_table_of_sources_breaks_the_reader(text: str) -> None:
    """It is a number of releases or a named refusal."""
    try:
        found = [_planted(row) for row in _table("sources.csv", f"began,lon,lat\n{text}")]
    except ImpetusError:
        return
    assert all(one.began_us < one.ended_us for one in found)
