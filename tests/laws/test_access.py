"""Law 6 of the architecture: personal data is read through the desk's access functions, and through nothing else."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from laws.tree import SRC, Module, dotted, functions, modules

READERS = (
    "blobs.get",
    "media.frame",
    "vault.open",
    "class_keys.open",
    "open_sealed",
    "accesses.page",
    "accesses.from_index",
)
"""What gives back evidence, pictures, names behind pseudonyms, and the log's openings."""
PORTS = frozenset({"adapters", "testing", "ports"})
"""Packages that make these readers, or fakes of them: they cannot know who asks."""
EXCUSED = {
    (
        "src/impetus/desk/identities.py",
        "_open",
    ): "what `show` calls, once, after the guard and under the authorisation of two persons",
    (
        "src/impetus/desk/held_cases.py",
        "open_sealed",
    ): "the one opener of the vault, which `_open` above and `reseal` below call",
    (
        "src/impetus/desk/held_cases.py",
        "reseal",
    ): "seals what a hold keeps under the hold's key, byte for byte, and gives nothing out",
    (
        "src/impetus/desk/keep_log.py",
        "_catch_up",
    ): "the keeper of the log makes good a tree that fell behind its own index",
    (
        "src/impetus/desk/retention_reading.py",
        "_logged",
    ): "where the platform's own line about a run stands; the caller asked for retention.read, and the line names nobody",
    ("src/impetus/run/proof.py", "*"): "the proof of erasure looks for its own planted marks, in a trial home",
}
"""Readers elsewhere, each with its reason; the list may only shrink."""


def readers(tree: Iterable[Module]) -> Iterator[tuple[str, str, str]]:
    """Yield each reader outside the access modules: the file, the function, what it reads."""
    for module in tree:
        if PORTS & set(module.path.parts) or _is_access(module.path):
            continue
        for function in functions(module):
            for node in ast.walk(function):
                read = dotted(node)
                if any(read == reader or read.endswith(f".{reader}") for reader in READERS):
                    yield module.name, function.name, read


def bypasses(tree: Iterable[Module]) -> Iterator[str]:
    """Yield the dynamic ways round the law: a port's name spelt as a string."""
    for module in tree:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and dotted(node.func) in {"getattr", "operator.attrgetter", "attrgetter"}:
                words = [each.value for each in node.args if isinstance(each, ast.Constant)]
                if {"blobs", "media", "vault", "accesses"} & set(words):
                    yield f"{module.name}:{node.lineno}"


def unasked(module: Module) -> Iterator[str]:
    """Yield public access functions that ask nobody: neither the guard, nor by holding what people authorised."""
    for function in functions(module):
        if function.name.startswith("access_"):
            asks = {dotted(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
            holds = {argument.arg for argument in function.args.args}
            if not asks & {"permit", "through"} and "authorised" not in holds:
                yield f"{module.name}: {function.name}"


def test_personal_data_has_no_other_reader() -> None:
    """Every reader outside the access modules is in the list above, with its reason."""
    found = {(name, function) for name, function, _ in readers(modules(SRC))}
    excused = {(name, function) for name, function in found if (name, "*") in EXCUSED or (name, function) in EXCUSED}
    assert found - excused == set(), "read it through a function of desk/access*.py"


def test_no_excuse_is_left_over() -> None:
    """An excuse for a reader that is gone would let it come back unseen."""
    found = {(name, function) for name, function, _ in readers(modules(SRC))} | {
        (name, "*") for name, _, _ in readers(modules(SRC))
    }
    assert set(EXCUSED) <= found


def test_nobody_goes_round_by_spelling_a_port_as_a_string() -> None:
    """`getattr(desk, "blobs")` would hide a reader from the syntax tree."""
    assert list(bypasses(modules(SRC))) == []


def test_each_access_function_asks_first() -> None:
    """A function that is trusted to read is worth what it asks."""
    asking = [module for module in modules(SRC) if _is_access(module.path)]
    assert asking
    assert [found for module in asking for found in unasked(module)] == []


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("web/pages/peek.py", "def show(desk):\n    return desk.blobs.get('a')\n"),
        ("desk/peek.py", "class Peek:\n    def look(self):\n        return self._desk.media.frame('c14', None)\n"),
        ("run/peek.py", "def look(desk, unit):\n    return [unit.accesses.page(None), desk.vault.open(b'', b'')]\n"),
        ("cli/peek.py", "def look(desk):\n    get = desk.blobs.get\n    return get('a')\n"),
        ("desk/peek.py", "def look(desk):\n    def inner():\n        return desk.blobs.get('a')\n    return inner\n"),
    ],
)
def test_a_planted_reader_is_found(place: str, text: str) -> None:
    """The law sees a call, a method, several in one line, a reader given another name, and one inside another."""
    assert list(readers([_planted(place, text)]))


def test_a_planted_bypass_and_an_access_function_that_asks_nobody_are_found() -> None:
    """The two smaller laws can fail as well."""
    hidden = _planted("web/peek.py", "def look(desk):\n    return getattr(desk, 'vault').open(b'', b'')\n")
    trusting = _planted("desk/access_peek.py", "def access_peek(desk, actor):\n    return desk.blobs.get('a')\n")
    assert list(bypasses([hidden]))
    assert list(unasked(trusting)) == ["src/impetus/desk/access_peek.py: access_peek"]
    assert list(readers([trusting])) == []


def _is_access(path: Path) -> bool:
    """Say whether a file is one of the access modules."""
    return path.parent.name == "desk" and path.stem.startswith("access")


def _planted(place: str, text: str) -> Module:
    """Return a module that is not there."""
    return Module(path=SRC / place, text=text, tree=ast.parse(text))
