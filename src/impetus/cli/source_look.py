"""`impetus source look`: what a recorded body of a feed would become; nothing is declared and nothing is sent."""

import json
import math
from pathlib import Path
from typing import Annotated

import typer

from impetus.cli.say import show_table
from impetus.core.errors import Malformed
from impetus.core.observation import from_us

MOST_SHOWN = 40


def look(
    file: Annotated[Path, typer.Argument(help="A body as it came, such as curl -o saved it.")],
    *,
    form: Annotated[str, typer.Option("--format", help="Its format, as in sources.toml.")],
    zone: Annotated[str, typer.Option(help="Zone of times that state none.")] = "UTC",
    thing: Annotated[str | None, typer.Option(help="What it speaks of, when it does not say so.")] = None,
    prop: Annotated[str | None, typer.Option("--property", help="What it measures, when it does not say so.")] = None,
    sites: Annotated[Path | None, typer.Option(help="Table of sites, for datex2.")] = None,
    json_only: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Show what a recorded body of a feed would become: datastreams, newest readings, and what is left out and why."""
    from impetus.adapters.feeds.declared import Dropped, FeedDeclared  # noqa: PLC0415 - help needs none of it
    from impetus.adapters.feeds.options import Reading  # noqa: PLC0415 - help needs none of it
    from impetus.run.feed_formats import reader_of  # noqa: PLC0415 - help needs none of it

    try:
        body = file.read_bytes()
    except OSError as error:
        raise Malformed(f"{file} cannot be read: {error.strerror}", value=str(file), remedy="check the path") from error
    declared = FeedDeclared(
        id="look", name="look", format=form, origin=Dropped(folder=file.parent, pattern="*"), every_s=60, freshness_s=0,
        how=Reading(zone=zone, thing=thing or file.stem, property=prop or ""), sites=sites,
    )  # fmt: skip
    report = reader_of(declared)(body)
    rows: dict[str, tuple[str, str, str]] = {}
    for stream, at_us, value in zip(
        report.stream.tolist(), report.time_us.tolist(), report.result.tolist(), strict=True
    ):
        told = report.streams[stream]
        shown = "none" if math.isnan(value) else f"{value:g}"
        rows[told.key] = (told.measure.unit, shown, f"{from_us(at_us):%Y-%m-%d %H:%M:%S}")
    if json_only:
        typer.echo(json.dumps({"readings": len(report), "datastreams": rows, "left_out": dict(report.left_out)}))
        return
    show_table(
        ("datastream", "unit", "newest", "at (UTC)"), [(key, *row) for key, row in list(rows.items())[:MOST_SHOWN]]
    )
    typer.echo(f"{len(report)} readings of {len(rows)} datastreams")
    for reason, count in report.left_out.items():
        typer.echo(f"left out: {count} times {reason}")
