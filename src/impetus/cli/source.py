"""`impetus source`: declare sources, see them, give them tokens; worked on in the home directly."""

import json
from pathlib import Path
from typing import Annotated

import typer

from impetus.cli.admin import desk_of
from impetus.cli.say import show_panel, show_table
from impetus.cli.serve import DEFAULT_HOME, Home
from impetus.cli.source_check import check
from impetus.cli.source_look import look
from impetus.core.actor import console
from impetus.core.errors import Malformed, Unknown
from impetus.core.ids import SourceId

source_app = typer.Typer(no_args_is_help=True, help="Declare sources and give them tokens.")
Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    source_app.command("check")(check)
    source_app.command("look")(look)
    app.add_typer(source_app, name="source", rich_help_panel="Feed")


@source_app.command("declare")
def declare_sources(
    file: Annotated[Path, typer.Argument(help="Declaration, TOML or JSON.")],
    home: Home = DEFAULT_HOME,
    json_only: Json = False,
) -> None:
    """Declare a source with its things and datastreams; the same declaration again changes nothing."""
    from impetus.desk.declare_source import declare, read_json, read_toml  # noqa: PLC0415 - help needs none of it

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(f"{file} cannot be read: {error}", value=str(file), remedy="check the path") from error
    declaration = (read_json if file.suffix == ".json" else read_toml)(text)
    with desk_of(home) as desk:
        stored = declare(desk, console(), declaration)
    if json_only:
        numbers = {datastream.key: datastream.id for datastream in stored}
        typer.echo(json.dumps({"source": declaration.source.id, "datastreams": numbers}))
    else:
        rows = [(str(each.id), each.key, each.unit, f"{each.lowest:g} .. {each.highest:g}") for each in stored]
        show_table(("number", "datastream", "unit", "range"), rows)


@source_app.command("list")
def list_sources(home: Home = DEFAULT_HOME, json_only: Json = False) -> None:
    """List sources, when they last spoke, and how their readings fared."""
    with desk_of(home) as desk, desk.store.read() as unit:
        sources, statuses = unit.sources.all(), {status.source: status for status in unit.sources.statuses()}
        datastreams = [datastream.source for datastream in unit.sources.catalogue().datastreams.values()]
    facts = [
        {
            "source": source.id,
            "name": source.name,
            "datastreams": datastreams.count(source.id),
            "seen_at": seen.isoformat(timespec="seconds") if (seen := statuses[source.id].seen_at) else None,
            "counts": {rule.value: number for rule, number in statuses[source.id].counts.items()},
        }
        for source in sources
    ]
    if json_only:
        typer.echo(json.dumps(facts))
        return
    rows = [
        (
            str(fact["source"]),
            str(fact["name"]),
            str(fact["datastreams"]),
            str(fact["seen_at"] or "never"),
            ", ".join(f"{rule} {number:,}" for rule, number in statuses[source.id].counts.items()) or "none",
        )
        for source, fact in zip(sources, facts, strict=True)
    ]
    show_table(("source", "name", "datastreams", "last spoke", "readings"), rows)


@source_app.command("token")
def issue_source_token(
    name: Annotated[str, typer.Argument(help="The source.")],
    may_declare: Annotated[bool, typer.Option("--may-declare", help="Let it declare its own datastreams too.")] = False,
    home: Home = DEFAULT_HOME,
    json_only: Json = False,
) -> None:
    """Issue the token with which a source sends its readings, and print it once."""
    from impetus.desk.tokens import issue  # noqa: PLC0415 - help needs none of it

    operations = ["observations.write", *(["sources.declare"] if may_declare else [])]
    with desk_of(home) as desk:
        with desk.store.read() as unit:
            known = any(source.id == name for source in unit.sources.all())
        if not known and not may_declare:
            raise Unknown(
                f"there is no source {name}",
                value=name,
                limit="declared sources",
                remedy="declare it first, or add --may-declare: it then declares itself",
            )
        token, secret = issue(desk, console(), name, operations, SourceId(name))
    facts = {"id": str(token.id), "source": name, "token": secret}
    if json_only:
        typer.echo(json.dumps(facts))
    else:
        show_panel("Token issued", facts, hint="Shown this once. Send it as: Authorization: Bearer TOKEN")
