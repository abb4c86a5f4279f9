"""Any alert explained from what is stored: which tool, what it saw, what was enough, who judged, what followed."""

from dataclasses import replace

import numpy as np
import pytest

from desk.gate_samples import Room, room
from desk.samples import AT
from impetus.core.alert import Verdict
from impetus.core.errors import Refused, Unknown
from impetus.core.evidence import Evidence, EvidenceRecord, SeriesEvidence
from impetus.core.ids import AlertId, DatastreamId, EvidenceId, FindingKey
from impetus.core.observation import to_us
from impetus.core.text import Phrase
from impetus.desk import triage
from impetus.desk.explain_alert import AlertExplanation, explain_alert, explanation_text

ONE = AlertId(1)
START_US = to_us(AT)


@pytest.fixture
def house() -> Room:
    """Return a control room with alert 1 in incident 1."""
    return room()


def measured(house: Room) -> None:
    """Give the alert a series of four readings, the third far above its band of 1 to 2."""
    series = SeriesEvidence(
        datastream=DatastreamId(1),
        title=Phrase(template="People at W2"),
        unit="1/m2",
        time_us=np.array([START_US + minute * 60_000_000 for minute in range(4)]),
        measured=np.array([1.5, 2.5, 4.25, np.nan]),
        low=np.array([1.0, 1.0, 1.0, 1.0]),
        high=np.array([2.0, 2.0, 2.0, 2.0]),
        coverage=0.98,
        from_us=START_US,
    )
    evidence = Evidence(finding=FindingKey("m"), summary=Phrase(template="far above the band"), series=(series,))
    body = house.desk.codec.encode_evidence(evidence)
    house.desk.blobs.put("m", body)
    with house.desk.store.write() as unit:
        unit.evidence.add(
            EvidenceRecord(id=EvidenceId("m"), finding=FindingKey("m"), media_type="x", bytes_=len(body), stored_at=AT)
        )
        unit.alerts.replace(replace(unit.alerts.get(ONE), evidence=(EvidenceId("m"),)))


def explained(house: Room, name: str = "ada") -> AlertExplanation:
    """Return the explanation as somebody reads it."""
    return explain_alert(house.desk, house.people[name], ONE)


def answers(explanation: AlertExplanation, question: str) -> str:
    """Return the answers to one question as one text."""
    part = next(part for part in explanation.parts if part.question == question)
    return " ".join(answer.say() for answer in part.answers)


def test_every_question_has_an_answer(house: Room) -> None:
    """Eight questions, in the order a person asks them, none left open."""
    parts = explained(house).parts
    assert [part.question for part in parts] == [
        "What was said",
        "Which tool said it",
        "What it saw",
        "Why that was enough",
        "Who judged it",
        "What was done",
        "What stands in the log",
        "What it does not mean",
    ]
    assert all(part.answers for part in parts)


def test_what_it_saw_is_where_the_series_left_its_band_furthest(house: Room) -> None:
    """Read by hand: 4.25 at two minutes past nine, where 1 to 2 was expected."""
    measured(house)
    said = answers(explained(house), "What it saw")
    for told in ("People at W2", "4.25 1/m²", "2026-03-14T21:02:00Z", "where 1 to 2", "98 %"):
        assert told in said


def test_who_judged_it_and_why_stands_there_with_what_they_said(house: Room) -> None:
    """A second judgement stands beside the first: the story is not tidied."""
    assert "Nobody has judged it yet" in answers(explained(house), "Who judged it")
    ada = house.people["ada"]
    triage.assess(house.desk, ada, ONE, verdict=Verdict.NOT_ENOUGH_INFORMATION, why="dark")
    triage.assess(house.desk, ada, ONE, verdict=Verdict.CONFIRMED)
    said = answers(explained(house), "Who judged it")
    assert "ada at 2026-03-14T21:00:00Z: not enough information, dark" in said
    assert "confirmed" in said


def test_what_was_done_names_the_incident_and_the_steps(house: Room) -> None:
    """Raised by the platform, joined by ada, in the incident by its title."""
    said = answers(explained(house), "What was done")
    assert "platform:fusion: raise" in said
    assert "It stands in incident 1: Crowd." in said


def test_evidence_that_is_gone_is_said_to_be_gone(house: Room) -> None:
    """Nothing is filled in for what was erased when its time was over."""
    measured(house)
    house.desk.blobs.erase(["m"])
    assert "1 pieces of evidence were erased" in answers(explained(house), "What it saw")


def test_a_tool_that_is_not_installed_any_more_is_named_all_the_same(house: Room) -> None:
    """The alert outlives the tool."""
    with house.desk.store.write() as unit:
        unit.alerts.replace(replace(unit.alerts.get(ONE), tools=("old_tool",)))
    assert "old_tool, which is not installed here any more." in answers(explained(house), "Which tool said it")


def test_the_plain_text_holds_everything_the_page_does(house: Room) -> None:
    """Each question and each answer, in lines a person can read on paper."""
    measured(house)
    explanation = explained(house)
    text = explanation_text(explanation)
    for part in explanation.parts:
        assert f"\n{part.question}\n" in text
        for answer in part.answers:
            assert f"* {answer.say()}" in text
    assert text.startswith("Explanation of alert 1, written 2026-03-14T21:00:00Z")


def test_simulated_input_is_said_on_top(house: Room) -> None:
    """Nobody takes an exercise for the real thing, on paper neither."""
    with house.desk.store.write() as unit:
        unit.alerts.replace(replace(unit.alerts.get(ONE), simulated=True))
    assert "EXERCISE OR SIMULATED INPUT" in explanation_text(explained(house))


def test_only_who_may_see_the_alert_gets_its_explanation(house: Room) -> None:
    """And an alert that was never there, or is erased, has none."""
    stranger = replace(house.people["ada"], role=type(house.people["ada"].role)("integrator"))
    with pytest.raises(Refused):
        explain_alert(house.desk, stranger, ONE)
    with pytest.raises(Unknown):
        explain_alert(house.desk, house.people["ada"], AlertId(99))
