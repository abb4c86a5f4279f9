"""Playbooks in CACAO 2.0, out and in. What the standard has is written its way; what it has not, in one extension.

How it maps. A step is an `action` with one `manual` command and a group as its agent; a question is the variable that the
action sets and a `switch-condition` on it; a deadline is `timeout` with `on_failure`; steps done together are a `parallel`
whose branches end by themselves. Step numbers, `must`, `Done when:` and proposed acts stand in the step's extension.

Reading takes what this writes, and of other people's playbooks what a person can follow: actions by hand, questions with a
switch or an if, parallels. A machine's command is refused by name: nothing runs here without a person.

**Source**: CACAO Security Playbooks 2.0, Committee Specification 01, 27 November 2023, sections 3 to 5 and 10.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from impetus.core.errors import Malformed
from impetus.processes.playbook import CANNOT_TELL, END, Answer, GateCall, Playbook, Step, TimeOut

Json = Mapping[str, object]

SPACE = uuid.UUID("8f0f6f5e-6a0b-5a43-9c07-2f6f6d70e157")
"""Names of identifiers are made in this space (RFC 9562, version 5), so that the same playbook has the same identifiers."""
EXTENSION = "extension-definition--2d5b1f1e-0f0d-5c9a-8a3e-7f1f3f0b6c11"
KINDS = ("start", "end", "action", "switch-condition", "if-condition", "parallel")
"""Steps that a person can follow."""
MAX_STEPS = 1_000
MS = 1_000
FIRST_VERSION = 1


def to_cacao(playbook: Playbook, at: datetime) -> Json:
    """Return the playbook as a CACAO 2.0 document; `at` becomes `created` and `modified`. Expects one without faults."""
    writer = _Writer(playbook)
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    sources = [{"name": source[:200], "description": source} for source in playbook.sources]
    return {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": writer.name("playbook", ""),
        "name": playbook.title,
        **({"description": playbook.summary} if playbook.summary else {}),
        "playbook_types": ["mitigation"],
        "created_by": writer.name("identity", "author"),
        "created": stamp,
        "modified": stamp,
        "labels": [playbook.incident_type],
        **({"external_references": sources} if sources else {}),
        "workflow_start": writer.name("start", ""),
        "workflow": dict(writer.workflow()),
        "agent_definitions": {writer.name("group", role): {"type": "group", "name": role} for role in playbook.roles},
        "extension_definitions": {EXTENSION: _extension(writer)},
        "playbook_extensions": {EXTENSION: {"incident_type": playbook.incident_type, "version": playbook.version}},
    }


def from_cacao(document: Json) -> Playbook:
    """Return the playbook of a CACAO 2.0 document; `Malformed` names the step and what of it cannot be followed by hand.

    The answer may still have faults of its own: `check_playbook` says them.
    """
    if document.get("type") != "playbook" or document.get("spec_version") != "cacao-2.0":
        raise _unusable("the document", f"{document.get('type')} {document.get('spec_version')}", "playbook cacao-2.0")
    return _Reader(document).playbook()


def _extension(writer: "_Writer") -> Json:
    return {
        "type": "extension-definition",
        "name": "checklist",
        "description": "Number, must, proof and proposed act of a step in a checklist for people.",
        "created_by": writer.name("identity", "author"),
        "schema": "number, text; must, flag; done_when, text; propose, object of kind, people and parameters",
        "version": "1.0.0",
    }


class _Writer:
    """Names and writes the steps of one playbook."""

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook
        self._branches = {number: step.leads_to for step in playbook.steps for number in step.together}

    def name(self, kind: str, key: str) -> str:
        """Return the identifier of one thing in this playbook."""
        return f"{kind}--{uuid.uuid5(SPACE, f'{self._playbook.incident_type}/{self._playbook.title}/{kind}/{key}')}"

    def workflow(self) -> Iterator[tuple[str, Json]]:
        """Yield every step of the workflow by its identifier."""
        first = self._playbook.steps[0].number
        yield self.name("start", ""), {"type": "start", "on_completion": self.name("action", first)}
        for step in self._playbook.steps:
            yield self.name("action", step.number), self._action(step)
            if step.answers:
                yield self.name("switch-condition", step.number), self._switch(step)
            if step.together:
                yield self.name("parallel", step.number), self._parallel(step)
                yield self.name("end", step.number), {"type": "end", "name": "the branch is done"}
        yield self.name("end", ""), {"type": "end"}

    def _way(self, number: str | None) -> str:
        return self.name("end", "") if number in {END, None} else self.name("action", str(number))

    def _after(self, step: Step) -> str:
        """Return what follows a step when it was done: its question, its branches, where branches end, or the next step."""
        if step.answers:
            return self.name("switch-condition", step.number)
        if step.together:
            return self.name("parallel", step.number)
        if step.number in self._branches:
            return next(self.name("end", one.number) for one in self._playbook.steps if step.number in one.together)
        return self._way(step.leads_to)

    def _action(self, step: Step) -> Json:
        late = step.time_out.leads_to if step.time_out else None
        onward = (
            {"on_success": self._after(step), "on_failure": self._way(late)}
            if step.time_out and late
            else {"on_completion": self._after(step)}
        )
        variable = _variable(step)
        asked = {variable: {"type": "string", "description": step.question, "constant": False, "external": False}}
        return {
            "type": "action",
            "name": f"{step.number}. {step.role}",
            "description": step.text,
            **({"step_variables": asked, "out_args": [variable]} if step.answers else {}),
            **({"timeout": step.time_out.within_s * MS} if step.time_out else {}),
            **onward,
            "commands": [{"type": "manual", "command": step.text}],
            "agent": self.name("group", step.role),
            "step_extensions": {EXTENSION: _own(step)},
        }

    def _switch(self, step: Step) -> Json:
        return {
            "type": "switch-condition",
            "switch": f"{_variable(step)}:value",
            "cases": {answer.words: self._way(answer.leads_to) for answer in step.answers},
            "on_completion": self.name("end", ""),
        }

    def _parallel(self, step: Step) -> Json:
        return {
            "type": "parallel",
            "next_steps": [self.name("action", number) for number in step.together],
            "on_completion": self._way(step.leads_to),
        }


def _variable(step: Step) -> str:
    return f"__answer_{step.number}__"


def _own(step: Step) -> Json:
    """Return what the standard has no place for."""
    gate = step.gate
    return {
        "number": step.number,
        "must": step.is_mandatory,
        **({"done_when": step.done_when} if step.done_when else {}),
        **(
            {"propose": {"kind": gate.kind, "people": gate.people, "parameters": dict(gate.parameters)}} if gate else {}
        ),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Onward:
    """What follows an action: answers with their question, branches, or one step."""

    leads_to: str | None = None
    question: str = ""
    answers: tuple[Answer, ...] = ()
    together: tuple[str, ...] = ()


class _Reader:
    """Reads one document, action by action."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._workflow = _object(document.get("workflow"), "workflow")
        if len(self._workflow) > MAX_STEPS:
            raise _unusable("workflow", f"{len(self._workflow)} steps", f"at most {MAX_STEPS}")
        self._actions = [name for name in self._order() if self._step(name).get("type") == "action"]
        self._numbers = {name: self._number(name, place) for place, name in enumerate(self._actions, start=1)}

    def playbook(self) -> Playbook:
        """Return it; faults of the checklist itself are not judged here."""
        agents = _object(self._document.get("agent_definitions", {}), "agent_definitions")
        steps = [self._read(name, agents) for name in self._actions]
        meets = {number: step.leads_to for step in steps for number in step.together}
        own = _object(
            _object(self._document.get("playbook_extensions", {}), "playbook_extensions").get(EXTENSION, {}), EXTENSION
        )
        labels = _list(self._document.get("labels", []), "labels")
        references = [
            _object(one, "external_references")
            for one in _list(self._document.get("external_references", []), "external_references")
        ]
        version = own.get("version", FIRST_VERSION)
        return Playbook(
            title=_text(self._document.get("name"), "name"),
            incident_type=_text(own.get("incident_type") or (labels[0] if labels else "imported"), "labels"),
            version=version if isinstance(version, int) else FIRST_VERSION,
            roles=tuple(
                dict.fromkeys(_text(_object(one, "agent").get("name"), "agent name") for one in agents.values())
            )
            or tuple(dict.fromkeys(step.role for step in steps)),
            steps=tuple(_meeting(step, meets) for step in steps),
            summary=_text(self._document.get("description", ""), "description"),
            sources=tuple(
                _text(one.get("description") or one.get("name"), "external_references") for one in references
            ),
        )

    def _order(self) -> list[str]:
        """Return the identifiers as a walk from the start meets them, then the rest: nothing is dropped in silence."""
        start = _text(self._document.get("workflow_start"), "workflow_start")
        seen: dict[str, None] = {}
        waiting = [start]
        while waiting:
            name = waiting.pop(0)
            if name in self._workflow and name not in seen:
                seen[name] = None
                waiting = [*self._ways(name), *waiting]
        walked = [*seen, *(name for name in self._workflow if name not in seen)]
        numbered = [name for name in self._workflow if self._own(name)]
        return [*numbered, *(name for name in walked if name not in numbered)] if numbered else walked

    def _ways(self, name: str) -> list[str]:
        step = self._step(name)
        kind = step.get("type")
        if kind not in KINDS:
            raise _unusable(name, kind, ", ".join(KINDS))
        cases = list(_object(step.get("cases", {}), name).values())
        ways = [*_list(step.get("next_steps", []), name), *cases]
        ways += [step.get(word) for word in ("on_true", "on_false", "on_completion", "on_success", "on_failure")]
        return [way for way in ways if isinstance(way, str)]

    def _step(self, name: str) -> Json:
        found = self._workflow.get(name)
        if found is None:
            raise _unusable(name, "not in the workflow", "a step of the workflow")
        return _object(found, name)

    def _own(self, name: str) -> Json:
        extensions = _object(self._step(name).get("step_extensions", {}), name)
        return _object(extensions.get(EXTENSION, {}), name)

    def _number(self, name: str, place: int) -> str:
        number = self._own(name).get("number")
        return number if isinstance(number, str) else str(place)

    def _read(self, name: str, agents: Json) -> Step:
        """Read one action."""
        step, own = self._step(name), self._own(name)
        commands = [_object(one, name) for one in _list(step.get("commands", []), name)]
        for command in commands:
            if command.get("type") != "manual":
                raise _unusable(name, command.get("type"), "manual: a person does it")
        said = " ".join(_text(one.get("command"), name) for one in commands if one.get("command"))
        onward = self._onward(_text(step.get("on_completion") or step.get("on_success"), name), name)
        agent = _object(agents.get(_text(step.get("agent", ""), name), {"name": "operator"}), name)
        return Step(
            number=self._numbers[name],
            line=0,
            role=_text(agent.get("name"), "agent name"),
            text=said or _text(step.get("description", ""), name),
            is_mandatory=own.get("must") is True,
            done_when=_text(own.get("done_when", ""), name),
            question=onward.question,
            answers=onward.answers,
            time_out=self._time_out(step, name),
            gate=_gate(own, name),
            together=onward.together,
            leads_to=onward.leads_to,
        )

    def _time_out(self, step: Json, name: str) -> TimeOut | None:
        limit_ms = step.get("timeout")
        if not isinstance(limit_ms, int) or limit_ms <= 0:
            return None
        late = step.get("on_failure")
        return TimeOut(within_s=max(1, limit_ms // MS), leads_to=self._way(_text(late, name)) if late else None)

    def _way(self, name: str) -> str:
        """Return the number of an action, `end` for an end; what else stands there is followed to one of them."""
        kind = self._step(name).get("type")
        if kind == "end":
            return END
        if kind == "action":
            return self._numbers[name]
        raise _unusable(name, kind, "an action or an end: questions and branches follow an action")

    def _onward(self, name: str, asking: str) -> _Onward:
        """Return what follows an action."""
        step = self._step(name)
        kind = step.get("type")
        if kind == "parallel":
            branches = tuple(self._way(_text(one, name)) for one in _list(step.get("next_steps", []), name))
            return _Onward(together=branches, leads_to=self._way(_text(step.get("on_completion"), name)))
        if kind == "switch-condition":
            cases = _object(step.get("cases", {}), name)
            answers = tuple(Answer(words=words, leads_to=self._way(_text(way, name))) for words, way in cases.items())
            return _Onward(question=self._question(asking), answers=answers)
        if kind == "if-condition":
            no = step.get("on_false") or step.get("on_completion")
            ways = {"yes": step.get("on_true"), "no": no, CANNOT_TELL: no}
            answers = tuple(
                Answer(words=words, leads_to=self._way(_text(way, name)) if way else END) for words, way in ways.items()
            )
            return _Onward(question=_text(step.get("condition"), name), answers=answers)
        return _Onward(leads_to=self._way(name))

    def _question(self, action: str) -> str:
        variables = _object(self._step(action).get("step_variables", {}), action)
        said = [_text(_object(one, action).get("description", ""), action) for one in variables.values()]
        return next((words for words in said if words), "Which is it?")


def _meeting(step: Step, meets: Mapping[str, str | None]) -> Step:
    """Let a branch, which ends by itself in CACAO, lead to where the branches meet."""
    if step.number not in meets or step.answers or step.leads_to != END:
        return step
    values = {name: getattr(step, name) for name in step.__slots__}
    return Step(**{**values, "leads_to": meets[step.number]})


def _gate(own: Json, name: str) -> GateCall | None:
    if "propose" not in own:
        return None
    gate = _object(own["propose"], name)
    people = gate.get("people", 0)
    parameters = _object(gate.get("parameters", {}), name)
    return GateCall(
        kind=_text(gate.get("kind"), name),
        people=people if isinstance(people, int) else 0,
        parameters={key: _text(value, name) for key, value in parameters.items()},
    )


def _object(value: object, where: str) -> Json:
    if not isinstance(value, dict):
        raise _unusable(where, type(value).__name__, "an object")
    return value


def _list(value: object, where: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise _unusable(where, type(value).__name__, "a list")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _unusable(where, type(value).__name__, "a text")
    return " ".join(value.split())


def _unusable(where: str, value: object, limit: str) -> Malformed:
    return Malformed(
        f"CACAO: {where[:80]} is {str(value)[:60]}",
        value=where[:80],
        limit=limit,
        remedy="change it there, or write a playbook of your own",
    )
