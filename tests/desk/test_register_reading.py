"""What the register's pages are given: rows by urgency, places of their own, assessments with risks and signatures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from impetus.core.actor import Actor, Role, console
from impetus.core.assessment import Light
from impetus.core.errors import Refused, Unknown
from impetus.core.ids import ToolId
from impetus.core.log_record import Processing
from impetus.core.register import EntryState, ToolPart
from impetus.desk.assessments import assess_tool, document, export, overall
from impetus.desk.clearance import papers_of
from impetus.desk.context import Desk
from impetus.desk.declare_source import declare, read_document
from impetus.desk.register import answer
from impetus.desk.register_reading import RegisterRow, assessment_view, register_rows
from impetus.run.tools import find_tool
from impetus.testing.desk import clock_of, memory_desk
from impetus.testing.journal import MemoryJournal
from impetus.testing.register import clear, configuration_of

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOOL = "urban_anomaly"
AUDITOR = Actor(name="aud", role=Role.AUDITOR)
DPO = Actor(name="kari", role=Role.DPO)


@pytest.fixture
def desk() -> Desk:
    """Return an installation with real input, two tools cleared, and two sources."""
    made = memory_desk(AT)
    clear(made, find_tool(ToolId(TOOL)), find_tool(ToolId("fusion")), is_real=True)
    for source in ("quay", "school"):
        streams = [{"property": "noise", "unit": "dB"}, {"property": "people_count", "unit": "1"}]
        things = [{"key": "a", "datastreams": streams}]
        declare(made, console(), read_document({"source": {"id": source}, "things": things}))
    return made


def edit(desk: Desk, old: str, new: str) -> None:
    """Change the register file by hand."""
    configuration = configuration_of(desk)
    assert old in configuration.text
    configuration.text = configuration.text.replace(old, new)


def rows(desk: Desk) -> list[RegisterRow]:
    """Return the register as an auditor sees it."""
    return list(register_rows(desk, AUDITOR))


def test_every_person_may_read_the_register_and_a_program_may_not(desk: Desk) -> None:
    """What watches the city is no secret to those who work with it."""
    for role in (Role.OPERATOR, Role.EXECUTIVE, Role.INTEGRATOR, Role.AUDITOR, Role.PLANNER):
        assert len(register_rows(desk, Actor(name="x", role=role))) == 2
    with pytest.raises(Refused):
        register_rows(desk, Actor(name="x", role=Role.SERVICE))


def test_a_row_says_what_a_tool_looks_at(desk: Desk) -> None:
    """How many streams, of which sources."""
    row = next(row for row in rows(desk) if row.tool == TOOL)
    assert row.covers == "4 streams of quay, school"
    assert (row.name, row.regime, row.is_exercise) == ("Urban Anomaly Detector", "gdpr", False)


def test_a_source_the_entry_does_not_cover_is_a_row_of_its_own(desk: Desk) -> None:
    """New place: blocked until it is assessed; the tool's own row says what changed."""
    text = configuration_of(desk).text
    head, _, tail = text.partition(f"[tool.{TOOL}]")
    narrower = tail.replace('covers = ["*"]', 'covers = ["quay"]')
    configuration_of(desk).text = f"{head}[tool.{TOOL}]{narrower}"
    found = [row for row in rows(desk) if row.tool == TOOL]
    place = next(row for row in found if row.place)
    assert (place.place, place.covers, place.state) == ("school", "new place: school", EntryState.BLOCKED)
    assert place.missing[0].what == "the place school in its entry"
    own = next(row for row in found if not row.place)
    assert own.covers == "2 streams of quay"
    assert own.stale_because == ("place changed: * → quay",)


def test_who_needs_somebody_comes_first(desk: Desk) -> None:
    """Stale before running, running before off."""
    configuration = configuration_of(desk)
    configuration.parts = {**configuration.parts, "idle": ToolPart(id="idle", fault="it is broken")}
    edit(desk, 'retention = "alerts"', 'retention = "evidence"')
    assert [(row.tool, row.state) for row in rows(desk)] == [
        ("fusion", EntryState.STALE),
        (TOOL, EntryState.RUNNING),
        ("idle", EntryState.OFF),
    ]


def test_a_review_that_is_late_is_a_warning_on_its_row(desk: Desk) -> None:
    """The tool goes on."""
    clock_of(desk).set(AT + timedelta(days=181))
    row = next(row for row in rows(desk) if row.tool == TOOL)
    assert row.state is EntryState.RUNNING
    assert row.warnings == (f"the review of {row.review} is overdue",)


def test_a_tool_that_is_not_installed_has_no_assessment(desk: Desk) -> None:
    """Its name is not echoed as if it had."""
    with pytest.raises(Unknown):
        assessment_view(desk, AUDITOR, "no_tool")


def test_a_view_says_what_its_reader_may_do(desk: Desk) -> None:
    """An auditor reads; an officer of the register signs; another data protection officer answers only."""
    auditor, dpo = assessment_view(desk, AUDITOR, TOOL), assessment_view(desk, DPO, TOOL)
    assert (auditor.may_answer, auditor.may_sign, auditor.is_officer) == (False, False, False)
    assert (dpo.may_answer, dpo.may_sign, dpo.is_officer) == (True, False, False)
    named = assessment_view(desk, Actor(name="test.officer", role=Role.DPO), TOOL)
    assert (named.may_sign, named.is_officer) == (True, True)


