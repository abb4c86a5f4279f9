"""A playbook: numbered steps that lead a person through a situation, branch on the answers and always end.

Pure words; `playbook_text` reads and writes them, `check_playbook` judges them. The model is a strict subset of CACAO 2.0:
a step is an action with a manual command, a question is a switch on its answer, steps done together are a parallel.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

END = "end"
"""Where a path stops; every playbook has at least one way there from each step."""
CANNOT_TELL = "cannot tell"
"""The answer that stands beside every other: people must be able to say that they do not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer to a step's question and the step it leads to (a number as text, or `end`)."""

    words: str
    leads_to: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOut:
    """How long a step may take, in seconds, and the step that follows when it took longer; None is told as a fault."""

    within_s: int
    leads_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCall:
    """An act on the world that a step proposes: its kind, what goes with it, and how many people must agree."""

    kind: str
    people: int
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. `number` is its text, `1` or `2a`; `line` is where it begins in the text, from 1.

    `leads_to` is the step that follows when there is no question; None when the text does not say and there is no next one.
    `together` are steps that are done side by side before `leads_to`. A step that is not mandatory may be skipped without
    telling a supervisor.
    """

    number: str
    line: int
    role: str
    text: str
    is_mandatory: bool = False
    done_when: str = ""
    question: str = ""
    answers: tuple[Answer, ...] = ()
    time_out: TimeOut | None = None
    gate: GateCall | None = None
    together: tuple[str, ...] = ()
    leads_to: str | None = None

    def ways(self) -> tuple[str, ...]:
        """Return every step this one can lead to, in the order written, each once."""
        late = (self.time_out.leads_to,) if self.time_out and self.time_out.leads_to else ()
        onward = tuple(answer.leads_to for answer in self.answers) or ((self.leads_to,) if self.leads_to else ())
        return tuple(dict.fromkeys((*self.together, *onward, *late)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """A named list of steps; the first is where a run begins. `roles` are those that may be given a step."""

    title: str
    incident_type: str
    version: int
    roles: tuple[str, ...]
    steps: tuple[Step, ...]
    summary: str = ""
    sources: tuple[str, ...] = ()

    def step(self, number: str) -> Step | None:
        """Return the step of this number, None when there is none."""
        return next((step for step in self.steps if step.number == number), None)
