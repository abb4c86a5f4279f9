"""The plot behind a finding, and how its band keeps its word."""

import numpy as np
import pytest

from impetus.adapters.envelope import JsonCodec
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.ids import DatastreamId
from impetus.core.observation import Catalogue, to_us
from impetus.core.verdict import VerdictKind
from impetus.tools.urban_anomaly.columns import POINTS
from impetus.tools.urban_anomaly.episodes import Episode
from impetus.tools.urban_anomaly.explain import COVERAGE, SUMMARY_LIKE, explain
from impetus.tools.urban_anomaly.words import figure
from tools.urban_anomaly.street import CADENCE, START, Street, learnt, times


@pytest.fixture(scope="module")
def crowd() -> tuple[Street, Finding, Evidence]:
    """Return a street with a crowd, the finding about it and its evidence."""
    street = learnt()
    [finding] = street.live(3 * CADENCE, times(2.5, 1))
    return street, finding, street.tool.explain(finding)


def test_the_series_is_in_order_and_ends_with_the_newest_reading(crowd: tuple[Street, Finding, Evidence]) -> None:
    """Points rise in time, the last is the last reading, and the surprising part is marked."""
    street, finding, evidence = crowd
    [series] = evidence.series
    assert (np.diff(series.time_us) > 0).all()
    assert series.time_us[-1] == to_us(street.at - CADENCE)
    assert series.from_us == to_us(finding.began)
    assert len(series.time_us) == POINTS


def test_the_crowd_is_outside_the_band_and_the_hours_before_it_inside(crowd: tuple[Street, Finding, Evidence]) -> None:
    """An operator sees at a glance what the sentence says."""
    [series] = crowd[2].series
    surprising = series.time_us >= series.from_us
    assert (series.measured[surprising] > series.high[surprising]).all()
    inside = (series.measured >= series.low) & (series.measured <= series.high)
    assert inside[~surprising].mean() > 0.8


def test_the_band_states_the_share_of_readings_it_holds(crowd: tuple[Street, Finding, Evidence]) -> None:
    """Nine in ten, and that is how many of the calm readings drawn lie in it, give or take."""
    [series] = crowd[2].series
    calm = series.time_us < series.from_us
    inside = (series.measured >= series.low) & (series.measured <= series.high)
    assert series.coverage == COVERAGE
    assert 0.8 <= inside[calm].mean() <= 1.0


def test_what_was_like_it_before_is_said_with_what_people_found(crowd: tuple[Street, Finding, Evidence]) -> None:
    """How often, when last, and that it was harmless."""
    street, finding, _ = crowd
    before = Episode(
        datastreams=frozenset({DatastreamId(1)}),
        up=True,
        began_us=to_us(START),
        ended_us=to_us(START),
        verdict=VerdictKind.BENIGN,
    )
    evidence = explain(finding, street.tool.detector.columns, street.catalogue, [before])
    said = evidence.summary.say()
    assert said.endswith("like it before here: 1, the last at 2026-03-02 00:00 UTC, found harmless")


@pytest.mark.parametrize("verdict", [None, *VerdictKind])
def test_every_verdict_has_words(verdict: VerdictKind | None) -> None:
    """Whatever people found."""
    assert "{last}" in SUMMARY_LIKE[verdict]


def test_the_band_stays_within_what_the_instrument_can_report(crowd: tuple[Street, Finding, Evidence]) -> None:
    """A count cannot be expected below nothing."""
    assert crowd[2].series[0].low.min() >= 0.0


def test_evidence_survives_the_bus(crowd: tuple[Street, Finding, Evidence]) -> None:
    """What is sent is what was said."""
    _, finding, evidence = crowd
    codec = JsonCodec()
    back, shown = codec.decode_finding(codec.encode_finding(finding, evidence))
    assert back == finding
    assert np.array_equal(shown.series[0].measured, evidence.series[0].measured)


def test_a_finding_about_withdrawn_datastreams_is_explained_in_words(crowd: tuple[Street, Finding, Evidence]) -> None:
    """When a sensor is gone from the catalogue the evidence says so instead of failing."""
    street, finding, _ = crowd
    evidence = explain(finding, street.tool.detector.columns, Catalogue())
    assert evidence.series == ()
    assert "no longer declared" in evidence.summary.say()


@pytest.mark.parametrize(
    ("value", "step", "expected"),
    [
        (12345.6, 10, "12,346"),
        (3.14159, 0.05, "3.14"),
        (0.00004, 0.00001, "0.00004"),
        (-0.2, 5, "0"),
        (1e-12, 1e-13, "0.000000"),
    ],
)
def test_figures_have_as_many_places_as_the_differences_need(value: float, step: float, expected: str) -> None:
    """A sentence does not carry digits that mean nothing."""
    assert figure(value, step) == expected
