"""What the panels and pages of ethics are drawn from, worked out by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.assessment import (
    AnswerKind,
    ClaimSeen,
    FilledBy,
    FrameworkRow,
    Light,
    QuestionSeen,
    RiskSeen,
    SectionSeen,
)
from impetus.core.ids import AccountId, IncidentId
from impetus.core.register import EntryState
from impetus.core.retention import Hold, RetentionRun
from impetus.core.reveal import Reveal, RevealState
from impetus.desk.log_reading import LogHealth
from impetus.desk.register_reading import AssessmentView, RegisterRow
from impetus.desk.who_looked import MonthFigures
from impetus.ethics.retention import Action, Start, classes
from impetus.settings import Settings, keep_of
from impetus.web.act_words import WORDS, act_words
from impetus.web.pages import assessment_parts, ethics_panels, frameworks, log, retention
from impetus.web.retention_words import WORDS as WORDS_OF_RETENTION

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MONTH = MonthFigures(reveals=3, identities=0, refusals=41)
ROW = RegisterRow(tool="urban_anomaly", name="Urban Anomaly", covers="16 counters", state=EntryState.RUNNING)
HOLD = Hold(id=1, subject="incident:12", owner="Sigrid", why="a claim", placed_at=AT, until=AT + timedelta(days=9))
REVEAL = Reveal(
    id=1,
    version=1,
    state=RevealState.OPEN,
    subject="camera:c14",
    incident=IncidentId(12),
    asked_by="Kari",
    asked_account=AccountId(1),
    asked_at=AT,
    why="armed person",
    minutes=10,
    good_until=AT + timedelta(minutes=10),
)
QUESTION = QuestionSeen(
    id="description.purpose",
    asks="What for?",
    help="",
    law="GDPR 35",
    filled_by=FilledBy.CITY,
    kind=AnswerKind.TEXT,
    choices=(),
    is_mandatory=True,
)
STATED = ClaimSeen(
    id="council",
    says="The works council agreed.",
    light=Light.GREEN,
    because="",
    stated_by="Ingrid",
    stated_at=AT,
    expires_at=AT + timedelta(days=20),
)
VIEW = AssessmentView(
    tool="urban_anomaly",
    name="Urban Anomaly",
    row=ROW,
    sections=(),
    risks=(),
    frameworks=(),
    signatures=(),
    open_mandatory=0,
    may_answer=True,
    may_sign=False,
    is_officer=False,
)
HEALTH = LogHealth(
    size=100,
    checkpoint_at=AT,
    root_hex="ab",
    witnesses=(),
    pending=0,
    pruned_before=0,
    last_verified_at=None,
    trouble="",
)


def days(*counts: int) -> list[tuple[date, int]]:
    """Return as many days as there are counts."""
    return [(date(2026, 11, 1) + timedelta(days=number), count) for number, count in enumerate(counts)]


def test_a_day_that_stands_out_is_marked_and_named() -> None:
    """Forty among fours is much; the highest bar fills the picture."""
    seen = ethics_panels.looked(MONTH, days(4, 4, 40, 4))
    assert [bar.is_much for bar in seen.bars] == [False, False, True, False]
    assert [bar.height for bar in seen.bars] == [10.0, 10.0, 100.0, 10.0]
    assert (seen.total, seen.most, seen.most_on) == (52, 40, date(2026, 11, 3))


@pytest.mark.parametrize("counts", [(), (0,), (0, 0, 0)])
def test_days_without_any_access_draw_nothing(counts: tuple[int, ...]) -> None:
    """No bar, no day that stands out, and no division by nothing."""
    seen = ethics_panels.looked(MONTH, days(*counts))
    assert (seen.total, seen.most) == (0, 0)
    assert all(bar.height == 0 and not bar.is_much for bar in seen.bars)


def test_few_accesses_never_stand_out() -> None:
    """Nine after quiet days is still work, not a flood."""
    assert not any(bar.is_much for bar in ethics_panels.looked(MONTH, days(0, 0, 9)).bars)


@given(st.lists(st.integers(min_value=0, max_value=10**6), max_size=60))
def test_every_bar_fits_and_one_access_can_be_seen(counts: list[int]) -> None:
    """Heights lie in 0..100, and a day with any access is never invisible."""
    for bar in ethics_panels.looked(MONTH, days(*counts)).bars:
        assert 0 <= bar.height <= 100
        assert (bar.height >= ethics_panels.LOWEST) == (bar.count > 0)


def test_states_are_counted_in_their_own_order() -> None:
    """What runs comes first, what is refused last, and each state is named even at nought."""
    rows = [ROW, replace(ROW, state=EntryState.REFUSED), ROW]
    assert ethics_panels.states(rows) == (
        (EntryState.RUNNING, 2),
        (EntryState.EXERCISE, 0),
        (EntryState.OFF, 0),
        (EntryState.BLOCKED, 0),
        (EntryState.STALE, 0),
        (EntryState.REFUSED, 1),
    )


def test_what_runs_out_comes_soonest_first_and_only_what_is_near() -> None:
    """An open reveal in minutes, a hold in days, a statement in weeks; next year's hold is not shown."""
    far = replace(HOLD, id=2, until=AT + timedelta(days=300))
    section = SectionSeen(id="s", title="S", intro="", questions=(replace(QUESTION, claims=(STATED, STATED)),))
    found = ethics_panels.ending(AT, [far, HOLD], [REVEAL], [replace(VIEW, sections=(section,))])
    assert [each.at for each in found] == [REVEAL.good_until, HOLD.until, STATED.expires_at]
    assert [each.severity for each in found] == ["severe", "moderate", "minor"]


