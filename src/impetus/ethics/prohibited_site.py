"""A site's tools as one configuration to be judged: manifests, settings, wiring, and what the register says of places.

Used alike by the supervisor's plan, the host of each tool and the register's gate, so that no two of them can disagree.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from impetus.core.manifest import Manifest, Senses
from impetus.core.register import SiteEntry, ToolPart
from impetus.ethics.prohibited import Component, Configuration, Refusal, judge

JOINERS = frozenset({"fusion"})
"""Tools over findings that join by place and time alone: no identifier travels through them, and the host checks that."""


def judge_tool(
    tool: str, installed: Mapping[str, ToolPart], switched_on: Collection[str], entries: Mapping[str, SiteEntry]
) -> tuple[Refusal, ...]:
    """Return the prohibitions a tool meets, by itself or together with what feeds it and what it feeds."""
    judged = judge(site_configuration(installed, {*switched_on, tool}, entries))
    return tuple(refusal for refusal in judged if tool in refusal.components)


def site_configuration(
    installed: Mapping[str, ToolPart], switched_on: Collection[str], entries: Mapping[str, SiteEntry]
) -> Configuration:
    """Return the tools that are switched on and can be read, with their wiring."""
    parts = {name: installed[name] for name in sorted(switched_on) if name in installed}
    read = {name: part.manifest for name, part in parts.items() if part.manifest is not None}
    return Configuration(
        components=tuple(_component(name, read[name], parts[name], entries.get(name)) for name in read),
        links=tuple(sorted({link for name in read for link in _links(name, read[name], parts[name], read)})),
    )


def _component(name: str, manifest: Manifest, part: ToolPart, entry: SiteEntry | None) -> Component:
    """Return a tool with everything anybody says of it in identifiers."""
    can = manifest.capabilities
    return Component(
        id=name,
        senses=(*sorted(manifest.properties), *manifest.declares.fields, *manifest.personal_data),
        does=(*can.does, manifest.declares.model),
        gives=can.gives,
        settings=tuple(_said(part.settings)),
        recipients=(*manifest.declares.recipients, *(entry.recipients if entry else ())),
        places=entry.place_kinds if entry else (),
        purposes=manifest.purposes,
        smallest_group=can.smallest_group,
    )


def _said(settings: Mapping[str, str | int | float | bool]) -> Iterator[str]:
    """Yield the names of settings that are on, and every text they are set to."""
    for name, value in settings.items():
        if value is not False:
            yield name
        if isinstance(value, str):
            yield value


def _links(name: str, manifest: Manifest, part: ToolPart, read: Mapping[str, Manifest]) -> Iterator[tuple[str, str]]:
    """Yield whose output a tool takes in: by its manifest, by a setting that names a tool, or because it reads findings."""
    values = [value.strip() for value in part.settings.values() if isinstance(value, str)]
    wired = {*manifest.capabilities.takes_from, *(word for value in values for word in value.replace(",", " ").split())}
    if manifest.senses is Senses.FINDINGS and name not in JOINERS:
        wired |= set(read)
    yield from ((start, name) for start in wired & set(read) - {name})


def say(refusals: Sequence[Refusal]) -> str:
    """Say in one line why a configuration is refused, empty for none."""
    return next((f"refused: {each.rule}, {each.article}: {each.why}" for each in refusals), "")
