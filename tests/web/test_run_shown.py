"""How steps of a run read in every state they can be in, and what of a run a page may show of each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.ids import IncidentId, RunId
from impetus.desk.run_reading import RunView, StepView, needs_seeing
from impetus.web.run_shown import DONE, EVIDENCE, OPEN, OVER, SKIP, answer_keys, run_shown

NOW = datetime(2026, 11, 21, 14, 7, tzinfo=UTC)
STATES = ("done", "now", "waiting", "skipped", "late", "ahead")


def step(number: str = "1", **parts: object) -> StepView:
    """Return a step that is ahead, with these parts of its own."""
    plain = StepView(
        number=number,
        text=f"Step {number}",
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
    return replace(plain, **parts)  # type: ignore[arg-type]  # parts are named as the fields are


def run(*steps: StepView, is_over: bool = False) -> RunView:
    """Return a run of these steps."""
    return RunView(
        run=RunId(1),
        incident=IncidentId(1),
        type="crowd",
        playbook="Crowd too dense",
        playbook_version=2,
        started_at=NOW,
        started_by="Kari",
        steps=steps,
        open_mandatory=tuple(each.number for each in steps if each.is_mandatory and each.state not in OVER),
        done=sum(each.state in OVER for each in steps),
        version=len(steps),
        is_over=is_over,
        simulated=False,
    )


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_open_or_over_or_neither_and_never_both(state: str) -> None:
    """What waits for people's yes, and what is ahead, is neither."""
    row = run_shown(run(step(state=state))).rows[0]
    assert (row.is_now, row.is_over) == (state in OPEN, state in OVER)
    assert not (row.is_now and row.is_over)
    assert row.late == (state == "late")


@pytest.mark.parametrize("state", ["done", "waiting", "skipped", "ahead"])
def test_a_step_that_is_not_open_has_no_key(state: str) -> None:
    """A letter pressed by habit does nothing to it."""
    row = run_shown(run(step(state=state, answers=("yes", "no"), needs_evidence=True))).rows[0]
    assert (row.done_key, row.evidence_key, row.skip_key) == ("", "", "")
    assert {key for _, key in row.answers} == {""}


@pytest.mark.parametrize("state", sorted(OPEN))
def test_an_open_step_without_a_question_is_done_and_skipped_by_one_key_each(state: str) -> None:
    """A late one has the same keys as one that is now."""
    row = run_shown(run(step(state=state))).rows[0]
    assert (row.done_key, row.skip_key, row.evidence_key) == (DONE, SKIP, "")


def test_a_step_that_needs_evidence_has_a_key_for_it() -> None:
    """Beside the one that ends it."""
    row = run_shown(run(step(state="now", needs_evidence=True))).rows[0]
    assert (row.done_key, row.evidence_key) == (DONE, EVIDENCE)


def test_somebody_elses_open_step_gives_its_keys_to_the_next_of_mine() -> None:
    """The reader's first open step has them, wherever it stands."""
    rows = run_shown(run(step("1", state="now", is_yours=False), step("2", state="now"))).rows
    assert [row.skip_key for row in rows] == ["", SKIP]


def test_a_run_that_is_not_mine_at_all_has_no_keys() -> None:
    """An auditor reads it and presses nothing."""
    rows = run_shown(run(step("1", state="now", is_yours=False), step("2", state="late", is_yours=False))).rows
    assert not any(row.done_key or row.skip_key or row.evidence_key for row in rows)


@given(st.lists(st.tuples(st.sampled_from(STATES), st.booleans()), max_size=12))
def test_at_most_one_step_has_keys(states: list[tuple[str, bool]]) -> None:
    """However many are open, one letter means one thing."""
    steps = [step(str(place), state=state, is_yours=yours) for place, (state, yours) in enumerate(states, 1)]
    keyed = [row for row in run_shown(run(*steps)).rows if row.skip_key]
    mine = [each for each in steps if each.state in OPEN and each.is_yours]
    assert [row.step for row in keyed] == mine[:1]


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
    asks = step(question="What do you see?", answers=("yes", "no"), state="now", needs_evidence=True)
    shown = run_shown(
        run(
            step("1", state="done"),
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


@pytest.mark.parametrize("answers", [("yes", "yes"), ("yes", "Yes"), ("cannot tell", "cannot see")])
def test_two_answers_of_one_letter_get_digits(answers: tuple[str, str]) -> None:
    """Two keys that are the same would be one."""
    assert [key for _, key in answer_keys(answers)] == ["1", "2"]


@pytest.mark.parametrize(
    ("leads_to", "said"), [("2", "Is it moving?"), ("3", "Step 3"), ("9", ""), ("end", ""), (None, ""), ("", "")]
)
def test_what_follows_a_late_step_is_its_question_or_its_text(leads_to: str | None, said: str) -> None:
    """And nothing where it leads nowhere that is seen."""
    first = step("1", state="late", late_leads_to=leads_to, due_at=NOW + timedelta(minutes=2))
    rows = run_shown(run(first, step("2", question="Is it moving?"), step("3"))).rows
    assert rows[0].late_words == said


@pytest.mark.parametrize(
    ("parts", "is_to_see"),
    [
        ({"state": "late"}, True),
        ({"state": "late", "is_mandatory": False}, True),
        ({"state": "skipped"}, True),
        ({"state": "skipped", "is_mandatory": False}, False),
        ({"state": "skipped", "seen_by": "Sol"}, False),
        ({"state": "done"}, False),
        ({"state": "now"}, False),
        ({"state": "waiting"}, False),
        ({"state": "ahead"}, False),
    ],
)
def test_a_supervisor_is_told_of_what_is_late_and_of_what_must_not_be_skipped(
    parts: dict[str, object], *, is_to_see: bool
) -> None:
    """Once they have seen a skip it is told no more; what is late is, until it is done."""
    assert needs_seeing(step(**parts)) is is_to_see


def test_the_head_of_a_run_counts_what_ended_and_names_what_keeps_it_open() -> None:
    """Two of four ended; the two others are mandatory and open."""
    shown = run_shown(run(step("1", state="done"), step("2", state="skipped"), step("3", state="now"), step("4")))
    assert (shown.done, shown.total, shown.open_mandatory) == (2, 4, ("3", "4"))
    assert (shown.title, shown.version, shown.seen, shown.is_over) == ("Crowd too dense", 2, 4, False)


def test_a_run_without_steps_is_shown_empty() -> None:
    """None were, and none can come."""
    shown = run_shown(run(is_over=True))
    assert (shown.rows, shown.total, shown.is_over) == ((), 0, True)
