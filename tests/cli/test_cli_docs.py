"""The page on the command line is written from its own help. Run this file as a program to write it anew."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from impetus.cli import COMMANDS, build

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
HEAD = """# The command line

Written from the program's own help; a test compares this page with it. To write it anew:
`.venv/bin/python tests/cli/test_cli_docs.py`.

Facts go to standard output, progress and errors to standard error. An error is one line: what, against which limit, and what
would help; its exit code is in the table of [errors](errors.md), a wrong word on the command line exits with 2.
"""


def _commands(command: Any, words: str) -> Iterator[tuple[str, Any]]:
    """Yield every command under a group, with the words that call it."""
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _commands(inner, f"{words} {name}")
    else:
        yield words, command


def _section(words: str, command: Any) -> Iterator[str]:
    """Yield one command: its call, what it does, its arguments and options."""
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option" and each.name != "help"]
    call = [words, *(_place(each) for each in arguments), *(["[OPTIONS]"] if options else [])]
    yield f"\n## {words.removeprefix('impetus ')}\n\n```sh\n{' '.join(call)}\n```\n"
    yield "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    rows = [f"| `{each.name}` | {each.help} | |" for each in arguments]
    rows += [f"| `{', '.join(each.opts)}` | {each.help} | {_default(each)} |" for each in options]
    if rows:
        yield "\n| | | default |\n|---|---|---|\n" + "\n".join(rows)


def _place(argument: Any) -> str:
    """Return an argument as it stands in a call: in brackets when it may be left out, with dots when there may be more."""
    name = argument.name.upper() + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _default(option: Any) -> str:
    value = option.default
    if value is None or value is False or callable(value):
        return ""
    return f"`{getattr(value, 'value', value)}`"


def page() -> str:
    """Return the whole page."""
    program: Any = typer.main.get_command(build())
    lines = [HEAD]
    for name in COMMANDS:
        for words, command in _commands(program.commands[name], f"impetus {name}"):
            lines += _section(words, command)
    return "\n".join(lines).rstrip() + "\n"


def test_the_page_says_what_the_help_says() -> None:
    """No command, argument or option is missing or described otherwise."""
    assert DOCUMENT.read_text(encoding="utf-8") == page()


def test_every_argument_and_option_has_a_sentence() -> None:
    """Help that leaves a word unexplained is no help."""
    program: Any = typer.main.get_command(build())
    for words, command in _commands(program, "impetus"):
        assert command.help, words
        assert [each.name for each in command.params if not each.help and each.name != "help"] == [], words


if __name__ == "__main__":
    DOCUMENT.write_text(page(), encoding="utf-8")
