"""Load for an installation under trial: readings in by HTTP, findings onto the bus, alerts out by server-sent events.

Each of the three remembers what it was promised: which readings were acknowledged, which findings were published, which
events it was shown. Like real senders and screens they come back after a lost connection and send again what was not
acknowledged.
"""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from impetus.adapters.arrow import encode
from impetus.core.evidence import Evidence
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import FindingKey, ToolId
from impetus.core.observation import Batch, to_us
from impetus.core.text import Phrase
from impetus.desk.context import FINDINGS
from impetus.ports import Bus, Codec
from impetus.settings import Settings

TOOL = ToolId("trial")
TICK_US = 1000
PAUSE_S = 0.02
FINDING_EVERY_S = 0.1
AGAIN_AFTER_S = 0.1


@dataclass(slots=True, kw_only=True)
class Feeder:
    """Sends one batch after the other, each until it is acknowledged; `acknowledged` holds the times of those."""

    settings: Settings
    token: str
    ids: Sequence[int]
    stop: threading.Event = field(default_factory=threading.Event)
    acknowledged: list[int] = field(default_factory=list)
    resent: int = 0

    def run(self) -> None:
        """Send until stopped; what is in flight at the end is sent to its end."""
        ids = np.asarray(self.ids, dtype=np.int64)
        time_us = to_us(datetime.now(UTC)) - 3600 * 1_000_000
        while not self.stop.is_set():
            time_us += TICK_US
            values = np.full(ids.size, float(time_us // TICK_US % 1000))
            body = encode(Batch(datastream=ids, time_us=np.full(ids.size, time_us, dtype=np.int64), result=values))
            while not self._post(body):
                self.resent += 1
                time.sleep(AGAIN_AFTER_S)
            self.acknowledged.append(time_us)
            time.sleep(PAUSE_S)

    def _post(self, body: bytes) -> bool:
        """Send once; true when acknowledged."""
        host, port = self.settings.ingest_address
        connection = http.client.HTTPConnection(host, port, timeout=5)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/vnd.apache.arrow.stream"}
        try:
            connection.request("POST", "/api/v1/observations", body=body, headers=headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return answer.status < http.client.MULTIPLE_CHOICES


@dataclass(slots=True, kw_only=True)
class Finder:
    """Publishes findings, each about something of its own, as a tool's host would."""

    bus: Bus
    codec: Codec
    stop: threading.Event = field(default_factory=threading.Event)
    published: list[FindingKey] = field(default_factory=list)

    def run(self) -> None:
        """Publish until stopped."""
        while not self.stop.wait(FINDING_EVERY_S):
            finding = _finding(len(self.published), datetime.now(UTC))
            evidence = Evidence(finding=finding.key, summary=finding.why)
            self.bus.publish(FINDINGS, [self.codec.encode_finding(finding, evidence)])
            self.published.append(finding.key)


def _finding(number: int, at: datetime) -> Finding:
    return Finding(
        key=FindingKey(f"trial:{number}"),
        tool=TOOL,
        kind=Kind.ANOMALY,
        subject=f"thing:trial/{number}",
        headline=Phrase(template="Trial {number}", values={"number": number}),
        why=Phrase(template="published under load"),
        began=at,
        noticed=at,
        severity=Severity.MINOR,
        urgency=Urgency.PAST,
        certainty=Certainty.OBSERVED,
        score=0.5,
        simulated=True,
    )


@dataclass(slots=True, kw_only=True)
class Screen:
    """A client of the event stream that resumes where it was cut off, and counts what it was shown."""

    settings: Settings
    token: str
    stop: threading.Event = field(default_factory=threading.Event)
    events: Counter[int] = field(default_factory=Counter)
    versions: Counter[tuple[str, int]] = field(default_factory=Counter)
    gaps: int = 0
    last_id: int = 0

    def run(self) -> None:
        """Read until stopped."""
        while not self.stop.is_set():
            try:
                self._read()
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(AGAIN_AFTER_S)

    def _read(self) -> None:
        """Read one connection to its end."""
        connection = http.client.HTTPConnection(self.settings.host, self.settings.port, timeout=8)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "text/event-stream",
            "Last-Event-ID": str(self.last_id),
        }
        connection.request("GET", "/api/v1/events", headers=headers)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise OSError(f"status {answer.status}")
        lines: list[bytes] = []
        while not self.stop.is_set() and (line := answer.readline()):
            if line.strip():
                lines.append(line)
            else:
                self._take(lines)
                lines = []
        connection.close()

    def _take(self, lines: Sequence[bytes]) -> None:
        """Take in one whole event; a cut one is not shown by a browser either."""
        words = dict(
            line.rstrip(b"\n").split(b": ", 1) for line in lines if b": " in line and not line.startswith(b":")
        )
        self.gaps += words.get(b"event") == b"gap"
        if b"id" not in words or b"data" not in words:
            return
        document = json.loads(words[b"data"])
        self.last_id = int(words[b"id"])
        self.events[self.last_id] += 1
        if document.get("kind") == "alert":
            self.versions[str(document["subject"]), int(document["facts"]["version"])] += 1
