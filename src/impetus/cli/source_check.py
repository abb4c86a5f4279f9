"""`impetus source check`: whether `sources.toml` of a home can be read, and what it declares; nothing is fetched."""

import json
from typing import Annotated

import typer

from impetus.cli.say import show_table
from impetus.cli.serve import DEFAULT_HOME, Home


def check(
    home: Home = DEFAULT_HOME,
    json_only: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Check sources.toml and show what would be read, from where and how often; one wrong line is named."""
    from impetus.adapters.feeds.declared import Fetched  # noqa: PLC0415 - help needs none of it
    from impetus.adapters.feeds.sources_file import read_sources  # noqa: PLC0415 - help needs none of it
    from impetus.run.feed_formats import reader_of  # noqa: PLC0415 - help needs none of it

    facts = []
    for each in read_sources(home):
        reader_of(each)
        origin = each.origin.url if isinstance(each.origin, Fetched) else f"{each.origin.folder}/{each.origin.pattern}"
        facts.append({"id": each.id, "format": each.format, "from": origin, "every_s": each.every_s})
    if json_only:
        typer.echo(json.dumps(facts))
    else:
        show_table(
            ("source", "format", "from", "every s"), [tuple(f"{value}" for value in fact.values()) for fact in facts]
        )
