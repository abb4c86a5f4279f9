"""What the platform records about the people who work with it, why, for how long and for whose eyes.

The lines are not written here by hand and hoped for: a law test walks every column of the state that names a person and
fails when its table is in none of these lines, and fails as well when any table or query could tell how well somebody works.

**Source**: AI Act, article 26(7): workers and their representatives are informed before a high-risk system is used at the
workplace; GDPR, article 13 (what the people concerned are told) and article 88 (processing in the context of employment).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from impetus.core.actor import Actor
from impetus.core.text import Phrase
from impetus.desk.context import Desk
from impetus.desk.decision_figures import FEWEST_PEOPLE, KEPT_WEEKS, GateFigures, gate_figures
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation, who_may

COUNCIL_QUESTION = "voices.workers"
"""The question of the site's assessment whose answer is the works council's record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One kind of record about staff.

    `tables` are where it lies. `kept` says for how long, in days (`days`) or in other words. `who` are the roles that see
    it on screens.
    """

    what: str
    why: str
    tables: tuple[str, ...]
    kept: Phrase
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilRecord:
    """What was said about telling staff and those who speak for them: by whom and when."""

    text: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkersView:
    """The workers' page. `council` is None while nobody has answered; then the page says so.

    `tests_planned` says how many planted test alerts wait or were raised in the last weeks: that, not when or which.
    """

    recorded: tuple[Recorded, ...]
    never: tuple[str, ...]
    council: CouncilRecord | None
    figures: GateFigures
    fewest_people: int
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDays:
    """For how many days this installation keeps things: its settings as they are now."""

    alerts: int
    incidents: int
    accounts: int
    access: int
    log: int


NEVER = (
    "how fast, how often or how well one person works; there is no place for it, and a test looks for one",
    "where you are, what you look at with your eyes, your voice, your heart rate, your mood or how tired you are",
    "which page you read for how long; only that something was opened that needs a reason, such as a lifted mask",
    "what you type before you send it",
)
"""What is not recorded, in words for everybody."""


def workers_view(desk: Desk, actor: Actor, days: KeptDays) -> WorkersView:
    """Return the workers' page; every person who signs in may see it."""
    permit(desk, actor, Operation.FIGURES_READ, on="page:workers")
    figures = gate_figures(desk, actor)
    with desk.store.read() as unit:
        answers = [each for each in unit.register.answers("site") if each.question == COUNCIL_QUESTION]
        accounts = sum(account.disabled_at is None for account in unit.accounts.all())
    said = answers[-1] if answers else None
    return WorkersView(
        recorded=recorded(days),
        never=NEVER,
        council=CouncilRecord(text=said.text, who=said.who, at=said.at) if said else None,
        figures=figures,
        fewest_people=FEWEST_PEOPLE,
        accounts=accounts,
    )


