"""Declare a source, its things and their datastreams, from a TOML or JSON declaration read strictly.

What is not declared is not taken in; what stands for a person's identity cannot be declared (`identity_words`). The same
declaration again changes nothing; a changed one updates by key and never removes.
"""

import json
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from impetus.core.actor import Actor
from impetus.core.errors import Malformed, Refused, TooLarge
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ZoneId
from impetus.core.observation import Datastream, Source
from impetus.core.place import Point
from impetus.desk.context import Desk
from impetus.desk.identity_words import refuse_identity
from impetus.desk.noted import note_done
from impetus.desk.permit import permit

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,62}(/[a-z0-9][a-z0-9_.:-]{0,62}){0,3}")
UNIT: Final = re.compile(r"[!-~]{1,64}")
"""UCUM 2.1, section 2.1: units are printable ASCII without blanks."""
MAX_TEXT: Final = 200
MAX_DATASTREAMS: Final = 20_000
"""Datastreams of one declaration; a city's largest source has some thousands. House rule."""
MAX_BYTES: Final = 8 * 1024 * 1024
MAX_SECONDS: Final = 366 * 86_400.0
WIDEST: Final = 1e18
RETENTION: Final = ("observations",)

Table = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A source with its datastreams, read and checked; the ids are 0 until they are stored."""

    source: Source
    datastreams: tuple[Datastream, ...]


def declare(desk: Desk, actor: Actor, declaration: Declaration) -> Sequence[Datastream]:
    """Store the declaration and return its datastreams with their ids; a token bound to a source declares only that."""
    source = declaration.source
    permit(desk, actor, "sources.declare", on=f"source:{source.id}")
    if actor.source is not None and actor.source != source.id:
        raise Refused(
            f"{actor.name} is bound to the source {actor.source}",
            rule="a token declares its own source only",
            value=source.id,
            limit=actor.source,
            remedy="use the token of that source, or ask an integrator",
        )
    at = desk.clock.now()
    with desk.store.write() as unit:
        stored = unit.sources.declare(source, declaration.datastreams)
        unit.outbox.add(at, "source", source.id, {"datastreams": len(stored), "by": actor.name})
        note_done(desk, actor, "source.declare", f"source:{source.id}", facts={"datastreams": len(stored)})
    return stored


def read_toml(text: str) -> Declaration:
    """Read a TOML declaration; `Malformed` names the field, its value, the limit and the remedy."""
    _bound(text)
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise Malformed(f"declaration is not TOML: {error}", remedy="mend the syntax") from error
    return read_document(document)


def read_json(text: str) -> Declaration:
    """Read a JSON declaration of the same shape."""
    _bound(text)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"declaration is not JSON: {error}", remedy="mend the syntax") from error
    return read_document(document)


def _bound(text: str) -> None:
    if len(text) > MAX_BYTES:
        raise TooLarge(f"declaration of {len(text)} characters", value=len(text), limit=MAX_BYTES, remedy="split it")


def read_document(document: object) -> Declaration:
    """Check a parsed declaration: tables `source` and `things`, each thing with its `datastreams`; nothing else."""
    top = _table(document, "the declaration", {"source", "things"})
    source = _source(_table(top.get("source"), "source", {"id", "name", "kind", "simulated", "freshness_s"}))
    datastreams: list[Datastream] = []
    for position, thing in enumerate(_tables(top.get("things", []), "things")):
        datastreams.extend(_thing(thing, f"things[{position}]", source))
        if len(datastreams) > MAX_DATASTREAMS:
            raise TooLarge(
                f"more than {MAX_DATASTREAMS} datastreams at once", limit=MAX_DATASTREAMS, remedy="declare in parts"
            )
    keys = [datastream.key for datastream in datastreams]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Malformed(f"{twice} is declared twice", value=twice, limit="once", remedy="remove one")
    return Declaration(source=source, datastreams=tuple(datastreams))


def _source(table: Table) -> Source:
    slug = _matching(table, "id", "source", SLUG)
    return Source(
        id=SourceId(slug),
        name=_text(table, "name", "source", default=slug),
        kind=_text(table, "kind", "source", default="sensors"),
        simulated=_flag(table, "simulated", "source", default=False),
        freshness_s=_number(table, "freshness_s", "source", 300.0, (0.0, MAX_SECONDS)),
    )


def _thing(thing: object, where: str, source: Source) -> list[Datastream]:
    table = _table(thing, where, {"key", "name", "position", "zone", "datastreams"})
    key = _matching(table, "key", where, NAME)
    common = {
        "source": source.id,
        "thing": ThingKey(f"{source.id}/{key}"),
        "thing_name": _text(table, "name", where, default=key),
        "point": _position(table.get("position"), where),
        "zone": ZoneId(_text(table, "zone", where)) if "zone" in table else None,
    }
    return [
        _datastream(each, f"{where}.datastreams[{position}]", source, common)
        for position, each in enumerate(_tables(table.get("datastreams", []), f"{where}.datastreams"))
    ]


_DATASTREAM_FIELDS: Final = frozenset(
    {"property", "unit", "lowest", "highest", "cadence_s", "freshness_s", "retention", "simulated"}
)


def _datastream(entry: object, where: str, source: Source, common: Mapping[str, object]) -> Datastream:
    table = _table(entry, where, _DATASTREAM_FIELDS)
    prop = _matching(table, "property", where, SLUG)
    refuse_identity(prop, f"{where}.property")
    lowest = _number(table, "lowest", where, -WIDEST, (-WIDEST, WIDEST))
    highest = _number(table, "highest", where, WIDEST, (-WIDEST, WIDEST))
    if lowest > highest:
        raise Malformed(
            f"{where}: lowest {lowest:g} is above highest {highest:g}", value=lowest, limit=highest, remedy="swap them"
        )
    return Datastream(
        id=DatastreamId(0),
        key=DatastreamKey(f"{common['thing']}/{prop}"),
        observed_property=prop,
        unit=_matching(table, "unit", where, UNIT),
        lowest=lowest,
        highest=highest,
        cadence_s=_number(table, "cadence_s", where, 60.0, (0.0, MAX_SECONDS)),
        freshness_s=_number(table, "freshness_s", where, 0.0, (0.0, MAX_SECONDS)),
        retention=_one_of(table, "retention", where, RETENTION),
        simulated=_flag(table, "simulated", where, default=source.simulated),
        **common,  # type: ignore[arg-type]  # the fields all datastreams of a thing share, built with their types above
    )


def _table(value: object, where: str, known: Collection[str]) -> Table:
    """Return the table, whose fields are all known; an unknown field that names a person is refused as that."""
    if not isinstance(value, Mapping):
        raise Malformed(
            f"{where} is no table", value=_shown(value), limit=", ".join(sorted(known)), remedy=f"add {where}"
        )
    for field in value:
        if field not in known:
            if field != "name":  # misplaced, not a person's
                refuse_identity(str(field), f"{where}: field")
            raise Malformed(
                f"{where} has the unknown field {_shown(field)}",
                value=_shown(field),
                limit=", ".join(sorted(known)),
                remedy="remove it or mend its name",
            )
    return value


def _tables(value: object, where: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise Malformed(f"{where} is no list", value=_shown(value), limit="a list of tables", remedy="write [[things]]")
    return value


def _text(table: Table, field: str, where: str, *, default: str | None = None) -> str:
    value = table.get(field, default)
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT or not value.isprintable():
        raise Malformed(
            f"{where}.{field} is {_shown(value)}",
            value=_shown(value),
            limit=f"1..{MAX_TEXT} printable characters",
            remedy=f"set {field}",
        )
    return value


def _matching(table: Table, field: str, where: str, pattern: re.Pattern[str]) -> str:
    value = _text(table, field, where)
    if not pattern.fullmatch(value):
        raise Malformed(
            f"{where}.{field} is {_shown(value)}", value=_shown(value), limit=pattern.pattern, remedy="use such a name"
        )
    return value


def _number(table: Table, field: str, where: str, default: float, limits: tuple[float, float]) -> float:
    value = table.get(field, default)
    lowest, highest = limits
    if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
        raise Malformed(
            f"{where}.{field} is {_shown(value)}",
            value=_shown(value),
            limit=f"a number {lowest:g}..{highest:g}",
            remedy=f"set {field} in range",
        )
    return float(value)


def _flag(table: Table, field: str, where: str, *, default: bool) -> bool:
    value = table.get(field, default)
    if not isinstance(value, bool):
        raise Malformed(
            f"{where}.{field} is {_shown(value)}", value=_shown(value), limit="true or false", remedy="say which"
        )
    return value


def _one_of(table: Table, field: str, where: str, allowed: Sequence[str]) -> str:
    value = table.get(field, allowed[0])
    if value not in allowed:
        raise Malformed(
            f"{where}.{field} is {_shown(value)}", value=_shown(value), limit=", ".join(allowed), remedy="choose one"
        )
    return str(value)


def _position(value: object, where: str) -> Point | None:
    """Read `[lon, lat]` or a table of `lon` and `lat`, degrees in WGS 84."""
    if value is None:
        return None
    if isinstance(value, Mapping) and value.keys() == {"lon", "lat"}:
        value = [value["lon"], value["lat"]]
    numbers = value if isinstance(value, list) else []
    real = [
        each for each in numbers if isinstance(each, int | float) and not isinstance(each, bool) and abs(each) <= WIDEST
    ]
    if len(numbers) != len(("lon", "lat")) or len(real) != len(numbers):
        raise Malformed(
            f"{where}.position is {_shown(value)}",
            value=_shown(value),
            limit="[lon, lat] or lon and lat, in degrees, WGS 84",
            remedy="give longitude first",
        )
    return Point(lon=float(real[0]), lat=float(real[1]))


def _shown(value: object) -> str:
    """Show a value of whatever kind, short."""
    return repr(value)[:100]
