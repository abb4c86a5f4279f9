"""How a run is shown: which step is now, which key gives which answer, and what happens when it is late.

Keys follow the hand, not the position: Y, N and U for yes, no and cannot tell; digits for every other set of answers. Only the
first open step that is the reader's has keys, because a letter that could mean two steps means neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from impetus.desk.run_reading import RunView, StepView

PLAIN = {"yes": "Y", "no": "N", "cannot tell": "U", "cannot see": "U", "not known": "U"}
"""Answers that have a letter wherever they stand."""
DONE, EVIDENCE, SKIP = "Y", "E", "S"
MOST_DIGITS = 9
OPEN = frozenset({"now", "late"})
OVER = frozenset({"done", "skipped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step with what this person may do about it. `answers` are words with their key, empty without one."""

    step: StepView
    is_now: bool
    is_over: bool
    answers: tuple[tuple[str, str], ...] = ()
    done_key: str = ""
    evidence_key: str = ""
    skip_key: str = ""
    late: bool = False
    late_words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShown:
    """A run as the incident's page shows it; `seen` is how far the page knows it, which acts carry."""

    title: str
    version: int
    seen: int
    done: int
    total: int
    rows: tuple[StepRow, ...]
    open_mandatory: tuple[str, ...]
    is_over: bool


def run_shown(view: RunView) -> RunShown:
    """Return the run with keys on its first open step."""
    first = next((step.number for step in view.steps if step.state in OPEN and step.is_yours), None)
    by_number = {step.number: step for step in view.steps}
    return RunShown(
        title=view.playbook,
        version=view.playbook_version,
        seen=view.version,
        done=view.done,
        total=view.total,
        rows=tuple(_row(step, by_number, has_keys=step.number == first) for step in view.steps),
        open_mandatory=view.open_mandatory,
        is_over=view.is_over,
    )


def answer_keys(answers: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return each answer with its key: letters when all have one and none twice, else digits; none past the ninth.

    >>> answer_keys(("yes", "no", "cannot tell"))
    (('yes', 'Y'), ('no', 'N'), ('cannot tell', 'U'))
    >>> answer_keys(("one exit", "several", "none"))
    (('one exit', '1'), ('several', '2'), ('none', '3'))
    """
    letters = [PLAIN.get(words.casefold(), "") for words in answers]
    if all(letters) and len(set(letters)) == len(letters):
        return tuple(zip(answers, letters, strict=True))
    return tuple((words, str(place) if place <= MOST_DIGITS else "") for place, words in enumerate(answers, 1))


def _row(step: StepView, by_number: dict[str, StepView], *, has_keys: bool) -> StepRow:
    keyed = answer_keys(step.answers)
    with_keys = has_keys and step.is_yours
    return StepRow(
        step=step,
        is_now=step.state in OPEN,
        is_over=step.state in OVER,
        answers=keyed if with_keys else tuple((words, "") for words, _ in keyed),
        done_key=DONE if with_keys and not keyed else "",
        evidence_key=EVIDENCE if with_keys and step.needs_evidence else "",
        skip_key=SKIP if with_keys else "",
        late=step.state == "late",
        late_words=_late_words(step, by_number),
    )


def _late_words(step: StepView, by_number: dict[str, StepView]) -> str:
    """Say what follows when it is late: the next step's words, or nothing when it only is late."""
    follows = by_number.get(step.late_leads_to or "")
    return follows.question or follows.text if follows else ""
