"""Measurements made small: well-formed figures, reproducible loads, ratios that are what they say."""

import json
import subprocess

import numpy as np
import pytest

from impetus.bench import detect, fusion, retention
from impetus.bench.start import read_facts
from impetus.core.errors import OurFault
from impetus.core.finding import Kind


def test_fusion_is_measured_on_both_loads() -> None:
    """A handful of findings give every figure, and the ratio to the peer follows from them."""
    said: list[str] = []
    figures = json.loads(json.dumps(fusion.run(said.append, findings=20)))
    assert figures["findings"] == 20.0
    assert figures["alerts_per_s"] > 0
    assert figures["findings_per_s"] > 0
    assert figures["times_keep"] == pytest.approx(figures["alerts_per_s"] / figures["keep_alerts_per_s"], abs=0.06)
    assert [line.split(":")[0] for line in said] == ["new alerts", "repeats"]


@pytest.mark.parametrize(
    ("findings", "subjects", "name", "kind"), [(20, 20, "new", Kind.FAULT), (20, 2, "repeats", Kind.ANOMALY)]
)
def test_a_load_has_as_many_subjects_as_asked(findings: int, subjects: int, name: str, kind: Kind) -> None:
    """Each with findings of its own keys, within a square kilometre or so."""
    pairs = fusion._load(findings, subjects=subjects, name=name)
    assert len({finding.key for finding, _ in pairs}) == findings
    assert len({finding.subject for finding, _ in pairs}) == subjects
    assert {finding.kind for finding, _ in pairs} == {kind}
    assert all(evidence.finding == finding.key for finding, evidence in pairs)


def test_evidence_of_a_load_has_the_usual_size() -> None:
    """Two hundred points with their band around them."""
    ((_, evidence),) = fusion._load(1, subjects=1, name="new")
    (series,) = evidence.series
    assert len(series.measured) == fusion.POINTS
    assert np.all(series.high > series.low)


def test_batches_of_the_detector_visit_every_datastream_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven datastreams, batches of five: each has its reading once a minute, and nobody is left out."""
    monkeypatch.setattr(detect, "DATASTREAMS", 7)
    monkeypatch.setattr(detect, "BATCH_ROWS", 5)
    batches = detect._batches(7)
    ids = np.concatenate([batch.datastream for batch in batches])
    times = np.concatenate([batch.time_us for batch in batches])
    assert [len(batch) for batch in batches] == [5] * 7
    assert np.bincount(ids).tolist() == [0] + [5] * 7
    assert np.unique(np.diff(np.unique(times))).tolist() == [60_000_000]


def test_batches_are_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a figure can be compared with last month's."""
    monkeypatch.setattr(detect, "BATCH_ROWS", 50)
    one, other = detect._batches(2), detect._batches(2)
    assert all(np.array_equal(left.result, right.result) for left, right in zip(one, other, strict=True))


def test_a_ratio_is_ours_over_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """With rates put in by hand: 500 a second against 200 is 2.5 times."""
    monkeypatch.setattr(detect, "BATCHES", 2)
    monkeypatch.setattr(detect, "BATCH_ROWS", 10)
    rates = {"_tool_rate": 500.0, "_plain_rate": 200.0, "_seasonal_rate": 50.0, "_river_rate": 10.0}
    for name, rate in rates.items():
        monkeypatch.setattr(detect, name, lambda _batches, rate=rate: rate)
    figures = detect.run(lambda _line: None)
    assert (figures["readings_per_s"], figures["times_plain_ewma"], figures["times_plain_seasonal"]) == (500, 2.5, 10.0)


def test_a_demonstration_that_ends_before_its_page_is_said() -> None:
    """With what to do; not a line of JSON that is missing."""
    ended = subprocess.Popen(["true"], stdout=subprocess.PIPE, text=True)
    with pytest.raises(OurFault, match="ended before its page") as fault:
        read_facts(ended)
    ended.communicate()
    assert "impetus demo" in fault.value.remedy


def test_facts_of_a_demonstration_are_its_first_line() -> None:
    """What comes after it is not waited for."""
    talking = subprocess.Popen(["echo", '{"url": "http://x/", "port": 1}'], stdout=subprocess.PIPE, text=True)
    assert read_facts(talking) == {"url": "http://x/", "port": "1"}
    talking.communicate()


def test_retention_is_measured_beside_ingest() -> None:
    """Small days: one goes whole, of the other a hold keeps a hundredth; publishing goes on, and ratios are ratios."""
    said: list[str] = []
    figures = json.loads(json.dumps(retention.run(said.append, rows=20_000, alerts=600, before_s=0.5)))
    assert (figures["gone"], figures["held"]) == (10_000 + 9_900 + 600, 100)
    assert figures["beside"]["publish_p95_ms"] > 0
    ratio = figures["beside"]["publish_p95_ms"] / figures["alone"]["publish_p95_ms"]
    assert figures["publish_p95_ratio"] == pytest.approx(ratio, abs=0.01)
    assert said[0].startswith("filling 20,000 readings")
