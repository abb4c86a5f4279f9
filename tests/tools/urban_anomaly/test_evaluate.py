"""The benchmark's rules, the files they are fed from, and the figures that come out."""

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from impetus.core.errors import Malformed, Unknown
from impetus.tools.urban_anomaly import nab
from impetus.tools.urban_anomaly.baselines import NAMES
from impetus.tools.urban_anomaly.card import write_card
from impetus.tools.urban_anomaly.evaluate import evaluate, text_of
from impetus.tools.urban_anomaly.metrics import average_precision
from impetus.tools.urban_anomaly.nab import LOW_FP, STANDARD, Labelled
from impetus.tools.urban_anomaly.series import read_sites

DATA = Path(os.environ.get("IMPETUS_DATA", Path(__file__).parents[4] / "shared" / "data"))
MINUTE_US = 60_000_000


def series(length: int = 1000, windows: tuple[tuple[int, int], ...] = ((500, 599),)) -> Labelled:
    """Return a file of one reading a minute."""
    return Labelled(name="g/f.csv", time_us=np.arange(length) * MINUTE_US, value=np.zeros(length), windows=windows)


def alarms(*rows: int, length: int = 1000) -> np.ndarray:
    """Return alarms at these rows."""
    flags = np.zeros(length, dtype=np.bool_)
    flags[list(rows)] = True
    return flags


def score(*rows: int) -> float:
    """Return the normalised standard score of alarms on the one file."""
    return nab.normalised([nab.judge(series(), alarms(*rows), STANDARD)], STANDARD)


def test_silence_is_zero_and_the_first_point_of_a_window_is_a_hundred() -> None:
    """The two ends of the scale."""
    assert score() == 0.0
    assert score(500) == pytest.approx(100.0)


def test_later_in_the_window_is_worth_less() -> None:
    """An alarm in the middle of a window earns less than at its beginning, and at its end half of the whole scale."""
    assert score(500) > score(550) > score(599) > 50.0 > score()


def test_only_the_first_alarm_of_a_window_counts() -> None:
    """More alarms in a window neither help nor hurt."""
    assert score(550, 560, 570) == score(550)


def test_an_alarm_outside_costs_a_tenth_and_twice_that_for_who_hates_false_alarms() -> None:
    """The prices are those of the benchmark's profiles."""
    outcome, strict = (nab.judge(series(), alarms(300), profile) for profile in (STANDARD, LOW_FP))
    assert outcome.points == pytest.approx(-1.11)
    assert strict.points == pytest.approx(-1.22)
    assert outcome.false_alarms == 1


def test_just_behind_a_window_is_cheaper_than_far_behind() -> None:
    """The price rises with the distance, to the full price at three window widths."""
    near, far = (nab.judge(series(), alarms(row), STANDARD).points for row in (605, 950))
    assert -1.0 > near > far
    assert far == pytest.approx(-1.11, abs=1e-3)


def test_probation_is_not_scored() -> None:
    """Alarms in the first 15 % cost nothing."""
    assert score(10, 149) == 0.0
    assert score(150) < 0.0
    assert series(10_000).probation() == 750


def test_the_benchmark_picks_its_threshold_on_the_labels_and_held_out_does_not() -> None:
    """Noise above the signal is cut away by the threshold that knows the labels."""
    files = [
        series(),
        Labelled(name="g/e.csv", time_us=np.arange(1000) * MINUTE_US, value=np.zeros(1000), windows=((700, 750),)),
    ]
    scores = [np.where(alarms(500), 0.9, np.where(alarms(300, 350), 0.5, 0.0)), np.where(alarms(700), 0.8, 0.0)]
    best = nab.best_threshold(files, scores, STANDARD)
    assert 0.5 < best <= 0.8
    assert nab.normalised(nab.at_threshold(files, scores, best, STANDARD), STANDARD) == pytest.approx(100.0)
    assert nab.normalised(nab.held_out(files, scores, STANDARD), STANDARD) < 100.0


