"""Playbooks as text: what is read, what is written, and what a slip of the pen is told as."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.processes.playbook import Answer, GateCall, Step, TimeOut
from impetus.processes.playbook_text import MAX_LINES, MAX_STEPS, MAX_WORDS, read_steps, write_steps
from processes.playbooks import GOOD

FULL = """\
1. [operator] Look at   the picture. (must; within 2 min, else 3)
   Done when: you saw it twice.
   Is it a firearm?
   - yes -> 2
   - no -> end
   - cannot tell -> 3

2. [supervisor] Tell them. (together 2a, 3)
   Propose: message by 1; to=police; text=a = b
   -> 4
2a. [operator] Watch. -> 4
3. [operator] Wait. -> 4
4. [operator] Note. -> END
"""


def _steps(body: str) -> tuple[Step, ...]:
    steps, faults = read_steps(body)
    assert faults == ()
    return steps


def test_a_step_is_read_with_all_that_belongs_to_it() -> None:
    """Number, role, words, terms, proof, question and answers, each answer with its line."""
    assert _steps(FULL)[0] == Step(
        number="1",
        line=1,
        role="operator",
        text="Look at the picture.",
        is_mandatory=True,
        done_when="you saw it twice.",
        question="Is it a firearm?",
        answers=(
            Answer(words="yes", leads_to="2", line=4),
            Answer(words="no", leads_to="end", line=5),
            Answer(words="cannot tell", leads_to="3", line=6),
        ),
        time_out=TimeOut(within_s=120, leads_to="3"),
    )


def test_an_act_is_read_with_its_people_and_what_goes_with_it() -> None:
    """A value may hold an equals sign; the way onward may stand on a line of its own."""
    step = _steps(FULL)[1]
    assert step.gate == GateCall(kind="message", people=1, parameters={"to": "police", "text": "a = b"})
    assert (step.together, step.leads_to) == (("2a", "3"), "4")


def test_a_step_without_a_word_on_it_leads_to_the_one_below() -> None:
    """One that asks does not, and the last one leads nowhere."""
    first, second, third = _steps("1. [operator] A.\n   So?\n   - a -> 2\n2. [operator] B.\n3. [operator] C.\n")
    assert (first.leads_to, second.leads_to, third.leads_to) == (None, "3", None)


@pytest.mark.parametrize(("words", "seconds"), [("45 s", 45), ("2 min", 120), ("4 h", 14_400), ("15min", 900)])
def test_a_limit_is_read_in_its_unit(words: str, seconds: int) -> None:
    """Seconds, minutes and hours."""
    step = _steps(f"1. [operator] Look. (within {words}, else end) -> end\n")[0]
    assert step.time_out == TimeOut(within_s=seconds, leads_to="end")


@pytest.mark.parametrize("body", [FULL, *GOOD])
def test_what_is_written_reads_as_what_was_read(body: str) -> None:
    """Only the lines may move."""
    steps = _steps(body)
    assert [_without_lines(step) for step in _steps(write_steps(steps))] == [_without_lines(step) for step in steps]


def _without_lines(step: Step) -> Step:
    return replace(step, line=0, answers=tuple(replace(answer, line=0) for answer in step.answers))


def test_brackets_that_are_words_stay_words() -> None:
    """Only what begins with must, within or together is a term."""
    assert _steps("1. [operator] Look (twice). -> end\n")[0].text == "Look (twice)."


def test_lines_are_counted_from_where_the_body_begins() -> None:
    """Behind six lines of front matter the first is the seventh."""
    _, faults = read_steps("1. [operator] Look. (soon; must)\n   Maybe.\n", first_line=7)
    assert [fault.line for fault in faults] == [8]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("x\n" * (MAX_LINES + 1), "too-long"),
        ("".join(f"{number}. [operator] A.\n" for number in range(MAX_STEPS + 1)), "too-long"),
        (f"1. [operator] {'a' * (MAX_WORDS + 1)}\n", "too-long"),
        ("   Done when: nothing.\n", "no-step"),
    ],
)
def test_what_is_too_much_or_belongs_nowhere_is_told(body: str, rule: str) -> None:
    """Bounds hold, and nothing is dropped in silence."""
    assert rule in {fault.rule for fault in read_steps(body)[1]}


@given(text=st.text(alphabet="12a.[]operator ->?-:;,=()must within together\n\tProposeDnw", max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is written is read or told as a fault, and every fault names a line that is there."""
    steps, faults = read_steps(text)
    last = len(text.splitlines()) or 1
    assert all(1 <= fault.line <= last for fault in faults)
    assert all(1 <= step.line <= last for step in steps)


@given(text=st.text(max_size=300))
def test_hostile_letters_are_read_like_any_other(text: str) -> None:
    """Any characters at all, in the words of a step."""
    line = " ".join(text.split())
    steps, _ = read_steps(f"1. [operator] {line}\n")
    assert len(steps) <= 1
