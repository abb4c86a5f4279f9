"""Holds: placed by a person for a reason until a date, extended by a new act, lifted, seen before they end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.samples import AT, fuse, person, seen
from impetus.core.actor import Actor, Role, platform
from impetus.core.alert import Verdict
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.ids import AlertId, DatastreamId, DatastreamKey, Offset, SourceId, ThingKey
from impetus.core.observation import Datastream, Source, batch_of, to_us
from impetus.core.retention import Hold
from impetus.desk import erasers, holds, triage
from impetus.desk.context import Desk
from impetus.desk.retention_reading import retention_view
from impetus.desk.sweep import Keep, SweepReport, sweep
from impetus.ports.ethics import Logged
from impetus.testing.desk import clock_of, memory_desk

DAY = timedelta(days=1)
KEEP = Keep(
    observations=10 * DAY,
    alerts=20 * DAY,
    evidence=15 * DAY,
    quarantine=5 * DAY,
    incidents=40 * DAY,
    accounts=400 * DAY,
)
DORA = Actor(name="dora", role=Role.DPO)
KEEPER = platform("keeper")
YEAR = AT + 365 * DAY


@pytest.fixture
def desk() -> Desk:
    """Give a desk with two closed alerts and readings of two datastreams."""
    desk = memory_desk(AT)
    ada = person(desk, "ada", Role.OPERATOR)
    for number, key in enumerate(("a", "b"), 1):
        fuse(desk, seen(key, subject=f"zone:{key}"))
        triage.assess(desk, ada, AlertId(number), verdict=Verdict.BENIGN)
        triage.close(desk, ada, AlertId(number))
    with desk.store.write() as unit:
        for source in ("square", "quay"):
            stream = Datastream(
                id=DatastreamId(0),
                key=DatastreamKey(f"{source}/t/p"),
                source=SourceId(source),
                thing=ThingKey(f"{source}/t"),
                thing_name="T",
                observed_property="p",
                unit="1",
            )
            unit.sources.declare(Source(id=SourceId(source), name=source, kind="http"), [stream])
    desk.history.append(batch_of([1, 2], [to_us(AT)] * 2, [1.0, 2.0]), "observations", through=Offset(1))
    desk.history.flush()
    return desk


def after(desk: Desk, days: float) -> SweepReport:
    """Sweep until nothing is left, so many days later, and return the last report."""
    clock_of(desk).set(AT + days * DAY)
    while not (report := sweep(desk, KEEPER, KEEP)).is_complete:
        pass
    return report


def span() -> str:
    """Return the hour around the readings."""
    return f"{(AT - timedelta(hours=1)).isoformat()}/{(AT + timedelta(hours=1)).isoformat()}"


def ids(desk: Desk) -> list[int]:
    """Return the alerts there still are."""
    with desk.store.read() as unit:
        found = []
        for number in (1, 2):
            try:
                found.append(int(unit.alerts.get(AlertId(number)).id))
            except Unknown:
                continue
    return found


def test_a_held_alert_and_its_evidence_outlive_their_time(desk: Desk) -> None:
    """The other one goes; figures say what is held."""
    holds.place(desk, DORA, "alert:2", YEAR, "a claim")
    report = after(desk, 30)
    assert ids(desk) == [2]
    assert (report.pieces["alerts"].held, report.pieces["evidence"].held) == (1, 1)
    assert len(desk.blobs.names()) == 1
    with desk.store.read() as unit:
        [run] = [run for run in unit.retention_runs.newest() if run.gone]
    assert (run.by_store["alerts.due"], run.by_store["alerts.gone"], run.by_store["alerts.held"]) == (2, 1, 1)


def test_a_lifted_hold_lets_go_at_the_next_run(desk: Desk) -> None:
    """And so does one whose end has come."""
    placed = holds.place(desk, DORA, "alert:2", YEAR, "a claim")
    holds.place(desk, DORA, "alert:1", AT + 50 * DAY, "a claim")
    after(desk, 30)
    holds.lift(desk, DORA, placed.id, "settled")
    after(desk, 31)
    assert ids(desk) == [1]
    after(desk, 51)
    assert ids(desk) == []


def test_held_readings_stay_in_a_day_whose_rest_goes(desk: Desk) -> None:
    """A hold on one source keeps its rows of the day, and only these."""
    holds.place(desk, DORA, f"source:quay@{span()}", YEAR, "a claim")
    report = after(desk, 30)
    left = desk.history.read([DatastreamId(1), DatastreamId(2)], AT - DAY, AT + DAY)
    assert left.result.tolist() == [2.0]
    assert report.pieces["observations"].held == 1


def test_an_alert_reopened_or_held_while_it_is_being_erased_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hold placed between looking and erasing wins: the unit that erases looks again."""
    clock_of(desk).set(AT + 30 * DAY)
    genuine = holds.cover_now
    calls = []

    def place_in_between(unit: object, at: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            unit.holds.add(  # type: ignore[attr-defined]  # a unit of the store
                Hold(id=0, subject="alert:1", owner="dora", why="claim", placed_at=AT, until=YEAR)
            )
        return genuine(unit, at)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(erasers, "cover_now", place_in_between)
    report = sweep(desk, KEEPER, KEEP)
    assert report.pieces["alerts"].gone == 0
    assert not report.is_complete
    monkeypatch.undo()
    after(desk, 30)
    assert ids(desk) == [1]


def test_a_hold_is_extended_by_a_new_act(desk: Desk) -> None:
    """The first runs out; the second, with its own owner and reason, goes on."""
    first = holds.place(desk, DORA, "alert:1", AT + 25 * DAY, "a claim")
    sol = Actor(name="sol", role=Role.SUPERVISOR)
    second = holds.extend(desk, sol, first.id, AT + 60 * DAY, "the court asked")
    assert (second.extends, second.owner, second.subject) == (first.id, "sol", "alert:1")
    after(desk, 30)
    assert ids(desk) == [1]
    with pytest.raises(Conflict, match="has ended"):
        holds.extend(desk, DORA, first.id, YEAR, "again")


def test_holds_that_run_out_are_seen_before_they_do(desk: Desk) -> None:
    """Two weeks ahead, the first to end first; the page lists them."""
    for number, days in ((1, 5), (2, 300)):
        holds.place(desk, DORA, f"alert:{number}", AT + days * DAY, "a claim")
    assert [hold.subject for hold in holds.standing(desk, DORA)] == ["alert:1", "alert:2"]
    assert [hold.subject for hold in holds.running_out(desk, DORA)] == ["alert:1"]
    view = retention_view(desk, DORA, KEEP)
    assert [hold.subject for hold in view.running_out] == ["alert:1"]
    assert len(view.holds) == 2


def test_the_view_says_what_is_kept_and_what_went(desk: Desk) -> None:
    """Classes with what is held, runs with their figures, counts that stay, and when the next run is."""
    holds.place(desk, DORA, "alert:2", YEAR, "a claim")
    after(desk, 30)
    view = retention_view(desk, DORA, KEEP)
    rows = {row.name: row for row in view.classes}
    assert rows["alerts"].held == 1
    assert rows["alerts"].period == KEEP.alerts
    assert view.runs[0].digest
    assert view.next_at == view.runs[0].ended_at + timedelta(hours=1)  # type: ignore[operator]  # the run is over
    assert view.counts == ((f"{AT:%Y-%m}", "alerts: urban_anomaly: benign", 1),)
    assert view.proof is None


def test_a_run_is_found_in_the_log_by_its_hash(desk: Desk) -> None:
    """Once its line is an entry; a line with another hash is another report's."""
    after(desk, 30)
    [record] = [one for one in desk.journal.records if one.act == "retention.run"][-1:]  # type: ignore[attr-defined]  # the journal in memory
    assert retention_view(desk, DORA, KEEP).runs[0].log_index is None
    other = replace(record, facts={**record.facts, "digest": "another"})
    with desk.store.write() as unit:
        unit.accesses.start_at(41)
        unit.accesses.add([Logged(index=41, record=record, salts=bytes(48))])
    assert retention_view(desk, DORA, KEEP).runs[0].log_index == 41
    with desk.store.write() as unit:
        unit.accesses.add([Logged(index=42, record=other, salts=bytes(48))])
    assert retention_view(desk, DORA, KEEP).runs[0].log_index is None


@pytest.mark.parametrize(
    ("subject", "error", "why"),
    [
        ("alert:99", Unknown, "no alert 99"),
        ("incident:99", Unknown, "no incident 99"),
        ("request:1", Unknown, "no request 1"),
        ("source:nowhere@{span}", Unknown, "no source nowhere"),
        ("datastream:square/t/q@{span}", Unknown, "no datastream"),
        ("person:kari", Malformed, "nothing a hold can cover"),
    ],
)
def test_what_is_not_here_cannot_be_held(desk: Desk, subject: str, error: type[Exception], why: str) -> None:
    """Nothing is promised that cannot be kept."""
    with pytest.raises(error, match=why):
        holds.place(desk, DORA, subject.replace("{span}", span()), YEAR, "a claim")
    assert holds.standing(desk, DORA) == ()


@pytest.mark.parametrize("why", ["", "   ", "x" * 2001])
def test_a_hold_needs_a_reason_of_at_most_a_page(desk: Desk, why: str) -> None:
    """So does lifting one."""
    with pytest.raises(Malformed):
        holds.place(desk, DORA, "alert:1", YEAR, why)
    placed = holds.place(desk, DORA, "alert:1", YEAR, "a claim")
    with pytest.raises(Malformed):
        holds.lift(desk, DORA, placed.id, why)
    assert holds.standing(desk, DORA) == (placed,)


def test_endless_holds_are_refused(desk: Desk) -> None:
    """Six years, or an end in the past."""
    for until in (AT + 6 * 366 * DAY, AT, AT - DAY):
        with pytest.raises(Refused):
            holds.place(desk, DORA, "alert:1", until, "a claim")


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMINISTRATOR, Role.AUDITOR, Role.PLATFORM])
def test_only_the_officer_and_supervisors_place_and_lift(desk: Desk, role: Role) -> None:
    """Whoever runs the machine or works the alerts does not decide what is kept longer."""
    placed = holds.place(desk, DORA, "alert:1", YEAR, "a claim")
    other = Actor(name="x", role=role)
    with pytest.raises(Refused):
        holds.place(desk, other, "alert:1", YEAR, "a claim")
    with pytest.raises(Refused):
        holds.lift(desk, other, placed.id, "no")


def test_a_hold_cannot_be_lifted_twice(desk: Desk) -> None:
    """The second is told that it has ended."""
    placed = holds.place(desk, DORA, "alert:1", YEAR, "a claim")
    holds.lift(desk, DORA, placed.id, "settled")
    with pytest.raises(Conflict):
        holds.lift(desk, DORA, placed.id, "settled")
    with pytest.raises(Unknown):
        holds.lift(desk, DORA, 99, "settled")


def test_placing_lifting_and_the_run_are_in_the_log(desk: Desk) -> None:
    """Who, on what, why; of the run its figures and the hash of its report."""
    placed = holds.place(desk, DORA, "alert:1", YEAR, "a claim")
    holds.lift(desk, DORA, placed.id, "settled")
    report = after(desk, 30)
    assert report.run is not None
    done = {record.act: record for record in desk.journal.records if record.outcome.value == "done"}  # type: ignore[attr-defined]  # the journal in memory
    assert (done["hold.place"].why, done["hold.place"].who) == ("a claim", "dora")
    assert done["hold.lift"].subject == f"hold:{placed.id}"
    assert done["retention.run"].facts["digest"] == report.run.digest
    assert done["retention.run"].processing.value == "erasure"
