"""The desk's door: both evaluators are asked, the answer is logged, and a refusal can be understood."""

import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from desk.samples import fuse, person, seen
from impetus.core.access import AccessRequest, Category, Purpose, Regime, Ruling, Use
from impetus.core.actor import Actor, Role, platform
from impetus.core.errors import NotNow, Refused, Unauthenticated
from impetus.core.ids import AlertId, IncidentId, Offset
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.desk import incidents
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.permit import DIFFER, permit
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.journal import MemoryJournal

AT = datetime(2026, 11, 22, 14, 8, 12, tzinfo=UTC)
KARI, DPO = Actor(name="Kari", role=Role.OPERATOR), Actor(name="Dina", role=Role.DPO)


class Says:
    """A policy that always says the same."""

    def __init__(self, *, is_permitted: bool) -> None:
        self._ruling = Ruling(is_permitted=is_permitted, rule="always")

    def decide(self, request: AccessRequest) -> Ruling:
        """Return it."""
        del request
        return self._ruling


@pytest.fixture
def desk() -> Desk:
    """Return an empty desk."""
    return memory_desk(AT)


def lines(desk: Desk) -> list[LogRecord]:
    """Return what was logged."""
    assert isinstance(desk.journal, MemoryJournal)
    return desk.journal.records


def clear(case: str, **said: str) -> Use:
    """Return the wish for a clear picture in a case."""
    return Use(category=Category.IMAGE_CLEAR, purpose=Purpose.INCIDENT_RESPONSE, case=case, **said)  # type: ignore[arg-type]  # the fields are words


def with_incident(desk: Desk) -> Actor:
    """Return an operator with an incident of their own, number 1."""
    fuse(desk, seen("a"))
    ada = person(desk, "ada", Role.OPERATOR)
    incidents.open_incident(desk, ada, "Crowd", [AlertId(1)])
    lines(desk).clear()
    return ada


def test_a_permitted_access_is_logged_with_all_that_article_25_asks_for(desk: Desk) -> None:
    """Who, when, what, why, in which case, by which rule, under which law and controller, and who got a copy."""
    ada = with_incident(desk)
    permit(desk, ada, "reveals.ask", on="camera:c14", use=clear("1", why="armed person", recipient="police, 2 people"))
    [line] = lines(desk)
    assert line == LogRecord(
        at=AT,
        who="ada",
        role="operator",
        act="reveals.ask",
        outcome=Outcome.PERMITTED,
        processing=Processing.CONSULTATION,
        rule="reveal",
        subject="camera:c14",
        purpose=Purpose.INCIDENT_RESPONSE,
        category=Category.IMAGE_CLEAR,
        regime=Regime.GDPR,
        controller="test-city",
        case="1",
        why="armed person",
        recipient="police, 2 people",
    )


@pytest.mark.parametrize("case", ["", "2", "one", "-1", "1.0", "9" * 40])
def test_what_shows_a_person_needs_an_incident_that_is_there(desk: Desk, case: str) -> None:
    """No case, another's number, words: each is refused by the same rule, and stands in the log as it was said."""
    ada = with_incident(desk)
    with pytest.raises(Refused, match=r"may not reveals\.ask with image_clear for incident_response") as refusal:
        permit(desk, ada, "reveals.ask", on="camera:c14", use=clear(case))
    assert "open incident" in refusal.value.rule
    assert (lines(desk)[0].outcome, lines(desk)[0].rule, lines(desk)[0].case) == (Outcome.REFUSED, "clear-case", case)


def test_a_closed_incident_is_no_case_any_more(desk: Desk) -> None:
    """The same wish before and after the incident is closed."""
    ada = with_incident(desk)
    permit(desk, ada, "reveals.ask", on="camera:c14", use=clear("1"))
    incidents.close(desk, ada, IncidentId(1), outcome="over")
    with pytest.raises(Refused):
        permit(desk, ada, "reveals.ask", on="camera:c15", use=clear("1"))


def test_a_refusal_by_role_names_who_may(desk: Desk) -> None:
    """In the matrix's own words, and it is logged."""
    with pytest.raises(Refused) as refusal:
        permit(desk, KARI, "accounts.manage", on="account:3")
    assert refusal.value.limit == "administrator"
    assert [(line.outcome, line.rule, line.subject) for line in lines(desk)] == [(Outcome.REFUSED, "role", "account:3")]


