"""What a playbook is refused for: each fault has its line and a remedy, and what is right is left alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.processes.check_playbook import check_playbook
from impetus.processes.playbook import END, Answer, Playbook, Step
from impetus.processes.playbook_text import Fault
from processes.broken import BROKEN, Broken
from processes.playbooks import GOOD, read


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.why)
def test_a_broken_playbook_is_refused_at_the_line_where_one_has_to_look(broken: Broken) -> None:
    """The rule that was broken is told with its line, a sentence and what would mend it."""
    _, faults = read(broken.body)
    assert (broken.line, broken.rule) in {(fault.line, fault.rule) for fault in faults}
    assert all(fault.says and fault.remedy for fault in faults)


def test_there_are_forty_and_no_two_alike() -> None:
    """The list holds what it promises."""
    assert len({broken.body for broken in BROKEN}) >= 40


@pytest.mark.parametrize("body", GOOD)
def test_a_good_playbook_is_left_alone(body: str) -> None:
    """No fault is found where there is none."""
    assert read(body)[1] == ()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"title": " "}, "title"),
        ({"incident_type": ""}, "incident-type"),
        ({"version": 0}, "version"),
        ({"roles": ("operator", "supervisor", "wizard")}, "role"),
        ({"roles": ("operator", "supervisor", "service")}, "role"),
        ({"steps": ()}, "empty"),
    ],
)
def test_the_front_matter_is_judged_as_well(change: dict[str, object], rule: str) -> None:
    """A playbook has a name, a type, a version, people's roles and a step."""
    playbook, _ = read(GOOD[0])
    faults = check_playbook(replace(playbook, **change))  # type: ignore[arg-type]  # each value has its field's type
    assert [fault.rule for fault in faults] == [rule]
    assert faults[0].line == 1


def test_every_fault_is_told_at_once() -> None:
    """An author mends a playbook in one go: faults of writing, of a step and of its ways stand together, by line."""
    _, faults = read("1. Look. (must; soon) -> 5\n2. [cook] Eat.\n")
    assert [(fault.line, fault.rule) for fault in faults] == [
        (1, "dangling"),
        (1, "no-role"),
        (1, "term"),
        (2, "no-end"),
        (2, "role"),
    ]


def test_ways_are_not_judged_as_a_whole_while_one_leads_nowhere() -> None:
    """A wrong number is told once, not as a dozen steps that nothing leads to."""
    _, faults = read("1. [operator] Look. -> 7\n2. [operator] Call. -> end\n")
    assert [fault.rule for fault in faults] == ["dangling"]


def test_what_was_wrong_with_the_writing_stays() -> None:
    """Faults found while reading are part of the answer."""
    told = Fault(line=3, rule="term", says="so", remedy="thus")
    playbook, _ = read(GOOD[0])
    assert check_playbook(playbook, [told, told]) == (told,)


NUMBERS = st.sampled_from(["1", "2", "3", "4", "5", END])


@st.composite
def _playbooks(draw: st.DrawFn) -> Playbook:
    """Return five steps whose ways are drawn: some with a question, some without."""
    steps = []
    for number in "12345":
        if draw(st.booleans()):
            answers = tuple(
                Answer(words=words, leads_to=draw(NUMBERS), line=1) for words in ("yes", "no", "cannot tell")
            )
            steps.append(
                Step(number=number, line=int(number), role="operator", text="Look.", question="So?", answers=answers)
            )
        else:
            steps.append(Step(number=number, line=int(number), role="operator", text="Look.", leads_to=draw(NUMBERS)))
    return Playbook(title="Drawn", incident_type="trial", version=1, roles=("operator",), steps=tuple(steps))


def _ends_from(playbook: Playbook, number: str, budget: int) -> bool:
    """Say by trying every way whether the end can be reached in so many steps: slow, plain, independent."""
    if number == END:
        return True
    step = playbook.step(number)
    return budget > 0 and step is not None and any(_ends_from(playbook, way, budget - 1) for way in step.ways())


def _reaches(playbook: Playbook, budget: int) -> set[str]:
    """Return every step some walk from the first one comes to."""
    here, seen = {playbook.steps[0].number}, {playbook.steps[0].number}
    for _ in range(budget):
        here = {way for number in here if (step := playbook.step(number)) for way in step.ways()} - {END}
        seen |= here
    return seen


@given(playbook=_playbooks())
def test_an_accepted_playbook_always_lets_one_out(playbook: Playbook) -> None:
    """Whatever the answers were so far, there is a way to the end, and every step can come up: tried by walking."""
    rules = {(fault.line, fault.rule) for fault in check_playbook(playbook)}
    reached = _reaches(playbook, 6)
    for step in playbook.steps:
        assert ((step.line, "unreachable") in rules) == (step.number not in reached)
        if step.number in reached and not _ends_from(playbook, step.number, 6):
            assert (step.line, "endless") in rules
    if not rules:
        assert all(_ends_from(playbook, number, 6) for number in reached)