def test_a_score_without_windows_is_not_a_number() -> None:
    """Files without anomalies have no scale of their own."""
    assert math.isnan(nab.normalised([nab.judge(series(windows=()), alarms(), STANDARD)], STANDARD))


def test_average_precision_is_the_mean_of_precision_at_each_hit() -> None:
    """Worked by hand: hits at ranks one and three of three; and chance where all scores are equal."""
    assert average_precision(np.array([3.0, 2.0, 1.0]), np.array([True, False, True])) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(np.zeros(4), np.array([True, False, False, False])) == 0.25
    assert math.isnan(average_precision(np.ones(3), np.zeros(3, dtype=np.bool_)))


def write_site(file: Path, *, header: str, row: str, days: int = 15) -> None:
    """Write a site file of 15-minute flow and density with an hour of nothing every third noon."""
    rng, lines = np.random.default_rng(5), [header]
    for step in range(days * 96):
        day, quarter = divmod(step, 96)
        is_odd = day > 8 and day % 2 == 0 and 48 <= quarter < 52
        usual = 100 + 80 * math.sin((quarter / 96 - 0.25) * 2 * math.pi)
        flow = (0.0 if is_odd else usual) + rng.normal(0, 6)
        stamp = np.datetime64("2026-03-01T00:00:00") + np.timedelta64(step * 15, "m")
        date, _, clock = str(stamp).partition("T")
        year, month, day_of_month = date.split("-")
        lines.append(
            row.format(
                iso=f"{date} {clock}",
                date=f"{day_of_month}/{month}/{year}",
                clock=clock,
                flow=flow,
                density=flow / 8,
                label=int(is_odd),
                share=0.7 * is_odd,
            )
        )
    file.write_text("\n".join(lines))


LAYOUTS = {
    "a column of probability": ("timestamp,flow,density,probability", "{iso},{flow:.1f},{density:.2f},{share}"),
    "label in the file": ("timestamp,flow,density,label", "{iso},{flow:.1f},{density:.2f},{label}"),
    "date, time and a share of votes": (
        "Date,Time,Volume,Density,Person_0,Person_1,Anomaly Probability",
        "{date},{clock},{flow:.1f},{density:.2f},{label},{label},{share}",
    ),
    "votes alone, semicolons": ("Date;Time;Volume;Person_0;Person_1", "{date};{clock};{flow:.1f};{label};{label}"),
}


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_site_files_of_many_layouts_give_a_mean_precision(tmp_path: Path, layout: str) -> None:
    """Whatever the columns are called, the same anomalies are read."""
    header, row = LAYOUTS[layout]
    write_site(tmp_path / "site.csv", header=header, row=row)
    [site] = read_sites(tmp_path, text_of)
    assert int(site.label.sum()) == 12
    assert len(site.values) in {1, 2}


def test_sites_are_scored_with_baselines_on_the_same_page(tmp_path: Path) -> None:
    """Every figure of the contract, for the tool and for what anybody could do; the planted hours are found."""
    header, row = LAYOUTS["label in the file"]
    write_site(tmp_path / "site.csv", header=header, row=row)
    figures = evaluate(tmp_path, lambda _: None)
    assert figures["mean_ap"] > 0.8
    assert figures["event_recall"]["1_a_day"] == 1.0
    assert set(figures["baselines"]) == {"null", "blind", *NAMES}
    for page in (figures, *figures["baselines"].values()):
        assert {"mean_ap", "auc", "break_even_f1", "vus_pr", "event_recall", "delay", "interval_90"} <= set(page)
    assert figures["baselines"]["blind"]["mean_ap"] < 0.2
    assert "On labelled sites" in write_card(figures)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("site_labels.csv", "timestamp,label\n{at},1\n"),
        ("labels.csv", "site,start,end\nsite,{at},{at}\nother,{at},{at}\n"),
    ],
)
def test_labels_may_lie_beside_the_series(tmp_path: Path, name: str, content: str) -> None:
    """Labels in a file of their own are joined by time, as points or as spans."""
    header, row = LAYOUTS["label in the file"]
    write_site(tmp_path / "site.csv", header=header.removesuffix(",label"), row=row.removesuffix(",{label}"))
    (tmp_path / name).write_text(content.format(at="2026-03-12 12:00:00"))
    [site] = read_sites(tmp_path, text_of)
    assert int(site.label.sum()) == 1