def test_a_refusal_by_purpose_names_who_may_see_this_kind_of_data(desk: Desk) -> None:
    """The officer may approve reveals and still gets no picture; the sentence says who does."""
    with pytest.raises(Refused) as refusal:
        permit(desk, DPO, "reveals.read", use=Use(category=Category.IMAGE_MASKED, purpose=Purpose.OVERSIGHT))
    assert "not what they saw" in refusal.value.rule
    assert refusal.value.source
    assert refusal.value.remedy
    with pytest.raises(Refused) as other:
        permit(desk, KARI, "media.read", use=Use(category=Category.IMAGE_MASKED, purpose=Purpose.PLANNING))
    assert other.value.limit == "operator, supervisor"


@pytest.mark.parametrize("nobody", [None, Actor(name="", role=Role.ADMINISTRATOR)])
def test_nobody_is_told_to_sign_in_and_it_is_logged(desk: Desk, nobody: Actor | None) -> None:
    """An act without a name is refused to nobody in particular."""
    with pytest.raises(Unauthenticated):
        permit(desk, nobody, "alerts.read", on="alert:1")
    assert [(line.who, line.outcome) for line in lines(desk)] == [("nobody", Outcome.REFUSED)]


def test_evaluators_that_differ_permit_nothing_and_say_so(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Whichever of the two says yes alone: refused, logged as a fault, and the person reads that it is ours."""
    for broken, ask in ((Says(is_permitted=False), "alerts.read"), (Says(is_permitted=True), "accounts.manage")):
        differing = replace(desk, policy=broken)
        with caplog.at_level(logging.ERROR), pytest.raises(Refused) as refusal:
            permit(differing, KARI, ask)
        assert refusal.value.rule
        assert "evaluators differ" in caplog.text
        assert lines(desk)[-1].rule == DIFFER
        caplog.clear()


def test_a_fault_of_the_guard_becomes_a_finding_once_an_hour(desk: Desk) -> None:
    """However many are refused by it, operators get one alert about the platform; a full bus makes it no worse."""
    differing = replace(desk, policy=Says(is_permitted=False))
    for number in range(50):
        with pytest.raises(Refused):
            permit(differing, KARI, "alerts.read", on=f"alert:{number}")
    [message] = desk.bus.read(FINDINGS, Offset(0))
    finding, _ = desk.codec.decode_finding(message.body)
    assert finding.subject == "platform:guard"
    assert "evaluators-differ" in str(finding.why.values)
    clock_of(desk).advance(3600)
    with pytest.raises(Refused):
        permit(differing, KARI, "alerts.read")
    assert len(desk.bus.read(FINDINGS, Offset(0))) == 2


def test_a_log_that_takes_nothing_stops_a_person(desk: Desk) -> None:
    """What cannot be logged does not happen, and a refusal is not told before it is logged."""
    full = replace(desk, journal=MemoryJournal(room=0))
    with pytest.raises(NotNow):
        permit(full, KARI, "alerts.read")
    with pytest.raises(NotNow):
        permit(full, KARI, "accounts.manage")


def test_a_log_that_takes_nothing_does_not_stop_readings(desk: Desk) -> None:
    """What a machine does without personal data is counted, and the count waits for room."""
    full = replace(desk, journal=MemoryJournal(room=0))
    permit(full, platform("fusion"), "alerts.raise")
    full.tally.write_all(desk.journal, AT)
    assert [(line.act, line.count) for line in lines(desk)] == [("alerts.raise", 1)]


def test_closing_the_desk_writes_the_counts(desk: Desk) -> None:
    """A process that stops loses no decision."""
    permit(desk, platform("fusion"), "alerts.raise")
    permit(desk, platform("fusion"), "alerts.raise")
    desk.close()
    assert [line.count for line in lines(desk)] == [2]


def test_an_exercise_with_simulated_people_is_permitted(desk: Desk) -> None:
    """Practice looks as in earnest, and nobody real shows."""
    use = Use(category=Category.IMAGE_MASKED, purpose=Purpose.EXERCISE)
    with pytest.raises(Refused, match=r"media\.read"):
        permit(desk, KARI, "media.read", on="camera:c14", use=use)
    permit(desk, KARI, "media.read", on="camera:c14", use=replace(use, is_simulated=True))
