"""The simulator: sends the square's readings through the same door as any sensor, as their own source with its own token.

At its first start it tells the last fortnight by the minute, so that the detector knows what is normal; then it lives,
sending each second what is due, never ahead of the clock. After a pause it fills the gap first. Everything it sends is
declared simulated, and screens say so. Where the folder `IMPETUS_DATA` (default `../shared/data`) holds recorded series, they
are played beside it as a second source.
"""

import http.client
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from impetus.adapters.series_files import Series, read_series
from impetus.core.actor import platform
from impetus.core.errors import ImpetusError, NotNow, OurFault, Stopped
from impetus.core.observation import US_PER_S, Batch, concatenate, empty_batch, to_us
from impetus.demo import recorded
from impetus.demo.generator import Square
from impetus.demo.recorded import Played
from impetus.demo.script import Script
from impetus.demo.streams import CADENCE_S, SOURCE, declaration, streams
from impetus.desk.context import Desk
from impetus.desk.declare_source import declare, read_document
from impetus.run.heartbeat import Heart
from impetus.run.source_tokens import fresh_token
from impetus.settings import Settings
from impetus.wiring import open_desk

DATA_FOLDER, DEFAULT_DATA = "IMPETUS_DATA", "../shared/data"
STATE_FILE = "simulator.json"
TOKEN_NAME = "simulator"  # noqa: S105 - the name of a token, not its secret
PAST_DAYS = 14
"""Days told before life begins: two of each day of the week, which the detector's memory asks for. House rule."""
PAST_EVERY_S = 60
PIECE_S = 6 * 3600
"""Seconds of the past sent at once: about 20,000 readings, a fraction of a second of the ingest's work."""
SEED = 7
GAP_WORTH_FILLING_S = 30
ANSWER_WITHIN_S = 20.0
PATIENCE_S = 0.5
STOPPED_TYPE = b"urn:impetus:problem:Stopped"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The ingest's HTTP door, with the source's token."""

    host: str
    port: int
    token: str

    def send(self, body: bytes) -> None:
        """Send an Arrow stream of readings.

        `NotNow` when the door is closed or asks to wait, `Stopped` when a person stopped the source, `OurFault` when it is
        refused otherwise.
        """
        connection = http.client.HTTPConnection(self.host, self.port, timeout=ANSWER_WITHIN_S)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/vnd.apache.arrow.stream",
        }
        try:
            connection.request("POST", "/api/v1/observations", body=body, headers=headers)
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NotNow(f"the ingest does not answer: {error}", retry_after_s=PATIENCE_S) from error
        finally:
            connection.close()
        if answer.status in {http.client.TOO_MANY_REQUESTS, http.client.SERVICE_UNAVAILABLE}:
            raise NotNow("the ingest asks to wait", retry_after_s=PATIENCE_S)
        if answer.status == http.client.FORBIDDEN and STOPPED_TYPE in said:
            raise Stopped("a person stopped this source", rule="kill switch", remedy="a named person lifts it")
        if answer.status >= http.client.BAD_REQUEST:
            raise OurFault(f"the ingest refused simulated readings: {answer.status}", value=said[:500])


class Feed(Protocol):
    """What has readings for every moment: the square, or recorded series."""

    def readings(self, since_us: int, until_us: int, *, every_s: int = CADENCE_S) -> Batch:
        """Return every reading with `since < time <= until`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Recorded series as a feed; their own cadence stands."""

    played: Sequence[Played]

    def readings(self, since_us: int, until_us: int, *, every_s: int = CADENCE_S) -> Batch:  # noqa: ARG002 - the protocol's
        """Return every reading with `since < time <= until`."""
        return concatenate([each.readings(since_us, until_us) for each in self.played])


class Simulator:
    """The square's life on one installation."""

    def __init__(self, desk: Desk, settings: Settings, heart: Heart, *, recordings: Path) -> None:
        """Declare the sources and take a token for each; the tokens of the last start are revoked."""
        self._desk, self._settings, self._heart = desk, settings, heart
        self._file = settings.home / STATE_FILE
        self._speed = speed_of(settings)
        self._zone = ZoneInfo(settings.timezone)
        declared = declare(desk, platform(TOKEN_NAME), read_document(declaration()))
        self._ids = {str(datastream.key): int(datastream.id) for datastream in declared}
        self._square_door = self._door(SOURCE)
        self._recorded = _recorded(desk, recordings)
        self._recorded_door = self._door(recorded.SOURCE) if self._recorded.played else None
        self._through_us = _read_state(self._file)

    def run(self) -> None:
        """Tell the past, then live until told to stop."""
        self._tell_past()
        began_us = self._now_us()
        square = self._square(Script(begin_us=began_us, speed=self._speed))
        self._through_us = max(self._through_us, began_us - US_PER_S)
        while not self._heart.stopping.is_set():
            sent = self._send(square, self._through_us, self._now_us(), CADENCE_S)
            if sent is not None:
                self._heart.beat(rate_per_s=float(sent), note="simulated input")
            self._heart.stopping.wait(1.0 - (self._desk.clock.monotonic_s() % 1.0))

    def _tell_past(self) -> None:
        """Send what is missing up to now, piece by piece, oldest first."""
        end_us = self._now_us()
        start_us = max(self._through_us, end_us - PAST_DAYS * 86_400 * US_PER_S)
        if end_us - start_us < GAP_WORTH_FILLING_S * US_PER_S:
            return
        square, since_us = self._square(Script()), start_us
        while since_us < end_us and not self._heart.stopping.is_set():
            until_us = min(since_us + PIECE_S * US_PER_S, end_us)
            sent = self._send(square, since_us, until_us, PAST_EVERY_S)
            if sent is not None:
                since_us = until_us
                share = (since_us - start_us) / (end_us - start_us)
                self._heart.beat(rate_per_s=float(sent), note=f"telling the last fortnight: {share:.0%}")

    def _send(self, square: Square, since_us: int, until_us: int, every_s: int) -> int | None:
        """Send what belongs to this time and remember that it was; None when told to stop before it was acknowledged."""
        sent = 0
        feeds: list[tuple[Feed, Door | None]] = [(square, self._square_door), (self._recorded, self._recorded_door)]
        for feed, door in feeds:
            batch = feed.readings(since_us, until_us, every_s=every_s) if door else empty_batch()
            if door and len(batch) and not self._deliver(door, self._desk.columns.encode(batch)):
                return None
            sent += len(batch)
        self._through_us = until_us
        _write_state(self._file, until_us)
        return sent

    def _deliver(self, door: Door, body: bytes) -> bool:
        """Send a body until it is acknowledged; false when told to stop first."""
        while not self._heart.stopping.is_set():
            try:
                door.send(body)
            except NotNow as error:
                self._heart.beat(note=error.detail)
                self._heart.stopping.wait(error.retry_after_s)
            except Stopped:
                self._heart.beat(note="stopped by a person; what it would have sent is dropped")
                return True
            else:
                return True
        return False

    def _door(self, source: str) -> Door:
        host, port = self._settings.ingest_address
        return Door(host=host, port=port, token=fresh_token(self._desk, TOKEN_NAME, source))

    def _square(self, script: Script) -> Square:
        return Square(seed=SEED, zone=self._zone, script=script, streams=streams(), ids=self._ids)

    def _now_us(self) -> int:
        return to_us(self._desk.clock.now())


