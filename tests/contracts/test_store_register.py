"""What every adapter of the port `Store` promises about answers, statements and signatures: nothing is overwritten."""

from dataclasses import replace

import pytest

from contracts.samples import T0, minutes
from impetus.adapters.sql import register as sql_register
from impetus.adapters.sql.store import SqlStore
from impetus.core.errors import Unknown
from impetus.core.register import Answer, Signing, Statement

ANSWER = Answer(id=0, tool="counter", question="rights.harms", text="none", who="kari", at=T0)
STATEMENT = Statement(
    id=0,
    tool="counter",
    about="dpo.advice",
    text="asked",
    who="kari",
    at=T0,
    expires_at=minutes(60),
    public_key=bytes(32),
    signature=bytes(64),
)
SIGNING = Signing(
    id=0,
    tool="counter",
    officer="kari",
    public_key=bytes(range(32)),
    signature=bytes(range(64)),
    at=T0,
    entry_hash="a" * 64,
    assessment_hash="b" * 64,
    is_exercise=False,
    facts={"purpose": "public_safety", "place": "plass → kai"},
    answers={"rights.harms": "0123456789abcdef"},
)


def test_an_answer_strikes_the_one_before_through(store: SqlStore) -> None:
    """By whom and when; both stay."""
    with store.write() as unit:
        first = unit.register.answer(ANSWER)
        second = unit.register.answer(replace(ANSWER, text="some", who="ola", at=minutes(1)))
    with store.read() as unit:
        assert unit.register.answers("counter") == (second,)
        struck = replace(first, struck_at=minutes(1), struck_by="ola")
        assert unit.register.answers("counter", struck=True) == (struck, second)
        assert unit.register.answers("other") == ()


def test_answers_to_other_questions_stand_beside_each_other(store: SqlStore) -> None:
    """Nor does another tool's answer touch this one."""
    with store.write() as unit:
        for changed in ({"question": "rights.rest"}, {"tool": "other"}, {}):
            unit.register.answer(replace(ANSWER, **changed))
    with store.read() as unit:
        assert [one.question for one in unit.register.answers("counter")] == ["rights.rest", "rights.harms"]


def test_a_statement_comes_back_as_it_was_signed(store: SqlStore) -> None:
    """Every byte, and struck when another takes its place."""
    with store.write() as unit:
        first = unit.register.state(STATEMENT)
        second = unit.register.state(replace(STATEMENT, at=minutes(1), signature=b"\xff" * 64))
    with store.read() as unit:
        assert unit.register.statements("counter") == (
            replace(first, struck_at=minutes(1), struck_by="kari"),
            second,
        )


def test_a_statement_is_struck_once(store: SqlStore) -> None:
    """A second time there is none that stands."""
    with store.write() as unit:
        made = unit.register.state(STATEMENT)
        unit.register.strike_statement(made.id, minutes(2), "ola")
        with pytest.raises(Unknown):
            unit.register.strike_statement(made.id, minutes(3), "ola")
    with store.read() as unit:
        [kept] = unit.register.statements("counter")
        assert (kept.struck_at, kept.struck_by) == (minutes(2), "ola")


def test_a_signature_comes_back_whole_and_is_withdrawn_once(store: SqlStore) -> None:
    """With reason; it stays in the history."""
    with store.write() as unit:
        made = unit.register.sign(SIGNING)
        unit.register.withdraw(made.id, minutes(1), "ola", "the square is rebuilt")
        with pytest.raises(Unknown):
            unit.register.withdraw(made.id, minutes(2), "ola", "again")
    with store.read() as unit:
        [kept] = unit.register.signings("counter")
    assert kept == replace(
        SIGNING, id=made.id, withdrawn_at=minutes(1), withdrawn_by="ola", why="the square is rebuilt"
    )


def test_the_version_rises_with_every_change_and_only_then(store: SqlStore) -> None:
    """The gate looks at it each second."""
    with store.read() as unit:
        seen = [unit.register.version()]
    steps = [
        lambda unit: unit.register.answer(ANSWER),
        lambda unit: unit.register.state(STATEMENT),
        lambda unit: unit.register.sign(SIGNING),
        lambda unit: unit.register.strike_statement(1, minutes(1), "ola"),
        lambda unit: unit.register.withdraw(1, minutes(1), "ola", "why"),
    ]
    for step in steps:
        with store.write() as unit:
            step(unit)
        with store.read() as unit:
            seen.append(unit.register.version())
    assert seen == sorted(set(seen))


def test_the_oldest_go_beyond_the_bound_and_are_counted(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Per question, claim and tool; the newest stay."""
    monkeypatch.setattr(sql_register, "KEPT", 3)
    with store.write() as unit:
        for number in range(5):
            unit.register.answer(replace(ANSWER, text=str(number)))
            unit.register.sign(SIGNING)
        unit.register.answer(replace(ANSWER, question="rights.rest"))
    with store.read() as unit:
        kept = unit.register.answers("counter", struck=True)
        assert [one.text for one in kept] == ["2", "3", "4", "none"]
        assert len(unit.register.signings("counter")) == 3
    assert store.dropped()["register_answers"] == 2
    assert store.dropped()["register_signings"] == 2
