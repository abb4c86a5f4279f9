"""`effectors.toml`: the city systems, warning gateways and feeds of an installation, checked, with line numbers.

Nothing in it is guessed and nothing is ignored: a key that is not known, an address in clear beyond this machine, a device
without an end or a way back is refused with the line it stands in. One wrong line switches the whole file off, so that
nobody believes in a sign that is not there.
"""

import ipaddress
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from impetus.adapters.broker import read_broker
from impetus.adapters.effectors.declared import Declared, DeclaredDevice, Gateway, HttpLine, MqttLine
from impetus.core.effect import Device, DeviceKind
from impetus.core.errors import ImpetusError, Misconfigured
from impetus.core.place import Point
from impetus.core.warning import Status
from impetus.ports.city import FeedSource

EFFECTORS_FILE = "effectors.toml"
MOST_BYTES = 256 * 1024
"""Bytes read at most; a device takes about 300. House rule."""
MOST_DEVICES, MOST_FEEDS = 500, 50
LONGEST_MINUTES = 240
"""Class C lasts four hours at most (see `core.action`); no device may be declared for longer."""
MOST_WORDS = 500
"""Longest command in characters; a sign has about 60. House rule."""
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_TOPIC = re.compile(r"[A-Za-z0-9_.:-]+(/[A-Za-z0-9_.:-]+){0,9}")
_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z_.]+)\s*\]\]?\s*(#.*)?")
_ADDRESS = re.compile(r"[!-~]+")
"""Letters an address is sent with as it stands; whatever else belongs in it is written as %XX (RFC 3986, section 2)."""
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_SENDER = re.compile(r"[^\s,<&]{3,200}")
MQTT_KEYS = frozenset({"broker", "topic"})
HTTP_KEYS = frozenset({"url", "token_file", "cafile"})
DEVICE_KEYS = frozenset(
    {
        "id",
        "name",
        "kind",
        "point",
        "longest_minutes",
        "most_words",
        "commands",
        "simulated",
        "mqtt",
        "http",
        "repeatable",
    }
)
GATEWAY_KEYS = frozenset({"status", "folder", "url", "token_file", "cafile"})
FEED_KEYS = frozenset({"id", "name", "url", "every_s", "certificates", "simulated"})
TOP_KEYS = frozenset({"device", "warnings", "gateway", "feed"})


def read_effectors(home: Path) -> Declared:
    """Read `effectors.toml` of a home, nothing declared when there is none; `Misconfigured` names line and remedy."""
    file = home / EFFECTORS_FILE
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Misconfigured(
                f"{file.name} is too large", value=file.stat().st_size, limit=MOST_BYTES, remedy="split"
            )
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Declared()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file.name} cannot be read: {error}", value=str(file), remedy="mend it") from error
    return parse_effectors(text, home)


