"""Any alert explained, from what is stored alone: which tool said what, what it saw, what was enough, who judged, what followed.

Nothing here is thought up afterwards: each sentence is a value of the alert, its findings, its evidence, its history or
the register. What is not stored any more is said to be gone, not filled in.

**Source**: AI Act, article 86: a person affected is entitled to clear and meaningful explanations of the role of the system
and the main elements of the decision; GDPR, article 22(3).
"""

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from impetus.core.action import ActionState
from impetus.core.actor import Actor
from impetus.core.alert import Alert, AlertEntry, AlertEvent
from impetus.core.evidence import Evidence, SeriesEvidence
from impetus.core.finding import Finding
from impetus.core.ids import AlertId
from impetus.core.observation import from_us
from impetus.core.plant import is_planted
from impetus.core.register import Configured
from impetus.core.text import Phrase, Value
from impetus.desk import read
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.desk.readable import when
from impetus.desk.views import AlertView
from impetus.ethics.guard import Operation
from impetus.ports.ethics import AccessQuery

MOST_FINDINGS, MOST_SERIES = 5, 6
"""Findings and series told of one alert; the first ones say why it was raised, later ones repeat. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One question and its answers, sentence by sentence."""

    question: str
    answers: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertExplanation:
    """The explanation of one alert. `tools` are the ids behind the register's pages; `made_at` is when it was written."""

    alert: AlertId
    made_at: datetime
    simulated: bool
    tools: tuple[str, ...]
    parts: tuple[Explained, ...]


def explain_alert(desk: Desk, actor: Actor, alert_id: AlertId) -> AlertExplanation:
    """Return the explanation of an alert for whoever may see it; `Unknown` when it was erased."""
    permit(desk, actor, Operation.ALERTS_READ, on=f"alert:{alert_id}")
    view = read.alert(desk, actor, alert_id)
    configured = desk.configuration.read()
    with desk.store.read() as unit:
        lines = unit.accesses.count(AccessQuery(subject=f"alert:{alert_id}"))
        acts = unit.actions.find(incident=view.alert.incident) if view.alert.incident is not None else ()
    performed = [
        _said("{kind} for {target}: performed", kind=act.kind.value.replace("_", " "), target=act.target)
        for act in acts
        if act.state is ActionState.PERFORMED
    ]
    return AlertExplanation(
        alert=alert_id,
        made_at=desk.clock.now(),
        simulated=view.alert.simulated,
        tools=tuple(str(tool) for tool in view.alert.tools),
        parts=(
            Explained(question="What was said", answers=_what(view.alert)),
            Explained(question="Which tool said it", answers=_tools(view.alert, configured)),
            Explained(question="What it saw", answers=_seen(view)),
            Explained(question="Why that was enough", answers=_enough(view.alert, view.findings, view.evidences)),
            Explained(question="Who judged it", answers=_judged(view.entries)),
            Explained(question="What was done", answers=(*_done(view), *performed)),
            Explained(question="What stands in the log", answers=_logged(lines)),
            Explained(question="What it does not mean", answers=_limits()),
        ),
    )


def explanation_text(explanation: AlertExplanation) -> str:
    """Return the explanation as plain text, to be handed over on paper; in English."""
    head = f"Explanation of alert {explanation.alert}, written {when(explanation.made_at)}"
    lines = [head, "=" * len(head)]
    if explanation.simulated:
        lines.append("EXERCISE OR SIMULATED INPUT: nothing in here happened.")
    for part in explanation.parts:
        lines += ["", part.question, "-" * len(part.question)]
        lines += [f"* {answer.say()}" for answer in part.answers]
    return "\n".join(lines) + "\n"


def _said(template: str, **values: Value) -> Phrase:
    return Phrase(template=template, values=values)


def _what(alert: Alert) -> tuple[Phrase, ...]:
    """Say what the alert says, and when it began and was raised."""
    planted = (_said("It was a planted test: an old alert told again. Nothing happened."),) if _is_told(alert) else ()
    return (
        alert.headline,
        alert.why,
        _said("It began at {began} and was raised at {raised}.", began=when(alert.began), raised=when(alert.raised_at)),
        _said("Severity {severity}, certainty {certainty}.", severity=alert.severity, certainty=alert.certainty),
        *planted,
    )


def _is_told(alert: Alert) -> bool:
    """Say whether it is a planted test that was disclosed."""
    return is_planted(alert) and alert.simulated


def _tools(alert: Alert, configured: Configured) -> tuple[Phrase, ...]:
    """Say which tools said it, in which version, and what they are for."""
    answers: list[Phrase] = []
    for tool in alert.tools:
        part = configured.installed.get(tool)
        manifest = part.manifest if part is not None else None
        if manifest is None:
            answers.append(_said("{tool}, which is not installed here any more.", tool=str(tool)))
            continue
        answers.append(
            _said(
                "{tool}, version {version} as it runs now: {summary}",
                tool=manifest.name,
                version=manifest.version,
                summary=manifest.summary,
            )
        )
        answers.append(
            _said(
                "Its purposes: {purposes}. Personal data it works on: {personal}.",
                purposes=", ".join(manifest.purposes),
                personal=", ".join(manifest.personal_data) or "none",
            )
        )
    return tuple(answers)


