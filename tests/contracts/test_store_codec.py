"""Every domain object survives a trip through a row, whatever its values."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.samples import an_alert
from impetus.adapters.sql import accounts, alerts, evidence, findings, incidents, outbox, parts, quarantine, sources
from impetus.adapters.sql.codec import RowCodec, dump, load
from impetus.adapters.sql.schema import METADATA
from impetus.core.alert import AlertEntry, AlertEvent
from impetus.core.errors import Malformed
from impetus.core.ids import AlertId
from impetus.core.place import Point
from impetus.core.text import Phrase

THOROUGH = settings(max_examples=80, deadline=None)
CODECS = {
    "alerts": alerts.ALERT,
    "alert_entries": alerts.ENTRY,
    "findings": findings.FINDING,
    "incidents": incidents.INCIDENT,
    "incident_entries": incidents.ENTRY,
    "decisions": incidents.DECISION,
    "accounts": accounts.ACCOUNT,
    "sessions": accounts.SESSION,
    "tokens": accounts.TOKEN,
    "sources": sources.SOURCE,
    "datastreams": sources.DATASTREAM,
    "quarantine": quarantine.QUARANTINED,
    "parts": parts.PART,
    "outbox": outbox.CHANGE,
    "evidence": evidence.RECORD,
}
WHOLE = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = TEXTS | WHOLE | st.floats(allow_nan=False)
PLAIN: dict[object, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: WHOLE,
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    bytes: st.binary(max_size=30),
    type(None): st.none(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    Point: st.builds(Point, lon=st.floats(-180, 180), lat=st.floats(-90, 90)),
    Phrase: st.builds(Phrase, template=TEXTS, values=st.dictionaries(TEXTS, VALUES, max_size=3)),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return every value a field of this type may hold."""
    hint = getattr(hint, "__supertype__", hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {UnionType, Union}:
        return st.one_of(*map(values, arguments))
    if origin in {tuple, frozenset}:
        return st.lists(values(arguments[0]), max_size=4).map(origin)
    if origin is Mapping:
        return st.dictionaries(TEXTS, values(arguments[1]), max_size=4)
    return PLAIN[hint] if hint in PLAIN else st.sampled_from(hint)


def through_sqlite(row: dict[str, object]) -> dict[str, object]:
    """Return the columns as a database without types gives them back."""
    connection = sqlite3.connect(":memory:")
    names = ", ".join(f'"{name}"' for name in row)
    connection.execute(f"CREATE TABLE t ({names})")
    places = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO t VALUES ({places})", tuple(row.values()))  # noqa: S608 - question marks only
    stored = connection.execute("SELECT * FROM t").fetchone()
    connection.close()
    return dict(zip(row, stored, strict=True))


@pytest.mark.parametrize("table", CODECS)
def test_every_value_survives(table: str) -> None:
    """Whatever the fields hold, the row gives back an equal object."""
    codec = CODECS[table]
    hints = get_type_hints(codec._kind)

    @THOROUGH
    @given(item=st.builds(codec._kind, **{item.name: values(hints[item.name]) for item in fields(codec._kind)}))
    def survives(item: object) -> None:
        assert codec.from_row(through_sqlite(codec.to_row(item))) == item

    survives()


@pytest.mark.parametrize("table", CODECS)
def test_rows_fit_their_tables(table: str) -> None:
    """Each field has its column, and each column that may not be empty has a field or is filled by its repository."""
    codec = CODECS[table]
    columns = METADATA.tables[table].c
    points = {f"{name}_{axis}" for name in codec._points for axis in ("lon", "lat")}
    held = {item.name for item in fields(codec._kind) if item.name not in codec._points} | points
    filled = {"alerts": {"severity_rank"}, "accounts": {"name_key"}, "findings": {"alert"}}.get(table, set())
    assert held <= set(columns.keys())
    required = {column.name for column in columns if not column.nullable and column.name != "id"}
    assert required - held == filled


def test_a_nan_is_refused_by_name() -> None:
    """SQL would turn NaN into nothing; the codec says which field holds it."""
    with pytest.raises(Malformed, match="score is NaN"):
        alerts.ALERT.to_row(an_alert(score=float("nan")))


def test_a_time_without_a_zone_is_refused() -> None:
    """A naive time has no place on the line of microseconds."""
    with pytest.raises(Malformed, match="no zone"):
        alerts.ALERT.to_row(an_alert(began=datetime(2026, 1, 1)))  # noqa: DTZ001 - this is what is refused


def test_known_events_come_back_as_words_of_the_lifecycle() -> None:
    """An event of the table is its enumeration again; a free word stays a word."""
    for event, kind in [(AlertEvent.CLOSE, AlertEvent), ("played", str)]:
        entry = AlertEntry(alert=AlertId(1), at=datetime(2026, 1, 1, tzinfo=UTC), event=event, who="kari")
        assert type(alerts.ENTRY.from_row(alerts.ENTRY.to_row(entry)).event) is kind


def test_json_columns_are_plain_ascii_json() -> None:
    """What other programs read in the file is JSON without surprises."""
    text = dump({"å": ["ø", 1, 2.5, None, True]})
    assert text.isascii()
    assert json.loads(text) == load(text) == {"å": ["ø", 1, 2.5, None, True]}


def test_a_codec_says_what_it_cannot_hold() -> None:
    """A field of a type nobody thought of fails when the codec is built, not when a row is written."""

    @dataclass
    class Strange:
        what: complex

    with pytest.raises(KeyError):
        RowCodec(Strange)
