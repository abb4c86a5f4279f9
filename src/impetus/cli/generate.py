"""`impetus generate`: made-up cities, sites and samplers with known truth, to measure tools on."""

import json
from pathlib import Path
from typing import Annotated

import typer

from impetus.cli.say import say_progress
from impetus.generate.air_files import generate_air
from impetus.generate.city_files import generate_city
from impetus.generate.sites import generate_sites


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Make up data with known truth, to measure tools on.")
    group.command("city")(city)
    group.command("sites")(sites)
    group.command("air")(air)
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


def air(
    directory: Directory,
    *,
    seed: Seed = 0,
    samplers: Annotated[int, typer.Option(help="Air samplers, 1..1,000; one CSV file each.")] = 24,
    years: Annotated[float, typer.Option(help="Years, 0.5..10; the first is for learning, without outbreaks.")] = 4.0,
    every_h: Annotated[float, typer.Option(help="Hours between samples, 0.25..168; up to 6 with releases.")] = 24.0,
    outbreaks_per_year: Annotated[float, typer.Option(min=0.0, max=12.0, help="Outbreaks a sampler-year.")] = 2.0,
    faults_per_year: Annotated[float, typer.Option(min=0.0, max=24.0, help="Faults a sampler-year.")] = 4.0,
    json_only: Json = False,
) -> None:
    """Make up air samplers: what they reported over years, with outbreaks, releases in the wind, and faults of every kind.

    `impetus evaluate bacteria DIRECTORY` measures the detector on it. Nothing in it was measured anywhere.
    """
    figures = generate_air(
        directory,
        seed=seed,
        samplers=samplers,
        years=years,
        every_h=every_h,
        progress=say_progress,
        outbreaks_per_year=outbreaks_per_year,
        faults_per_year=faults_per_year,
    )
    typer.echo(json.dumps(figures) if json_only else json.dumps(figures, indent=2))
