"""The steps of an escalation as people type them: one a line, whom it asks and how long it waits."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.errors import Malformed
from impetus.processes.call_plan import Escalation
from impetus.processes.on_call import MAX_STEPS, EscalationStep
from impetus.web.pages.on_call import read_steps_text, steps_text

NAMES = st.text(alphabet=st.characters(categories=("L", "N"), include_characters=" -.:"), min_size=1, max_size=20)
STEPS = st.lists(
    st.builds(
        EscalationStep,
        asks=st.lists(NAMES.map(str.strip).filter(bool), min_size=1, max_size=4, unique=True).map(tuple),
        wait=st.integers(1, 240).map(lambda minutes: timedelta(minutes=minutes)),
    ),
    min_size=1,
    max_size=MAX_STEPS,
).map(tuple)


def test_blank_lines_and_blanks_mean_nothing() -> None:
    """As people type."""
    assert read_steps_text("\n  rotation:duty ,Supervisor 1|5 \n\n eva | 10\n") == (
        EscalationStep(asks=("rotation:duty", "Supervisor 1"), wait=timedelta(minutes=5)),
        EscalationStep(asks=("eva",), wait=timedelta(minutes=10)),
    )
    assert read_steps_text(" \n") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ada", "line 1: ada"),
        ("ada |", "line 1"),
        ("| 5", "line 1"),
        (" , , | 5", "line 1"),
        ("ada | five", "line 1"),
        ("ada | -5", "line 1"),
        ("ada | 5.5", "line 1"),
        ("ada | 1000", "line 1"),
        ("ada | ²", "line 1"),
        ("ada | 5\nben", "line 2: ben"),
        ("\n".join(["ada | 5"] * 51), "51 steps"),
    ],
)
def test_what_is_no_step_is_refused_with_its_line(text: str, says: str) -> None:
    """And with an example."""
    with pytest.raises(Malformed, match=says) as refused:
        read_steps_text(text)
    assert refused.value.remedy


@given(steps=STEPS)
def test_steps_written_into_the_form_come_back_as_they_were(steps: tuple[EscalationStep, ...]) -> None:
    """Names with blanks, colons and points among them."""
    assert read_steps_text(steps_text(Escalation(name="e", steps=steps))) == steps


@given(text=st.text(alphabet="ab,| 0159\n:x", max_size=60))
def test_no_text_is_misread(text: str) -> None:
    """It is read, each step asking somebody for whole minutes, or it is refused."""
    try:
        steps = read_steps_text(text)
    except Malformed:
        return
    assert all(step.asks and all(name.strip() == name != "" for name in step.asks) for step in steps)
    assert all(step.wait.total_seconds() % 60 == 0 for step in steps)
    assert len(steps) == len([line for line in text.splitlines() if line.strip()])
