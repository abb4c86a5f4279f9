"""`impetus bench`: measurements of the platform itself, found as modules of `impetus.bench`."""

import json
import pkgutil
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

import impetus.bench
from impetus.cli.say import say_progress, show_table
from impetus.core.errors import Unknown

Measurement = Callable[[Callable[[str], None]], dict[str, Any]]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench", rich_help_panel="Check and measure")(bench)


def bench(
    name: Annotated[str, typer.Argument(help="What to measure; `all` for everything.")],
    json_only: Annotated[bool, typer.Option("--json", help="Print the figures as one line of JSON.")] = False,
) -> None:
    """Measure how fast and how safe the platform is on this machine.

    Progress goes to standard error; the figures come last, on standard output.
    """
    known = names()
    if name != "all" and name not in known:
        raise Unknown(f"no measurement {name!r}", value=name, limit=", ".join([*known, "all"]), remedy="choose one")
    if name == "all":
        figures: dict[str, Any] = {each: _measure(each) for each in known}
    else:
        figures = _measure(name)
    if json_only:
        typer.echo(json.dumps(figures))
    else:
        show_table(("figure", "value"), [(key, _said(value)) for key, value in flat(figures).items()])


def names() -> list[str]:
    """Return the measurements there are: modules of `impetus.bench` with a function `run`."""
    found = sorted(module.name for module in pkgutil.iter_modules(impetus.bench.__path__))
    return [name for name in found if _has_run(name)]


def _has_run(name: str) -> bool:
    """Look into the file instead of importing it: a measurement may need what is not installed."""
    spec = find_spec(f"impetus.bench.{name}")
    return bool(spec and spec.origin and "\ndef run(" in Path(spec.origin).read_text(encoding="utf-8"))


def _measure(name: str) -> dict[str, Any]:
    run: Measurement = import_module(f"impetus.bench.{name}").run
    return run(say_progress)


def flat(figures: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested figures under dotted names.

    >>> flat({"start": {"first_s": 2.5}})
    {'start.first_s': 2.5}
    """
    rows: dict[str, Any] = {}
    for key, value in figures.items():
        rows |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return rows


def _said(value: object) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
