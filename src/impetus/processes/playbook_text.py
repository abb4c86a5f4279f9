"""Playbooks as text: a few lines of front matter, then numbered steps, as a trainer would write them on paper.

A step begins with its number and role; what belongs to it is indented below:

    1. [operator] Look at the picture and at the second camera. (must; within 60 s, else 4)
       Done when: you saw the object from two sides, or said why you could not.
       Is it a firearm?
       - yes -> 2
       - no -> 9
       - cannot tell -> 4
    2. [supervisor] Call the police on the direct line. -> 5
       Propose: message by 1; to=police; text=What is seen, and where

Reading keeps every fault it finds, with its line, and goes on: an author sees all of them at once. Nothing is guessed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from impetus.processes.playbook import Answer, GateCall, Playbook, Step, TimeOut

MAX_LINES = 2_000
MAX_STEPS = 200
"""A checklist longer than this is read by nobody under stress. House rule."""
MAX_WORDS = 500
"""Longest step, question or answer in characters: what fits on a card. House rule."""

STEP = re.compile(r"(?P<number>[0-9]{1,3}[a-z]?)\.\s+(?:\[(?P<role>[^\]]*)\]\s*)?(?P<rest>.*)")
LEADS = re.compile(r"\s*->\s*(?P<to>\S+)\s*$")
TERMS = re.compile(r"\s*\((?P<terms>(?:must|within|together)[^()]*)\)\s*$")
WITHIN = re.compile(r"within\s+(?P<count>[0-9]{1,5})\s*(?P<unit>s|min|h)(?:\s*,\s*else\s+(?P<to>\S+))?")
TOGETHER = re.compile(r"together\s+(?P<steps>[0-9a-z]+(?:\s*,\s*[0-9a-z]+)+)")
ANSWER = re.compile(r"-\s+(?P<words>.*?)\s*->\s*(?P<to>\S+)\s*")
GATE = re.compile(r"Propose:\s*(?P<kind>[a-z_]+)(?:\s+by\s+(?P<people>[0-9]))?(?:;\s*(?P<rest>.*))?")
SECONDS: Mapping[str, int] = {"s": 1, "min": 60, "h": 3600}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """What is wrong with a playbook: the line (from 1), the rule's short name, the sentence and what would mend it."""

    line: int
    rule: str
    says: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The front matter, read from YAML by whoever may read YAML; `lines` is how many lines it took."""

    title: str
    incident_type: str
    version: int
    roles: tuple[str, ...]
    summary: str = ""
    sources: tuple[str, ...] = ()
    lines: int = 0


def read_steps(text: str, *, first_line: int = 1) -> tuple[tuple[Step, ...], tuple[Fault, ...]]:
    """Return the steps of a playbook's body and every fault of its writing, by line; never raises for a text."""
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        return (), (_fault(first_line, "too-long", f"{len(lines)} lines", f"write at most {MAX_LINES}"),)
    faults: list[Fault] = []
    steps = [_read_step(block, faults) for block in _blocks(lines, first_line, faults)]
    if len(steps) > MAX_STEPS:
        faults.append(
            _fault(first_line, "too-long", f"{len(steps)} steps", f"write at most {MAX_STEPS}, or two playbooks")
        )
    return _with_next(steps), tuple(sorted(faults))


def read_playbook(front: Front, body: str) -> tuple[Playbook, tuple[Fault, ...]]:
    """Return the playbook of a front matter and a body, with the faults of its writing."""
    steps, faults = read_steps(body, first_line=front.lines + 1)
    playbook = Playbook(
        title=front.title,
        incident_type=front.incident_type,
        version=front.version,
        roles=front.roles,
        steps=steps,
        summary=front.summary,
        sources=front.sources,
    )
    return playbook, faults


def write_steps(steps: Sequence[Step]) -> str:
    """Return the body of a playbook; reading it again gives the same steps, but for their lines."""
    return "\n".join(line for place, step in enumerate(steps) for line in _lines_of(step, _after(steps, place))) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """The lines of one step with their numbers, the first being its own."""

    lines: tuple[tuple[int, str], ...]


def _blocks(lines: Sequence[str], first_line: int, faults: list[Fault]) -> Iterator[_Block]:
    """Cut the lines into steps; what stands before the first step belongs to none."""
    current: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=first_line):
        if not line.strip():
            continue
        if line[0].isspace():
            if current:
                current.append((number, line.strip()))
            else:
                faults.append(_fault(number, "no-step", f"{line.strip()[:60]!r} belongs to no step", "begin with 1."))
        elif STEP.fullmatch(line):
            if current:
                yield _Block(lines=tuple(current))
            current = [(number, line.strip())]
        else:
            faults.append(
                _fault(number, "no-step", f"{line[:60]!r} is no step", "write `1. [role] words`, or indent it")
            )
    if current:
        yield _Block(lines=tuple(current))


def _read_step(block: _Block, faults: list[Fault]) -> Step:
    """Read one step with what is indented below it."""
    line, head = block.lines[0]
    found = STEP.fullmatch(head)
    if found is None:  # _blocks only begins a block with a line that is one
        raise AssertionError(head)
    rest, leads_to = _cut_leads(found["rest"])
    rest, terms = _cut_terms(rest)
    step = Step(
        number=found["number"],
        line=line,
        role=(found["role"] or "").strip(),
        text=_words(rest, line, faults),
        leads_to=leads_to,
    )
    for term in (part.strip() for part in terms.split(";") if part.strip()):
        step = _with_term(step, term, line, faults)
    for number, words in block.lines[1:]:
        step = _with_line(step, number, words, faults)
    return step


