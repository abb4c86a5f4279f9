"""An assessment as the PIA tool of the French authority (CNIL) imports it.

Learned from the tool's public source (LINCnil/pia): one JSON object with `pia`, `answers`, `measures`, `evaluations` and
`comments`. An answer says by `reference_to` which question of the tool it is for: section, item and question as three
digits; `data` holds `text`, `gauge` (1 to 4) and `list`. Our questions are put under the tool's that ask the same; what it
does not ask goes, named, under the nearest. Nobody is entered as having validated anything: that is done in the tool.
"""

import html
import json
from collections.abc import Mapping

from impetus.core.assessment import AssessmentDocument, Light, QuestionSeen

GAUGE: Mapping[str, int] = {"low": 1, "medium": 2, "high": 3, "very high": 4}
"""The tool's four degrees, negligible to maximal, for our four of impact; probability has three, and takes the first."""
QUESTIONS: Mapping[int, tuple[str, ...]] = {
    111: ("description.what", "description.purpose", "description.process", "description.period"),
    112: ("necessity.processors",),
    113: ("wp248",),
    121: ("description.inputs", "description.people"),
    122: ("description.what",),
    211: ("description.purpose",),
    212: ("necessity.legal_basis",),
    213: ("necessity.minimal", "necessity.alternatives"),
    214: ("necessity.accuracy",),
    215: ("necessity.retention",),
    221: ("necessity.informed",),
    223: ("necessity.rights",),
    224: ("necessity.rights",),
    225: ("necessity.rights",),
    226: ("necessity.processors",),
    227: ("necessity.processors",),
}
RISKS: Mapping[str, int] = {"confidentiality": 320, "integrity": 330, "availability": 340}
"""Illegitimate access, unwanted change, disappearance: the tool's three feared events."""
IMPACTS, SOURCES, MEASURES, SEVERITY, LIKELIHOOD = 1, 3, 4, 5, 6
DOING = 0
"""The tool's status of an assessment somebody still works on."""


def write_cnil(document: AssessmentDocument) -> bytes:
    """Return the JSON, UTF-8."""
    asked = {question.id: question for section in document.sections for question in section.questions}
    answers = [*_texts(document, asked), *_risks(document, asked)]
    for number, answer in enumerate(answers, 1):
        answer |= {"id": number, "pia_id": 1, "created_at": _time(document), "updated_at": _time(document)}
    made = {
        "pia": _pia(document, asked),
        "answers": answers,
        "measures": _measures(document),
        "evaluations": [],
        "comments": [],
    }
    return json.dumps(made, ensure_ascii=False, indent=1).encode("utf-8")


def _pia(document: AssessmentDocument, asked: Mapping[str, QuestionSeen]) -> dict[str, object]:
    """Return the head; status and opinions of the tool's own workflow are left open."""
    mark = "[EXERCISE] " if document.is_exercise else ""
    heard = asked["voices.people"].answer
    return {
        "id": 1,
        "name": f"{mark}{document.title}, {document.site}",
        "category": "exercise" if document.is_exercise else "",
        "author_name": document.controller or document.site,
        "evaluator_name": "",
        "validator_name": "",
        "dpo_status": None,
        "dpo_opinion": asked["voices.dpo"].answer,
        "dpos_names": ", ".join(dict.fromkeys(one.officer for one in document.signatures if one.counts)),
        "concerned_people_searched_opinion": bool(heard),
        "concerned_people_searched_content": heard,
        "concerned_people_opinion": "",
        "concerned_people_status": None,
        "people_names": "",
        "rejected_reason": "",
        "applied_adjustements": "",
        "status": DOING,
        "is_example": 0,
        "is_archive": 0,
        "progress": 0,
        "created_at": _time(document),
        "updated_at": _time(document),
    }


def _texts(document: AssessmentDocument, asked: Mapping[str, QuestionSeen]) -> list[dict[str, object]]:
    """Return an answer for each question of the tool that ours speak to."""
    found = []
    for reference, names in QUESTIONS.items():
        parts = [_paragraph(asked[name]) for name in names if name in asked]
        if "wp248" in names:
            parts = [_paragraph(asked[name]) for name in sorted(asked) if name.startswith("wp248.")]
        if reference == 122:  # noqa: PLR2004 - the tool's question about the life of the data
            parts += [f"<p>{html.escape(name)}: {html.escape(said)}</p>" for name, said in document.entry.items()]
        found.append(_answer(reference, text="".join(parts)))
    return found


def _risks(document: AssessmentDocument, asked: Mapping[str, QuestionSeen]) -> list[dict[str, object]]:
    """Return impacts, sources, measures, severity and likelihood of the three feared events."""
    found = []
    for risk in document.risks:
        base = RISKS[risk.aspect]
        harms = asked["rights.harms"].answer
        yes = [one.asks for one in asked.values() if one.id.startswith("threat.") and one.answer == "yes"]
        found += [
            _answer(base + IMPACTS, words=[harms] if harms else []),
            _answer(base + SOURCES, words=yes),
            _answer(base + MEASURES, words=[claim.says for claim in risk.measures]),
            _answer(base + SEVERITY, text=asked["rights.rest"].answer, gauge=GAUGE.get(risk.impact)),
            _answer(base + LIKELIHOOD, text=risk.probability, gauge=GAUGE.get(risk.probability)),
        ]
    return found


def _measures(document: AssessmentDocument) -> list[dict[str, object]]:
    """Return each measure once, with what stands behind it."""
    seen = {claim.id: claim for risk in document.risks for claim in risk.measures}
    said = {Light.GREEN: "shown", Light.RED: "not so", Light.OPEN: "open"}
    return [
        {
            "id": number,
            "pia_id": 1,
            "title": claim.says,
            "content": f"<p>{said[claim.light]}: {html.escape(claim.because)}</p>",
            "placeholder": "",
            "created_at": _time(document),
            "updated_at": _time(document),
        }
        for number, claim in enumerate(seen.values(), 1)
    ]


def _answer(
    reference: int, *, text: str | None = None, gauge: int | None = None, words: list[str] | None = None
) -> dict[str, object]:
    return {"reference_to": reference, "data": {"text": text, "gauge": gauge, "list": words}}


def _paragraph(question: QuestionSeen) -> str:
    answer = question.answer or "not answered"
    return f"<p><b>{html.escape(question.asks)}</b><br>{html.escape(answer)}</p>"


def _time(document: AssessmentDocument) -> str:
    return document.made_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
