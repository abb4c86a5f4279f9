"""Settings of one installation, read from `impetus.toml` in its home; unknown or out-of-range values are refused.

Home: `impetus.toml`, `register.toml`, `place.geojson`, `key`, `state.sqlite3`, `bus/`, `history/`, `blobs/`, `tools/`, `log/`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path

from impetus.core.errors import Misconfigured
from impetus.ethics.retention import Keep

SETTINGS_FILE = "impetus.toml"
LANGUAGES = ("en", "nb", "it")
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, with its unit, range, default and reason.

    `site`: name shown on every page. `host`: address the web and ingest listen on; loopback until a city decides
    otherwise. `hosts`: names under which people reach the web beyond `host` and loopback, for instance behind a TLS
    proxy; other names are refused. `port`: web, 1..65535. `ingest_port`: readings, 0 means `port + 1`. `language`: en,
    nb, it.
    `timezone`: IANA name used for "time of day" and display. `tools`: tools switched on. `basemap`: PMTiles file or
    empty. `mqtt_url`: broker to subscribe to, empty for none. `bus_limit_mib`: bound of each topic, 16..1,048,576.
    `observations_days`, `alerts_days`, `evidence_days`, `quarantine_days`: retention, 1..3650 days, as are
    `incidents_days` after an incident was closed, `accounts_days` after an account was disabled, `backups_days`, and
    `text_logs_days`, 1..365, of the parts' own logs. `access_days`: how
    long the log's entries can be opened, 180..3650 days; `log_days`: how long the log keeps them, 365..36,500 days.
    `log_witnesses`: who is shown its checkpoints, `file:/path`, `https://...`, `syslog:host:port`. `late_s`,
    `future_s`: ingest rules. `simulated`: run the simulator, and say on every page that readings are simulated.
    `exercise`: let signatures of an exercise clear tools, and say so on every page; implied by `simulated`.
    `tool_settings`: per tool.
    """

    home: Path
    site: str = "Impetus"
    host: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()
    port: int = 8470
    ingest_port: int = 0
    language: str = "en"
    timezone: str = "UTC"
    tools: tuple[str, ...] = ("urban_anomaly", "fusion")
    basemap: str = ""
    mqtt_url: str = ""
    bus_limit_mib: int = 1024
    observations_days: int = 30
    alerts_days: int = 180
    evidence_days: int = 180
    quarantine_days: int = 14
    access_days: int = 365
    log_days: int = 3650
    incidents_days: int = 1825
    accounts_days: int = 1825
    text_logs_days: int = 14
    backups_days: int = 35
    log_witnesses: tuple[str, ...] = ()
    late_s: float = 86_400.0
    future_s: float = 300.0
    simulated: bool = False
    exercise: bool = False
    tool_settings: Mapping[str, Mapping[str, str | int | float | bool]] = field(default_factory=dict)

    @property
    def ingest_address(self) -> tuple[str, int]:
        """Return host and port of the ingest."""
        return self.host, self.ingest_port or self.port + 1

    @property
    def tenant(self) -> str:
        """Return whose installation this is: the site's name as a slug; one installation serves one tenant."""
        return re.sub(r"[^a-z0-9]+", "-", self.site.casefold()).strip("-") or "city"

    @property
    def is_exercise(self) -> bool:
        """Say whether this is an exercise: input is simulated, or the settings say so."""
        return self.simulated or self.exercise

    @property
    def register_file(self) -> Path:
        """Return where the city's part of the register lies."""
        return self.home / "register.toml"

    @property
    def log_tiles(self) -> Path:
        """Return where the tamper-evident log lies."""
        return self.home / "log-tiles"

    @property
    def place_file(self) -> Path:
        """Return where the plan of the place lies."""
        return self.home / "place.geojson"


RANGES: Mapping[str, tuple[float, float]] = {
    "port": (1, 65_535),
    "ingest_port": (0, 65_535),
    "bus_limit_mib": (16, 1_048_576),
    "observations_days": (1, 3650),
    "alerts_days": (1, 3650),
    "evidence_days": (1, 3650),
    "quarantine_days": (1, 3650),
    "access_days": (180, 3650),
    "log_days": (365, 36_500),
    "incidents_days": (1, 3650),
    "accounts_days": (1, 3650),
    "text_logs_days": (1, 365),
    "backups_days": (1, 3650),
    "late_s": (0, 366 * 86_400),
    "future_s": (0, 86_400),
}


def read_settings(home: Path) -> Settings:
    """Read `impetus.toml` under home, defaults when there is none; `Misconfigured` names key, value, range and remedy."""
    file = home / SETTINGS_FILE
    if not file.exists():
        return Settings(home=home)
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file} is not TOML: {error}", value=str(file), remedy="mend the syntax") from error
    return settings_from(document, home)


def settings_from(document: Mapping[str, object], home: Path) -> Settings:
    """Check a parsed document and build the settings."""
    known = {item.name: item for item in fields(Settings) if item.name != "home"}
    values: dict[str, object] = {}
    for name, value in document.items():
        if name not in known:
            raise Misconfigured(
                f"unknown setting {name}",
                value=name,
                limit=", ".join(sorted(known)),
                remedy="remove it or mend its name",
            )
        values[name] = _checked(name, value, getattr(Settings(home=home), name))
    settings = Settings(home=home, **values)  # type: ignore[arg-type]  # each value has the type of its default, see _checked
    if settings.language not in LANGUAGES:
        raise Misconfigured(
            f"language is {settings.language!r}",
            value=settings.language,
            limit=", ".join(LANGUAGES),
            remedy="choose one",
        )
    return settings


def override(settings: Settings, port: int | None, host: str | None) -> Settings:
    """Return the settings with what the command line says instead; `Misconfigured` for a port out of range."""
    fresh_port = settings.port if port is None else int(str(_checked("port", port, settings.port)))
    return replace(settings, port=fresh_port, host=settings.host if host is None else host)


def _checked(name: str, value: object, default: object) -> object:
    """Return the value in the type of its default, within its range."""
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(default):
        raise Misconfigured(
            f"setting {name} is {value!r}", value=value, limit=type(default).__name__, remedy="use a value of this type"
        )
    if name in RANGES and isinstance(value, int | float):
        lowest, highest = RANGES[name]
        if not lowest <= value <= highest:
            raise Misconfigured(
                f"setting {name} is {value}",
                value=value,
                limit=f"{lowest:g}..{highest:g}",
                remedy="choose a value in range",
            )
    return value


def keep_of(settings: Settings) -> Keep:
    """Return how long each kind is kept by these settings."""
    return Keep(
        observations=timedelta(days=settings.observations_days),
        alerts=timedelta(days=settings.alerts_days),
        evidence=timedelta(days=settings.evidence_days),
        quarantine=timedelta(days=settings.quarantine_days),
        incidents=timedelta(days=settings.incidents_days),
        accounts=timedelta(days=settings.accounts_days),
        openings=timedelta(days=settings.access_days),
        log=timedelta(days=settings.log_days),
        text_logs=timedelta(days=settings.text_logs_days),
        backups=timedelta(days=settings.backups_days),
    )
