"""The figures: series read from files, false alarms against promises, events found, and what simple charts would have done."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.errors import ImpetusError, Malformed, Unknown
from impetus.core.observation import to_us
from impetus.generate.air import START as MADE_FROM
from impetus.generate.air import add_release, blow, count, plan_sites, release
from impetus.generate.air_files import generate_air
from impetus.generate.air_instrument import FAULTS, report
from impetus.tools.bacteria.baselines import BASELINES, BLIND_EVERY, WINDOW
from impetus.tools.bacteria.card import write_card
from impetus.tools.bacteria.evaluate import evaluate, replay
from impetus.tools.bacteria.figures import (
    Scored,
    detection,
    detections,
    equalised,
    false_alarms,
    fault_scores,
    levels,
    ratio_of,
)
from impetus.tools.bacteria.series import DAY_US, Series, series_in


def numbered(rows: int, value: str = "{day}", header: str = "time,value") -> str:
    """Return a file whose times are numbers of days."""
    return "\n".join([header, *(f"{day},{value.format(day=day)}" for day in range(rows))])


def test_times_may_be_dates_days_seconds_milliseconds_or_weeks() -> None:
    """The second sample is a day, a second, a millisecond or a week after the first."""
    for header, scale, step_us in (
        ("time", 1, DAY_US),
        ("time", 86_400 * 10**4, 86_400 * 10**10),
        ("week", 1, 7 * DAY_US),
    ):
        text = "\n".join([f"{header},value", *(f"{n * scale},{n}" for n in range(40))])
        [series] = series_in("s", text)
        assert series.time_us[1] - series.time_us[0] == step_us
    dates = "\n".join(["date,count", *(f"2024-{1 + n // 28:02d}-{1 + n % 28:02d},{n}" for n in range(40))])
    [series] = series_in("s", dates)
    assert series.time_us[1] - series.time_us[0] == DAY_US


def test_a_wide_file_is_a_sampler_a_column_and_words_part_a_long_one() -> None:
    """As the public data sets of airborne biology are laid out."""
    wide = "\n".join(
        ["date,Alnus,Betula", *(f"2024-{1 + n // 28:02d}-{1 + n % 28:02d},{n},{2 * n}" for n in range(40))]
    )
    assert [one.name for one in series_in("munich", wide)] == ["munich/alnus", "munich/betula"]
    long = "\n".join(
        ["pollen,location,time,value", *(f"{kind},X,{n},{n}" for n in range(40) for kind in ("Pinus", "Poaceae"))]
    )
    assert [one.name for one in series_in("pomo", long)] == ["pomo/Pinus/X", "pomo/Poaceae/X"]


def test_empty_values_are_no_samples_and_outbreaks_keep_their_size() -> None:
    """`NA` is nothing, not zero; an outbreak of size six stays six."""
    rows = [f"{n},{'NA' if n == 7 else n},{6 if n in (20, 21) else 0}" for n in range(60)]
    [series] = series_in("s", "\n".join(["time,value,outbreak", *rows]))
    assert len(series) == 59
    assert series.outbreak.max() == 6.0


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (numbered(40) + "\n40", "line 42"),
        (numbered(40).replace("\n5,5\n", "\n5,many\n"), "value is 'many'"),
        (numbered(40, header="date,value").replace("\n5,", "\nthe fifth,"), "line 2: time '0'"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_line_and_value(text: str, word: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(Malformed, match=word):
        series_in("s", text)


def test_a_short_file_and_one_without_time_hold_nothing() -> None:
    """Ten samples say nothing, and a table of something else is left alone."""
    assert series_in("s", numbered(10)) == []
    assert series_in("s", numbered(60, header="place,value")) == []
    assert series_in("s", "") == []


@settings(max_examples=60, deadline=None)
@given(some.text(alphabet="time,valu\n0123456789.-eNA:T \"'", max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    """It is series, nothing, or a named refusal."""
    try:
        found = series_in("s", "time,value\n" + text)
    except ImpetusError:
        return
    assert all((np.diff(one.time_us) > 0).all() for one in found)


def judged(chance: list[float], outbreak: list[float] | None = None, *, name: str = "s") -> Scored:
    """Return a series of days on which the tool said these chances; half of them are warm-up."""
    rows = len(chance)
    series = Series(
        name=name,
        time_us=to_us(MADE_FROM) + np.arange(rows, dtype=np.int64) * DAY_US,
        value=np.ones(rows),
        outbreak=np.array(outbreak or [0.0] * rows),
    )
    flags = np.zeros(rows, dtype=np.bool_)
    return Scored(series=series, chance=np.array(chance), watch=flags, alarm=flags, fault=("",) * rows)


def test_false_alarms_are_counted_against_what_was_promised() -> None:
    """Of two hundred scored samples two are promised: three are one and a half times as many."""
    chance = [0.5] * 400
    for row in (210, 250, 399):
        chance[row] = 0.005
    one = judged(chance)
    assert one.warm() == 200
    assert false_alarms([one])["mean"] == 1.5
    assert false_alarms([one])["worst_sampler"] == "s"


def test_warm_up_outbreaks_and_faults_promise_nothing() -> None:
    """A hit within them is no false alarm, and they are not counted as samples."""
    outbreak = [0.0] * 400
    outbreak[300] = 6.0
    chance = [0.5] * 400
    chance[10] = chance[300] = 0.001
    one = judged(chance, outbreak)
    assert int(one.quiet().sum()) == 199
    assert false_alarms([one])["mean"] == 0.0


def test_too_few_samples_have_no_ratio() -> None:
    """With less than one promised, none is stated."""
    assert math.isnan(ratio_of(np.ones(50, dtype=bool), np.ones(50, dtype=bool), 0.01))
    assert false_alarms([judged([0.5] * 60)])["mean"] is None


def test_detection_and_delay_by_hand() -> None:
    """Two outbreaks of three days; one is seen on its second day, the other never."""
    outbreak, chance = [0.0] * 400, [0.5] * 400
    outbreak[300:303] = outbreak[350:353] = [10.0] * 3
    chance[301] = 0.002
    found = detection([judged(chance, outbreak)])
    assert (found["events"], found["pod"], found["delay_days"], found["delay_samples"]) == (2, 0.5, 1.0, 1.0)
    assert found["by_size"] == {"10": 0.5}
    assert detections(np.array([False, True, True]), [(0, 2), (0, 0)]) == [1, None]


def test_a_baseline_gets_the_threshold_at_which_it_cries_as_often_as_promised() -> None:
    """One quiet sample in a hundred lies above it; an outbreak above that is found."""
    outbreak = [0.0] * 400
    outbreak[300] = 6.0
    one = judged([0.5] * 400, outbreak)
    score = np.arange(400) % 199.0
    score[300] = 1_000.0
    figures = equalised([one], [score])
    assert figures["pod"] == 1.0
    assert 0.4 <= float(str(figures["worst"])) <= 1.6


def test_faults_are_scored_by_sample_and_kind() -> None:
    """One of two blocked samples found and nothing else: precision 1, recall one half, F1 two thirds."""
    one = judged([0.5] * 400)
    truth = [""] * 400
    truth[300] = truth[301] = "blocked"
    said = [""] * 400
    said[300] = "blocked"
    series = Series(
        name="s", time_us=one.series.time_us, value=one.series.value, outbreak=one.series.outbreak, fault=tuple(truth)
    )
    scored = Scored(series=series, chance=one.chance, watch=one.watch, alarm=one.alarm, fault=tuple(said))
    assert fault_scores([scored])["macro_f1"] == pytest.approx(0.667)
    assert fault_scores([one]) == {}


def test_levels_are_told_a_month() -> None:
    """Two hundred days without a finding are no findings a month, beside the promise."""
    told = levels([judged([0.5] * 400)], {"watch": 0.3, "alarm": 0.03}, 30.0)
    assert told["watch"] == {"per_sampler_month": 0.0, "promised": 0.3, "count": 0}


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_a_baseline_looks_only_back(name: str) -> None:
    """What comes later changes no score given before."""
    value = np.random.default_rng(1).gamma(4.0, 5.0, 200)
    later = value.copy()
    later[120:] += 500.0
    time_us = np.arange(200, dtype=np.int64) * DAY_US
    one, other = (
        BASELINES[name](Series(name="s", time_us=time_us, value=each, outbreak=np.zeros(200)))
        for each in (value, later)
    )
    assert np.array_equal(one[:120], other[:120])


def test_the_median_and_the_blind_by_hand() -> None:
    """Four weeks of 10 and 20 have the middle 15 and the deviation 5; the blind cries each hundredth day."""
    value = np.array([10.0, 20.0] * 60)
    value[WINDOW] = 15.0 + 3 * (1.4826 * 5 + 0.5)
    series = Series(name="s", time_us=np.arange(120, dtype=np.int64) * DAY_US, value=value, outbreak=np.zeros(120))
    assert BASELINES["median_mad"](series)[WINDOW] == pytest.approx(3.0)
    assert np.flatnonzero(BASELINES["blind"](series)).tolist() == [BLIND_EVERY - 1]
    assert BASELINES["value_novelty"](series)[WINDOW] == pytest.approx((value[WINDOW] - 20.0) / 11.0)


def test_the_same_seed_makes_the_same_samplers_and_another_makes_others(tmp_path: Path) -> None:
    """To the last byte, and the evaluation reads what was made, without looking at the wind for a series."""
    about = {"samplers": 2, "years": 1.0, "every_h": 24.0, "progress": lambda _: None}
    for name, seed in (("one", 4), ("again", 4), ("other", 5)):
        generate_air(tmp_path / name, seed=seed, **about)  # type: ignore[arg-type]  # the table holds what the call takes
    one, again, other = ((tmp_path / name / "a001.csv").read_bytes() for name in ("one", "again", "other"))
    assert one == again != other
    names = {file.name for file in (tmp_path / "one").iterdir()}
    assert names == {"a001.csv", "a002.csv", "wind.csv", "samplers.csv", "sources.csv", "air.json"}


@pytest.mark.parametrize(("name", "value"), [("samplers", 0), ("years", 11.0), ("every_h", 0.1), ("seed", -1)])
def test_a_size_out_of_range_is_refused(tmp_path: Path, name: str, value: float) -> None:
    """Named, with its limits, before anything is written."""
    about = {"seed": 1, "samplers": 2, "years": 1.0, "every_h": 24.0, name: value}
    with pytest.raises(Malformed, match=name):
        generate_air(tmp_path / "air", progress=lambda _: None, **about)  # type: ignore[arg-type]  # as above
    assert not (tmp_path / "air").exists()


def test_a_directory_with_something_in_it_is_refused(tmp_path: Path) -> None:
    """Nobody's files are overwritten."""
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(Malformed, match="empty"):
        generate_air(tmp_path, seed=1, samplers=1, years=1.0, every_h=24.0, progress=lambda _: None)


