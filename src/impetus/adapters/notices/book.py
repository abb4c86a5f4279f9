"""The channels of a home: `channels.toml` read anew when it changes, each channel opened with its secret.

Whatever is wrong with the file, or with one secret, becomes the fault that the page shows; then nothing goes out by it.
"""

# ruff: noqa: PLC0415 - a channel's libraries are loaded when one is opened: most processes open none

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from impetus.adapters.notices.channels_text import ChannelsText, Entry, read_channels, say_flaws
from impetus.adapters.notices.secrets import FOLDER, ChannelSecrets
from impetus.core.errors import ImpetusError
from impetus.ports import Chance, Clock, Keys
from impetus.ports.notices import Channel, Letter

if TYPE_CHECKING:
    import httpx

CHANNELS_FILE = "channels.toml"
MAILBOX_FILE = "mailbox.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What of an installation the channels need: its home, whose it is, where its pages are, and whether it is a demonstration."""

    home: Path
    tenant: str
    address: str
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read at one time."""

    stamp: str
    channels: Mapping[str, Channel]
    fault: str
    address: str


class FileChannels:
    """Fulfils `impetus.ports.notices.ChannelBook` over the file of a home."""

    def __init__(self, site: Site, keys: Keys, clock: Clock, chance: Chance) -> None:
        """Remember where to look; nothing is read yet."""
        self._site, self._clock, self._chance = site, clock, chance
        self._secrets = ChannelSecrets(site.home, keys)
        self._file, self._box = site.home / CHANNELS_FILE, site.home / MAILBOX_FILE
        self._lock = threading.Lock()
        self._kept: _Read | None = None
        self._watched: tuple[Path, ...] = ()

    def channels(self) -> Mapping[str, Channel]:
        """Return the channels by name, none while the file has a fault; one whose secret is missing is left out."""
        return self._now().channels

    def fault(self) -> str:
        """Return what is wrong, empty for nothing."""
        return self._now().fault

    def address(self) -> str:
        """Return where people reach the pages."""
        return self._now().address or self._site.address

    def letters(self) -> Sequence[Letter]:
        """Return what the demonstration's mailbox holds, newest first."""
        from impetus.adapters.notices.mailbox import read_letters

        return read_letters(self._box)

    def push_key(self) -> str:
        """Return the key browsers subscribe with, empty where no web push is configured."""
        if not any(way.kind == "web_push" for way in self.channels().values()):
            return ""
        from impetus.adapters.notices.web_push import WebPushChannel

        return next(way.public_key for way in self.channels().values() if isinstance(way, WebPushChannel))

    def _now(self) -> _Read:
        with self._lock:
            stamp = self._stamp()
            if self._kept is None or self._kept.stamp != stamp:
                self._kept = self._read(stamp)
            return self._kept

    def _stamp(self) -> str:
        """Return what changes when the file or a secret does; a push key made while reading changes it once."""
        folder = self._site.home / FOLDER
        names = [self._file, *self._watched, *(sorted(folder.iterdir()) if folder.is_dir() else ())]
        return "|".join(_stamp_of(name) for name in names)

    def _read(self, stamp: str) -> _Read:
        """Read the file and open every channel."""
        try:
            text = self._file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return _Read(stamp=stamp, channels={}, fault="", address="")
        except (OSError, UnicodeDecodeError) as error:
            return _Read(stamp=stamp, channels={}, fault=f"{CHANNELS_FILE} cannot be read: {error}", address="")
        said = read_channels(text, simulated=self._site.simulated)
        files = (entry.text("secret_file") for entry in said.entries)
        self._watched = tuple(self._site.home / name for name in files if name)
        opened, faults = self._opened(said)
        fault = say_flaws(said.flaws) or "; ".join(faults)
        return _Read(stamp=self._stamp(), channels=opened, fault=fault, address=said.address)

    def _opened(self, said: ChannelsText) -> tuple[Mapping[str, Channel], list[str]]:
        """Open every channel; one that cannot be is left out and said."""
        opened: dict[str, Channel] = {}
        faults: list[str] = []
        for entry in said.entries:
            try:
                opened[entry.name] = self._open(entry)
            except ImpetusError as error:
                faults.append(f"{CHANNELS_FILE}, line {entry.line}: {entry.name}: {error.detail}; {error.remedy}")
        return opened, faults

    def _open(self, entry: Entry) -> Channel:
        """Open one channel by its kind."""
        openers: Mapping[str, Callable[[Entry], Channel]] = {
            "smtp": self._open_smtp,
            "webhook": self._open_webhook,
            "matrix": self._open_matrix,
            "mattermost": self._open_mattermost,
            "web_push": self._open_web_push,
            "mailbox": self._open_mailbox,
        }
        return openers[entry.kind](entry)

    def _open_mailbox(self, entry: Entry) -> Channel:
        from impetus.adapters.notices.mailbox import MailboxChannel

        del entry
        return MailboxChannel(self._box)

    def _open_smtp(self, entry: Entry) -> Channel:
        from impetus.adapters.notices.smtp import MailServer, SmtpChannel

        port = entry.values.get("port", 587)
        server = MailServer(
            host=entry.text("host"),
            port=port if isinstance(port, int) else 587,
            security=entry.text("security", "starttls"),
            sender=entry.text("from"),
            user=entry.text("user"),
            secret=self._secrets.of(entry),
            ca_file=self._beside(entry.text("ca_file")),
        )
        return SmtpChannel(server, takes_exercises=_takes_exercises(entry))

    def _open_webhook(self, entry: Entry) -> Channel:
        from impetus.adapters.notices.webhook import WebhookChannel

        return WebhookChannel(
            entry.text("url"),
            self._secrets.of(entry),
            source=f"/impetus/{self._site.tenant}",
            way=self._way(entry),
            clock=self._clock,
            takes_exercises=_takes_exercises(entry),
        )

    def _open_matrix(self, entry: Entry) -> Channel:
        from impetus.adapters.notices.matrix import MatrixChannel

        return MatrixChannel(
            entry.text("server"),
            self._secrets.of(entry),
            way=self._way(entry),
            room=entry.text("room"),
            takes_exercises=_takes_exercises(entry),
        )

    def _open_mattermost(self, entry: Entry) -> Channel:
        from impetus.adapters.notices.mattermost import MattermostChannel

        return MattermostChannel(
            entry.text("server"),
            self._secrets.of(entry),
            way=self._way(entry),
            room=entry.text("room"),
            takes_exercises=_takes_exercises(entry),
        )

    def _open_web_push(self, entry: Entry) -> Channel:
        """Open web push with this channel's own key, made the first time; browsers subscribe to that key."""
        from cryptography.hazmat.primitives.asymmetric import ec

        from impetus.adapters.notices.web_push import WebPushChannel, key_of, text_of_key

        name = f"push-{entry.name}"[:31]
        if not self._secrets.known(name):
            self._secrets.keep(name, text_of_key(ec.generate_private_key(ec.SECP256R1())))
        services = entry.values.get("services", ())
        return WebPushChannel(
            services if isinstance(services, tuple) else (),
            key_of(self._secrets.sealed(name)),
            contact=entry.text("contact"),
            way=self._way(entry),
            clock=self._clock,
            chance=self._chance,
            takes_exercises=_takes_exercises(entry),
        )

    def _way(self, entry: Entry) -> "httpx.Client":
        from impetus.adapters.notices import http_way

        return http_way.client(self._beside(entry.text("ca_file")))

    def _beside(self, name: str) -> str:
        """Return a file named in the home's own words, empty for none."""
        return str(self._site.home / name) if name else ""


def _takes_exercises(entry: Entry) -> bool:
    return entry.values.get("exercises", False) is True


def _stamp_of(file: Path) -> str:
    """Return what changes when a file does, `-` for one that is not there."""
    try:
        found = file.stat()
    except OSError:
        return "-"
    return f"{file.name}.{found.st_mtime_ns}.{found.st_size}.{found.st_ino}.{found.st_mode}"
