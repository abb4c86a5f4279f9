"""Generated pages say what the program says, and nobody has to remember to write them anew."""

from pathlib import Path

import pytest

from impetus.core.actor import Role
from impetus.ethics.guard import GRANTABLE, MATRIX, OPERATIONS, Operation
from laws.generate_docs import PAGES
from laws.roles_page import page
from laws.tree import ROOT


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_a_generated_page_is_what_its_program_writes(document: Path) -> None:
    """A changed table, option or role shows in the documentation, or this fails; `make docs` writes it."""
    assert document.read_text(encoding="utf-8") == PAGES[document]()


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_a_generated_page_says_that_it_is_one(document: Path) -> None:
    """Whoever would mend it by hand is told before."""
    opening = document.read_text(encoding="utf-8")[:600]
    assert "a test compares this page with" in opening
    assert "To write it anew" in opening


def test_make_docs_writes_them() -> None:
    """One command for all of them."""
    assert "tests/laws/generate_docs.py" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_of_the_guard_has_its_row(operation: Operation) -> None:
    """What it is, in a sentence, and whether a token may carry it."""
    [row] = [line for line in page().splitlines() if line.startswith(f"| `{operation}` |")]
    assert OPERATIONS[operation] in row
    assert row.endswith("| ✓ |") == (operation in GRANTABLE)


@pytest.mark.parametrize("role", Role)
def test_every_role_has_its_row_with_its_reason(role: Role) -> None:
    """A role that nobody can look up should not be given to anybody."""
    [row] = [line for line in page().splitlines() if line.startswith(f"| {role} |")]
    assert MATRIX[role].because in row
    assert all(f"`{operation}`" in row for operation in MATRIX[role].may)