def _seen(view: AlertView) -> tuple[Phrase, ...]:
    """Say what each measured series showed where it was most surprising."""
    answers = [_peak(series) for evidence in view.evidences for series in evidence.series][:MOST_SERIES]
    found = [answer for answer in answers if answer is not None]
    if view.missing_evidence:
        found.append(
            _said("{count} pieces of evidence were erased when their time was over.", count=view.missing_evidence)
        )
    return tuple(found) or (_said("No measured series is stored with it."),)


def _peak(series: SeriesEvidence) -> Phrase | None:
    """Say where a series left its expected band furthest, None when it never had one."""
    beyond = np.fmax(series.measured - series.high, series.low - series.measured)
    if not np.isfinite(beyond).any():
        return None
    place = int(np.nanargmax(beyond))
    return _said(
        "{title}: {measured} {unit} at {at}, where {low} to {high} was expected; {share} % of ordinary readings lie in that band.",
        title=series.title.say(),
        measured=_number(series.measured[place]),
        unit=series.unit,
        at=when(from_us(int(series.time_us[place]))),
        low=_number(series.low[place]),
        high=_number(series.high[place]),
        share=_number(100 * series.coverage),
    )


def _enough(alert: Alert, findings: tuple[Finding, ...], evidences: tuple[Evidence, ...]) -> tuple[Phrase, ...]:
    """Say which measure and limit made it an alert."""
    answers = [_said("Score {score} on a scale from 0 to 1, higher is more surprising.", score=_number(alert.score))]
    if alert.one_in is not None and math.isfinite(alert.one_in):
        answers.append(_said("Readings like this come about once in {count}.", count=_number(alert.one_in)))
    answers += [_said("Evidence: {summary}", summary=evidence.summary.say()) for evidence in evidences[:MOST_FINDINGS]]
    for finding in findings[:MOST_FINDINGS]:
        facts = ", ".join(f"{name} {_number(value)}" for name, value in sorted(finding.facts.items()))
        answers.append(
            _said(
                "{tool} noticed at {at}: {why}{facts}",
                tool=str(finding.tool),
                at=when(finding.noticed),
                why=finding.why.say(),
                facts=f" ({facts})" if facts else "",
            )
        )
    answers.append(_said("It was seen again {count} times.", count=alert.repeats))
    return tuple(answers)


def _judged(entries: tuple[AlertEntry, ...]) -> tuple[Phrase, ...]:
    """Say who judged it, what they said and why; nobody's judgement is a full answer too."""
    judged = tuple(
        _said(
            "{who} at {at}: {verdict}{why}",
            who=entry.who,
            at=when(entry.at),
            verdict=str(entry.detail.get("verdict", "")).replace("_", " "),
            why=f", {entry.why}" if entry.why else "",
        )
        for entry in entries
        if entry.event == AlertEvent.ASSESS
    )
    return judged or (_said("Nobody has judged it yet."),)


def _done(view: AlertView) -> tuple[Phrase, ...]:
    """Say what people and the platform did with it, and in which incident it stands."""
    acts = tuple(
        _said(
            "{at} {who}: {event}{why}",
            at=when(entry.at),
            who=entry.who,
            event=str(entry.event).replace("_", " "),
            why=f", {entry.why}" if entry.why else "",
        )
        for entry in view.entries
        if entry.event not in (AlertEvent.ASSESS, AlertEvent.REPEAT)
    )
    incident = view.incident
    joined = (
        (_said("It stands in incident {number}: {title}.", number=incident.id, title=incident.title),)
        if incident
        else ()
    )
    return (*acts, *joined) or (_said("Nothing was done with it yet."),)


def _logged(lines: int) -> tuple[Phrase, ...]:
    """Say how many acts about it the log holds, and who may open them."""
    return (
        _said("{count} acts about this alert are in the tamper-evident log.", count=lines),
        _said("The data protection officer and the auditor can open who did them and give out proofs."),
    )


def _limits() -> tuple[Phrase, ...]:
    """Say what no alert means here."""
    return (
        _said(
            "No tool decides: an alert asks a person to look, and nothing acts on the city without a person's decision."
        ),
        _said("It says nothing about any one person; nobody was recognised, scored or followed for it."),
        _said("Whoever is affected may ask for this explanation and complain to the data protection officer."),
    )


def _number(value: float) -> str:
    """Return a number as people read it: at most three places, no tail of noughts."""
    return f"{float(value):.3f}".rstrip("0").rstrip(".")
