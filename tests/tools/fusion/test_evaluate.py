"""Fusion's figures: right on sets whose answer is known, and better than the simple ways."""

import json
from pathlib import Path

import pytest

from impetus.core.errors import Malformed
from impetus.tools.fusion import card as card_module
from impetus.tools.fusion.evaluate import evaluate, figures_of, pair_figures, read_labelled
from tools.fusion.samples import labelled_set, seeded, write_sets


def test_pairs_are_counted_as_by_hand() -> None:
    """Six findings, three happenings: 4 pairs put together, 3 of them right, 4 belong together."""
    figures = pair_figures([1, 1, 1, 2, 3, 3], ["a", "a", "b", "b", "c", "c"])
    assert figures["precision"] == 2 / 4
    assert figures["recall"] == 2 / 3
    assert figures["alerts"] == 3


def test_nothing_to_judge_is_perfect() -> None:
    """Findings that are all alone have no pair to get wrong."""
    assert pair_figures([1, 2], ["a", "b"])["f1"] == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_fusion_groups_better_than_the_simple_ways(seed: int) -> None:
    """On unrelated happenings over a day and a square kilometre, pairs are right and few are missed."""
    figures = figures_of(labelled_set(seeded(seed)))
    assert figures["fusion"]["precision"] >= 0.95
    assert figures["fusion"]["recall"] >= 0.85
    for baseline in ("never_join", "same_identity", "all_in_window"):
        assert figures["fusion"]["f1"] > figures[baseline]["f1"] + 0.1
    assert figures["never_join"]["recall"] == 0.0
    assert figures["all_in_window"]["precision"] < 0.3


def test_a_labelled_set_is_read_from_json(tmp_path: Path) -> None:
    """Two findings of one thing in a file: one alert, figures under the file's name, progress said."""
    item = {
        "key": "1",
        "tool": "urban_anomaly",
        "kind": "anomaly",
        "subject": "zone:a",
        "began": "2026-03-14T21:00:00Z",
        "noticed": "2026-03-14T21:00:10+00:00",
        "severity": "minor",
        "truth": "crowd",
    }
    document = {"findings": [item, {**item, "key": "2", "lon": 10.7, "lat": 59.9, "zone": "a", "ended": item["began"]}]}
    (tmp_path / "night.json").write_text(json.dumps(document))
    said: list[str] = []
    figures = evaluate(tmp_path, said.append)
    assert figures["night"]["fusion"]["alerts"] == 1.0  # type: ignore[index]  # a figure is a dict of dicts
    assert said == ["1 of 1: night.json"]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"findings": 3}', '{"findings": [{"key": "1"}]}', '{"findings": [null]}', "[" * 10_000]
)
def test_what_is_no_labelled_set_is_refused(text: str) -> None:
    """Not JSON, not a set, a field missing: one error that says where to look."""
    with pytest.raises(Malformed):
        read_labelled(text)


def test_an_empty_directory_is_no_evaluation(tmp_path: Path) -> None:
    """Nothing to evaluate is an error, not a perfect figure."""
    with pytest.raises(Malformed, match="no labelled set"):
        evaluate(tmp_path, print)


def test_the_card_says_what_the_evaluation_says(tmp_path: Path) -> None:
    """Its numbers are those of the labelled sets, written by the evaluation; a typed digit fails here."""
    write_sets(tmp_path)
    figures = evaluate(tmp_path, lambda _: None)
    card = Path(card_module.__file__).with_name("card.md").read_text(encoding="utf-8")
    assert card == card_module.write_card(figures)  # type: ignore[arg-type]  # figures of sets are dicts of dicts