def parse_effectors(text: str, home: Path) -> Declared:
    """Check the text of a declaration; relative files are looked for under `home`."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Misconfigured(f"{EFFECTORS_FILE} is not TOML: {error}", value=EFFECTORS_FILE, remedy="mend it") from error
    lines = _Lines(text)
    _known(document, TOP_KEYS, _Where(lines=lines, table="", number=0))
    warnings = _one(document.get("warnings", {}), _Where(lines=lines, table="warnings", number=0))
    declared = Declared(
        devices=tuple(_device(each, where, home) for each, where in _tables(document, "device", lines, MOST_DEVICES)),
        sender=_sender(warnings, _Where(lines=lines, table="warnings", number=0)),
        gateways=tuple(_gateway(each, where, home) for each, where in _tables(document, "gateway", lines, len(Status))),
        feeds=tuple(_feed(each, where, home) for each, where in _tables(document, "feed", lines, MOST_FEEDS)),
    )
    _once([each.device.id for each in declared.devices], "device", lines)
    _once([each.status.value for each in declared.gateways], "gateway", lines)
    _once([each.id for each in declared.feeds], "feed", lines)
    return declared


class _Lines:
    """Where tables and keys stand in a text: `tomllib` does not say."""

    def __init__(self, text: str) -> None:
        self._at: dict[tuple[str, int, str], int] = {}
        table, counts = ("", 0), dict[str, int]()
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _HEADER.fullmatch(line):
                name = header.group(1)
                top = name.partition(".")[0]
                if name == top:
                    counts[top] = counts.get(top, 0) + 1
                table = (name, counts.get(top, 1) - 1)
                self._at.setdefault((*table, ""), number)
            elif "=" in line and not line.lstrip().startswith("#"):
                key = line.partition("=")[0].strip().strip("\"'")
                self._at.setdefault((*table, key), number)

    def of(self, table: str, number: int, key: str = "") -> int:
        """Return the line of a key, else of its table, else 1."""
        top = table.partition(".")[0]
        places = ((table, number, key), (table, number, ""), (top, number, key), (top, number, ""))
        return next((self._at[place] for place in places if place in self._at), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Where:
    """The table that is being read."""

    lines: _Lines
    table: str
    number: int

    def wrong(self, key: str, said: str, limit: object, remedy: str, *, value: object = None) -> Misconfigured:
        """Return the error about a key of the table."""
        line = self.lines.of(self.table, self.number, key)
        return Misconfigured(
            f"{EFFECTORS_FILE} line {line}: {said}",
            value=value if value is not None else key,
            limit=limit,
            remedy=remedy,
        )

    def inside(self, name: str) -> "_Where":
        """Return the place of a table inside this one."""
        return _Where(lines=self.lines, table=f"{self.table}.{name}", number=self.number)


Table = Mapping[str, object]


def _tables(document: Table, name: str, lines: _Lines, most: int) -> list[tuple[Table, _Where]]:
    found = document.get(name, [])
    where = _Where(lines=lines, table=name, number=0)
    if not isinstance(found, list):
        raise where.wrong("", f"{name} is written [[{name}]], once for each", f"[[{name}]]", "write double brackets")
    if len(found) > most:
        raise where.wrong("", f"{len(found)} tables {name}", most, "declare fewer")
    places = (_Where(lines=lines, table=name, number=number) for number in range(len(found)))
    return [(_one(each, place), place) for each, place in zip(found, places, strict=True)]


def _one(value: object, where: _Where) -> Table:
    if not isinstance(value, dict):
        raise where.wrong("", f"{where.table} is no table", "a table", f"write [{where.table}]")
    return value


def _known(table: Table, keys: frozenset[str], where: _Where) -> None:
    for key in table:
        if key not in keys:
            raise where.wrong(key, f"unknown key {key[:60]}", ", ".join(sorted(keys)), "remove it or mend its name")


def _once(names: list[str], table: str, lines: _Lines) -> None:
    for number, name in enumerate(names):
        if name in names[:number]:
            where = _Where(lines=lines, table=table, number=number)
            raise where.wrong("id", f"{table} {name} is declared twice", "once", "give it another name", value=name)


def _text(table: Table, key: str, where: _Where, *, longest: int = 200, default: str | None = None) -> str:
    value = table.get(key, default)
    if isinstance(value, str) and len(value) <= longest and value.isprintable() and (value.strip() or default == ""):
        return value.strip()
    raise where.wrong(key, f"{key} is {str(value)[:60]!r}", f"1..{longest} characters in one line", f"give {key}")


def _number(table: Table, key: str, where: _Where, bounds: tuple[float, float], default: float | None = None) -> float:
    value = table.get(key, default)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and math.isfinite(float(str(value))) and bounds[0] <= float(str(value)) <= bounds[1]:
        return float(str(value))
    raise where.wrong(key, f"{key} is {str(value)[:60]}", f"{bounds[0]:g}..{bounds[1]:g}", f"give {key} in range")


def _flag(table: Table, key: str, where: _Where, *, default: bool) -> bool:
    value = table.get(key, default)
    if isinstance(value, bool):
        return value
    raise where.wrong(key, f"{key} is {str(value)[:60]!r}", "true or false", "write true or false")


def _words(table: Table, key: str, where: _Where, *, most: int) -> tuple[str, ...]:
    value = table.get(key, [])
    if isinstance(value, list) and len(value) <= most and all(isinstance(item, str) and item.strip() for item in value):
        return tuple(item.strip() for item in value)
    raise where.wrong(key, f"{key} is {str(value)[:60]!r}", f"a list of at most {most} texts", "write a list of texts")


def _id(table: Table, where: _Where) -> str:
    value = _text(table, "id", where)
    if _ID.fullmatch(value):
        return value
    raise where.wrong("id", f"id is {value!r}", "small letters, digits, - and _, at most 63", "mend it", value=value)


def _point(table: Table, where: _Where) -> Point | None:
    value = table.get("point")
    if value is None:
        return None
    if isinstance(value, list) and [type(item) in {int, float} for item in value] == [True, True]:
        try:
            return Point(lon=float(value[0]), lat=float(value[1]))
        except ImpetusError as error:
            raise where.wrong("point", error.detail, error.limit, error.remedy) from error
    raise where.wrong("point", f"point is {str(value)[:60]}", "[longitude, latitude]", "give WGS 84 degrees")


def _device(table: Table, where: _Where, home: Path) -> DeclaredDevice:
    """Return one device; one without a line, or with two, is refused."""
    _known(table, DEVICE_KEYS, where)
    line = _line(table, where, home)
    kind = _text(table, "kind", where)
    if kind not in set(DeviceKind):
        raise where.wrong("kind", f"kind is {kind!r}", ", ".join(DeviceKind), "choose one", value=kind)
    minutes = _number(table, "longest_minutes", where, (1, LONGEST_MINUTES))
    device = Device(
        id=_id(table, where),
        name=_text(table, "name", where),
        kind=DeviceKind(kind),
        longest=timedelta(minutes=minutes),
        most_words=int(_number(table, "most_words", where, (1, MOST_WORDS), 120)),
        commands=_words(table, "commands", where, most=50),
        point=_point(table, where),
        simulated=_flag(table, "simulated", where, default=False),
        is_repeatable=_flag(table, "repeatable", where, default=True),
        address=_address(line),
    )
    return DeclaredDevice(device=device, line=line)


def _line(table: Table, where: _Where, home: Path) -> MqttLine | HttpLine:
    if ("mqtt" in table) == ("http" in table):
        raise where.wrong("", "a device has one line", "[device.mqtt] or [device.http]", "declare exactly one")
    if "http" in table:
        inside = where.inside("http")
        line = _one(table["http"], inside)
        _known(line, HTTP_KEYS, inside)
        return HttpLine(
            url=_url(line, inside), token=_token(line, inside, home), cafile=_file(line, "cafile", inside, home)
        )
    inside = where.inside("mqtt")
    line = _one(table["mqtt"], inside)
    _known(line, MQTT_KEYS, inside)
    topic = _text(line, "topic", inside)
    if not _TOPIC.fullmatch(topic):
        raise inside.wrong("topic", f"topic is {topic!r}", "words between /, no wildcard", "mend it", value=topic)
    address = _text(line, "broker", inside, longest=500)
    try:
        broker = read_broker(address.replace("{home}", str(home)))
    except Misconfigured as error:
        raise inside.wrong("broker", error.detail, error.limit, error.remedy) from error
    if not broker.tls and not is_here(broker.host):
        raise inside.wrong(
            "broker", f"{broker.host} is another machine and the line is in clear", "mqtts, or loopback", "use mqtts"
        )
    return MqttLine(broker=broker, topic=topic)


def _address(line: MqttLine | HttpLine) -> str:
    return f"{line.broker!r}/{line.topic}" if isinstance(line, MqttLine) else line.url


def is_here(host: str) -> bool:
    """Say whether a host is this machine itself; a name other than `localhost` is not taken to be."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _url(table: Table, where: _Where, *, default: str | None = None) -> str:
    """Return an address that may be spoken to: TLS, or this machine; no user, password or fragment in it."""
    url = _text(table, "url", where, longest=500, default=default)
    if not url:
        return url
    try:
        parts = urlsplit(url)
        is_plain = not (parts.username or parts.password or parts.fragment) and parts.port != 0
        is_written = bool(_ADDRESS.fullmatch(url) and _HOST.fullmatch(parts.hostname or ""))
    except ValueError:
        raise where.wrong("url", f"url cannot be read: {url[:60]!r}", "https://host/path", "mend it") from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_here(parts.hostname or ""))
    if is_written and is_plain and is_safe:
        return url
    raise where.wrong("url", f"url is {url[:60]!r}", "https://host/path, or http on this machine", "mend it")