def test_a_directory_without_labels_is_refused_with_the_layouts(tmp_path: Path) -> None:
    """Nothing to measure against is said, not scored as zero."""
    (tmp_path / "a.csv").write_text("timestamp,value\n2026-01-01,1\n")
    with pytest.raises(Unknown, match="no labelled series"):
        evaluate(tmp_path, lambda _: None)
    with pytest.raises(Unknown, match="is not there"):
        evaluate(tmp_path / "absent", lambda _: None)


def test_a_time_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The offending text is in the error."""
    (tmp_path / "a.csv").write_text("timestamp,value,label\nyesterday,1,0\n")
    with pytest.raises(Malformed, match="yesterday"):
        read_sites(tmp_path, text_of)


def small_benchmark(directory: Path) -> Path:
    """Write a benchmark of two short files with one window each."""
    (directory / "data" / "g").mkdir(parents=True)
    (directory / "labels").mkdir()
    windows = {}
    for number in range(2):
        rng, rows = np.random.default_rng(number), ["timestamp,value"]
        for step in range(8 * 96):
            stamp = str(np.datetime64("2026-03-02T00:00:00") + np.timedelta64(step * 15, "m")).replace("T", " ")
            jump = 40.0 if 600 <= step < 612 else 0.0
            rows.append(f"{stamp},{50 + 20 * math.sin(step / 96 * 2 * math.pi) + rng.normal(0, 2) + jump}")
        (directory / "data" / "g" / f"f{number}.csv").write_text("\n".join(rows))
        windows[f"g/f{number}.csv"] = [["2026-03-08 05:00:00.000000", "2026-03-08 15:00:00.000000"]]
    (directory / "labels" / "combined_windows.json").write_text(json.dumps(windows))
    return directory


def test_the_benchmark_layout_gives_its_keys_and_a_card(tmp_path: Path) -> None:
    """Both profiles, the honest variants, baselines, and a card in which every number was written by the program."""
    figures = evaluate(small_benchmark(tmp_path), lambda _: None)
    assert figures["nab"]["standard"] > 80
    assert figures["nab"]["low_fp"] > 80
    assert figures["fixed"]["windows_hit"] == 2
    assert set(figures["baselines"]) == {"null", "blind", *NAMES}
    assert {"standard", "low_fp", "low_fn", "standard_held_out"} <= set(figures["nab"])
    assert "2 of 2" in write_card(figures)


def test_the_command_prints_one_json_line_last(tmp_path: Path) -> None:
    """Scripts read the last line of stdout; progress is elsewhere; an absent directory is an exit code and a sentence."""
    import typer

    from impetus.cli import evaluate as command

    app = typer.Typer()
    command.register(app)
    done = CliRunner().invoke(app, ["urban_anomaly", str(small_benchmark(tmp_path)), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout.splitlines()[-1])["nab"]["standard"] > 80
    absent = CliRunner().invoke(app, ["urban_anomaly", str(tmp_path / "absent"), "--json"])
    assert absent.exit_code == 65
    assert "is not there" in absent.output


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.skipif(
    not (DATA / "nab").is_dir(), reason="public NAB series absent: set IMPETUS_DATA, see docs/how-to/get-data.md"
)
def test_the_real_series_are_still_told_as_well_as_the_card_says() -> None:
    """On traffic and taxi the detector hits at least nine windows with at most ten false alarms in 350 stream-days."""
    figures = evaluate(DATA / "nab", lambda _: None)
    real = [figures["by_group"][group] for group in ("realTraffic", "realKnownCause")]
    assert sum(one["windows_hit"] for one in real) >= 9
    assert sum(one["false_alarms"] for one in real) <= 10
    assert figures["fixed"]["low_fp"] > figures["baselines"]["ewma_z"]["low_fp_held_out"]
