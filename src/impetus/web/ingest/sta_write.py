"""SensorThings bodies that create observations, read into parcels.

Taken: `phenomenonTime` (an instant, or an interval, whose start counts; our clock when it is left out, as the standard
says) and `result` (a number or null). Known to the standard and not kept: `resultTime`, `resultQuality`, `validTime`,
`FeatureOfInterest`; places come from the declaration. `parameters` is free-form, so it is undeclared and refuses its row.

**Source**: OGC 18-088, section 10.2 (create), section 13 (data array extension).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from impetus.core.errors import Malformed
from impetus.desk.parcel import Parcel
from impetus.web.ingest.wire import Names, check_rows, check_size, shown
from impetus.web.ingest.wire_json import Reading, columns_of, parse, record, undeclared_field

TAKEN: Final = ("phenomenonTime", "result")
PASSED_OVER: Final = frozenset(
    {
        "resultTime",
        "resultQuality",
        "validTime",
        "FeatureOfInterest",
        "FeatureOfInterest/id",
        "FeatureOfInterest/@iot.id",
    }
)
GROUP_FIELDS: Final = frozenset({"Datastream", "components", "dataArray", "dataArray@iot.count"})
SHAPE: Final = '[{"Datastream": {"@iot.id": 1}, "components": ["phenomenonTime", "result"], "dataArray": [[…], …]}, …]'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """One row with what came for it; `fault` when something about it is already known to be wrong."""

    reading: Reading
    came: object
    fault: str | None = None


def read_observation(body: bytes, names: Names, now_us: int, datastream: int | None = None) -> Parcel:
    """Read one observation; the path's datastream counts where there is one."""
    check_size(body)
    document = parse(body)
    if not isinstance(document, dict):
        raise Malformed(f"the body is {shown(document)}", limit="an Observation entity", remedy="send an object")
    which = datastream if datastream is not None else _datastream_of(document)
    fields = {name: value for name, value in document.items() if name != "Datastream"}
    return _parcel([_sent(which, fields, document, now_us)], names, len(body))


def read_data_array(body: bytes, names: Names, now_us: int) -> Parcel:
    """Read a `CreateObservations` body; rows are numbered through all groups, in their order."""
    check_size(body)
    document = parse(body)
    if not isinstance(document, list):
        raise Malformed(f"the body is {shown(document)}", limit=SHAPE, remedy="send a list")
    groups = [_group(group, position) for position, group in enumerate(document)]
    check_rows(sum(len(rows) for _, _, rows in groups))
    return _parcel([each for group in groups for each in _rows(*group, now_us)], names, len(body))


def _parcel(sent: Sequence[_Sent], names: Names, size: int) -> Parcel:
    details = {row: each.fault for row, each in enumerate(sent) if each.fault is not None}
    batch = columns_of((each.reading for each in sent), names, details)
    return Parcel(batch=batch, details=details, record=lambda row: record(sent[row].came), size_bytes=size)


def _group(group: object, position: int) -> tuple[object, Sequence[str], Sequence[object]]:
    """Check one group: its datastream, its components, its rows."""
    if not isinstance(group, dict) or not group.keys() >= {"Datastream", "components", "dataArray"}:
        raise Malformed(f"group {position} is {shown(group)}", value=position, limit=SHAPE, remedy="send such groups")
    strange = [str(field) for field in group if field not in GROUP_FIELDS]
    components, rows = group["components"], group["dataArray"]
    if strange or not isinstance(rows, list) or not isinstance(components, list):
        raise Malformed(
            f"group {position} has {shown(strange[0]) if strange else 'no lists'}",
            value=position,
            limit=SHAPE,
            remedy="mend it",
        )
    if not all(isinstance(name, str) for name in components) or len(set(components)) < len(components):
        raise Malformed(f"components of group {position}", value=position, limit="different texts", remedy="mend them")
    if "result" not in components:
        raise Malformed(f"components of group {position} lack result", value=position, limit=SHAPE, remedy="add result")
    return _datastream_of(group), components, rows


def _datastream_of(document: Mapping[str, object]) -> object:
    """Return the id an entity names as its datastream, None when it names none."""
    datastream = document.get("Datastream")
    return datastream.get("@iot.id") if isinstance(datastream, dict) else None


def _rows(which: object, components: Sequence[str], rows: Sequence[object], now_us: int) -> Iterator[_Sent]:
    """Yield the rows of a group."""
    for row in rows:
        if not isinstance(row, list) or len(row) != len(components):
            fault = f"row is {shown(row)}; send {len(components)} values, as there are components"
            yield _Sent(reading=(which, None, None), came=row, fault=fault)
        else:
            yield _sent(which, dict(zip(components, row, strict=True)), row, now_us)


def _sent(which: object, fields: Mapping[str, object], came: object, now_us: int) -> _Sent:
    """Read the fields of one observation."""
    strange = next((name for name in fields if name not in TAKEN and name not in PASSED_OVER), None)
    time = fields.get("phenomenonTime", now_us)
    if isinstance(time, str):
        time = time.partition("/")[0]
    elif "phenomenonTime" in fields:
        time = None  # a number is not a time in this standard
    if strange is not None:
        return _Sent(reading=(0, time, None), came=came, fault=undeclared_field(strange))
    if "result" not in fields:
        return _Sent(reading=(which, None, None), came=came, fault="result is missing; a missing value is result null")
    return _Sent(reading=(which, time, fields["result"]), came=came)
