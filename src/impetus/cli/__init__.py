"""The command line."""

import typer

app = typer.Typer(no_args_is_help=True, help="Impetus: an open urban-safety platform.", rich_markup_mode="markdown")


@app.callback()
def root() -> None:
    """Run, feed, check and measure an installation."""


def main() -> None:
    """Run the command line."""
    app()