def _cut_leads(text: str) -> tuple[str, str | None]:
    found = LEADS.search(text)
    return (text[: found.start()], found["to"].lower()) if found else (text, None)


def _cut_terms(text: str) -> tuple[str, str]:
    found = TERMS.search(text)
    return (text[: found.start()], found["terms"]) if found else (text, "")


def _with_term(step: Step, term: str, line: int, faults: list[Fault]) -> Step:
    """Take in one term of the brackets: `must`, `within …`, `together …`."""
    if term == "must":
        return replace(step, is_mandatory=True)
    if found := WITHIN.fullmatch(term):
        late = found["to"].lower() if found["to"] else None
        return replace(step, time_out=TimeOut(within_s=int(found["count"]) * SECONDS[found["unit"]], leads_to=late))
    if found := TOGETHER.fullmatch(term):
        return replace(step, together=tuple(part.strip() for part in found["steps"].split(",")))
    faults.append(
        _fault(line, "term", f"{term[:60]!r} is no term", "write must, within 60 s, else 4, or together 5, 6")
    )
    return step


def _with_line(step: Step, line: int, words: str, faults: list[Fault]) -> Step:
    """Take in one indented line: what shows it is done, an act to propose, a question, or an answer to it."""
    if words.startswith("Done when:"):
        return replace(step, done_when=_words(words.removeprefix("Done when:"), line, faults))
    if words.startswith("Propose:"):
        return replace(step, gate=_gate(words, line, faults))
    if words.startswith("- "):
        return _with_answer(step, words, line, faults)
    if found := LEADS.fullmatch(words):
        return replace(step, leads_to=found["to"].lower())
    if words.endswith("?") and not step.question:
        return replace(step, question=_words(words, line, faults))
    faults.append(
        _fault(
            line,
            "line",
            f"{words[:60]!r} says nothing to a step",
            "write Done when:, Propose:, a question? or - answer -> 2",
        )
    )
    return step


def _with_answer(step: Step, words: str, line: int, faults: list[Fault]) -> Step:
    found = ANSWER.fullmatch(words)
    if found is None:
        faults.append(_fault(line, "answer", f"{words[:60]!r} leads nowhere", "write `- answer -> number` or `-> end`"))
        return step
    if not step.question:
        faults.append(_fault(line, "answer", "an answer without a question", "write the question, with ?, above it"))
    answer = Answer(words=_words(found["words"], line, faults), leads_to=found["to"].lower(), line=line)
    return replace(step, answers=(*step.answers, answer))


def _gate(words: str, line: int, faults: list[Fault]) -> GateCall | None:
    found = GATE.fullmatch(words)
    if found is None:
        faults.append(
            _fault(line, "propose", f"{words[:60]!r} proposes nothing", "write `Propose: kind by 2; name=value`")
        )
        return None
    parameters: dict[str, str] = {}
    for part in (piece.strip() for piece in (found["rest"] or "").split(";") if piece.strip()):
        name, sign, value = part.partition("=")
        if not sign or not name.strip() or not value.strip():
            faults.append(_fault(line, "propose", f"{part[:60]!r} is no name=value", "write name=value; name=value"))
            continue
        parameters[name.strip()] = value.strip()
    return GateCall(kind=found["kind"], people=int(found["people"] or 0), parameters=parameters)


def _words(text: str, line: int, faults: list[Fault]) -> str:
    """Return words on one line, told as a fault when there are none or too many."""
    said = " ".join(text.split())
    if not said:
        faults.append(_fault(line, "empty", "nothing is said here", "say what to do in a sentence"))
    if len(said) > MAX_WORDS:
        faults.append(_fault(line, "too-long", f"{len(said)} characters", f"say it in {MAX_WORDS}, or in two steps"))
    return said


def _with_next(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Let a step without a question, and without a word on it, lead to the one below; the last leads nowhere."""
    return tuple(
        replace(step, leads_to=steps[place + 1].number)
        if step.leads_to is None and not step.answers and place + 1 < len(steps)
        else step
        for place, step in enumerate(steps)
    )


def _after(steps: Sequence[Step], place: int) -> str | None:
    return steps[place + 1].number if place + 1 < len(steps) else None


def _lines_of(step: Step, following: str | None) -> Iterator[str]:
    """Yield a step as it is written."""
    terms = ["must"] if step.is_mandatory else []
    if step.time_out:
        late = f", else {step.time_out.leads_to}" if step.time_out.leads_to else ""
        terms.append(f"within {step.time_out.within_s} s{late}")
    if step.together:
        terms.append(f"together {', '.join(step.together)}")
    onward = f" -> {step.leads_to}" if step.leads_to and (step.leads_to != following or step.answers) else ""
    role = f"[{step.role}] " if step.role else ""
    said = f" ({'; '.join(terms)})" if terms else ""
    yield f"{step.number}. {role}{step.text}{said}{onward}"
    if step.done_when:
        yield f"   Done when: {step.done_when}"
    if step.gate:
        parameters = "".join(f"; {name}={value}" for name, value in step.gate.parameters.items())
        yield f"   Propose: {step.gate.kind} by {step.gate.people}{parameters}"
    if step.question:
        yield f"   {step.question}"
    yield from (f"   - {answer.words} -> {answer.leads_to}" for answer in step.answers)


def _fault(line: int, rule: str, says: str, remedy: str) -> Fault:
    return Fault(line=line, rule=rule, says=says, remedy=remedy)
