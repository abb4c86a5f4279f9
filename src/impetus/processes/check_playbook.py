"""What is wrong with a playbook before anybody has to follow it: each fault with its line and what would mend it.

The OASIS schema of CACAO checks spelling; these are the faults that leave a person stuck at three in the morning: a step
that leads to nothing, a circle without a way out, an answer that is missing, a deadline without a "then what", a gate that
lets one person do what takes two.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from impetus.core.action import CLASS_RULES, KIND_RULES, ActionKind
from impetus.core.actor import Role
from impetus.processes.playbook import CANNOT_TELL, END, Playbook, Step
from impetus.processes.playbook_text import Fault

LONGEST_S = 86_400
"""A step that may take longer than a day is a plan, not a checklist. House rule."""
LEAST_ANSWERS = 3
"""Two answers and `cannot tell`: fewer is no question. House rule."""
MOST_ANSWERS = 7
"""What a person weighs at once; seven keys on a keyboard. House rule."""


def check_playbook(playbook: Playbook, written: Iterable[Fault] = ()) -> tuple[Fault, ...]:
    """Return every fault by line, those of the writing included; empty for a playbook that may be used."""
    found = [
        *written,
        *_of_the_front(playbook),
        *_of_numbers(playbook),
        *_of_ways(playbook),
        *(fault for step in playbook.steps for fault in _of_step(playbook, step)),
    ]
    if not any(fault.rule in {"dangling", "twice"} for fault in found):
        found += _of_the_whole(playbook)
    return tuple(sorted(set(found)))


def _of_the_front(playbook: Playbook) -> Iterator[Fault]:
    """Judge the front matter: a name, a version, roles that exist, and at least one step."""
    if not playbook.title.strip():
        yield _fault(1, "title", "the playbook has no title", "add title:")
    if not playbook.incident_type.strip():
        yield _fault(1, "incident-type", "it belongs to no incident type", "add incident_type:")
    if playbook.version < 1:
        yield _fault(1, "version", f"version {playbook.version}", "count versions from 1")
    people = {role.value for role in Role} - {Role.SERVICE.value, Role.PLATFORM.value}
    for role in playbook.roles:
        if role not in people:
            yield _fault(1, "role", f"there is no role {role!r}", f"choose from {', '.join(sorted(people))}")
    if not playbook.steps:
        yield _fault(1, "empty", "the playbook has no step", "write `1. [role] words`")


def _of_numbers(playbook: Playbook) -> Iterator[Fault]:
    """Judge that each number names one step."""
    counts = Counter(step.number for step in playbook.steps)
    seen: set[str] = set()
    for step in playbook.steps:
        if counts[step.number] > 1 and step.number in seen:
            yield _fault(step.line, "twice", f"step {step.number} is there twice", "give it a number of its own")
        seen.add(step.number)


def _of_ways(playbook: Playbook) -> Iterator[Fault]:
    """Judge that every way leads to a step that is there, or to the end."""
    known = {step.number for step in playbook.steps} | {END}
    for step in playbook.steps:
        for answer in step.answers:
            if answer.leads_to not in known:
                yield _dangling(answer.line or step.line, answer.leads_to)
        others = (step.leads_to, *step.together, step.time_out.leads_to if step.time_out else None)
        for way in others:
            if way is not None and way not in known:
                yield _dangling(step.line, way)
        if not step.answers and step.leads_to is None:
            yield _fault(step.line, "no-end", f"step {step.number} leads nowhere", "write -> end, or the next step")


def _of_step(playbook: Playbook, step: Step) -> Iterator[Fault]:
    """Judge one step by itself."""
    if not step.role:
        yield _fault(step.line, "no-role", f"step {step.number} is nobody's", f"write {step.number}. [operator] …")
    elif step.role not in playbook.roles:
        yield _fault(
            step.line,
            "role",
            f"{step.role!r} is none of this playbook's roles",
            f"add it to roles:, or use {', '.join(playbook.roles)}",
        )
    yield from _of_time(step)
    yield from _of_question(step)
    yield from _of_gate(step)
    yield from _of_together(playbook, step)


def _of_time(step: Step) -> Iterator[Fault]:
    if step.time_out is None:
        return
    if step.time_out.leads_to is None:
        yield _fault(step.line, "time-out", f"step {step.number} has a limit and no path after it", "add `, else 7`")
    if not 1 <= step.time_out.within_s <= LONGEST_S:
        yield _fault(
            step.line, "time-out", f"a limit of {step.time_out.within_s} s", f"choose 1 s to {LONGEST_S // 3600} h"
        )
    if step.time_out.leads_to == step.number:
        yield _fault(step.line, "time-out", f"late, step {step.number} leads to itself", "name who helps then")


def _of_question(step: Step) -> Iterator[Fault]:
    """Judge a question: enough answers, not too many, each once, and one for who cannot tell."""
    if step.question and not step.answers:
        yield _fault(step.line, "answers", f"the question of step {step.number} has no answer", "write - yes -> 2")
    if not step.answers:
        return
    words = [answer.words.casefold() for answer in step.answers]
    if not LEAST_ANSWERS <= len(words) <= MOST_ANSWERS:
        yield _fault(
            step.line,
            "answers",
            f"{len(words)} answers",
            f"give {LEAST_ANSWERS} to {MOST_ANSWERS}, `{CANNOT_TELL}` among them",
        )
    for word in sorted({word for word in words if words.count(word) > 1}):
        yield _fault(step.line, "answers", f"the answer {word!r} is there twice", "say what makes them different")
    if CANNOT_TELL not in words:
        yield _fault(
            step.line, "cannot-tell", f"step {step.number} has no `{CANNOT_TELL}`", f"add - {CANNOT_TELL} -> …"
        )
    if step.leads_to is not None:
        yield _fault(
            step.line, "answers", f"step {step.number} asks, and also leads to {step.leads_to}", "drop one of them"
        )


def _of_gate(step: Step) -> Iterator[Fault]:
    """Judge a proposed act: a kind there is, what it needs, and no fewer people than its class takes."""
    if step.gate is None:
        return
    if step.gate.kind not in set(ActionKind):
        yield _fault(
            step.line, "propose", f"there is no act {step.gate.kind!r}", f"choose from {', '.join(sorted(ActionKind))}"
        )
        return
    rule = KIND_RULES[ActionKind(step.gate.kind)]
    needed = CLASS_RULES[rule.action_class].persons
    if not rule.is_proposable:
        yield _fault(
            step.line, "propose", f"{step.gate.kind} cannot be proposed by a playbook", "tell people to ask for it"
        )
    if step.gate.people < needed:
        yield _fault(
            step.line,
            "weak-gate",
            f"{step.gate.kind} by {step.gate.people}",
            f"class {rule.action_class.value} takes {needed}: write by {needed}",
        )
    for name in rule.needs:
        if name not in step.gate.parameters:
            yield _fault(step.line, "propose", f"{step.gate.kind} needs {name}", f"add ; {name}=…")


def _of_together(playbook: Playbook, step: Step) -> Iterator[Fault]:
    """Judge steps done side by side: each comes back to where the others meet, and none asks where to go."""
    if not step.together:
        return
    if len(set(step.together)) < len(step.together) or step.number in step.together:
        yield _fault(step.line, "together", "a step cannot be done beside itself", "name each once")
    for number in step.together:
        branch = playbook.step(number)
        if branch is not None and (branch.answers or branch.together):
            yield _fault(
                branch.line, "together", f"step {number} branches while others are being done", "ask after they meet"
            )
        elif branch is not None and branch.leads_to not in {step.leads_to, None}:
            yield _fault(
                branch.line,
                "together",
                f"step {number} leads to {branch.leads_to}, the others meet at {step.leads_to}",
                f"write -> {step.leads_to}",
            )


def _of_the_whole(playbook: Playbook) -> Iterator[Fault]:
    """Judge the ways as a whole: every step is reached, and from every step there is a way to the end."""
    if not playbook.steps:
        return
    ways = {step.number: step.ways() for step in playbook.steps}
    reached = _from(playbook.steps[0].number, ways)
    ending = _to_end(ways)
    circles = _without_question(playbook.steps)
    for step in playbook.steps:
        if step.number not in reached:
            yield _fault(step.line, "unreachable", f"nothing leads to step {step.number}", "lead to it, or drop it")
        elif step.number not in ending and (step.ways() or step.answers):
            yield _fault(step.line, "endless", f"from step {step.number} there is no way to the end", "add a way out")
        elif step.number in circles:
            yield _fault(
                step.line,
                "endless",
                f"step {step.number} comes back to itself and nobody is asked",
                "ask whether to go on",
            )


def _from(start: str, ways: Mapping[str, Sequence[str]]) -> set[str]:
    """Return every step that can be reached from one."""
    reached, waiting = {start}, [start]
    while waiting:
        for number in ways.get(waiting.pop(), ()):
            if number not in reached and number != END:
                reached.add(number)
                waiting.append(number)
    return reached


def _to_end(ways: Mapping[str, Sequence[str]]) -> set[str]:
    """Return every step from which the end can be reached."""
    back: dict[str, list[str]] = {}
    for number, onward in ways.items():
        for way in onward:
            back.setdefault(way, []).append(number)
    return _from(END, back)


def _without_question(steps: Sequence[Step]) -> set[str]:
    """Return the steps on a circle in which nobody is asked anything: only a time-out or a skip would end it."""
    plain = {step.number: (step.leads_to,) for step in steps if not step.answers and step.leads_to}
    circles: set[str] = set()
    for start in plain:
        seen: list[str] = []
        here: str | None = start
        while here in plain and here not in seen:
            seen.append(here)
            here = plain[here][0]
        if here == start:
            circles.add(start)
    return circles


def _dangling(line: int, way: str) -> Fault:
    return _fault(line, "dangling", f"there is no step {way}", "mend the number, or write the step")


def _fault(line: int, rule: str, says: str, remedy: str) -> Fault:
    return Fault(line=line, rule=rule, says=says, remedy=remedy)