def test_an_outbreak_adds_what_its_size_says() -> None:
    """Ten deviations of a count of mean 150 and scatter 4 are about 245 counts, half of them on the first day."""
    rng = np.random.default_rng(3)
    [site] = [one for one in plan_sites(rng, 24) if one.mean == 150.0 and one.scatter == 4.0][:1]
    counts = count(rng, site, years=4.0, every_h=24.0, per_year=6.0)
    quiet, loaded = counts.outbreak == 0, counts.outbreak == 10.0
    assert (counts.count - counts.expected)[quiet].mean() == pytest.approx(0.0, abs=4.0)
    assert (counts.count - counts.expected)[loaded].mean() > 40.0
    assert not counts.outbreak[:365].any()


def test_every_fault_is_made_and_labelled_and_outbreaks_are_spared() -> None:
    """Over many sampler-years each kind comes."""
    rng = np.random.default_rng(6)
    site = plan_sites(rng, 4)[0]
    seen = set[str]()
    for _ in range(12):
        counts = count(rng, site, years=3.0, every_h=24.0, per_year=2.0)
        made = report(rng, counts, faults_per_year=8.0)
        faulty = np.array([bool(fault) for fault in made.fault])
        assert not (faulty & (counts.outbreak > 0)).any()
        seen |= set(made.fault) - {""}
    assert seen == set(FAULTS)


