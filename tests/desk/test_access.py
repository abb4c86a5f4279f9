"""Reading through access functions, and asking who looked."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.samples import AT, fuse, seen
from impetus.core.access import Category, Purpose, Use
from impetus.core.actor import Actor, Role
from impetus.core.errors import Refused
from impetus.core.ids import AlertId, EvidenceId
from impetus.core.log_record import LogRecord, Outcome
from impetus.desk.access import access_evidence, access_openings, access_package
from impetus.desk.context import Desk
from impetus.desk.who_looked import access_days, month_figures, who_looked
from impetus.ports.ethics import AccessQuery, Logged
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.journal import MemoryJournal

DPO, KARI = Actor(name="Dina", role=Role.DPO), Actor(name="Kari", role=Role.OPERATOR)
MAY = datetime(2026, 5, 3, 14, 8, 12, tzinfo=UTC)
CAMERA = "camera:c14"


def line(at: datetime, act: str = "reveals.ask", **said: object) -> LogRecord:
    """Return a line of the log about camera 14: Operator 3 looked because of an armed person, and the police got a copy."""
    usual: dict[str, object] = {
        "who": "Operator 3",
        "role": "operator",
        "outcome": Outcome.PERMITTED,
        "subject": CAMERA,
        "category": Category.IMAGE_CLEAR,
        "purpose": Purpose.INCIDENT_RESPONSE,
        "case": "1187",
        "why": "armed person",
        "recipient": "police, 2 people",
    }
    return LogRecord(at=at, act=act, **{**usual, **said})  # type: ignore[arg-type]  # the fields above have their types


def keep(desk: Desk, *records: LogRecord) -> None:
    """Put lines into the index, as the keeper of the log does."""
    with desk.store.write() as unit:
        first = unit.accesses.next_index()
        unit.accesses.add(
            [Logged(index=first + place, record=record, salts=b"s" * 48) for place, record in enumerate(records)]
        )


@pytest.fixture
def desk() -> Desk:
    """Return a desk with lines about camera 14 around 3 May."""
    desk = memory_desk(MAY + timedelta(days=1))
    keep(
        desk,
        line(MAY - timedelta(days=1), who="Operator 1"),
        line(MAY),
        line(MAY, subject="camera:c15"),
        line(MAY + timedelta(minutes=6), act="reveal.open", outcome=Outcome.DONE),
        line(MAY + timedelta(minutes=9), outcome=Outcome.REFUSED, who="Operator 2", count=3),
        line(MAY + timedelta(days=1), who="Operator 4"),
    )
    return desk


def test_who_looked_at_camera_14_on_3_may_why_and_who_got_a_copy(desk: Desk) -> None:
    """One question, one answer, newest first, and nothing of the days before and after or of another camera."""
    midnight = datetime(2026, 5, 3, tzinfo=UTC)
    page = who_looked(desk, DPO, subject=CAMERA, since=midnight, until=midnight + timedelta(days=1))
    assert [(each.who, each.act, each.outcome, each.count) for each in page.items] == [
        ("Operator 2", "reveals.ask", "refused", 3),
        ("Operator 3", "reveal.open", "done", 1),
        ("Operator 3", "reveals.ask", "permitted", 1),
    ]
    last = page.items[-1]
    assert (last.at, last.why, last.case, last.recipient) == (MAY, "armed person", "1187", "police, 2 people")
    assert (last.category, last.purpose) == ("image_clear", "incident_response")
    assert page.next is None


def test_the_answer_comes_in_pages_that_meet(desk: Desk) -> None:
    """Two at a time are the same lines as all at once."""
    everything = who_looked(desk, DPO, subject=CAMERA)
    first = who_looked(desk, DPO, subject=CAMERA, limit=2)
    assert first.next is not None
    rest = who_looked(desk, DPO, subject=CAMERA, after=first.next, limit=50)
    assert first.items + rest.items == everything.items


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.DPO, Role.AUDITOR}])
def test_only_who_oversees_asks_who_looked(desk: Desk, role: Role) -> None:
    """Not the supervisor of those who looked, not the administrator of the machine, and no token."""
    actor = Actor(name="ada", role=role, operations=frozenset({"accesses.read"}))
    for ask in (lambda: who_looked(desk, actor), lambda: access_days(desk, actor), lambda: month_figures(desk, actor)):
        with pytest.raises(Refused, match=r"accesses\.read"):
            ask()


def test_asking_who_looked_is_itself_logged(desk: Desk) -> None:
    """Who watches the watchers is in the same log, with what they asked about."""
    who_looked(desk, DPO, subject=CAMERA)
    assert isinstance(desk.journal, MemoryJournal)
    [asked] = desk.journal.records
    assert (asked.who, asked.act, asked.subject, asked.category) == ("Dina", "accesses.read", CAMERA, Category.STAFF)


def test_days_count_accesses_to_personal_data_and_leave_no_day_out(desk: Desk) -> None:
    """Refusals, deeds and what is about nobody are no accesses; a quiet day is a nought."""
    keep(desk, line(MAY, category=Category.NONE, act="alerts.read"))
    days = access_days(desk, DPO, days=4)
    assert [(day.isoformat(), count) for day, count in days] == [
        ("2026-05-01", 0),
        ("2026-05-02", 1),
        ("2026-05-03", 2),
        ("2026-05-04", 1),
    ]


def test_the_months_figures_begin_with_the_month(desk: Desk) -> None:
    """Reveals that were opened, names that were shown, refusals with their counts; last month's are not among them."""
    keep(desk, line(MAY, act="identity.show", outcome=Outcome.DONE, subject="pseudonym:x"))
    figures = month_figures(desk, DPO)
    assert (figures.reveals, figures.identities, figures.refusals) == (1, 1, 3)
    clock_of(desk).advance(40 * 86_400)
    later = month_figures(desk, DPO)
    assert (later.reveals, later.identities, later.refusals) == (0, 0, 0)


