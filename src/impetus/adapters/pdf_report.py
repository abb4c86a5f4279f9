"""An assessment as a PDF by reportlab: the same parts in the same order as the page, with "exercise" on every sheet."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

from impetus.core.assessment import AssessmentDocument, ClaimSeen, Light, SectionSeen

MARGIN = 20 * mm
VIOLET, GREY, LINE = HexColor("#4a22a8"), HexColor("#555b68"), HexColor("#c9cdd6")
EXERCISE = "EXERCISE: invented officers, simulated input; clears nothing real"
TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=9.5, leading=13.5)
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=8, leading=11, textColor=GREY)
TITLE = ParagraphStyle("title", parent=TEXT, fontName="Helvetica-Bold", fontSize=18, leading=22, spaceAfter=4)
HEAD = ParagraphStyle(
    "head",
    parent=TEXT,
    fontName="Helvetica-Bold",
    fontSize=12.5,
    leading=16,
    spaceBefore=12,
    spaceAfter=3,
    keepWithNext=1,
)
ASKED = ParagraphStyle("asked", parent=TEXT, fontName="Helvetica-Bold", spaceBefore=6, keepWithNext=1)
SAID = {Light.GREEN: "shown", Light.RED: "not so", Light.OPEN: "open"}
PIECE_CHARS = 1_500
"""Characters of one paragraph, so that a long answer goes over a page's end. House rule."""


def write_pdf(document: AssessmentDocument) -> bytes:
    """Return the PDF; letters that the built-in fonts lack are written as question marks."""
    sheet = BytesIO()
    made = BaseDocTemplate(
        sheet,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"Impact assessment: {document.title}{' (exercise)' if document.is_exercise else ''}",
        author=document.controller or document.site,
        invariant=1,
    )
    frame = Frame(made.leftMargin, made.bottomMargin, made.width, made.height, id="all")
    made.addPageTemplates(PageTemplate(frames=[frame], onPage=partial(_frame_page, document=document)))
    made.build(list(_story(document)))
    return sheet.getvalue()


def _frame_page(canvas: Canvas, _made: BaseDocTemplate, *, document: AssessmentDocument) -> None:
    """Write what stands on every sheet."""
    canvas.saveState()
    canvas.setFont("Helvetica", 8)
    canvas.setFillColor(GREY)
    canvas.drawString(
        MARGIN, 10 * mm, _plain(f"{document.title}, {document.site}, {document.made_at:%Y-%m-%d %H:%M:%S} UTC")
    )
    canvas.drawRightString(A4[0] - MARGIN, 10 * mm, str(canvas.getPageNumber()))
    if document.is_exercise:
        canvas.setFillColor(VIOLET)
        canvas.setFont("Helvetica-Bold", 9)
        canvas.drawString(MARGIN, A4[1] - 12 * mm, EXERCISE)
    canvas.restoreState()


def _story(document: AssessmentDocument) -> Iterable[Flowable]:
    """Yield the document's parts in order."""
    yield _line(f"{document.title}: impact on people", TITLE)
    yield _line(
        f"{document.site}, {document.controller}. State: {document.state}. GDPR article 35, AI Act article 27.", SMALL
    )
    if document.missing:
        yield _line("Still missing", HEAD)
        yield from (_line(f"- {one}") for one in document.missing)
    yield _line("Register entry", HEAD)
    yield _table([(name, value or "-") for name, value in document.entry.items()], (45 * mm, 125 * mm))
    for section in document.sections:
        yield from _section(section)
    yield _line("Risk to people", HEAD)
    rows = [
        (one.aspect, one.impact or "open", one.probability or "open", one.level or "open") for one in document.risks
    ]
    yield _table([("aspect", "impact", "probability", "level"), *rows], (45 * mm,) * 3 + (35 * mm,))
    for one in document.risks:
        yield from _claims(one.measures)
    yield _line("Frameworks", HEAD)
    listed = [(row.id, f"{row.title} ({row.source})", SAID[row.light]) for row in document.frameworks]
    yield _table(listed, (28 * mm, 122 * mm, 20 * mm))
    yield from _signatures(document)


def _section(section: SectionSeen) -> Iterable[Flowable]:
    yield _line(section.title, HEAD)
    yield _line(section.intro, SMALL)
    for question in section.questions:
        yield _line(question.asks, ASKED)
        yield from _pieces(question.answer or "not answered")
        by = (
            f"{question.answered_by}, {_day(question.answered_at)}"
            if question.answered_by
            else question.filled_by.value
        )
        yield _line(f"{question.law}; {by}", SMALL)
        yield from _claims(question.claims)


def _claims(claims: Sequence[ClaimSeen]) -> Iterable[Flowable]:
    for claim in claims:
        yield _line(f"{SAID[claim.light]}: {claim.says} {claim.because}. {claim.source}", SMALL)


def _signatures(document: AssessmentDocument) -> Iterable[Flowable]:
    yield _line("Signatures", HEAD)
    if not document.signatures:
        yield _line("Nobody has signed.")
    for one in document.signatures:
        mark = " (exercise)" if one.is_exercise else ""
        yield _line(f"{one.officer}, {one.office}, {one.at:%Y-%m-%d %H:%M:%S} UTC{mark}. {one.because}")
        yield _line(f"Ed25519 {one.public_key} {one.signature}", SMALL)
    yield Spacer(0, 3 * mm)
    yield from (_line(f"{name} SHA-256 {value}", SMALL) for name, value in document.hashes.items())


def _pieces(text: str) -> Iterable[Flowable]:
    """Yield a long answer in paragraphs that fit a page each."""
    for line in text.splitlines():
        for start in range(0, max(len(line), 1), PIECE_CHARS):
            yield _line(line[start : start + PIECE_CHARS])


def _table(rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    cells = [[_line(cell, SMALL if place == 0 else TEXT) for place, cell in enumerate(row)] for row in rows]
    rule = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE)]
    return Table(cells, colWidths=widths, style=TableStyle(rule), hAlign="LEFT")


def _line(text: str, style: ParagraphStyle = TEXT) -> Paragraph:
    return Paragraph(escape(_plain(text)), style)


def _plain(text: str) -> str:
    """Return text in the letters of the built-in fonts (Windows-1252)."""
    arrows = text.replace("→", "->").replace("≥", ">=").replace("≤", "<=")
    return arrows.encode("cp1252", "replace").decode("cp1252")


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""
