"""The layers of the architecture, and what pure code may not touch."""

import ast
import subprocess
import sys

from laws.tree import ROOT, SRC, dotted, modules

PURE = ("core", "ethics", "processes", "desk", "tools")
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.perf_counter",
    "time.sleep",
}
CHANCE = {
    "os.urandom",
    "uuid.uuid4",
    "uuid.uuid1",
    "random.random",
    "random.randint",
    "random.choice",
    "random.shuffle",
}
OUTSIDE = {
    "socket",
    "subprocess",
    "urllib.request",
    "http.client",
    "httpx",
    "requests",
    "aiomqtt",
    "sqlalchemy",
    "asyncio",
    "secrets",
}
FILES_ALLOWED = {"evaluate.py"}
"""An evaluation reads the directory it is pointed at; it never runs inside the platform."""
STANDARD_ONLY = ("ethics", "processes")
CORE_MAY_IMPORT = {"numpy", "impetus"}


def in_layers(names: tuple[str, ...]) -> list:
    """Return the modules of these layers."""
    return [module for module in modules(SRC) if module.path.relative_to(SRC).parts[0] in names]


def test_the_import_contracts_hold() -> None:
    """Import-linter finds no import against the layers declared in pyproject.toml."""
    run = subprocess.run(
        [str(SRC.parents[1] / ".venv/bin/lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]


def test_pure_code_reads_no_clock_and_draws_no_lots() -> None:
    """Core, ethics, processes, desk and tools are handed the time and chance; they never fetch them."""
    found = [
        f"{module.name}:{node.lineno} {dotted(node.func)}"
        for module in in_layers(PURE)
        if module.path.name not in FILES_ALLOWED
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and dotted(node.func) in CLOCKS | CHANCE
    ]
    assert not found


def imported(module_tree: ast.Module) -> set[str]:
    """Return the dotted names a module imports."""
    names: set[str] = set()
    for node in ast.walk(module_tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_pure_code_opens_no_socket_and_starts_no_process() -> None:
    """Core, ethics, processes, desk and tools import nothing that reaches outside."""
    found = [
        f"{module.name} imports {name}"
        for module in in_layers(PURE)
        for name in imported(module.tree)
        if name in OUTSIDE
    ]
    assert not found


def test_the_core_stands_on_the_standard_library_and_numpy() -> None:
    """Core imports the standard library, NumPy and itself; ethics and processes not even NumPy."""
    found = []
    for module in in_layers(("core", *STANDARD_ONLY)):
        own = module.path.relative_to(SRC).parts[0]
        allowed = CORE_MAY_IMPORT if own == "core" else {"impetus"}
        roots = {name.split(".")[0] for name in imported(module.tree)}
        found += [f"{module.name} imports {root}" for root in roots - sys.stdlib_module_names - allowed]
    assert not found


def test_pure_code_opens_no_file() -> None:
    """Core, ethics, processes and the ideas of tools never call open or read a path."""
    found = [
        f"{module.name}:{node.lineno}"
        for module in in_layers(("core", "ethics", "processes", "tools"))
        if module.path.name not in FILES_ALLOWED
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and (
            dotted(node.func) in {"open", "io.open"}
            or dotted(node.func).endswith((".read_text", ".write_text", ".read_bytes", ".write_bytes"))
        )
    ]
    assert not found


def test_the_glue_of_a_tool_is_thin() -> None:
    """No tool.py is longer than 150 lines."""
    thick = {
        module.name: module.code_lines
        for module in in_layers(("tools",))
        if module.path.name == "tool.py" and module.code_lines > 150
    }
    assert not thick


def test_every_tool_has_the_same_inside() -> None:
    """Each built-in tool holds the files of the contract."""
    expected = {
        "manifest.toml",
        "config.py",
        "detect.py",
        "tool.py",
        "explain.py",
        "evaluate.py",
        "card.md",
        "__init__.py",
    }
    for folder in (path for path in (SRC / "tools").iterdir() if path.is_dir() and path.name != "__pycache__"):
        assert expected <= {path.name for path in folder.iterdir()}, folder.name


def test_there_is_no_field_for_a_persons_identity() -> None:
    """No dataclass field or column anywhere names a face, a gait, an emotion, a plate or a score of a person."""
    forbidden = {
        "face",
        "gait",
        "emotion",
        "reid",
        "embedding",
        "plate",
        "ethnicity",
        "intention",
        "person_score",
        "risk_score",
        "mood",
        "stress",
    }
    found = [
        f"{module.name}:{node.lineno} {node.target.id}"
        for module in modules(SRC)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and set(node.target.id.lower().split("_")) & forbidden
    ]
    assert not found