def _file(table: Table, key: str, where: _Where, home: Path) -> str | None:
    name = _text(table, key, where, default="")
    return str(home / name) if name else None


def _token(table: Table, where: _Where, home: Path) -> str:
    file = _file(table, "token_file", where, home)
    if file is None:
        return ""
    try:
        return Path(file).read_text(encoding="ascii").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise where.wrong("token_file", f"token_file cannot be read: {error}", "a readable file", "mend it") from error


def _sender(table: Table, where: _Where) -> str:
    _known(table, frozenset({"sender"}), where)
    sender = _text(table, "sender", where, default="")
    if sender and not _SENDER.fullmatch(sender):
        raise where.wrong("sender", f"sender is {sender!r}", "no space, comma, < or & (CAP 1.2, 3.2.1)", "mend it")
    return sender


def _gateway(table: Table, where: _Where, home: Path) -> Gateway:
    _known(table, GATEWAY_KEYS, where)
    status = _text(table, "status", where)
    if status not in set(Status):
        raise where.wrong("status", f"status is {status!r}", ", ".join(Status), "choose one", value=status)
    folder, url = _file(table, "folder", where, home), _url(table, where, default="")
    if not folder and not url:
        raise where.wrong("", "a gateway goes nowhere", "folder, url or both", "say where")
    return Gateway(
        status=Status(status),
        folder=Path(folder) if folder else None,
        url=url,
        token=_token(table, where, home),
        cafile=_file(table, "cafile", where, home),
    )


def _feed(table: Table, where: _Where, home: Path) -> FeedSource:
    _known(table, FEED_KEYS, where)
    certificates = _words(table, "certificates", where, most=10)
    return FeedSource(
        id=_id(table, where),
        name=_text(table, "name", where),
        url=_url(table, where),
        every_s=_number(table, "every_s", where, (30, 86_400), 300),
        certificates=tuple(str(home / name) for name in certificates),
        simulated=_flag(table, "simulated", where, default=False),
    )
