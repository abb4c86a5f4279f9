"""The explanation of an alert through the API: for a person affected, a court, or another system that shows it."""

from datetime import datetime

from fastapi import APIRouter, Request

from impetus.core.ids import AlertId
from impetus.desk.explain_alert import AlertExplanation, explain_alert
from impetus.web.api_routes import READ_ONE, Id
from impetus.web.context import TheDesk
from impetus.web.documents import Document
from impetus.web.i18n import Words
from impetus.web.render import words_of
from impetus.web.session import Caller

router = APIRouter()


class ExplainedDocument(Document):
    """One question and its answers, sentence by sentence."""

    question: str
    answers: list[str]


class ExplanationDocument(Document):
    """Why an alert was raised, by which tool and version, from what, who judged it, and what followed."""

    alert: int
    made_at: datetime
    simulated: bool
    tools: list[str]
    register_pages: list[str]
    parts: list[ExplainedDocument]


@router.get(
    "/alerts/{alert}/explanation", tags=["alerts"], summary="Read the explanation of an alert", responses=READ_ONE
)
def read_explanation(request: Request, desk: TheDesk, actor: Caller, alert: Id) -> ExplanationDocument:
    """Return what is stored about an alert as questions and answers (AI Act, article 86; GDPR, article 22(3))."""
    return explanation_document(explain_alert(desk, actor, AlertId(alert)), words_of(request))


def explanation_document(explanation: AlertExplanation, words: Words) -> ExplanationDocument:
    """Return the explanation in the reader's language."""
    return ExplanationDocument(
        alert=explanation.alert,
        made_at=explanation.made_at,
        simulated=explanation.simulated,
        tools=list(explanation.tools),
        register_pages=[f"/ethics/register/{tool}" for tool in explanation.tools],
        parts=[
            ExplainedDocument(
                question=words.gettext(part.question), answers=[words.say(answer) for answer in part.answers]
            )
            for part in explanation.parts
        ],
    )