def recorded(days: KeptDays) -> tuple[Recorded, ...]:
    """Return every kind of record about staff, with this installation's own times."""
    return (
        Recorded(
            what="Your account: name, role, language, when it was made, failed sign-ins in a row until one works",
            why="to know who acts, and to lock out who guesses passwords",
            tables=("accounts",),
            kept=_days("{days} days after it was disabled", days.accounts),
            who=who_may(Operation.ACCOUNTS_MANAGE),
        ),
        Recorded(
            what="Your sessions: when you signed in and when that ends",
            why="to keep you signed in, and to end it",
            tables=("sessions",),
            kept=Phrase(template="until they end, two hours after the last click"),
            who=(),
        ),
        Recorded(
            what="What you did to alerts: took, judged, put aside, handed on, with your words",
            why="so that nobody wonders who has it, and what was done can be explained",
            tables=("alerts", "alert_entries"),
            kept=_days("{days} days after the alert was closed", days.alerts),
            who=who_may(Operation.ALERTS_READ),
        ),
        Recorded(
            what="What you did and decided in incidents: notes, decisions and their reasons",
            why="so that a decision can be understood later, also in court",
            tables=("incidents", "incident_entries", "decisions"),
            kept=_days("{days} days after the incident was closed", days.incidents),
            who=who_may(Operation.INCIDENTS_READ),
        ),
        Recorded(
            what="Steps of playbooks you did, answered or skipped, with what shows it or why",
            why="so that the next person knows what is done, and who leads knows what was left out",
            tables=("runs", "run_events"),
            kept=_days("{days} days after the incident was closed", days.incidents),
            who=who_may(Operation.INCIDENTS_READ),
        ),
        Recorded(
            what="Incident types and playbooks you changed, with your words",
            why="because somebody must answer for what leads people",
            tables=("revisions",),
            kept=Phrase(template="the newest two hundred versions of each"),
            who=who_may(Operation.PLAYBOOKS_READ),
        ),
        Recorded(
            what="What you wrote of an incident's situation: METHANE, objectives, sectors, links, and what was shared",
            why="so that whoever comes next knows what is known, who holds what, and who told whom",
            tables=(
                "methane_texts",
                "methane_lines",
                "objectives",
                "sectors",
                "links",
                "shares",
                "share_tasks",
                "received_shares",
            ),
            kept=_days("{days} days after the incident was closed", days.incidents),
            who=who_may(Operation.INCIDENTS_READ),
        ),
        Recorded(
            what="Your answers to proposed actions: yes, no, not enough information, with your words",
            why="because nothing may act on the city without a person's decision",
            tables=("actions", "action_entries"),
            kept=Phrase(template="two years after it ended"),
            who=who_may(Operation.INCIDENTS_READ),
        ),
        Recorded(
            what="When you are on call, who stands in for you, what you were told and that you acknowledged it",
            why="so that somebody comes, and nobody is asked who has it already",
            tables=("stand_ins", "recipients", "deliveries", "notices", "call_plans"),
            kept=_days("{days} days after it was over", days.alerts),
            who=who_may(Operation.CALLS_READ),
        ),
        Recorded(
            what="Where you are reached when you are not here, as you gave it, encrypted",
            why="to reach you; the channel gets it, and no colleague sees it",
            tables=("contacts",),
            kept=Phrase(template="until you take it back, or your account is disabled"),
            who=(),
        ),
        Recorded(
            what="Your shifts, what you handed over and read back, and what you wrote in the shift log",
            why="so that nothing is lost between two people",
            tables=("shifts", "hand_overs", "hand_over_items", "shift_notes"),
            kept=_days("{days} days after the shift ended", days.incidents),
            who=who_may(Operation.SHIFTS_READ),
        ),
        Recorded(
            what="What you set on city systems or took back, and warnings to the public you drafted",
            why="because somebody must answer for what people outside are told",
            tables=("city_effects", "public_warnings"),
            kept=Phrase(template="two years after it was over"),
            who=who_may(Operation.EFFECTS_READ),
        ),
        Recorded(
            what="Samples taken by hand that you asked for, took, handed on or wrote about",
            why="because a laboratory's result counts only with an unbroken chain of custody",
            tables=("field_samples", "custody_entries"),
            kept=Phrase(template="two years after it was over"),
            who=who_may(Operation.SAMPLES_READ),
        ),
        Recorded(
            what="Masks you asked to lift or agreed to lift, and pseudonyms you looked behind",
            why="because whoever is shown clearly has a right to know who looked and why",
            tables=("reveals", "identity_requests"),
            kept=_days("{days} days after the incident was closed", days.incidents),
            who=who_may(Operation.REVEALS_READ),
        ),
        Recorded(
            what="What you stopped, held back, signed, answered in assessments or planned as a test",
            why="because somebody must answer for it",
            tables=("stops", "holds", "plants", "register_answers", "register_statements", "register_signings"),
            kept=Phrase(template="as long as the thing itself"),
            who=who_may(Operation.REGISTER_READ),
        ),
        Recorded(
            what="The log: which of your acts and readings of personal data were permitted or refused",
            why="law asks for it: LED article 25, AI Act articles 12 and 26(6)",
            tables=("accesses",),
            kept=_days("your name for {days} days; then a line that names nobody", days.access),
            who=who_may(Operation.ACCESSES_READ),
        ),
        Recorded(
            what="Where somebody sits now, and which alerts were put before that seat",
            why="so that nobody is asked more than ten times in ten minutes, EEMUA 191 and IEC 62682",
            tables=("seats", "asks", "ask_lines", "waiting"),
            kept=Phrase(template="for a day; you see your own, nobody sees another's"),
            who=(),
        ),
        Recorded(
            what="Planned works and exceptions you made or answer for",
            why="because somebody must answer for it",
            tables=("quiet", "quieted"),
            kept=Phrase(template="a year after it ended"),
            who=who_may(Operation.LOAD_READ),
        ),
        Recorded(
            what="Figures of everybody together by week: how decisions went and how long they took",
            why="to notice when people only follow the machine, AI Act article 14(4)(b)",
            tables=("figures", "figure_people"),
            kept=_days("{days} days", KEPT_WEEKS * 7),
            who=who_may(Operation.FIGURES_READ),
        ),
    )


def _days(template: str, days: int) -> Phrase:
    values: Mapping[str, int] = {"days": days}
    return Phrase(template=template, values=values)