def test_a_release_reaches_samplers_downwind_and_no_others() -> None:
    """Those that gained lie on the lee side of the source."""
    rng = np.random.default_rng(8)
    sites, wind = plan_sites(rng, 16), blow(rng, 2.0)
    one = release(rng, wind, sites, int(wind.time_us[-1]))
    hour = int(np.searchsorted(wind.time_us, one.began_us))
    angle = math.radians(wind.from_deg[hour])
    for site in sites:
        counts = count(np.random.default_rng(9), site, years=2.0, every_h=1.0, per_year=0.0)
        before = counts.count.copy()
        add_release(site, counts, one, wind, every_h=1.0)
        along = -((site.east_m - one.east_m) * math.sin(angle) + (site.north_m - one.north_m) * math.cos(angle))
        assert along > -2_000 or (counts.count == before).all()


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Return the figures of four made-up samplers over two years."""
    directory = tmp_path_factory.mktemp("air") / "made"
    generate_air(
        directory, seed=11, samplers=4, years=2.0, every_h=24.0, progress=lambda _: None, outbreaks_per_year=3.0
    )
    return dict(evaluate(directory, lambda _: None))


def test_an_evaluation_has_the_keys_that_scripts_read(figures: dict[str, object]) -> None:
    """And is plain JSON."""
    assert json.loads(json.dumps(figures)) == json.loads(json.dumps(figures))
    wanted = {"false_alarms_actual_over_nominal", "pod", "delay", "fault_f1", "region_coverage", "region_area_km2"}
    assert wanted <= set(figures)
    assert set(figures["baselines"]) >= {"null", "blind", "ewma_z", "seasonal_z", "value_novelty", "ears_c1"}  # type: ignore[call-overload]  # a table


def test_faults_are_told_apart_and_raise_nothing(figures: dict[str, object]) -> None:
    """Nine in ten by F1, and at most one in fifty told as load."""
    assert float(str(figures["fault_f1"])) >= 0.85
    faults = figures["faults"]
    assert isinstance(faults, dict)
    assert faults["raised_as_load"] <= 0.02


def test_the_card_is_written_from_figures(figures: dict[str, object]) -> None:
    """Nothing is left open."""
    card = write_card(figures)
    assert "{" not in card
    assert "| ears_c1 |" in card
    assert f"On {figures['samplers']} samplers" in card


def test_a_directory_that_is_absent_or_empty_is_told(tmp_path: Path) -> None:
    """With what would be read."""
    with pytest.raises(Unknown, match="is not there"):
        evaluate(tmp_path / "nowhere", lambda _: None)
    with pytest.raises(Unknown, match="no series"):
        evaluate(tmp_path, lambda _: None)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_promises_are_kept_and_outbreaks_found(seed: int, tmp_path: Path) -> None:
    """Mean within a quarter, worst below two and a half, half of the outbreaks of six deviations and four of five of ten."""
    generate_air(tmp_path / "air", seed=seed, samplers=24, years=4.0, every_h=24.0, progress=lambda _: None)
    figures = evaluate(tmp_path / "air", lambda _: None)
    kept, found = figures["false_alarms_actual_over_nominal"], figures["detection"]
    assert isinstance(kept, dict)
    assert isinstance(found, dict)
    assert 0.75 <= kept["mean"] <= 1.25
    assert kept["worst"] <= 2.5
    assert found["by_size"]["10"] >= 0.66


def test_replaying_says_the_same_with_and_without_what_comes_later() -> None:
    """Half a series gives the first half of the whole one's chances."""
    rng = np.random.default_rng(12)
    value = rng.negative_binomial(20.0, 0.5, 200).astype(np.float64)
    time_us = to_us(MADE_FROM) + np.arange(200, dtype=np.int64) * DAY_US
    whole, half = (
        replay([Series(name="s", time_us=time_us[:n], value=value[:n], outbreak=np.zeros(n))], lambda _: None)[0]
        for n in (200, 120)
    )
    assert np.array_equal(whole.chance[:120], half.chance, equal_nan=True)
