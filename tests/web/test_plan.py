"""The plan and the readings meet by the asset's key, and only what stands on the plan is told."""

import json
from pathlib import Path

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import Datastream, Source, batch_of
from impetus.desk.views import SourceView
from impetus.web.plan import asset_keys, placed, readings


def plan(folder: Path, *features: dict[str, str]) -> Path:
    """Write a plan with these features' properties."""
    file = folder / "place.geojson"
    file.write_text(json.dumps({"features": [{"type": "Feature", "properties": one} for one in features]}))
    return file


def view(*keys: str, unit: str = "/m3") -> SourceView:
    """Return a source with these datastreams, numbered from 1."""
    source = SourceId("square")
    streams = tuple(
        Datastream(
            id=DatastreamId(number),
            key=DatastreamKey(key),
            source=source,
            thing=ThingKey(key.rpartition("/")[0]),
            thing_name=key,
            observed_property=key.rpartition("/")[2],
            unit=unit,
        )
        for number, key in enumerate(keys, 1)
    )
    return SourceView(
        source=Source(id=source, name="The square", kind="test"), status=None, datastreams=streams, silent=False
    )


def test_only_what_senses_is_an_asset(tmp_path: Path) -> None:
    """Buildings and labels have keys too, but nothing to tell."""
    file = plan(tmp_path, {"role": "camera", "key": "c1"}, {"role": "building", "key": "hall"}, {"role": "sampler"})
    assert asset_keys(file) == {"c1"}


def test_no_plan_has_no_assets(tmp_path: Path) -> None:
    """An installation without a plan shows no readings on a map it has not."""
    assert asset_keys(tmp_path / "place.geojson") == frozenset()


def test_a_changed_plan_is_read_again(tmp_path: Path) -> None:
    """The plan is remembered only as long as it is the same."""
    assert asset_keys(plan(tmp_path, {"role": "camera", "key": "c1"})) == {"c1"}
    file = plan(tmp_path, {"role": "camera", "key": "c2"})
    assert asset_keys(file) == {"c2"} or file.stat().st_mtime_ns == 0


def test_readings_of_other_things_stay_out() -> None:
    """Of three datastreams only the one on the plan is told, with its unit as written."""
    where = placed(frozenset({"a1"}), [view("square/a1/bacteria", "square/a9/bacteria", "odd")])
    told = readings(where, batch_of([1, 2, 3], [5_000_000, 6_000_000, 7_000_000], [310.0, 1.0, 2.0]))
    assert told == {"a1": {"bacteria": (310.0, 5.0, "per m³")}}


def test_a_missing_value_is_null() -> None:
    """NaN has no place in JSON."""
    where = placed(frozenset({"a1"}), [view("square/a1/bacteria")])
    assert readings(where, batch_of([1], [0], [float("nan")]))["a1"]["bacteria"][0] is None
