"""Size and typing figures of the tree, with their limits: what separates admired code from merely useful code."""

import ast
import re

from laws.tree import SRC, TESTS, Module, functions, lines_of, modules

FUNCTION_P90_LINES = 30
MODULE_MAX_LINES = 500
TESTS_PER_SOURCE = 1.0
ANNOTATED_SHARE = 0.98
EVASIVE = re.compile(r"(Manager|Helper|Util|Utils|Info|Processor|Handler)$")
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<codes>[^#]*)")


def percentile_90(values: list[int]) -> int:
    """Return the 90th percentile by nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, round(0.9 * len(ordered)) - 1)]


def test_functions_are_short() -> None:
    """Nine functions in ten take thirty lines or fewer."""
    sizes = [
        (lines_of(function), f"{module.name}:{function.name}")
        for module in modules(SRC)
        for function in functions(module)
    ]
    assert percentile_90([size for size, _ in sizes]) <= FUNCTION_P90_LINES, sorted(sizes)[-8:]


def test_modules_hold_one_idea() -> None:
    """No module, test or source, is longer than 500 lines that are not blank."""
    large = {
        module.name: module.code_lines
        for module in (*modules(SRC), *modules(TESTS))
        if module.code_lines > MODULE_MAX_LINES
    }
    assert not large


def test_there_is_as_much_test_as_source() -> None:
    """Test lines per source line are at least one."""
    source = sum(module.code_lines for module in modules(SRC))
    tests = sum(module.code_lines for module in modules(TESTS))
    assert tests / source >= TESTS_PER_SOURCE, f"{tests} lines of tests for {source} of source"


def test_returns_are_annotated() -> None:
    """At least 98 % of functions, tests included, say what they return."""
    all_functions = [
        function for folder in (SRC, TESTS) for module in modules(folder) for function in functions(module)
    ]
    share = sum(function.returns is not None for function in all_functions) / len(all_functions)
    assert share >= ANNOTATED_SHARE


def test_no_name_is_evasive() -> None:
    """No class calls itself Manager, Helper, Util, Info, Processor or Handler."""
    evasive = [
        f"{module.name}:{node.name}"
        for module in modules(SRC)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and EVASIVE.search(node.name)
    ]
    assert not evasive


def test_no_package_is_a_drawer() -> None:
    """There is no utils, common, helpers or misc: such drawers only grow."""
    drawers = [
        module.name
        for module in modules(SRC)
        if {*module.path.parts, module.path.stem} & {"utils", "common", "helpers", "misc", "util"}
    ]
    assert not drawers


def suppressions_without_reason(module: Module) -> list[str]:
    """Return the lines that silence a check without saying why, on the line itself."""
    return [
        f"{module.name}:{number}"
        for number, line in enumerate(module.text.splitlines(), 1)
        if (found := SUPPRESSION.search(line))
        and not re.search(r" - \S+", found["codes"])
        and "#" not in line[found.end() :]
    ]


def test_silenced_checks_give_a_reason() -> None:
    """Each noqa and each type: ignore in the source says why, after a dash."""
    assert not [place for module in modules(SRC) for place in suppressions_without_reason(module)]


def test_every_test_has_a_sentence() -> None:
    """Each test's docstring is a sentence that says the behaviour."""
    silent = [
        f"{module.name}:{function.name}"
        for module in modules(TESTS)
        for function in functions(module)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]
    assert not silent


def test_no_test_sleeps_to_pass() -> None:
    """No test calls time.sleep or asyncio.sleep: tests wait for conditions, with a limit."""
    sleepers = [
        f"{module.name}:{node.lineno}"
        for module in modules(TESTS)
        if module.path.name.startswith("test_")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr == "sleep"
    ]
    assert not sleepers


def asserts_something(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Say whether a test can fail: an assert, a raises, a called check, or a story's expectation."""
    checks = re.compile(r"assert|raises|check|expect|must|validate|fail|verify|axe")
    return any(
        isinstance(node, ast.Assert | ast.LShift)
        or (isinstance(node, ast.Call) and checks.search(ast.unparse(node.func)) is not None)
        for node in ast.walk(function)
    )


def test_no_test_is_unable_to_fail() -> None:
    """Each test asserts, expects a refusal, or calls a named check."""
    toothless = [
        f"{module.name}:{function.name}"
        for module in modules(TESTS)
        for function in functions(module)
        if function.name.startswith("test_") and not asserts_something(function)
    ]
    assert not toothless
