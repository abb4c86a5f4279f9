"""What tests of the web may ask for: an empty installation, a furnished one, and alerts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from impetus.core.alert import Alert, AlertState
from impetus.core.board import PartState, PartStatus, Quarantined, Rule
from impetus.core.finding import Certainty, Kind, Severity, Urgency
from impetus.core.ids import AlertId, DatastreamId, DatastreamKey, SourceId, ThingKey, ToolId
from impetus.core.observation import Datastream, Source
from impetus.core.place import Point
from impetus.core.text import Phrase
from impetus.settings import Settings
from impetus.testing.desk import memory_desk
from impetus.web.app import create_app
from town import NOW, Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Return an installation at 13:07:32 with nothing in it."""
    settings = Settings(home=tmp_path, site="Testby", simulated=True)
    desk = memory_desk(NOW)
    town = Town(desk=desk, settings=settings, app=create_app(desk, settings))
    yield town
    town.app.state.web.hub.stop()
    for client in town.clients:
        client.close()
    desk.store.close()


@pytest.fixture
def raised(town: Town) -> Callable[..., Alert]:
    """Return a way to store an alert."""

    def add(headline: str = "{thing} above its norm", **changes: object) -> Alert:
        count = len(town.clients)
        words = {
            "id": AlertId(0),
            "fingerprint": f"f{count}{headline}",
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

    return add


@pytest.fixture
def furnished(town: Town, raised: Callable[..., Alert]) -> Town:
    """Return an installation with a source, refused records, parts and alerts."""
    source = SourceId("square")
    with town.desk.store.write() as unit:
        unit.sources.declare(
            Source(id=source, name="The square", kind="simulator", simulated=True),
            [
                Datastream(
                    id=DatastreamId(0),
                    key=DatastreamKey("square/counter-4/people"),
                    source=source,
                    thing=ThingKey("square/counter-4"),
                    thing_name="Counter 4",
                    observed_property="people",
                    unit="{people}",
                )
            ],
        )
        unit.sources.count(source, {Rule.ACCEPTED: 90, Rule.DUPLICATE: 4, Rule.LATE: 6}, NOW)
        unit.sources.quarantine(
            [
                Quarantined(
                    id=0,
                    source=source,
                    at=NOW,
                    rule=Rule.LATE,
                    detail="2 days behind the newest",
                    record=b'{"result": 3}',
                )
            ]
        )
        unit.parts.report(
            PartStatus(
                part=ToolId("urban_anomaly"),
                state=PartState.RUNNING,
                seen_at=NOW,
                started_at=NOW - timedelta(hours=2),
                rate_per_s=21.0,
                memory_mib=100.0,
                memory_limit_mib=512.0,
            )
        )
    raised()
    raised("{thing} silent", severity=Severity.MINOR)
    return town
