"""The plan of the place and the readings of what stands on it, so that map and datastreams meet.

A thing of a source is `source/asset`, and its datastreams are `source/asset/property`; the plan's features carry the
asset's key. Only readings of things on the plan go to the map, however many datastreams an installation has.
"""

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from impetus.core.observation import US_PER_S, Batch
from impetus.core.units import written
from impetus.desk.views import SourceView

SENSING_ROLES = frozenset({"camera", "counter", "sampler", "sensor", "switch"})
KEY_PARTS = 3

Placed = Mapping[int, tuple[str, str, str]]
Readings = Mapping[str, Mapping[str, tuple[float | None, float, str]]]


def asset_keys(file: Path) -> frozenset[str]:
    """Return the keys of the things on the plan that sense; none when there is no plan."""
    if not file.is_file():
        return frozenset()
    return _keys(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _keys(file: Path, changed_ns: int) -> frozenset[str]:
    """Read the plan once for each time it was changed."""
    del changed_ns
    features = json.loads(file.read_text(encoding="utf-8")).get("features", [])
    shown = (feature.get("properties") or {} for feature in features)
    return frozenset(str(one["key"]) for one in shown if one.get("role") in SENSING_ROLES and "key" in one)


def placed(assets: frozenset[str], sources: Sequence[SourceView]) -> Placed:
    """Return asset, property and written unit of each datastream whose thing stands on the plan, by the datastream's id."""
    found: dict[int, tuple[str, str, str]] = {}
    for view in sources:
        for datastream in view.datastreams:
            parts = datastream.key.split("/")
            if len(parts) == KEY_PARTS and parts[1] in assets:
                found[datastream.id] = (parts[1], parts[2], written(datastream.unit))
    return found


def readings(where: Placed, latest: Batch) -> Readings:
    """Return value (None for missing), time in Unix seconds and unit of what stands on the plan, by asset and property."""
    wanted = np.isin(latest.datastream, np.fromiter(where, dtype=np.int64, count=len(where)))
    rows = latest.take(wanted)
    found: dict[str, dict[str, tuple[float | None, float, str]]] = {}
    columns = (rows.datastream.tolist(), rows.time_us.tolist(), rows.result.tolist())
    for datastream, time_us, value in zip(*columns, strict=True):
        asset, name, unit = where[datastream]
        found.setdefault(asset, {})[name] = (value if math.isfinite(value) else None, time_us / US_PER_S, unit)
    return found
