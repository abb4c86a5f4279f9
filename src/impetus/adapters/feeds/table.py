"""Tables of numbers: CSV and Parquet, in the layouts of `series_files`, from an address or a folder.

A column is a datastream. A column whose name stands for a quantity known here (`pm10`, `air_temperature`) gets its unit and
range; of any other the declaration says them. Values outside the range are refused by ingest, not here.
"""

from pathlib import Path
from typing import Final

import numpy as np

from impetus.adapters.feeds.options import Reading
from impetus.adapters.series_files import Series, SeriesFile, read_csv, read_parquet
from impetus.core.errors import Malformed
from impetus.core.feed import FeedDraft, FeedReport, FeedThing, thing_of
from impetus.core.observation import US_PER_S, Int64s
from impetus.core.quantity import KNOWN, Measure

PARQUET: Final = b"PAR1"
"""First four bytes of every Parquet file. **Source**: Apache Parquet, file format."""


def read_table(body: bytes, how: Reading) -> FeedReport:
    """Read a CSV or Parquet body; rows without a time and values that are no numbers are counted."""
    name = Path(how.thing or "table")
    if body.startswith(PARQUET):
        found = read_parquet(body, name, how.zone, keep_name=True)
    else:
        try:
            found = read_csv(body.decode("utf-8-sig"), name, zone=how.zone, missing=how.missing, keep_name=True)
        except UnicodeDecodeError as error:
            raise Malformed(f"the table is not UTF-8: {error}", limit="UTF-8", remedy="convert it") from error
    return _report(found, thing_of(how.thing or "table"), how)


def _report(found: SeriesFile, thing: FeedThing, how: Reading) -> FeedReport:
    draft = FeedDraft()
    for series in found.series:
        if not how.wants(series.name):
            draft.leave_out("not asked for", int(series.time_us.size))
            continue
        draft.add_column(
            thing,
            _measure(series, len(found.series), how),
            series.time_us,
            series.result,
            cadence_s=_cadence(series.time_us),
        )
    for reason, count in (("a row without a time", found.rows_passed_over), ("no number", found.values_unread)):
        if count:
            draft.leave_out(reason, count)
    return draft.report()


def _measure(series: Series, columns: int, how: Reading) -> Measure:
    name = series.name if columns > 1 or not how.property else how.property
    known = KNOWN.get(name)
    if known is not None and how.unit in {"", known.unit}:
        return known
    return Measure(property=name, unit=how.unit or "1", lowest=how.lowest, highest=how.highest)


def _cadence(time_us: Int64s) -> float:
    """Return the median seconds between readings, 0 for fewer than two."""
    return float(min(np.median(np.diff(time_us)) / US_PER_S, 366 * 86_400.0)) if time_us.size > 1 else 0.0