def test_openings_are_read_through_the_guard(desk: Desk) -> None:
    """The access function asks by itself, whatever its caller asked before."""
    with pytest.raises(Refused):
        access_openings(desk, KARI, AccessQuery(subject=CAMERA))
    assert access_openings(desk, DPO, AccessQuery(subject=CAMERA)).items


def test_evidence_comes_in_order_and_what_is_gone_is_none() -> None:
    """A page shows what is left; the question is logged with the alert it is about."""
    desk = memory_desk(AT)
    fuse(desk, seen("a"))
    with desk.store.read() as unit:
        kept = unit.alerts.get(AlertId(1)).evidence
    found = access_evidence(desk, KARI, [EvidenceId("gone"), *kept], on="alert:1")
    assert found[0] is None
    assert [each is not None for each in found[1:]] == [True] * len(kept)
    assert isinstance(desk.journal, MemoryJournal)
    assert ("alerts.read", "alert:1") in {(each.act, each.subject) for each in desk.journal.records}


def test_evidence_is_refused_to_who_may_not_see_the_alert() -> None:
    """The integrator connects sensors and sees no alert."""
    desk = memory_desk(AT)
    with pytest.raises(Refused):
        access_evidence(desk, Actor(name="ina", role=Role.INTEGRATOR), [EvidenceId("a")], on="alert:1")


def test_a_package_is_given_to_who_may_propose_actions() -> None:
    """And the log says who got a copy."""
    desk = memory_desk(AT)
    desk.blobs.put("package-1", b"zip")
    use = Use(category=Category.NONE, purpose=Purpose.INCIDENT_RESPONSE, case="1", recipient="police")
    assert access_package(desk, KARI, "package-1", on="action:1", use=use) == b"zip"
    assert isinstance(desk.journal, MemoryJournal)
    assert desk.journal.records[-1].recipient == "police"
    with pytest.raises(Refused):
        access_package(desk, DPO, "package-1", on="action:1", use=use)
