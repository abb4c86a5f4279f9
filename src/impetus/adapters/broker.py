"""Where an MQTT broker is and as whom we come, read from an address; no client of MQTT is loaded for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from impetus.core.errors import Misconfigured

OPTIONS: Final = frozenset({"password_file", "cafile", "client_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where the broker is and as whom we come. The password is shown nowhere."""

    host: str
    port: int
    user: str
    password: str
    tls: bool = False
    cafile: str | None = None
    client_id: str = "impetus-ingest"

    def __repr__(self) -> str:
        """Return the address without the password."""
        return f"mqtt{'s' if self.tls else ''}://{self.user}@{self.host}:{self.port}"


def read_broker(url: str) -> Broker:
    """Read `mqtt[s]://user:password@host:port?password_file=FILE&cafile=FILE&client_id=NAME`.

    `mqtts` is TLS, checked against the system's authorities or `cafile`. A broker without user is not used: anybody who can
    reach it could speak for every sensor. `Misconfigured` names what is wrong.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Misconfigured(
            f"mqtt_url cannot be read: {error}", limit="mqtt[s]://user@host:port", remedy="mend it"
        ) from error
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname or options.keys() - OPTIONS:
        raise Misconfigured(
            "mqtt_url cannot be read",
            value=f"{parts.scheme}://{parts.hostname}, options {sorted(options)}",
            limit=f"mqtt[s]://user@host:port, options {', '.join(sorted(OPTIONS))}",
            remedy="mend it",
        )
    if not parts.username:
        raise Misconfigured(
            "mqtt_url names no user", limit="a user the broker knows", remedy="add one: mqtt://user@host"
        )
    tls = parts.scheme == "mqtts"
    return Broker(
        host=parts.hostname,
        port=port or (8883 if tls else 1883),
        user=unquote(parts.username),
        password=_password(unquote(parts.password or ""), options.get("password_file")),
        tls=tls,
        cafile=options.get("cafile"),
        client_id=options.get("client_id", "impetus-ingest"),
    )


def _password(given: str, file: str | None) -> str:
    """Return the password of the URL, or the first line of the file."""
    if file is None:
        return given
    try:
        return Path(file).read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            f"password_file cannot be read: {error}", value=file, remedy="make it readable for us"
        ) from error
