"""A control room with an incident that is led by a playbook, for tests of runs."""

from dataclasses import dataclass, replace

from desk.gate_samples import LIVE_KINDS
from desk.samples import AT, fuse, person, seen
from impetus.core.actor import Actor, Role
from impetus.core.ids import AlertId, IncidentId
from impetus.desk import incident_types, incidents, run_reading, runs
from impetus.desk.context import Desk
from impetus.desk.run_reading import RunView, StepView
from impetus.testing.desk import memory_desk
from impetus.testing.effectors import RecordingEffector

ROLES = {"ada": Role.OPERATOR, "ole": Role.OPERATOR, "sol": Role.SUPERVISOR, "siv": Role.SUPERVISOR}
ONE = IncidentId(1)
DRILL = """---
title: Drill
incident_type: drill
version: 1
roles: [operator, supervisor, planner]
---
1. [operator] Look at the camera. (must; within 60 s, else 3)
   Done when: you saw it from two sides.
   What do you see?
   - smoke -> 2
   - nothing -> 8
   - cannot tell -> 3
2. [operator] Call the fire service. (must)
3. [supervisor] Tell the room. (must; within 120 s, else 4; together 4, 5) -> 6
4. [operator] Keep the exits free. -> 6
5. [operator] Watch the smoke. -> 6
6. [supervisor] Open the roof. (must; within 300 s, else 7)
   Propose: city_system by 1; command=open the roof; until=the smoke is gone
7. [planner] Note what was done. (must)
8. [operator] Write it down. -> end
"""
"""A playbook with everything there is: a question, a time-out, steps side by side, a gate, and a role of nobody on duty."""
DRILL_TYPE = """type: drill
title: Drill
icon: other
shape: circle
colour: minor
sound: none
priority: low
playbook: drill
start: when opened
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A desk with an incident of ada's, people by name, and what acts on the city, which remembers."""

    desk: Desk
    people: dict[str, Actor]
    city: RecordingEffector

    def do(self, name: str, number: str, answer: str = "", evidence: str = "", **said: object) -> RunView:
        """Let somebody do a step."""
        return runs.finish_step(
            self.desk,
            self.people[name],
            ONE,
            number,
            answer=answer,
            evidence=evidence,
            **said,  # type: ignore[arg-type]  # a test names the argument it means
        )

    def skip(self, name: str, number: str, why: str = "no time") -> RunView:
        """Let somebody skip a step."""
        return runs.skip_step(self.desk, self.people[name], ONE, number, why=why)

    def view(self, name: str = "ada") -> RunView:
        """Return the run as somebody sees it."""
        found = run_reading.run_view(self.desk, self.people[name], ONE)
        assert found is not None
        return found

    def step(self, number: str) -> StepView:
        """Return one step as it stands."""
        return next(step for step in self.view().steps if step.number == number)

    def states(self) -> dict[str, str]:
        """Return the state of each step that was, is, or can still come."""
        return {step.number: step.state for step in self.view().steps}


def house(*, leads: bool = True) -> House:
    """Return a control room with four people and one incident; led by the drill's playbook unless it is not to be."""
    city = RecordingEffector(is_repeatable=False)
    desk = replace(memory_desk(AT), effectors=dict.fromkeys(LIVE_KINDS, city))
    people = {name: person(desk, name, role) for name, role in ROLES.items()}
    add_drill(desk, people["sol"])
    fuse(desk, seen("a"))
    incidents.open_incident(desk, people["ada"], "Smoke", [AlertId(1)], type_="drill" if leads else "")
    return House(desk=desk, people=people, city=city)


def add_drill(desk: Desk, who: Actor) -> None:
    """Let somebody write the drill's playbook and type."""
    draft = incident_types.Draft(text=DRILL, why="a drill", base=0)
    incident_types.save_playbook(desk, who, "drill", draft)
    incident_types.save_type(desk, who, "drill", replace(draft, text=DRILL_TYPE))
