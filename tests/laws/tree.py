"""Read the source tree once, for the laws that look at its shape."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "impetus"
TESTS = ROOT / "tests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Python file: its path from the root, its text and its syntax tree."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Return the path from the root, with slashes."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def code_lines(self) -> int:
        """Count the lines that are not blank."""
        return sum(1 for line in self.text.splitlines() if line.strip())


@cache
def modules(folder: Path) -> tuple[Module, ...]:
    """Return every Python module under a folder, by path."""
    return tuple(
        Module(path=path, text=text, tree=ast.parse(text))
        for path in sorted(folder.rglob("*.py"))
        if "vendor" not in path.parts
        for text in (path.read_text(encoding="utf-8"),)
    )


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of a module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines a function takes, decorators not counted."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` of a name or attribute chain, empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""
