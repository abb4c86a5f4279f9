"""JSON readings into columns: one object a reading, or three lists.

`{"observations": [{"datastream": "square/c11/pm10", "time": "2026-01-01T00:00:00Z", "result": 12.5}, …]}` or
`{"datastream": […], "time": […], "result": […]}`. A datastream is its key or its number; a time is RFC 3339 or whole
microseconds since 1970 UTC; a result is a number, or null when the sensor had no value. NaN and Infinity, which JSON does
not know but many programs write, are read as what they mean.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import orjson

from impetus.core.admission import NO_TIME
from impetus.core.errors import Malformed, Refused
from impetus.core.observation import Batch, batch_of
from impetus.desk.identity_words import refuse_identity
from impetus.desk.parcel import Parcel
from impetus.web.ingest.wire import INT64_MAX, Names, check_rows, check_size, shown, us_of

FIELDS: Final = frozenset({"datastream", "time", "result"})
SHAPES: Final = (
    '{"observations": [{"datastream", "time", "result"}, …]} or {"datastream": […], "time": […], "result": […]}'
)
NAN: Final = float("nan")

Row = tuple[int, int, float]
Reading = tuple[object, object, object]


def read_json(body: bytes, names: Names) -> Parcel:
    """Read a JSON body of either shape; `Malformed` when it is neither, `TooLarge` beyond the limits."""
    check_size(body)
    document = parse(body)
    if isinstance(document, dict):
        if document.keys() == {"observations"} and isinstance(document["observations"], list):
            return _rows(document["observations"], names, len(body))
        if document.keys() == FIELDS and all(isinstance(column, list) for column in document.values()):
            return _columns(document, names, len(body))
    raise Malformed(
        "the body is JSON of another shape",
        value=shown(", ".join(map(str, document))) if isinstance(document, dict) else type(document).__name__,
        limit=SHAPES,
        remedy="send one of these",
    )


def parse(body: bytes) -> object:
    """Parse JSON, with NaN and Infinity where a lax writer left them; `Malformed` otherwise."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as strict:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise Malformed(f"the body is not JSON: {strict}", limit="RFC 8259", remedy="mend the syntax") from strict


def _rows(rows: Sequence[object], names: Names, size: int) -> Parcel:
    """Read a list of objects."""
    check_rows(len(rows))
    details: dict[int, str] = {}
    readings = (_fields(row, position, details) for position, row in enumerate(rows))
    batch = columns_of(readings, names, details)
    return Parcel(batch=batch, details=details, record=lambda row: record(rows[row]), size_bytes=size)


def _fields(row: object, position: int, details: dict[int, str]) -> Reading:
    """Return the three fields of a row; what is wrong with others goes to the details."""
    if not isinstance(row, dict):
        details[position] = f"row is {shown(row)}; send an object with datastream, time and result"
        return 0, None, None
    if row.keys() != FIELDS:
        missing = sorted(FIELDS - row.keys())
        if missing:
            details[position] = f"row lacks {', '.join(missing)}; a missing value is result null"
            return row.get("datastream"), None, None
        details[position] = undeclared_field(next(str(field) for field in row if field not in FIELDS))
        return 0, row["time"], None
    return row["datastream"], row["time"], row["result"]


def undeclared_field(field: str) -> str:
    """Say why a field is not taken: nobody declared it, or nobody may."""
    try:
        refuse_identity(field, "field")
    except Refused as refused:
        return f"{refused.detail}; {refused.rule} ({refused.source})"
    return f"field {shown(field)} is not declared; a row has datastream, time and result"


def _columns(document: Mapping[str, Sequence[object]], names: Names, size: int) -> Parcel:
    """Read three lists of one length."""
    columns = [document[field] for field in ("datastream", "time", "result")]
    lengths = [len(column) for column in columns]
    if len(set(lengths)) != 1:
        raise Malformed(
            f"lists of {lengths[0]} datastreams, {lengths[1]} times and {lengths[2]} results",
            value=lengths,
            limit="one length",
            remedy="send lists of one length",
        )
    check_rows(lengths[0])
    details: dict[int, str] = {}
    batch = columns_of(zip(*columns, strict=True), names, details)
    return Parcel(batch=batch, details=details, record=_record_of_columns(columns), size_bytes=size)


def _record_of_columns(columns: Sequence[Sequence[object]]) -> Callable[[int], bytes]:
    return lambda row: record({"datastream": columns[0][row], "time": columns[1][row], "result": columns[2][row]})


def columns_of(readings: Iterable[Reading], names: Names, details: dict[int, str]) -> Batch:
    """Put readings in columns; a row that cannot be read gets datastream 0 or no time, and a detail that says why."""
    which: list[int] = []
    times: list[int] = []
    results: list[float] = []
    for position, (datastream, time, result) in enumerate(readings):
        number, time_us, value = _row(position, (datastream, time, result), names, details)
        which.append(number)
        times.append(time_us)
        results.append(value)
    return batch_of(which, times, results)


def _row(position: int, reading: Reading, names: Names, details: dict[int, str]) -> Row:
    """Read one row."""
    datastream, time, result = reading
    number: int = names.get(datastream, 0) if isinstance(datastream, str) else number_of(datastream)
    time_us = us_of(time)
    value = _value(result)
    if position in details:
        return (0, 0, NAN) if time_us is not None else (number, NO_TIME, NAN)
    if time_us is None:
        details[position] = f"time is {shown(time)}; send RFC 3339 with a zone, or whole microseconds since 1970 UTC"
        return number, NO_TIME, NAN
    if value is None:
        details[position] = f"result is {shown(result)}; send a number, or null when the sensor had no value"
        return number, NO_TIME, NAN
    if number == 0:
        details[position] = f"datastream {shown(datastream)} is not declared by this source; declare it first"
    return number, time_us, value


def number_of(datastream: object) -> int:
    """Return a datastream's number when it is one, 0 otherwise."""
    if isinstance(datastream, int) and not isinstance(datastream, bool) and 0 < datastream <= INT64_MAX:
        return datastream
    return 0


def _value(result: object) -> float | None:
    """Return the number, NaN for null, None for anything else."""
    if result is None:
        return NAN
    if isinstance(result, float):
        return result
    if isinstance(result, int) and not isinstance(result, bool):
        try:
            return float(result)
        except OverflowError:
            return math.inf if result > 0 else -math.inf
    return None


def record(row: object) -> bytes:
    """Return what came for a row, as JSON text in ASCII: a lone surrogate cannot be written otherwise."""
    try:
        return json.dumps(row).encode("ascii")
    except RecursionError:
        return b"nested too deeply to be shown"
