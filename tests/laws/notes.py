"""Which public functions of the desk change the state, and whether they leave a line in the log: read from the syntax tree."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from laws.tree import Module, dotted

Function = ast.FunctionDef | ast.AsyncFunctionDef
NOTES = frozenset({"note_done", "tally_done", "note_refused"})
"""What leaves a line; `journal.write` and `tally.take` do as well."""


class Desk:
    """The functions of a package and whom each calls; a call is followed to its own module or where the name came from."""

    def __init__(self, tree: Iterable[Module]) -> None:
        """Read every module."""
        self.functions: dict[tuple[str, str], Function] = {}
        self._imports: dict[str, dict[str, str]] = {}
        for module in tree:
            name = module.path.stem
            self._imports[name] = dict(_imports(module.tree))
            for node in ast.walk(module.tree):
                if isinstance(node, Function):
                    self.functions[name, node.name] = node

    def reaches(self, start: tuple[str, str]) -> Iterator[Function]:
        """Yield a function and everything it calls, however deep, within the package."""
        seen, waiting = set[tuple[str, str]](), [start]
        while waiting:
            place = waiting.pop()
            if place in seen or place not in self.functions:
                continue
            seen.add(place)
            yield self.functions[place]
            waiting += self._called(place)

    def writers(self) -> Iterator[tuple[str, str]]:
        """Yield each public function that opens a writing unit, itself or through private ones of its own module."""
        for place, function in self.functions.items():
            if not place[1].startswith("_") and any(_opens(each) for each in self._own(place, function)):
                yield place

    def leaves_a_line(self, place: tuple[str, str]) -> bool:
        """Say whether a function, or one it calls, writes to the log."""
        return any(_notes(function) for function in self.reaches(place))

    def _own(self, place: tuple[str, str], function: Function) -> Iterator[Function]:
        """Yield the function and the private ones of its module that it calls, one step deep."""
        yield function
        for module, name in self._called(place):
            if module == place[0] and name.startswith("_") and (module, name) in self.functions:
                yield self.functions[module, name]

    def _called(self, place: tuple[str, str]) -> list[tuple[str, str]]:
        """Return where the names that a function calls, or hands on, are defined."""
        module, _ = place
        found = []
        for node in ast.walk(self.functions[place]):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            if name:
                found.append((self._imports[module].get(name, module), name))
        return found


def silent(tree: Iterable[Module], excused: Mapping[tuple[str, str], str]) -> list[str]:
    """Return the public functions that change the state and leave no line, those excused aside."""
    desk = Desk(tree)
    return sorted(
        f"{module}.{name}"
        for module, name in desk.writers()
        if not {(module, name), (module, "*")} & excused.keys() and not desk.leaves_a_line((module, name))
    )


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield names imported from a module of the desk, each with the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("impetus.desk."):
            for alias in node.names:
                yield alias.asname or alias.name, str(node.module).rsplit(".", 1)[1]


def _opens(function: Function) -> bool:
    """Say whether a function opens a writing unit."""
    return any(isinstance(node, ast.Call) and dotted(node.func).endswith("store.write") for node in ast.walk(function))


def _notes(function: Function) -> bool:
    """Say whether a function writes to the log."""
    calls = [dotted(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)]
    return any(call.rsplit(".", 1)[-1] in NOTES or call.endswith(("journal.write", "tally.take")) for call in calls)
