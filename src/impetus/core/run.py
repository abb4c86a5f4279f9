"""A run: somebody is led through one version of a playbook. What is stored is what happened, event by event.

The state is what `processes.run` makes of the events; nothing else is kept, so nothing can disagree with it. The text of
the playbook stays with the run: whoever changes the playbook meanwhile changes no run.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from impetus.core.ids import ActionId, IncidentId, RunId


class RunEventKind(StrEnum):
    """What can happen to a run. `late` is said by the platform; `propose` and what follows it belong to a gate."""

    START = "start"
    FINISH = "finish"
    SKIP = "skip"
    LATE = "late"
    PROPOSE = "propose"
    PERFORM = "perform"
    RETURN = "return"
    SEE = "see"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """One thing that happened, numbered from 1 in its run.

    `step` is a step's number as text, empty for the run as a whole. `answer` is one of the step's answers. `text` is the
    evidence of a step done, the reason of a skip, or how a proposal ended. `action` is the proposal it is about.
    """

    run: RunId
    number: int
    at: datetime
    event: RunEventKind
    who: str
    step: str = ""
    answer: str = ""
    text: str = ""
    action: ActionId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as stored: what it follows, word for word (`steps`), since when, by whom, and when something becomes late.

    `length` is the number of its newest event. `is_open` is whether it still wants somebody: a step is open, or a skipped one
    not seen by who leads. `due_at` is None when no step waits for a time.
    """

    id: RunId
    incident: IncidentId
    type: str
    type_version: int
    playbook_version: int
    title: str
    steps: str
    started_at: datetime
    started_by: str
    changed_at: datetime
    length: int = 0
    is_open: bool = True
    due_at: datetime | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of an incident type or a playbook: its text as written, by whom, when and why; versions count from 1.

    `kind` is `type` or `playbook`. What came with the platform has no revision until somebody changes it.
    """

    kind: str
    slug: str
    version: int
    text: str
    saved_at: datetime
    saved_by: str
    why: str = ""
