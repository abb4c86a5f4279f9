"""What an assessment is written as: a page that fetches nothing, a PDF, and what the French authority's tool imports."""

import html
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from impetus.adapters.reports import PrintedReports
from impetus.core.actor import console
from impetus.core.assessment import AssessmentDocument
from impetus.core.ids import ToolId
from impetus.desk.assessments import document
from impetus.desk.register import answer
from impetus.run.tools import find_tool
from impetus.testing.desk import memory_desk
from impetus.testing.register import clear

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOOL = "urban_anomaly"
NASTY = '<script>alert("x")</script> & 日本 ≥ „quoted“\nsecond line'
REPORTS = PrintedReports()


@pytest.fixture(scope="module")
def made() -> AssessmentDocument:
    """Return an exercise's document with an answer that would like to be markup."""
    desk = memory_desk(AT)
    clear(desk, find_tool(ToolId(TOOL)))
    answer(desk, console(), TOOL, "rights.harms", NASTY)
    return document(desk, console(), TOOL, form="html")


class Tags(HTMLParser):
    """Collects tags and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag and whatever it points at."""
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action"}]


def test_the_page_stands_alone(made: AssessmentDocument) -> None:
    """No script, nothing fetched, every text escaped."""
    page = REPORTS.html(made).decode()
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.tags
    assert tags.addresses == []
    assert "url(" not in page
    assert "&lt;script&gt;" in page
    assert "日本" in page


def test_the_page_holds_every_question_claim_and_hash(made: AssessmentDocument) -> None:
    """What was asked, what stands behind it, and what was signed."""
    page = REPORTS.html(made).decode().replace("&#39;", "'").replace("&#34;", '"')
    asked = [question.asks for section in made.sections for question in section.questions]
    assert [one for one in asked if one not in page] == []
    assert all(value in page for value in made.hashes.values())
    assert made.signatures[0].signature in page


def test_an_exercise_says_so_on_the_page_and_on_every_sheet(made: AssessmentDocument) -> None:
    """And a real one does not."""
    real = replace(made, is_exercise=False)
    assert 'class="exercise"' in REPORTS.html(made).decode()
    assert 'class="exercise"' not in REPORTS.html(real).decode()
    sheets = PdfReader(BytesIO(REPORTS.pdf(made))).pages
    assert len(sheets) > 3
    assert all("EXERCISE" in sheet.extract_text() for sheet in sheets)
    assert not any(
        "EXERCISE: invented" in sheet.extract_text() for sheet in PdfReader(BytesIO(REPORTS.pdf(real))).pages
    )


def test_the_pdf_holds_the_answers_and_says_who_signed(made: AssessmentDocument) -> None:
    """Letters its fonts lack become question marks; nothing breaks."""
    read = PdfReader(BytesIO(REPORTS.pdf(made)))
    text = " ".join(" ".join(sheet.extract_text() for sheet in read.pages).split())
    assert '<script>alert("x")</script> & ?? >=' in text
    assert "Exercise officer" in text
    assert read.metadata is not None
    assert read.metadata.title == "Impact assessment: Urban Anomaly Detector (exercise)"


def test_a_very_long_answer_goes_over_the_end_of_a_sheet(made: AssessmentDocument) -> None:
    """Four pages of one answer."""
    section = made.sections[0]
    long = replace(section.questions[0], answer="word " * 4000)
    grown = replace(made, sections=(replace(section, questions=(long,)), *made.sections[1:]))
    assert len(PdfReader(BytesIO(REPORTS.pdf(grown))).pages) > len(PdfReader(BytesIO(REPORTS.pdf(made))).pages) + 2


def test_the_same_document_is_the_same_bytes(made: AssessmentDocument) -> None:
    """So that two exports can be compared."""
    assert REPORTS.pdf(made) == REPORTS.pdf(made)
    assert REPORTS.cnil(made) == REPORTS.cnil(made)


REFERENCES = {
    *(111, 112, 113, 121, 122, 123, 211, 212, 213, 214, 215, 221, 222, 223, 224, 225, 226, 227),
    *(base + step for base in (320, 330, 340) for step in range(1, 7)),
}
"""The questions of the tool, from its public architecture file."""
GAUGES = {base + step for base in (320, 330, 340) for step in (5, 6)}
LISTS = {base + step for base in (320, 330, 340) for step in (1, 2, 3, 4)}


def import_pia(text: bytes) -> Mapping[str, Any]:
    """Read the file as the tool's importer does: its five parts, each answer's reference and data, the head's fields."""
    read = json.loads(text)
    assert set(read) == {"pia", "answers", "measures", "evaluations", "comments"}
    head = read["pia"]
    assert isinstance(head["name"], str)
    assert int(head["status"]) in range(5)
    for name in ("created_at", "updated_at"):
        assert datetime.strptime(head[name], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) == AT
    for given in read["answers"]:
        reference, data = given["reference_to"], given["data"]
        assert reference in REFERENCES, reference
        assert set(data) == {"text", "gauge", "list"}
        assert (data["gauge"] is None) is (reference not in GAUGES), given
        assert isinstance(data["list"], list) is (reference in LISTS), given
    assert all({"title", "content", "pia_id"} <= set(measure) for measure in read["measures"])
    return read


def test_the_authoritys_tool_finds_what_it_reads(made: AssessmentDocument) -> None:
    """Our own reader, written after the tool's importer."""
    read = import_pia(REPORTS.cnil(made))
    references = [given["reference_to"] for given in read["answers"]]
    assert len(references) == len(set(references))
    assert read["pia"]["name"].startswith("[EXERCISE] Urban Anomaly Detector")
    assert read["evaluations"] == []


def test_nothing_is_entered_as_validated(made: AssessmentDocument) -> None:
    """Opinions and status of the tool's workflow are for people in the tool."""
    head = import_pia(REPORTS.cnil(made))["pia"]
    assert (head["status"], head["dpo_status"], head["validator_name"]) == (0, None, "")


def test_answers_arrive_under_the_question_they_answer(made: AssessmentDocument) -> None:
    """Escaped, because the tool shows them as markup."""
    read = import_pia(REPORTS.cnil(made))
    texts = {given["reference_to"]: given["data"] for given in read["answers"]}
    basis = next(one for part in made.sections for one in part.questions if one.id == "necessity.legal_basis")
    assert basis.answer.split(":")[1].strip() in html.unescape(texts[212]["text"])
    assert (texts[325]["gauge"], texts[335]["gauge"], texts[326]["gauge"]) == (1, 2, 1)
    assert all(claim.says in texts[324]["list"] for claim in made.risks[0].measures)


def test_what_is_still_open_is_exported_as_open(made: AssessmentDocument) -> None:
    """A draft can be taken along, and says what it lacks."""
    bare = tuple(
        replace(part, questions=tuple(replace(one, answer="", answered_by="") for one in part.questions))
        for part in made.sections
    )
    draft = replace(made, sections=bare, signatures=(), missing=("a signature (an officer)",))
    page = REPORTS.html(draft).decode()
    assert "not answered" in page
    assert "Nobody has signed" in page
    assert "Still missing" in page
    assert "not answered" in PdfReader(BytesIO(REPORTS.pdf(draft))).pages[0].extract_text()
