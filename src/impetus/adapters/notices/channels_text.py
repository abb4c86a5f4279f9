"""The file `channels.toml`: which ways out there are, checked before any is used; each flaw has its line and remedy.

TOML gives no line numbers, so the lines of tables and keys are found again by a plain scan; what the scan does not find is
said of the table's line.
"""

import ipaddress
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")
TABLE = re.compile(r"\s*\[\s*channels\s*\.\s*[\"']?([^\]\"']+?)[\"']?\s*\]")
KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*=")
AT_LINE = re.compile(r"at line (\d+)")
MOST_CHANNELS = 20
MOST_BYTES = 64 * 1024
Value = str | int | bool | tuple[str, ...]

SECRET = frozenset({"secret", "secret_file"})
COMMON = frozenset({"kind", "exercises"})
NEEDS: Mapping[str, Mapping[str, type]] = {
    "smtp": {"host": str, "from": str},
    "webhook": {"url": str},
    "matrix": {"server": str},
    "mattermost": {"server": str},
    "web_push": {"services": tuple, "contact": str},
    "mailbox": {},
}
MAY: Mapping[str, Mapping[str, type]] = {
    "smtp": {"port": int, "security": str, "user": str, "ca_file": str},
    "webhook": {"ca_file": str},
    "matrix": {"room": str, "ca_file": str},
    "mattermost": {"room": str, "ca_file": str},
    "web_push": {"ca_file": str},
    "mailbox": {},
}
NEEDS_SECRET = frozenset({"webhook", "matrix", "mattermost"})
SECURITY = ("starttls", "tls", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What is wrong: its line from 1 (0 for the whole file), the sentence and the remedy."""

    line: int
    says: str
    remedy: str

    def __str__(self) -> str:
        """Return the flaw as one line."""
        return f"line {self.line}: {self.says}; {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One channel as written, checked; `line` is where its table begins."""

    name: str
    kind: str
    line: int
    values: Mapping[str, Value]

    def text(self, name: str, default: str = "") -> str:
        """Return a text of the entry."""
        value = self.values.get(name, default)
        return value if isinstance(value, str) else default


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelsText:
    """What the file says: where people reach the pages (empty for the default), the channels, and what is wrong."""

    address: str = ""
    entries: tuple[Entry, ...] = ()
    flaws: tuple[Flaw, ...] = ()


def read_channels(text: str, *, simulated: bool = False) -> ChannelsText:
    """Return what the file says; with a single flaw no channel of it may be used, so that a slip is not half a night's luck."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        return _flawed(0, f"the file is longer than {MOST_BYTES} bytes", "leave out what is no channel")
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = AT_LINE.search(str(error))
        return _flawed(int(found[1]) if found else 0, f"it is not TOML: {error}", "mend the syntax")
    lines = _Lines(text)
    flaws = [
        Flaw(line=lines.key("", name), says=f"{name} is no table of this file", remedy="remove it")
        for name in document
        if name not in {"address", "channels"}
    ]
    address, tables = document.get("address", ""), document.get("channels", {})
    if not isinstance(address, str) or (address and not is_safe_url(address)):
        flaws.append(_bad(lines.key("", "address"), "address", "https://host, or http to this machine"))
    if not isinstance(tables, dict) or len(tables) > MOST_CHANNELS:
        flaws.append(_bad(0, "channels", f"at most {MOST_CHANNELS} tables [channels.NAME]"))
        return ChannelsText(flaws=tuple(flaws))
    entries = [_entry(str(name), table, lines, flaws, simulated=simulated) for name, table in tables.items()]
    said = tuple(entry for entry in entries if entry is not None)
    address = address.rstrip("/") if isinstance(address, str) else ""
    return ChannelsText(address=address, entries=() if flaws else said, flaws=tuple(sorted(flaws, key=_line_of)))


def is_safe_url(url: str) -> bool:
    """Say whether an address is https, or http to this machine itself; no user, no password in it.

    >>> [is_safe_url(url) for url in ("https://a.example/x", "http://127.0.0.1:9", "http://a.example", "https://u:p@a.example")]
    [True, True, False, False]
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _entry(name: str, table: object, lines: "_Lines", flaws: list[Flaw], *, simulated: bool) -> Entry | None:
    """Return one channel, None with its flaws added when something is wrong with it."""
    line, before = lines.table(name), len(flaws)
    if not isinstance(table, dict) or not NAME.fullmatch(name):
        flaws.append(_bad(line, f"channels.{name[:40]}", "a table named with a-z, 0-9, - and _, at most 31"))
        return None
    kind = str(table.get("kind"))
    if kind not in NEEDS:
        flaws.append(_bad(lines.key(name, "kind"), f"kind of {name}", ", ".join(NEEDS)))
        return None
    if kind == "mailbox" and not simulated:
        flaws.append(_bad(line, f"mailbox {name}", "only where all input is simulated"))
    flaws += _field_flaws(name, kind, table, lines)
    flaws += _sense_flaws(name, kind, table, lines) if len(flaws) == before else ()
    if len(flaws) > before:
        return None
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Entry(name=name, kind=kind, line=line, values=values)


def _field_flaws(name: str, kind: str, table: Mapping[str, object], lines: "_Lines") -> list[Flaw]:
    """Return what is missing, unknown or of another type."""
    known = {**NEEDS[kind], **MAY[kind], "exercises": bool, "kind": str}
    if kind in NEEDS_SECRET or kind == "smtp":
        known |= dict.fromkeys(SECRET, str)
    flaws = [
        Flaw(line=lines.table(name), says=f"{name} has no {field}", remedy=f"add {field}")
        for field in NEEDS[kind]
        if field not in table
    ]
    for field, value in table.items():
        if field not in known:
            says = f"{field} is no setting of {kind}"
            flaws.append(Flaw(line=lines.key(name, field), says=says, remedy=f"one of {', '.join(sorted(known))}"))
        elif not _is_of(value, known[field]):
            flaws.append(_bad(lines.key(name, field), f"{field} of {name}", _said_type(known[field])))
    given = [field for field in SECRET if field in table]
    if (kind in NEEDS_SECRET or "user" in table) and len(given) != 1:
        says, remedy = f"{name} has {len(given)} secrets", "give one: secret = the name of a stored one, or secret_file"
        flaws.append(Flaw(line=lines.table(name), says=says, remedy=remedy))
    return flaws


def _sense_flaws(name: str, kind: str, table: Mapping[str, object], lines: "_Lines") -> list[Flaw]:
    """Return what has the right type and still cannot be meant."""
    flaws = [
        _bad(lines.key(name, field), f"{field} of {name}", "https://..., or http to this machine, without a password")
        for field in ("url", "server")
        if field in table and not is_safe_url(str(table[field]))
    ]
    services = table.get("services", [])
    if isinstance(services, list) and (
        any(not is_safe_url(one) for one in services) or (kind == "web_push" and not services)
    ):
        flaws.append(
            _bad(lines.key(name, "services"), f"services of {name}", "addresses of push services, https://host")
        )
    if kind == "web_push" and not str(table["contact"]).startswith(("mailto:", "https://")):
        flaws.append(
            _bad(lines.key(name, "contact"), f"contact of {name}", "mailto:... or https://... (RFC 8292, 2.1)")
        )
    if kind == "smtp":
        flaws += _smtp_flaws(name, table, lines)
    for field in SECRET & table.keys():
        if field == "secret" and not NAME.fullmatch(str(table[field])):
            flaws.append(
                _bad(lines.key(name, field), f"secret of {name}", "the name of a stored secret, a-z, 0-9, - and _")
            )
    return flaws


def _smtp_flaws(name: str, table: Mapping[str, object], lines: "_Lines") -> list[Flaw]:
    flaws: list[Flaw] = []
    port, security = table.get("port", 587), table.get("security", "starttls")
    if not isinstance(port, int) or not 1 <= port <= 65_535:  # noqa: PLR2004 - the highest port there is
        flaws.append(_bad(lines.key(name, "port"), f"port of {name}", "1..65535"))
    if security not in SECURITY:
        flaws.append(_bad(lines.key(name, "security"), f"security of {name}", ", ".join(SECURITY)))
    elif security == "none" and not is_loopback(str(table["host"])):
        flaws.append(
            _bad(lines.key(name, "security"), f"security of {name}", "starttls or tls: only this machine needs none")
        )
    return flaws


class _Lines:
    """Where tables and keys stand in a text, from 1; 0 for what was not found."""

    def __init__(self, text: str) -> None:
        self._tables: dict[str, int] = {}
        self._keys: dict[tuple[str, str], int] = {}
        table = ""
        for number, line in enumerate(text.splitlines(), start=1):
            if found := TABLE.match(line):
                table = found[1].strip()
                self._tables.setdefault(table, number)
            elif found := KEY.match(line):
                self._keys.setdefault((table, found[1]), number)

    def table(self, name: str) -> int:
        return self._tables.get(name, 0)

    def key(self, table: str, name: str) -> int:
        return self._keys.get((table, name), self.table(table))


def _is_of(value: object, kind: type) -> bool:
    if kind is tuple:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _said_type(kind: type) -> str:
    return {str: "a text", int: "a whole number", bool: "true or false", tuple: "a list of texts"}[kind]


def _bad(line: int, what: str, limit: str) -> Flaw:
    return Flaw(line=line, says=f"{what} cannot be used", remedy=f"write {limit}")


def _flawed(line: int, says: str, remedy: str) -> ChannelsText:
    return ChannelsText(flaws=(Flaw(line=line, says=says, remedy=remedy),))


def _line_of(flaw: Flaw) -> int:
    return flaw.line


def say_flaws(flaws: Sequence[Flaw]) -> str:
    """Return the first flaw in words, and how many more there are; empty for none."""
    more = f" (and {len(flaws) - 1} more)" if len(flaws) > 1 else ""
    return f"channels.toml, {flaws[0]}{more}" if flaws else ""