def test_the_tools_part_is_shown_with_the_tool_and_the_citys_with_a_name(desk: Desk) -> None:
    """Who answered what, and when."""
    answer(desk, DPO, TOOL, "rights.rest", "A false alarm now and then.")
    asked = {one.id: one for part in assessment_view(desk, AUDITOR, TOOL).sections for one in part.questions}
    assert (asked["rights.rest"].answered_by, asked["rights.rest"].answered_at) == ("kari", AT)
    assert (asked["description.what"].answered_by, asked["description.what"].answer) == ("", "a tool of a test")


def test_an_open_question_is_counted(desk: Desk) -> None:
    """The number beside the title."""
    assert assessment_view(desk, AUDITOR, TOOL).open_mandatory == 0
    configuration = configuration_of(desk)
    part = configuration.parts[TOOL]
    configuration.parts = {**configuration.parts, TOOL: replace(part, answers={})}
    assert assessment_view(desk, AUDITOR, TOOL).open_mandatory == 6


def test_risks_follow_the_answers_and_ask_for_more_measures_when_higher(desk: Desk) -> None:
    """By hand: probability low; impact medium gives medium, very high gives high."""
    before = {risk.aspect: risk for risk in assessment_view(desk, AUDITOR, TOOL).risks}
    assert [before[name].level for name in ("confidentiality", "integrity", "availability")] == ["low", "medium", "low"]
    answer(desk, DPO, TOOL, "impact.confidentiality", "very high")
    after = {risk.aspect: risk for risk in assessment_view(desk, AUDITOR, TOOL).risks}
    assert after["confidentiality"].level == "high"
    wanted = {claim.id for claim in after["confidentiality"].measures}
    assert wanted > {claim.id for claim in before["confidentiality"].measures}
    assert "accounts.second_factor" in wanted


def test_the_overall_level_is_the_highest_and_open_while_one_is(desk: Desk) -> None:
    """No level is guessed."""
    risks = assessment_view(desk, AUDITOR, TOOL).risks
    assert overall(risks) == "medium"
    assert overall([*risks, replace(risks[0], level="")]) == ""


def test_signatures_say_why_they_do_not_count(desk: Desk) -> None:
    """The exercise's officer is gone from the file; the real one stands until an answer changes."""
    seen = {one.officer: one for one in assessment_view(desk, AUDITOR, TOOL).signatures}
    assert seen["test.officer"].counts
    assert seen["Exercise officer"].because == "Exercise officer is not an officer of the register"
    answer(desk, DPO, TOOL, "rights.rest", "Another.")
    seen = {one.officer: one for one in assessment_view(desk, AUDITOR, TOOL).signatures}
    assert (seen["test.officer"].counts, seen["test.officer"].because) == (False, "an answer changed since")
    edit(desk, 'legal_basis = "none', 'legal_basis = "some')
    seen = {one.officer: one for one in assessment_view(desk, AUDITOR, TOOL).signatures}
    assert seen["test.officer"].because == "the entry changed since"


def test_an_export_is_a_disclosure_in_the_log(desk: Desk) -> None:
    """Who took which form; each time."""
    for form in ("html", "cnil"):
        assert export(desk, AUDITOR, TOOL, form)
    assert isinstance(desk.journal, MemoryJournal)
    taken = [record for record in desk.journal.records if record.act == "assessment.export"]
    assert [(one.who, one.subject, one.processing, one.facts["form"]) for one in taken] == [
        ("aud", f"tool:{TOOL}", Processing.DISCLOSURE, "html"),
        ("aud", f"tool:{TOOL}", Processing.DISCLOSURE, "cnil"),
    ]


def test_a_document_of_a_real_installation_is_no_exercise(desk: Desk) -> None:
    """Though an exercise's signature lies in its history."""
    made = document(desk, AUDITOR, TOOL, form="html")
    assert (made.is_exercise, made.state, made.missing) == (False, "running", ())
    assert set(made.hashes) == {"entry", "assessment"}
    assert made.entry["retention"] == "observations, 30 d"


def test_a_draft_lists_what_is_missing(desk: Desk) -> None:
    """With who may supply it."""
    edit(desk, 'dpo = "Exercise officer"\n', "")
    made = document(desk, AUDITOR, TOOL, form="html")
    assert made.missing == ("the data protection officer's name (the data protection officer or an administrator)",)


def test_a_row_of_a_framework_is_red_when_a_probe_is(desk: Desk) -> None:
    """Passwords hashed quickly, as in tests, where the duty wants more."""
    configured = desk.configuration.read()
    with desk.store.read() as unit:
        papers = papers_of(unit, TOOL)
    made = {row.id: row for row in assess_tool(desk, configured, TOOL, papers, at=AT).frameworks}
    assert made["nis2.21"].light is Light.RED
    assert made["gdpr.5"].light is Light.GREEN
    assert "applies from 2018-05-25" in made["gdpr.5"].source
