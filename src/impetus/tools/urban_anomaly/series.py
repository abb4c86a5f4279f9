"""Labelled series from files: the layout of the Numenta Anomaly Benchmark, and wide sensor files of sites.

Reading is liberal in names and formats and strict about everything else: a file that cannot be used is named with what is
missing. Times without a zone are taken as local time of the site and never shifted.
"""

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from impetus.core.errors import Malformed, Unknown
from impetus.core.observation import Float64s, Int64s, from_us, to_us
from impetus.tools.urban_anomaly.nab import Labelled

Read = Callable[[Path], str]
"""How a file becomes text; who evaluates gives it, so that nothing here opens anything."""
TIME_NAMES = ("timestamp", "datetime", "date_time", "phenomenontime", "time", "date")
LABEL_NAME = re.compile(
    r"(is[ _]?)?(anomal\w*|label\w*|outlier|ground[ _]?truth|event)([ _]?(label|probability|score))?|probability"
)
VOTE_NAME = re.compile(r"(person|expert|rater|labell?er|annotator|voter)[ _]?\d+")
FORMATS = (
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
)
POSITIVE = 0.5
"""Share of votes, or label, from which a reading counts as an anomaly."""
TRUE = frozenset({"true", "yes", "anomaly", "anomalous", "abnormal"})
EPOCH_MS = 1e11
"""Numbers above this are milliseconds since 1970, below it seconds: the year 5138 against 1973."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Site:
    """One site file: `time_us` `(readings,)`, each column of `values` `(readings,)` with NaN where empty, `label` bool."""

    name: str
    time_us: Int64s
    values: Mapping[str, Float64s]
    label: "np.ndarray[tuple[int], np.dtype[np.bool_]]"


def is_nab(directory: Path) -> bool:
    """Say whether the directory is laid out like the benchmark."""
    return (directory / "labels" / "combined_windows.json").is_file() and (directory / "data").is_dir()


def read_nab(directory: Path, read: Read) -> list[Labelled]:
    """Read `data/<group>/*.csv` (timestamp, value) and `labels/combined_windows.json`."""
    windows = json.loads(read(directory / "labels" / "combined_windows.json"))
    files = [
        _labelled(file, read, windows.get(f"{file.parent.name}/{file.name}", []))
        for file in sorted((directory / "data").glob("*/*.csv"))
    ]
    if not files:
        raise Unknown(f"no series under {directory / 'data'}", value=str(directory), limit="data/<group>/*.csv")
    return files


def _labelled(file: Path, read: Read, windows: Sequence[Sequence[str]]) -> Labelled:
    header, rows = _rows(read(file))
    time_us = _times(file, header, rows)
    value = _numbers([row[header.index("value")] for row in rows])
    spans = tuple(
        (
            int(np.searchsorted(time_us, time_us_of(first))),
            int(np.searchsorted(time_us, time_us_of(last), side="right")) - 1,
        )
        for first, last in windows
    )
    return Labelled(name=f"{file.parent.name}/{file.name}", time_us=time_us, value=value, windows=spans)


def read_sites(directory: Path, read: Read) -> list[Site]:
    """Read every labelled CSV file under the directory.

    `<site>.csv`: a time (one column, or `date` and `time`), value columns, and the label: a column `label` or `anomaly`
    (0/1 or a share of votes, anomaly from 0.5 up), or columns of votes `person_0` ..., or a file `<site>_labels.csv` or
    `labels.csv` with `timestamp,label` or `start,end` (the latter two with a column `site` when they are about several).
    """
    files = [file for file in sorted(directory.rglob("*.csv")) if not _is_label_file(file)]
    sites = [site for file in files if (site := _site(file, read)) is not None]
    if not sites:
        raise Unknown(
            f"no labelled series under {directory} ({len(files)} CSV files looked at)",
            value=str(directory),
            limit="data/ and labels/combined_windows.json, or <site>.csv with a label",
            remedy="see docs/reference/evaluate.md for both layouts",
        )
    return sites


def _is_label_file(file: Path) -> bool:
    return file.stem.lower() == "labels" or file.stem.lower().endswith(("_labels", "-labels"))


def _site(file: Path, read: Read) -> Site | None:
    """Read one site file, None when nothing labels it."""
    header, rows = _rows(read(file))
    if not rows or not set(header) & set(TIME_NAMES):
        return None
    time_us = _times(file, header, rows)
    columns = {name: _numbers([row[place] for row in rows]) for place, name in enumerate(header)}
    labels = [name for name in header if LABEL_NAME.fullmatch(name)]
    votes = [name for name in header if VOTE_NAME.fullmatch(name)]
    if labels:
        label = columns[labels[-1]] >= POSITIVE
    elif votes:
        label = np.mean([columns[name] for name in votes], axis=0) >= POSITIVE
    else:
        found = _labels_beside(file, read, time_us)
        if found is None:
            return None
        label = found
    taken = {*TIME_NAMES, *labels, *votes}
    values = {
        name: column
        for name, column in columns.items()
        if name and name not in taken and np.isfinite(column).mean() > POSITIVE
    }
    if not values:
        raise Malformed(f"{file} has no column of numbers", value=", ".join(header), remedy="add a value column")
    order = np.argsort(time_us, kind="stable")
    return Site(
        name=file.stem,
        time_us=time_us[order],
        values={name: column[order] for name, column in values.items()},
        label=np.asarray(label[order], dtype=np.bool_),
    )


def _labels_beside(file: Path, read: Read, time_us: Int64s) -> "np.ndarray[tuple[int], np.dtype[np.bool_]] | None":
    """Return labels from a file beside the series."""
    beside = [file.with_name(f"{file.stem}{ending}.csv") for ending in ("_labels", "-labels")]
    for place in [*beside, file.with_name("labels.csv")]:
        if not place.is_file():
            continue
        header, rows = _rows(read(place))
        about = next((header.index(name) for name in ("site", "file", "series") if name in header), None)
        if about is not None:
            rows = [row for row in rows if row[about] in {file.stem, file.name}]
        return _label(place, header, rows, time_us)
    return None


def _label(
    place: Path, header: list[str], rows: list[list[str]], time_us: Int64s
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    label = np.zeros(len(time_us), dtype=np.bool_)
    if {"start", "end"} <= set(header):
        for row in rows:
            first, last = time_us_of(row[header.index("start")]), time_us_of(row[header.index("end")])
            label |= (time_us >= first) & (time_us <= last)
        return label
    named = [name for name in header if LABEL_NAME.fullmatch(name)]
    times = _times(place, header, rows)
    marked = times[_numbers([row[header.index(named[-1])] for row in rows]) >= POSITIVE] if named else times
    return np.isin(time_us, marked)


def _rows(text: str) -> tuple[list[str], list[list[str]]]:
    """Return the header in lower case, and the rows as long as it."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(text.splitlines(), delimiter=delimiter))
    except csv.Error as error:
        raise Malformed(f"not a table: {error}", limit="lines of fields with one delimiter") from error
    if not rows:
        return [], []
    header = [name.strip().lower() for name in rows[0]]
    return header, [row for row in rows[1:] if len(row) == len(header)]


