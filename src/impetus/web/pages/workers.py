"""The workers' page: what is recorded about the people who work here, in plain words, with live values."""

from fastapi import APIRouter, Request, Response

from impetus.desk.workers import KeptDays, workers_view
from impetus.web.context import TheDesk, TheSettings
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()

TEXTS = (
    N_("Your account: name, role, language, when it was made, failed sign-ins in a row until one works"),
    N_("to know who acts, and to lock out who guesses passwords"),
    N_("{days} days after it was disabled"),
    N_("Your sessions: when you signed in and when that ends"),
    N_("to keep you signed in, and to end it"),
    N_("until they end, two hours after the last click"),
    N_("What you did to alerts: took, judged, put aside, handed on, with your words"),
    N_("so that nobody wonders who has it, and what was done can be explained"),
    N_("{days} days after the alert was closed"),
    N_("What you did and decided in incidents: notes, decisions and their reasons"),
    N_("so that a decision can be understood later, also in court"),
    N_("{days} days after the incident was closed"),
    N_("Steps of playbooks you did, answered or skipped, with what shows it or why"),
    N_("so that the next person knows what is done, and who leads knows what was left out"),
    N_("Incident types and playbooks you changed, with your words"),
    N_("because somebody must answer for what leads people"),
    N_("the newest two hundred versions of each"),
    N_("What you wrote of an incident's situation: METHANE, objectives, sectors, links, and what was shared"),
    N_("so that whoever comes next knows what is known, who holds what, and who told whom"),
    N_("Your answers to proposed actions: yes, no, not enough information, with your words"),
    N_("because nothing may act on the city without a person's decision"),
    N_("two years after it ended"),
    N_("When you are on call, who stands in for you, what you were told and that you acknowledged it"),
    N_("so that somebody comes, and nobody is asked who has it already"),
    N_("{days} days after it was over"),
    N_("Where you are reached when you are not here, as you gave it, encrypted"),
    N_("to reach you; the channel gets it, and no colleague sees it"),
    N_("until you take it back, or your account is disabled"),
    N_("Your shifts, what you handed over and read back, and what you wrote in the shift log"),
    N_("so that nothing is lost between two people"),
    N_("{days} days after the shift ended"),
    N_("What you set on city systems or took back, and warnings to the public you drafted"),
    N_("Samples taken by hand that you asked for, took, handed on or wrote about"),
    N_("because a laboratory's result counts only with an unbroken chain of custody"),
    N_("because somebody must answer for what people outside are told"),
    N_("two years after it was over"),
    N_("Masks you asked to lift or agreed to lift, and pseudonyms you looked behind"),
    N_("because whoever is shown clearly has a right to know who looked and why"),
    N_("What you stopped, held back, signed, answered in assessments or planned as a test"),
    N_("because somebody must answer for it"),
    N_("as long as the thing itself"),
    N_("The log: which of your acts and readings of personal data were permitted or refused"),
    N_("law asks for it: LED article 25, AI Act articles 12 and 26(6)"),
    N_("your name for {days} days; then a line that names nobody"),
    N_("Where somebody sits now, and which alerts were put before that seat"),
    N_("so that nobody is asked more than ten times in ten minutes, EEMUA 191 and IEC 62682"),
    N_("for a day; you see your own, nobody sees another's"),
    N_("Planned works and exceptions you made or answer for"),
    N_("a year after it ended"),
    N_("Figures of everybody together by week: how decisions went and how long they took"),
    N_("to notice when people only follow the machine, AI Act article 14(4)(b)"),
    N_("{days} days"),
    N_("how fast, how often or how well one person works; there is no place for it, and a test looks for one"),
    N_("where you are, what you look at with your eyes, your voice, your heart rate, your mood or how tired you are"),
    N_("which page you read for how long; only that something was opened that needs a reason, such as a lifted mask"),
    N_("what you type before you send it"),
)
"""The sentences of `desk.workers`, marked for the catalogues; a test compares the two."""


@router.get("/workers")
def show_workers(request: Request, desk: TheDesk, settings: TheSettings, actor: Person) -> Response:
    """Return the page; every person who signs in may see it."""
    days = KeptDays(
        alerts=settings.alerts_days,
        incidents=settings.incidents_days,
        accounts=settings.accounts_days,
        access=settings.access_days,
        log=settings.log_days,
    )
    view = workers_view(desk, actor, days)
    return page(request, "workers.html", actor=actor, view=view, figures=view.figures)