def run(settings: Settings, heart: Heart) -> None:
    """Simulate the square until told to stop."""
    desk = open_desk(settings)
    try:
        heart.beat(note="declaring the square")
        Simulator(desk, settings, heart, recordings=Path(os.environ.get(DATA_FOLDER, DEFAULT_DATA))).run()
    finally:
        desk.close()


def speed_of(settings: Settings) -> float:
    """Return how fast the scenario plays; 1 unless the installation says otherwise."""
    speed = settings.tool_settings.get("simulator", {}).get("speed", 1.0)
    return float(speed) if isinstance(speed, int | float) and speed > 0 else 1.0


def _recorded(desk: Desk, folder: Path) -> Recorded:
    """Read and declare the recordings that are there; one that cannot be read is logged and left out."""
    found: list[tuple[recorded.Recording, Series]] = []
    for recording in recorded.RECORDINGS:
        if (folder / recording.file).is_file():
            try:
                found.append((recording, read_series(folder / recording.file).series[0]))
            except (ImpetusError, IndexError, OSError):
                log.exception("%s is left out", recording.file)
    if not found:
        return Recorded(played=())
    document = recorded.declaration([recording for recording, _ in found])
    declared = declare(desk, platform(TOKEN_NAME), read_document(document))
    return Recorded(
        played=[
            Played(datastream=int(datastream.id), time_us=series.time_us, result=series.result)
            for datastream, (_, series) in zip(declared, found, strict=True)
        ]
    )


def _read_state(file: Path) -> int:
    """Return through when readings were acknowledged, 0 when nothing says so."""
    try:
        return int(json.loads(file.read_text(encoding="ascii"))["through_us"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _write_state(file: Path, through_us: int) -> None:
    """Keep it; losing it costs resent readings, which the ingest drops as duplicates."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps({"through_us": through_us}), encoding="ascii")
    fresh.replace(file)
