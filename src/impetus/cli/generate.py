"""`impetus generate`: made-up cities, sites and samplers with known truth, to measure tools on."""

import json
from pathlib import Path
from typing import Annotated

import typer

from impetus.cli.say import say_progress
from impetus.generate.city_files import generate_city
from impetus.generate.sites import generate_sites


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Make up data with known truth, to measure tools on.")
    group.command("city")(city)
    group.command("sites")(sites)
    app.add_typer(group, name="generate", rich_help_panel="Check and measure")


Directory = Annotated[Path, typer.Argument(help="Where to write: a directory that is empty or absent.")]
Seed = Annotated[int, typer.Option(help="Everything follows from it: the same seed gives the same files.")]
Json = Annotated[bool, typer.Option("--json", help="Print what was written as one line of JSON.")]


def city(
    directory: Directory,
    *,
    seed: Seed = 0,
    streams: Annotated[int, typer.Option(help="Datastreams, 50..100,000.")] = 10_000,
    weeks: Annotated[int, typer.Option(help="Weeks, 3..52; the first two are for learning, without events.")] = 6,
    json_only: Json = False,
) -> None:
    """Make up a city: streams, weeks of observations, and what really happened in them.

    `impetus evaluate urban_anomaly DIRECTORY` measures the detector on it. Nothing in it was measured anywhere.
    """
    figures = generate_city(directory, seed=seed, streams=streams, weeks=weeks, progress=say_progress)
    typer.echo(json.dumps(figures) if json_only else json.dumps(figures, indent=2))


def sites(
    directory: Directory,
    *,
    seed: Seed = 0,
    count: Annotated[int, typer.Option("--sites", help="Sites, 1..100; one CSV file each.")] = 10,
    weeks: Annotated[int, typer.Option(help="Weeks, 2..52.")] = 7,
    json_only: Json = False,
) -> None:
    """Make up sites of road loops: flow and density every 15 minutes, labelled by the votes of twenty made-up experts.

    `impetus evaluate urban_anomaly DIRECTORY` measures the detector on it. Nothing in it was measured anywhere.
    """
    figures = generate_sites(directory, seed=seed, sites=count, weeks=weeks, progress=say_progress)
    typer.echo(json.dumps(figures) if json_only else json.dumps(figures, indent=2))
