"""How the command line speaks: facts on standard output, progress and errors on standard error."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from impetus.core.errors import ImpetusError


def error_line(error: ImpetusError) -> str:
    """Return an error as one line: what, against which limit, and what would help."""
    limit = f" (allowed: {error.limit})" if error.limit is not None else ""
    remedy = f". To mend it: {error.remedy}" if error.remedy else ""
    return " ".join(f"{error.detail}{limit}{remedy}".split())


def say_error(error: ImpetusError) -> None:
    """Print an error as one line on standard error."""
    from rich.console import Console  # noqa: PLC0415 - help is quicker without it

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[bold red]{error.title}[/]:", end=" ")
    console.print(error_line(error), markup=False)


def say_progress(text: str) -> None:
    """Print one line of progress on standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def show_panel(title: str, rows: Mapping[str, str], *, hint: str = "") -> None:
    """Print a panel of labelled facts on standard output."""
    from rich.console import Console, Group  # noqa: PLC0415 - help is quicker without it
    from rich.panel import Panel  # noqa: PLC0415 - help is quicker without it
    from rich.table import Table  # noqa: PLC0415 - help is quicker without it
    from rich.text import Text  # noqa: PLC0415 - help is quicker without it

    table = Table.grid(padding=(0, 2))
    for label, fact in rows.items():
        table.add_row(Text(label, style="dim"), Text(fact, style="bold", overflow="fold"))
    body = Group(table, Text(f"\n{hint}", style="dim")) if hint else table
    Console(highlight=False).print(Panel(body, title=title, title_align="left", border_style="blue", expand=False))


def show_table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table on standard output."""
    from rich.console import Console  # noqa: PLC0415 - help is quicker without it
    from rich.table import Table  # noqa: PLC0415 - help is quicker without it
    from rich.text import Text  # noqa: PLC0415 - help is quicker without it

    table = Table(*columns, box=None, header_style="dim", pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    Console(highlight=False).print(table)


@contextmanager
def progress_bar(label: str) -> Iterator[Any]:
    """Show a bar on standard error and yield a function that moves it: `move(share, text)`, share 0..1.

    Where standard error is no terminal, one line is printed for every tenth.
    """
    from rich.console import Console  # noqa: PLC0415 - help is quicker without it
    from rich.progress import Progress  # noqa: PLC0415 - help is quicker without it

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(label)
        return
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(label, total=1.0)

        def move(share: float, text: str = "") -> None:
            progress.update(task, completed=share, description=text or label)

        yield move


def _lines(label: str) -> Any:  # noqa: ANN401 - the same shape as the bar's own function
    said = -1

    def move(share: float, text: str = "") -> None:
        nonlocal said
        if int(share * 10) > said:
            said = int(share * 10)
            say_progress(f"{text or label}: {share:.0%}")

    return move
