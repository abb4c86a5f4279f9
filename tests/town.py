"""A web process in memory: the real app over the real desk, with adapters that keep nothing, and ways to come to it."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

from impetus.core.actor import Actor, Role
from impetus.core.alert import Alert, AlertState
from impetus.core.board import PartState, PartStatus, Quarantined, Rule
from impetus.core.finding import Certainty, Kind, Severity, Urgency
from impetus.core.ids import AlertId, DatastreamId, DatastreamKey, SourceId, ThingKey, ToolId
from impetus.core.observation import Datastream, Source
from impetus.core.place import Point
from impetus.core.text import Phrase
from impetus.desk import accounts, tokens
from impetus.desk.context import Desk
from impetus.settings import Settings
from impetus.testing.clock import SettableClock
from impetus.testing.desk import memory_desk
from impetus.web.app import create_app

NOW = datetime(2026, 11, 21, 13, 7, 32, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
ADDRESS = "http://127.0.0.1:8470"
CONSOLE = Actor(name="console", role=Role.ADMINISTRATOR)


@dataclass(slots=True)
class Town:
    """One installation under test, and ways to come to it."""

    desk: Desk
    settings: Settings
    app: FastAPI
    clients: list[TestClient] = field(default_factory=list)

    @property
    def clock(self) -> SettableClock:
        """Return the clock that the test sets."""
        assert isinstance(self.desk.clock, SettableClock)
        return self.desk.clock

    def visitor(self, address: str = ADDRESS) -> TestClient:
        """Return a browser that nobody has signed in with."""
        client = TestClient(self.app, base_url=address, follow_redirects=False, raise_server_exceptions=True)
        self.clients.append(client)
        return client

    def person(self, role: Role = Role.OPERATOR, name: str | None = None) -> TestClient:
        """Return a browser signed in as a fresh person of this role, with their own password."""
        name = name or f"{role}-{len(self.clients)}"
        once = accounts.add(self.desk, CONSOLE, name, role)
        client = self.visitor()
        assert enter(client, name, once.password).headers["location"] == "/sign-in/password"
        answer = post(client, "/sign-in/password", old=once.password, new=PASSWORD, again=PASSWORD)
        assert answer.status_code == 303, answer.text
        return client

    def program(self, *operations: str) -> TestClient:
        """Return a client with a service token for these operations."""
        _, secret = tokens.issue(self.desk, CONSOLE, "a program", operations)
        client = self.visitor()
        client.headers["authorization"] = f"Bearer {secret}"
        return client


def csrf_of(client: TestClient, page: str = "/sign-in/password") -> str:
    """Return the forgery token a page carries."""
    found = CSRF.search(client.get(page).text)
    assert found is not None, page
    return found[1]


def enter(client: TestClient, name: str, password: str, **more: str) -> Response:
    """Send the sign-in form."""
    return client.post(
        "/sign-in", data={"csrf": csrf_of(client, "/sign-in"), "name": name, "password": password, **more}
    )


def post(client: TestClient, path: str, **fields: object) -> Response:
    """Send a form with its token."""
    return client.post(path, data={"csrf": csrf_of(client), **fields})


def open_town(home: Path) -> Town:
    """Return an installation at 13:07:32 with nothing in it."""
    settings = Settings(home=home, site="Testby", simulated=True)
    desk = memory_desk(NOW)
    return Town(desk=desk, settings=settings, app=create_app(desk, settings))


def close_town(town: Town) -> None:
    """Give back what an installation holds."""
    town.app.state.web.hub.stop()
    for client in town.clients:
        client.close()
    town.desk.store.close()


def raise_alert(town: Town, headline: str = "{thing} above its norm", **changes: object) -> Alert:
    """Store an alert and announce it."""
    words: dict[str, Any] = {
        "id": AlertId(0),
        "fingerprint": headline,
        "content_hash": "c",
        "version": 0,
        "state": AlertState.NEW,
        "kind": Kind.ANOMALY,
        "tools": (ToolId("urban_anomaly"),),
        "subject": "zone:south",
        "headline": Phrase(template=headline, values={"thing": "Counter 4"}),
        "why": Phrase(template="2.9 against 1.1 to 1.6"),
        "severity": Severity.SEVERE,
        "urgency": Urgency.IMMEDIATE,
        "certainty": Certainty.LIKELY,
        "score": 0.9,
        "one_in": 900.0,
        "began": NOW,
        "last_at": NOW,
        "raised_at": town.clock.now(),
        "changed_at": town.clock.now(),
        "point": Point(lon=10.73, lat=59.91),
        "simulated": True,
        **changes,
    }
    with town.desk.store.write() as unit:
        alert = unit.alerts.add(Alert(**words))
        unit.outbox.add(NOW, "alert", str(alert.id), {"version": alert.version})
    return alert


def furnish(town: Town) -> None:
    """Put in a source, a refused record, a part and two alerts."""
    source = SourceId("square")
    counter = Datastream(
        id=DatastreamId(0),
        key=DatastreamKey("square/counter-4/people"),
        source=source,
        thing=ThingKey("square/counter-4"),
        thing_name="Counter 4",
        observed_property="people",
        unit="{people}",
    )
    late = Quarantined(
        id=0, source=source, at=NOW, rule=Rule.LATE, detail="2 days behind the newest", record=b'{"result": 3}'
    )
    tool = PartStatus(
        part=ToolId("urban_anomaly"),
        state=PartState.RUNNING,
        seen_at=NOW,
        started_at=NOW - timedelta(hours=2),
        rate_per_s=21.0,
        memory_mib=100.0,
        memory_limit_mib=512.0,
    )
    with town.desk.store.write() as unit:
        unit.sources.declare(Source(id=source, name="The square", kind="simulator", simulated=True), [counter])
        unit.sources.count(source, {Rule.ACCEPTED: 90, Rule.DUPLICATE: 4, Rule.LATE: 6}, NOW)
        unit.sources.quarantine([late])
        unit.parts.report(tool)
    raise_alert(town)
    raise_alert(town, "{thing} silent", severity=Severity.MINOR)
