"""Protocols of the register: what is configured, what was answered, stated and signed, and how a document is written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from impetus.core.assessment import AssessmentDocument
from impetus.core.register import Answer, Configured, Signing, Statement


class RegisterRecords(Protocol):
    """Answers, statements and signatures. Nothing is overwritten: what was corrected is struck through and stays."""

    def answer(self, answer: Answer) -> Answer:
        """Store an answer, strike the one that stood, and return it with its id."""
        ...

    def answers(self, tool: str, *, struck: bool = False) -> Sequence[Answer]:
        """Return the standing answers about a tool (or `site`), oldest first; those struck through too when asked."""
        ...

    def state(self, statement: Statement) -> Statement:
        """Store a statement, strike the one about the same claim that stood, and return it with its id."""
        ...

    def statements(self, tool: str) -> Sequence[Statement]:
        """Return the statements about a tool (or `site`), struck ones too, oldest first."""
        ...

    def strike_statement(self, statement: int, at: datetime, by: str) -> None:
        """Strike a statement through; `Unknown` when there is none."""
        ...

    def sign(self, signing: Signing) -> Signing:
        """Store a signature and return it with its id."""
        ...

    def signings(self, tool: str) -> Sequence[Signing]:
        """Return the signatures under a tool's entry, withdrawn ones too, oldest first."""
        ...

    def withdraw(self, signing: int, at: datetime, by: str, why: str) -> None:
        """Withdraw a signature; `Unknown` when there is none."""
        ...

    def version(self) -> int:
        """Return a number that rises with every change of the three; one cheap look."""
        ...


class Configuration(Protocol):
    """What is configured now: settings, register file, installed tools."""

    def read(self) -> Configured:
        """Return what is configured; what cannot be read becomes its `fault`, so that everything fails closed."""
        ...

    def stamp(self) -> str:
        """Return a text that changes whenever `read` could return something else; costs two looks at files."""
        ...

    def register_text(self) -> str:
        """Return the register file as it is, empty when there is none."""
        ...

    def write_register(self, text: str) -> None:
        """Replace the register file, whole and durably; `NotNow` when there is no room."""
        ...


class Reports(Protocol):
    """Writes an assessment for people and other programs."""

    def html(self, document: AssessmentDocument) -> bytes:
        """Return one self-contained page, printable, without scripts or anything from elsewhere."""
        ...

    def pdf(self, document: AssessmentDocument) -> bytes:
        """Return a PDF."""
        ...

    def cnil(self, document: AssessmentDocument) -> bytes:
        """Return what the PIA tool of the French authority imports (JSON)."""
        ...