@pytest.mark.parametrize("state", [RevealState.CLOSED, RevealState.DECLINED, RevealState.EXPIRED])
def test_a_reveal_that_is_over_does_not_run_out(state: RevealState) -> None:
    """Only what still waits or is open ends by itself."""
    assert ethics_panels.ending(AT, [], [replace(REVEAL, state=state)], []) == ()


def test_a_section_tells_how_far_it_is() -> None:
    """An answer of the tool counts like one of the city."""
    answered = replace(QUESTION, answer="To send stewards in time.")
    section = SectionSeen(id="s", title="What", intro="", questions=(answered, QUESTION))
    (part,) = assessment_parts.progress([section])
    assert (part.id, part.title, part.done, part.all) == ("s", "What", 1, 2)
    assert assessment_parts.questions([section]) == (answered, QUESTION)


def test_risks_stand_in_their_cell_of_the_grid() -> None:
    """Two aspects may share a cell; one whose questions are open stands nowhere."""
    risks = [
        RiskSeen(aspect="confidentiality", impact="high", probability="medium", level="high"),
        RiskSeen(aspect="integrity", impact="high", probability="medium", level="high"),
        RiskSeen(aspect="availability", impact="", probability="", level=""),
    ]
    drawn = assessment_parts.grid(risks, {"medium": {"high": "high"}})
    cells = {
        (impact, at): cell for impact, row in drawn.rows for at, cell in zip(drawn.probabilities, row, strict=True)
    }
    assert cells["high", "medium"].aspects == ("confidentiality", "integrity")
    assert cells["high", "medium"].level == "high"
    assert sum(len(cell.aspects) for cell in cells.values()) == 2
    assert [impact for impact, _ in drawn.rows] == ["very high", "high", "medium", "low"]


def test_the_bar_of_the_log_adds_up() -> None:
    """Erased, signed and on their way are all of it; an empty log draws nothing."""
    health = replace(HEALTH, pruned_before=25, pending=25)
    assert [(part.name, part.start, part.width) for part in log.parts(health)] == [
        ("dropped", 0.0, 20.0),
        ("taken", 20.0, 60.0),
        ("refused", 80.0, 20.0),
    ]
    assert all(part.width == 0 for part in log.parts(replace(HEALTH, size=0)))


def test_a_run_tells_what_it_did_in_each_store() -> None:
    """Stores in which nothing was due are left out; keys with dots belong to the store before the last one."""
    run = RetentionRun(
        id=1,
        at=AT,
        due=12,
        gone=9,
        held=3,
        by_store={
            "alerts.due": 10,
            "alerts.gone": 7,
            "alerts.held": 3,
            "bus: findings.due": 2,
            "bus: findings.gone": 2,
            "evidence.due": 0,
        },
    )
    found = dict(retention.stores(run))
    assert list(found) == ["alerts", "bus: findings"]
    assert (found["alerts"].due, found["alerts"].gone, found["alerts"].held) == (10, 7, 3)
    assert retention.share_gone(run) == 0.75


@pytest.mark.parametrize("run", [None, RetentionRun(id=1, at=AT)])
def test_nothing_due_is_wholly_gone(run: RetentionRun | None) -> None:
    """A run with nothing to do did all of it."""
    assert retention.share_gone(run) == 1.0


def test_every_word_of_retention_can_be_translated() -> None:
    """Classes, what they are counted from, what then happens and why: all of it and nothing else."""
    shown = {
        word
        for one in classes(keep_of(Settings(home=Path())))
        for word in (one.name, one.start, one.action, one.because)
    }
    assert shown | set(Start) | set(Action) == WORDS_OF_RETENTION


def test_a_duty_says_what_it_asks_and_names_its_law_beside_it() -> None:
    """The law's name in brackets, itself with brackets in it, goes to the source; a row that is no duty stays."""
    duty = FrameworkRow(
        framework="duties",
        id="gdpr.30",
        title="A record of what is processed (and why). (Regulation (EU) 2016/679, article 30)",
        source="article 99(2); applies from 2018-05-25, checked 2026-11-22",
    )
    other = replace(duty, framework="altai", id="altai.1", title="People stay in charge")
    first, second = frameworks.groups([other, duty], {"gdpr.30": date(2018, 5, 25)})
    assert first.rows[0].title == "A record of what is processed (and why)."
    assert first.rows[0].source == "Regulation (EU) 2016/679, article 30, article 99(2)"
    assert first.rows[0].applies_from == date(2018, 5, 25)
    assert (second.rows[0].title, second.rows[0].applies_from) == ("People stay in charge", None)


def test_every_operation_of_the_guard_has_words() -> None:
    """Nobody who asks who looked reads a programmer's name."""
    from impetus.ethics.guard import Operation

    assert [operation for operation in Operation if operation not in WORDS] == []
    assert act_words("somebody.else_did") == "somebody else did"
