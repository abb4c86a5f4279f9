"""Read from the syntax tree who builds authorisations, who calls effectors, and what a tool could reach."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import PurePosixPath

from laws.tree import Module, dotted

BUILDER = "desk/decide.py"
"""The only module that builds an authorisation, from what stands in the store."""
DEFINITION = "core/authorised.py"
SPENDERS = frozenset({"desk/perform.py", "desk/identities.py", "desk/reveals.py"})
"""Modules that ask for an authorisation and spend it in the same unit."""
CALLERS = {
    "perform": frozenset({"desk/perform.py", "desk/effects_on_city.py"}),
    "revert": frozenset({"desk/take_back.py"}),
    "hand_over": frozenset({"desk/warning_release.py"}),
}
"""Methods that reach the world, and the modules that call them: an effector, taking back, a warning to its gateway."""
REVERSERS = frozenset({"desk/take_back.py"})
"""Modules that ask for the authorisation to take back; it is built in the builder as every other."""
GATES = frozenset(
    {
        "impetus.ports.effects",
        "impetus.ports.city",
        "impetus.core.authorised",
        "impetus.desk.effects",
        "impetus.desk.effects_on_city",
        "impetus.desk.take_back",
        "impetus.desk.warning_release",
        "impetus.desk.perform",
    }
)
"""What has to do with effects; nothing under `tools/` may come to it, over however many imports."""


def inside(module: Module) -> str:
    """Return a module's path inside the package, `desk/decide.py`."""
    parts = PurePosixPath(module.name).parts
    return "/".join(parts[2:]) if parts[:2] == ("src", "impetus") else module.name


def aliases(tree: ast.Module, name: str) -> set[str]:
    """Return every local name that stands for this imported one, its own included."""
    return {name} | {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == name and alias.asname
    }


def builders(modules: Iterable[Module]) -> Iterator[str]:
    """Yield every place outside the builder that constructs an `Authorised`, names its seal, or copies one by trickery."""
    for module in modules:
        if inside(module) in {BUILDER, DEFINITION}:
            continue
        known = aliases(module.tree, "Authorised")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and _built(node, known):
                yield f"{inside(module)}:{node.lineno} builds an authorisation"
            elif (isinstance(node, ast.Name | ast.Attribute) and dotted(node).endswith("_SEAL")) or (
                isinstance(node, ast.ImportFrom) and any(alias.name == "_SEAL" for alias in node.names)
            ):
                yield f"{inside(module)}:{node.lineno} names the seal"
            elif isinstance(node, ast.Constant) and node.value == "_SEAL":
                yield f"{inside(module)}:{node.lineno} spells the seal"


def _built(call: ast.Call, known: set[str]) -> bool:
    """Say whether a call makes an instance: by name, by subscript, or by `__new__` and its like on it."""
    called = call.func.value if isinstance(call.func, ast.Subscript) else call.func
    last = dotted(called).split(".")[-1]
    if last in known or last == "Authorised":
        return True
    tricks = {"__new__", "__setattr__", "replace", "copy", "deepcopy", "make_dataclass", "getattr", "setattr"}
    return last in tricks and any(
        dotted(argument).split(".")[-1] in known | {"authorised"} for argument in call.args if not _is_text(argument)
    )


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant)


def spenders(modules: Iterable[Module]) -> Iterator[str]:
    """Yield every place outside the spenders that asks for an authorisation."""
    for module in modules:
        here = inside(module)
        asking = set() if here in SPENDERS | {BUILDER} else {"authorise", "authorise_action"}
        asking |= set() if here in REVERSERS | {BUILDER} else {"authorise_reversal"}
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in asking:
                yield f"{here}:{node.lineno} asks for an authorisation"


def effectors(modules: Iterable[Module]) -> Mapping[str, ast.ClassDef]:
    """Return every class that has both `perform` and `is_repeatable`, by where it is: what the port `Effector` is."""
    return {
        f"{inside(module)}:{node.name}": node
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and _names(node) >= {"perform", "is_repeatable"}
    }


def _names(node: ast.ClassDef) -> set[str]:
    """Return the names of a class: methods, attributes of the class and of `self`."""
    return {
        item.name if isinstance(item, ast.FunctionDef) else getattr(item, "attr", getattr(item, "id", ""))
        for item in ast.walk(node)
        if isinstance(item, ast.FunctionDef | ast.Attribute | ast.Name)
    }


def untyped_effectors(modules: Iterable[Module]) -> Iterator[str]:
    """Yield every effector whose `perform` takes anything but one `Authorised[Action]`."""
    for place, node in effectors(list(modules)).items():
        for method in node.body:
            if isinstance(method, ast.FunctionDef) and method.name in {"perform", "revert"}:
                taken = [ast.unparse(each.annotation) if each.annotation else "" for each in method.args.args[1:]]
                extra = method.args.kwonlyargs or method.args.vararg or method.args.kwarg or method.args.posonlyargs
                if taken != ["Authorised[Action]"] or extra:
                    yield f"{place} performs {taken or 'nothing'}"


def callers(modules: Iterable[Module]) -> Iterator[str]:
    """Yield every `.perform(…)` outside the callers, and those in them not given an annotated `Authorised`."""
    for module in modules:
        for function in (node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef)):
            typed = {
                each.arg
                for each in (*function.args.args, *function.args.kwonlyargs)
                if each.annotation is not None and ast.unparse(each.annotation).startswith("Authorised[")
            }
            for node in ast.walk(function):
                if not _is_effect(node):
                    continue
                assert isinstance(node, ast.Call)
                assert isinstance(node.func, ast.Attribute)
                given = [dotted(argument) for argument in node.args[:1]]
                too_many = len(node.args) > (node.func.attr == "hand_over") + 1
                if inside(module) not in CALLERS[node.func.attr]:
                    yield f"{inside(module)}:{node.lineno} calls an effector"
                elif node.keywords or too_many or not given or given[0] not in typed:
                    yield f"{inside(module)}:{node.lineno} gives an effector {', '.join(given) or 'nothing'}"


def _is_effect(node: ast.AST) -> bool:
    """Say whether it is a call of a method that reaches the world; functions called `perform` act by the gates."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLERS


@cache
def imports(module: Module) -> set[str]:
    """Return the modules of ours that a module imports, packages and their members both."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("impetus")}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("impetus"):
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def paths_from_tools(modules: Iterable[Module]) -> Iterator[str]:
    """Yield a chain of imports from each tool's module to what has to do with effects."""
    graph = {_dotted_name(module): imports(module) for module in modules}
    for start in (name for name in graph if name.startswith("impetus.tools.")):
        seen: dict[str, str] = {start: ""}
        queue = [start]
        while queue:
            here = queue.pop(0)
            if here in GATES:
                yield " → ".join(reversed(list(_back(seen, here))))
                break
            for there in sorted(graph.get(here, set()) & (graph.keys() | GATES)):
                if there not in seen:
                    seen[there] = here
                    queue.append(there)


def _back(seen: Mapping[str, str], end: str) -> Iterator[str]:
    while end:
        yield end
        end = seen[end]


def _dotted_name(module: Module) -> str:
    name = "impetus." + inside(module).removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__")
