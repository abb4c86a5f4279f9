"""How a run is shown: which keys an operator's hand finds, and what is said of time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.ids import IncidentId, RunId
from impetus.desk.run_reading import RunView, StepView
from impetus.web.run_shown import answer_keys, run_shown

NOW = datetime(2026, 11, 21, 14, 7, tzinfo=UTC)
STEP = StepView(
    number="1",
    text="Look at the picture",
    role="operator",
    done_when="",
    question="",
    state="ahead",
    by="",
    at=None,
    answer="",
    evidence="",
    why_skipped="",
    answers=(),
    due_at=None,
    late_leads_to=None,
    action=None,
    gate_people=0,
    is_mandatory=True,
    is_yours=True,
)


def view(*steps: StepView) -> RunView:
    """Return a run of these steps."""
    return RunView(
        run=RunId(1),
        incident=IncidentId(1),
        type="firearm_seen",
        playbook="Firearm seen",
        playbook_version=7,
        started_at=NOW,
        started_by="Kari",
        steps=steps,
        open_mandatory=("2",),
        done=1,
        version=4,
        is_over=False,
        simulated=True,
    )


@pytest.mark.parametrize(
    ("answers", "keys"),
    [
        (("yes", "no", "cannot tell"), ("Y", "N", "U")),
        (("No", "Yes"), ("N", "Y")),
        (("yes", "no", "cannot see"), ("Y", "N", "U")),
        (("cannot tell", "cannot see"), ("1", "2")),
        (("leave", "stay inside", "stay put", "cannot tell"), ("1", "2", "3", "4")),
        (tuple(f"answer {number}" for number in range(11)), (*"123456789", "", "")),
        ((), ()),
    ],
)
def test_answers_have_the_keys_the_hand_expects(answers: tuple[str, ...], keys: tuple[str, ...]) -> None:
    """Letters where every answer has one and none twice, digits otherwise, nothing past the ninth."""
    assert tuple(key for _, key in answer_keys(answers)) == keys
    assert tuple(words for words, _ in answer_keys(answers)) == answers


@given(st.lists(st.text(min_size=1, max_size=12), max_size=15, unique=True))
def test_no_two_answers_share_a_key(answers: list[str]) -> None:
    """Whatever a playbook calls its answers, a key means one of them."""
    keys = [key for _, key in answer_keys(answers) if key]
    assert len(set(keys)) == len(keys)
    assert len(answer_keys(answers)) == len(answers)


def test_only_the_first_open_step_of_the_reader_has_keys() -> None:
    """Of two steps side by side the second is reached by Tab; a step of another role takes no key from one's own."""
    asks = replace(STEP, question="What do you see?", answers=("yes", "no"), state="now", needs_evidence=True)
    shown = run_shown(
        view(
            replace(STEP, number="1", state="done"),
            replace(asks, number="2", role="supervisor", is_yours=False),
            replace(asks, number="3"),
            replace(asks, number="4", state="late"),
        )
    )
    done, theirs, own, second = shown.rows
    assert (done.is_over, done.is_now, done.skip_key) == (True, False, "")
    assert [key for _, key in theirs.answers] == ["", ""]
    assert [key for _, key in own.answers] == ["Y", "N"]
    assert (own.evidence_key, own.skip_key, own.done_key) == ("E", "S", "")
    assert [key for _, key in second.answers] == ["", ""]
    assert (second.is_now, second.late, second.skip_key) == (True, True, "")


def test_a_step_without_a_question_is_done_by_one_key() -> None:
    """Yes, it is done; no field for evidence means no key for it."""
    (row,) = run_shown(view(replace(STEP, state="now"))).rows
    assert (row.done_key, row.evidence_key, row.answers) == ("Y", "", ())


def test_what_follows_a_late_step_is_said_in_its_words() -> None:
    """The question of the step it leads to, its text without one, nothing for the end."""
    first = replace(STEP, state="now", due_at=NOW + timedelta(seconds=47), late_leads_to="2")
    asks = replace(STEP, number="2", question="Do the police treat it as real?")
    assert run_shown(view(first, asks)).rows[0].late_words == "Do the police treat it as real?"
    assert run_shown(view(first, replace(asks, question=""))).rows[0].late_words == "Look at the picture"
    assert run_shown(view(replace(first, late_leads_to="end"), asks)).rows[0].late_words == ""


def test_the_head_says_what_the_run_says() -> None:
    """Title, version of the playbook, steps done, what keeps the incident open, and how far the page knows the run."""
    shown = run_shown(view(STEP, replace(STEP, number="2")))
    assert (shown.title, shown.version, shown.done, shown.total) == ("Firearm seen", 7, 1, 2)
    assert (shown.open_mandatory, shown.seen, shown.is_over) == (("2",), 4, False)
