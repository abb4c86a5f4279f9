"""Counting pairs: worked by hand, and what must hold of any grouping."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.errors import Malformed
from impetus.core.finding import Kind, Severity
from impetus.tools.fusion.card import NAMES, write_card
from impetus.tools.fusion.config import Config
from impetus.tools.fusion.evaluate import Labelled, figures_of, group, pair_figures, read_labelled
from tools.fusion.samples import AT, later, moved, seen

labels = some.lists(some.tuples(some.integers(0, 4), some.sampled_from("abcd")), min_size=1, max_size=16)


@pytest.mark.parametrize(
    ("groups", "truths", "precision", "recall"),
    [
        ([1, 1, 2, 2], "aabb", 1.0, 1.0),
        ([1, 1, 1, 1], "aabb", 2 / 6, 1.0),
        ([1, 2, 3, 4], "aabb", 1.0, 0.0),
        ([1, 2, 1, 2], "aabb", 0.0, 0.0),
        ([1, 1, 1, 2], "aaaa", 1.0, 3 / 6),
        ([1, 1, 2, 2, 2], "aaabb", 2 / 4, 2 / 4),
    ],
)
def test_pairs_are_counted_by_hand(groups: list[int], truths: str, precision: float, recall: float) -> None:
    """Of four in one group there are six pairs, of three three, of two one."""
    figures = pair_figures(groups, list(truths))
    assert (figures["precision"], figures["recall"]) == pytest.approx((precision, recall))
    total = precision + recall
    assert figures["f1"] == pytest.approx(2 * precision * recall / total if total else 0.0)


@given(labels)
def test_the_right_grouping_is_perfect_and_nothing_beats_it(rows: list[tuple[int, str]]) -> None:
    """Figures are shares, and the truth grouped by itself is 1."""
    truths = [row[1] for row in rows]
    figures = pair_figures([row[0] for row in rows], truths)
    assert all(0 <= figures[name] <= 1 for name in ("precision", "recall", "f1"))
    assert pair_figures(truths, truths)["f1"] == 1.0


@given(labels)
def test_what_groups_are_called_does_not_matter(rows: list[tuple[int, str]]) -> None:
    """Numbers, names or tuples: only who is together counts."""
    groups, truths = [row[0] for row in rows], [row[1] for row in rows]
    assert pair_figures([(f"g{one}", one) for one in groups], truths) == pair_figures(groups, truths)


@given(labels)
def test_swapping_groups_and_truths_swaps_precision_and_recall(rows: list[tuple[int, str]]) -> None:
    """Of what was put together, and of what belongs together: the same count seen from two sides."""
    groups, truths = [str(row[0]) for row in rows], [row[1] for row in rows]
    there, back = pair_figures(groups, truths), pair_figures(truths, groups)
    assert (there["precision"], there["recall"]) == pytest.approx((back["recall"], back["precision"]))


def test_a_figure_counts_findings_alerts_and_happenings() -> None:
    """Five findings in three alerts about two things."""
    figures = pair_figures([1, 1, 2, 3, 3], ["a", "a", "a", "b", "b"])
    assert (figures["findings"], figures["alerts"], figures["happenings"]) == (5.0, 3.0, 2.0)


def test_findings_are_numbered_by_the_alert_they_become() -> None:
    """A repeat and a neighbour join the first; another street is the second."""
    findings = [
        seen(),
        later(30),
        later(60, subject="thing:square/c11", point=moved(20)),
        later(90, subject="zone:far", point=moved(900)),
    ]
    assert group(Config(), findings) == [1, 1, 1, 2]


def test_baselines_are_what_they_are_called() -> None:
    """Never together; equal identities; all within half an hour."""
    findings = [seen(), later(60, subject="zone:other", point=moved(900)), later(7_200)]
    labelled = [Labelled(finding=finding, truth=str(number)) for number, finding in enumerate(findings)]
    alerts = {way: figures["alerts"] for way, figures in figures_of(labelled).items()}
    assert alerts == {"fusion": 3.0, "never_join": 3.0, "same_identity": 2.0, "all_in_window": 2.0}


def item(**changes: object) -> dict[str, object]:
    """Return one labelled finding as it is written."""
    whole: dict[str, object] = {
        "key": "1",
        "tool": "urban_anomaly",
        "kind": "anomaly",
        "subject": "zone:a",
        "began": AT.isoformat(),
        "noticed": AT.isoformat(),
        "severity": "minor",
        "truth": "crowd",
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def read(**changes: object) -> Labelled:
    """Return one labelled finding as it is read."""
    [found] = read_labelled(json.dumps({"findings": [item(**changes)]}))
    return found


def test_each_field_of_a_labelled_finding_is_read_into_its_type() -> None:
    """Times, words, place and truth."""
    found = read(lon=10.7, lat=59.9, zone="plaza", ended=AT.isoformat(), severity="severe", kind="silence")
    assert (found.truth, found.finding.zone, found.finding.ended) == ("crowd", "plaza", AT)
    assert (found.finding.severity, found.finding.kind) == (Severity.SEVERE, Kind.SILENCE)
    assert found.finding.point is not None


def test_what_may_be_left_out_is_left_out() -> None:
    """Neither place nor end is made up."""
    found = read().finding
    assert (found.point, found.zone, found.ended) == (None, None, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"truth": None},
        {"noticed": None},
        {"kind": "crime"},
        {"severity": "terrible"},
        {"began": "yesterday"},
        {"began": "2026-03-14T21:00:00"},
        {"lon": 10.7},
        {"lon": "far", "lat": 1},
    ],
)
def test_a_field_that_is_missing_or_wrong_is_refused(changes: dict[str, object]) -> None:
    """Left out, outside its words, without a zone, or half a position."""
    assert read().truth == "crowd"
    with pytest.raises(Malformed, match="not a labelled set") as refusal:
        read(**changes)
    assert refusal.value.limit == '{"findings": [...]}'


def test_the_card_gives_the_mean_and_the_worst_of_the_sets() -> None:
    """0.9 and 0.7: 0.800 with 0.700 in brackets, for each way of grouping by its name."""
    one = {"precision": 0.9, "recall": 0.9, "f1": 0.9, "alerts": 10.0, "happenings": 60.0, "findings": 500.0}
    worse = {**one, "precision": 0.7, "alerts": 20.0}
    card = write_card({"a": dict.fromkeys(NAMES, one), "b": dict.fromkeys(NAMES, worse)})
    assert "2 labelled sets, **synthetic**" in card
    assert "alerts for 60 happenings, 500 findings" in card
    for name in NAMES.values():
        assert f"| {name} | 0.800 (0.700) | 0.900 (0.900) | 0.900 (0.900) | 15 |" in card