def _times(file: Path, header: list[str], rows: list[list[str]]) -> Int64s:
    """Return times of the first time column, or of `date` and `time` together."""
    named = [name for name in TIME_NAMES if name in header]
    if not named:
        raise Malformed(f"{file} has no time column", value=", ".join(header), limit=", ".join(TIME_NAMES))
    if {"date", "time"} <= set(named):
        day, clock = header.index("date"), header.index("time")
        texts = [f"{row[day].strip()} {row[clock].strip()}" for row in rows]
    else:
        texts = [row[header.index(named[0])] for row in rows]
    form = next((form for form in FORMATS if all(_fits(text, form) for text in texts)), None)
    return np.array([time_us_of(text, form) for text in texts], dtype=np.int64)


def _fits(text: str, form: str) -> bool:
    try:
        datetime.strptime(text.strip(), form).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def time_us_of(text: str, form: str | None = None) -> int:
    """Return microseconds of one time: ISO 8601, or `form`; a zone other than UTC is dropped, its local time kept."""
    text = text.strip()
    try:
        if form is not None:
            return to_us(datetime.strptime(text, form).replace(tzinfo=UTC))
        if re.fullmatch(r"\d+(\.\d+)?", text):
            number = float(text)
            return to_us(from_us(int(number * (1e3 if number > EPOCH_MS else 1e6))))
        return to_us(datetime.fromisoformat(text).replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise Malformed(f"time {text[:80]!r} cannot be read", value=text, limit="ISO 8601 or day/month/year") from error


def _numbers(texts: Sequence[str]) -> Float64s:
    """Return numbers, NaN where there is none; words that mean yes are 1."""
    return np.array([_number(text) for text in texts], dtype=np.float64)


def _number(text: str) -> float:
    text = text.strip()
    try:
        return float(text)
    except ValueError:
        return 1.0 if text.lower() in TRUE else float("nan")
