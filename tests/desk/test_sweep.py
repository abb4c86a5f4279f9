"""Retention erases what is due and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from impetus.core.actor import Actor, Role, platform
from impetus.core.alert import Alert, AlertState
from impetus.core.board import Quarantined, Rule
from impetus.core.errors import Refused, Unknown
from impetus.core.evidence import EvidenceRecord
from impetus.core.finding import Certainty, Kind, Severity, Urgency
from impetus.core.ids import AlertId, DatastreamId, EvidenceId, FindingKey, Offset, SourceId, ToolId
from impetus.core.observation import Source, batch_of, to_us
from impetus.core.text import Phrase
from impetus.desk import erasers as module
from impetus.desk.context import FINDINGS, OBSERVATIONS, Desk
from impetus.desk.sweep import Keep, SweepReport, sweep
from impetus.testing.desk import clock_of, memory_desk

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEEPER = platform("keeper")
DAY = timedelta(days=1)
KEEP = Keep(observations=10 * DAY, alerts=20 * DAY, evidence=15 * DAY, quarantine=5 * DAY)
ALERT = Alert(
    id=AlertId(0),
    fingerprint="f",
    content_hash="h",
    version=0,
    state=AlertState.CLOSED,
    kind=Kind.ANOMALY,
    tools=(ToolId("urban_anomaly"),),
    subject="thing:a/b",
    headline=Phrase(template="x"),
    why=Phrase(template="y"),
    severity=Severity.MINOR,
    urgency=Urgency.PAST,
    certainty=Certainty.LIKELY,
    score=0.5,
    one_in=None,
    began=AT,
    last_at=AT,
    raised_at=AT,
    changed_at=AT,
)


@pytest.fixture
def desk() -> Desk:
    """Give a desk on which something of every kind was stored at `AT`."""
    desk = memory_desk(AT)
    for retention, datastream in (("observations", 1), ("short", 2)):
        desk.history.append(batch_of([datastream], [to_us(AT)], [1.0]), retention, through=Offset(1))
    desk.history.flush()
    desk.bus.publish(OBSERVATIONS, [b"o"])
    desk.bus.publish(FINDINGS, [b"f"])
    for name in ("named", "left-behind"):
        desk.blobs.put(name, b"evidence")
    with desk.store.write() as unit:
        unit.sources.declare(Source(id=SourceId("s"), name="S", kind="http"), ())
        unit.sources.quarantine(
            [Quarantined(id=0, source=SourceId("s"), at=AT, rule=Rule.LATE, detail="late", record=b"r")]
        )
        unit.evidence.add(
            EvidenceRecord(
                id=EvidenceId("named"), finding=FindingKey("k"), media_type="application/json", bytes_=8, stored_at=AT
            )
        )
        unit.alerts.add(replace(ALERT, evidence=(EvidenceId("named"),)))
        unit.alerts.add(replace(ALERT, fingerprint="g", state=AlertState.NEW))
    return desk


def later(desk: Desk, days: float) -> SweepReport:
    """Sweep so many days after everything was stored."""
    clock_of(desk).set(AT + timedelta(days=days))
    return sweep(desk, KEEPER, KEEP)


def test_nothing_is_erased_before_its_time(desk: Desk) -> None:
    """A sweep on the day of storing erases nothing and says so."""
    report = later(desk, 1)

    assert (report.erased, report.is_complete) == (0, True)


def test_readings_of_every_class_go_by_whole_days(desk: Desk) -> None:
    """Ten days are kept, so the day goes when it ended ten days ago; no class is forgotten."""
    early, report = later(desk, 10.4), later(desk, 10.6)

    assert (early.messages, early.gone("observations")) == (1, 0)
    assert report.gone("observations") == 2
    assert len(desk.history.read([DatastreamId(1), DatastreamId(2)], AT - DAY, AT + DAY)) == 0


def test_refused_records_go(desk: Desk) -> None:
    """The quarantine is kept for five days."""
    assert later(desk, 5.1).gone("quarantine") == 1
    with desk.store.read() as unit:
        assert unit.sources.quarantined().items == ()


def test_evidence_goes_with_its_bytes_and_what_was_left_behind(desk: Desk) -> None:
    """Rows and blobs go together; a blob that no row names goes by its age."""
    reports = [later(desk, 15.1), later(desk, 15.1)]

    assert [report.gone("evidence") for report in reports] == [2, 0]
    assert list(desk.blobs.names()) == []
    with desk.store.read() as unit, pytest.raises(Unknown):
        unit.evidence.get(EvidenceId("named"))


def test_closed_alerts_go_and_open_ones_stay(desk: Desk) -> None:
    """Somebody still has to look at what is open, however old."""
    report = later(desk, 20.1)

    assert (report.gone("alerts"), desk.bus.status(FINDINGS).last) == (1, 0)
    with desk.store.read() as unit:
        assert unit.alerts.count_open()[AlertState.NEW] == 1


def test_an_erased_alert_takes_its_evidence_along(desk: Desk) -> None:
    """Evidence kept longer than alerts does not outlive its alert."""
    clock_of(desk).set(AT + 21 * DAY)
    sweep(desk, KEEPER, replace(KEEP, evidence=400 * DAY))

    assert list(desk.blobs.names()) == ["left-behind"]


def test_a_sweep_erases_a_piece_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With more due than a piece the report says that there is more, until there is not."""
    monkeypatch.setattr(module, "CHUNK", 2)
    with desk.store.write() as unit:
        for number in range(4):
            unit.alerts.add(replace(ALERT, fingerprint=str(number)))

    reports = [later(desk, 21) for _ in range(3)]

    assert [(report.gone("alerts"), report.is_complete) for report in reports] == [(2, False), (2, False), (1, True)]


def test_horizons_before_the_epoch_erase_nothing(desk: Desk) -> None:
    """Retention longer than time itself is no error."""
    century = 100 * 365 * DAY
    keep = Keep(observations=century, alerts=century, evidence=century, quarantine=century)

    assert sweep(desk, KEEPER, keep).erased == 0


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMINISTRATOR, Role.DPO])
def test_nobody_else_may_sweep(desk: Desk, role: Role) -> None:
    """Retention is the platform's own act; people change the settings."""
    with pytest.raises(Refused):
        sweep(desk, Actor(name="a", role=role), KEEP)
