"""Answers, statements and signatures of the register: kept with their history, bounded per question, claim and tool."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.register_schema import REGISTER_ANSWERS, REGISTER_SIGNINGS, REGISTER_STATEMENTS
from impetus.adapters.sql.repository import Repository, unknown
from impetus.core.observation import to_us
from impetus.core.register import Answer, Signing, Statement

ANSWER, STATEMENT, SIGNING = RowCodec(Answer), RowCodec(Statement), RowCodec(Signing)
VERSION = "register.version"
KEPT = 200
"""Struck answers of a question, statements about a claim, signatures of a tool: the newest stay. House rule."""


class SqlRegister(Repository):
    """Fulfils `impetus.ports.register.RegisterRecords`."""

    def answer(self, answer: Answer) -> Answer:
        """Store an answer, strike the one that stood, and return it with its id."""
        table = REGISTER_ANSWERS
        mine = sa.and_(table.c.tool == answer.tool, table.c.question == answer.question)
        self._strike(table, sa.and_(mine, table.c.struck_at.is_(None)), answer.at, answer.who)
        stored = ANSWER.from_row({**ANSWER.to_row(answer), "id": self._add(table, ANSWER.to_row(answer))})
        self._bound(table, mine)
        return stored

    def answers(self, tool: str, *, struck: bool = False) -> Sequence[Answer]:
        """Return the standing answers about a tool, oldest first; those struck through too when asked."""
        wanted = sa.select(REGISTER_ANSWERS).where(REGISTER_ANSWERS.c.tool == tool).order_by(REGISTER_ANSWERS.c.id)
        if not struck:
            wanted = wanted.where(REGISTER_ANSWERS.c.struck_at.is_(None))
        return tuple(ANSWER.from_row(row) for row in self._rows(wanted))

    def state(self, statement: Statement) -> Statement:
        """Store a statement, strike the one about the same claim that stood, and return it with its id."""
        table = REGISTER_STATEMENTS
        mine = sa.and_(table.c.tool == statement.tool, table.c.about == statement.about)
        self._strike(table, sa.and_(mine, table.c.struck_at.is_(None)), statement.at, statement.who)
        row = STATEMENT.to_row(statement)
        stored = STATEMENT.from_row({**row, "id": self._add(table, row)})
        self._bound(table, mine)
        return stored

    def statements(self, tool: str) -> Sequence[Statement]:
        """Return the statements about a tool, struck ones too, oldest first."""
        table = REGISTER_STATEMENTS
        rows = self._rows(sa.select(table).where(table.c.tool == tool).order_by(table.c.id))
        return tuple(STATEMENT.from_row(row) for row in rows)

    def strike_statement(self, statement: int, at: datetime, by: str) -> None:
        """Strike a statement through; `Unknown` when there is none."""
        table = REGISTER_STATEMENTS
        if not self._strike(table, sa.and_(table.c.id == statement, table.c.struck_at.is_(None)), at, by):
            raise unknown("standing statement", statement)

    def sign(self, signing: Signing) -> Signing:
        """Store a signature and return it with its id."""
        row = SIGNING.to_row(signing)
        stored = SIGNING.from_row({**row, "id": self._add(REGISTER_SIGNINGS, row)})
        self._bound(REGISTER_SIGNINGS, REGISTER_SIGNINGS.c.tool == signing.tool)
        return stored

    def signings(self, tool: str) -> Sequence[Signing]:
        """Return the signatures under a tool's entry, withdrawn ones too, oldest first."""
        table = REGISTER_SIGNINGS
        rows = self._rows(sa.select(table).where(table.c.tool == tool).order_by(table.c.id))
        return tuple(SIGNING.from_row(row) for row in rows)

    def withdraw(self, signing: int, at: datetime, by: str, why: str) -> None:
        """Withdraw a signature; `Unknown` when there is none that stands."""
        table = REGISTER_SIGNINGS
        standing = sa.and_(table.c.id == signing, table.c.withdrawn_at.is_(None))
        values = {"withdrawn_at": to_us(at), "withdrawn_by": by, "why": why}
        if not self._connection.execute(sa.update(table).where(standing).values(values)).rowcount:
            raise unknown("standing signature", signing)
        self._count(VERSION, 1)

    def version(self) -> int:
        """Return a number that rises with every change."""
        return self.counted(VERSION)[VERSION]

    def _strike(self, table: sa.Table, which: sa.ColumnElement[bool], at: datetime, by: str) -> int:
        struck = self._connection.execute(
            sa.update(table).where(which).values({"struck_at": to_us(at), "struck_by": by})
        ).rowcount
        if struck:
            self._count(VERSION, 1)
        return struck

    def _bound(self, table: sa.Table, mine: sa.ColumnElement[bool]) -> None:
        """Drop what is beyond the bound, oldest first, count it, and note that something changed."""
        edge = sa.select(table.c.id).where(mine).order_by(table.c.id.desc()).offset(KEPT).limit(1).scalar_subquery()
        dropped = self._connection.execute(sa.delete(table).where(mine, table.c.id <= edge)).rowcount
        if dropped:
            self._count(f"dropped.{table.name}", dropped)
        self._count(VERSION, 1)
