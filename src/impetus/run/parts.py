"""Which parts an installation has: one child process each, with what it may use."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from impetus.core.errors import ImpetusError, Misconfigured
from impetus.core.ids import ToolId
from impetus.core.manifest import Limits, Manifest, Senses, read_manifest
from impetus.settings import Settings

TOOLS_GROUP = "impetus.tools"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One child process: its row on the board, its role, its name for people and its limits.

    `fault` is why it cannot be started at all, empty for a part that can.
    """

    id: ToolId
    role: str
    name: str
    limits: Limits = field(default_factory=Limits)
    fault: str = ""


WEB = Part(id=ToolId("web"), role="web", name="Web", limits=Limits(memory_mib=1024))
KEEPER = Part(
    id=ToolId("keeper"), role="keeper", name="Keeper of history", limits=Limits(memory_mib=2048, silence_s=30.0)
)
INGEST = Part(id=ToolId("ingest"), role="ingest", name="Ingest", limits=Limits(memory_mib=1024))
SIMULATOR = Part(
    id=ToolId("simulator"), role="simulator", name="Simulator", limits=Limits(memory_mib=1024, silence_s=30.0)
)
"""Memory limits are several times what the parts need; they end a leak, they do not steer. House rule."""


def plan_parts(settings: Settings) -> tuple[Part, ...]:
    """Return the parts of this installation in the order they start: who people wait for first, who sends last."""
    tools = [_tool_part(name) for name in settings.tools]
    return (WEB, KEEPER, INGEST, *tools, *((SIMULATOR,) if settings.simulated else ()))


def _tool_part(name: str) -> Part:
    """Return the part of a tool; one that is missing or broken keeps its row and says why."""
    try:
        manifest = find_manifest(name)
    except (ImpetusError, OSError, ImportError) as error:
        return Part(id=ToolId(name), role=f"tool:{name}", name=name, fault=str(error))
    role = "fusion" if manifest.senses is Senses.FINDINGS else f"tool:{name}"
    return Part(id=manifest.id, role=role, name=manifest.name, limits=manifest.limits)


def find_manifest(name: str) -> Manifest:
    """Read the manifest of an installed tool without importing the tool; `Misconfigured` when there is none."""
    entry = _installed().get(name)
    if entry is None:
        raise Misconfigured(
            f"no tool {name!r} is installed",
            value=name,
            limit=", ".join(sorted(_installed())),
            remedy="install its package, or take it out of `tools`",
        )
    spec = importlib.util.find_spec(entry.module)
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured(f"tool {name!r} names no package", value=entry.value, remedy="mend its entry point")
    return read_manifest(Path(spec.submodule_search_locations[0], "manifest.toml").read_text(encoding="utf-8"))


def _installed() -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=TOOLS_GROUP)}
