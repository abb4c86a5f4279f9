"""Which parts an installation has: one child process each, with what it may use."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from impetus.core.errors import Unknown
from impetus.core.ids import ToolId
from impetus.core.manifest import Limits, Senses
from impetus.core.register import ToolPart
from impetus.ethics.prohibited import Refusal
from impetus.ethics.prohibited_site import judge_tool, say
from impetus.run.tools import DEMONSTRATED, find_tool, installed
from impetus.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One child process: its row on the board, its role, its name for people and its limits.

    `arguments` go to the child as they are; `fault` is why it cannot be started at all, empty for a part that can.
    """

    id: ToolId
    role: str
    name: str
    limits: Limits = field(default_factory=Limits)
    arguments: tuple[str, ...] = ()
    fault: str = ""


WEB = Part(id=ToolId("web"), role="web", name="Web", limits=Limits(memory_mib=1024))
KEEPER = Part(
    id=ToolId("keeper"), role="keeper", name="Keeper of history", limits=Limits(memory_mib=2048, silence_s=30.0)
)
LOG = Part(id=ToolId("log"), role="log", name="Log", limits=Limits(memory_mib=1024, silence_s=30.0))
NOTIFIER = Part(id=ToolId("notifier"), role="notifier", name="Notifier", limits=Limits(memory_mib=1024, silence_s=30.0))
INGEST = Part(id=ToolId("ingest"), role="ingest", name="Ingest", limits=Limits(memory_mib=1024))
SIMULATOR = Part(
    id=ToolId("simulator"), role="simulator", name="Simulator", limits=Limits(memory_mib=1024, silence_s=30.0)
)
EFFECTS = Part(
    id=ToolId("effects"), role="effects", name="City systems", limits=Limits(memory_mib=1024, silence_s=120.0)
)
"""Waits for devices that do not answer, a few seconds each: a part that waits is not silent."""
FEEDS = Part(id=ToolId("feeds"), role="feeds", name="Warnings read in", limits=Limits(memory_mib=1024, silence_s=300.0))
POLLED = Part(
    id=ToolId("polled"), role="polled", name="Sources read in", limits=Limits(memory_mib=1024, silence_s=60.0)
)
BROKER = Part(id=ToolId("broker"), role="call:impetus.run.demo_city:run_broker", name="Broker of the simulated city")
CITY = Part(id=ToolId("city"), role="call:impetus.run.demo_city:run_city", name="Simulated city")
"""Memory limits are several times what the parts need; they end a leak, they do not steer. House rule."""


def plan_parts(settings: Settings, arguments: Sequence[str] = ()) -> tuple[Part, ...]:
    """Return the parts of this installation in the order they start: who people wait for first, who sends last."""
    tools = [_not_prohibited(_tool_part(name), settings) for name in settings.tools]
    parts = (
        WEB,
        KEEPER,
        LOG,
        NOTIFIER,
        *_city_parts(settings),
        INGEST,
        *_polled_parts(settings),
        *tools,
        *((SIMULATOR,) if settings.simulated else ()),
    )
    return tuple(replace(part, arguments=tuple(arguments)) for part in parts)


def _city_parts(settings: Settings) -> tuple[Part, ...]:
    """Return the parts that a declaration of city systems asks for; its text is only looked at here, and read by them."""
    try:
        declared = (settings.home / "effectors.toml").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    simulated = (BROKER, CITY) if settings.simulated and (settings.home / "city" / "port").is_file() else ()
    feeds = (FEEDS,) if re.search(r"^\s*\[\[\s*feed", declared, re.MULTILINE) else ()
    return (*simulated, EFFECTS, *feeds)


def _polled_parts(settings: Settings) -> tuple[Part, ...]:
    """Return the part that reads sources of others when some are declared; the part itself reads what is declared."""
    return (POLLED,) if (settings.home / "sources.toml").is_file() else ()


def _not_prohibited(part: Part, settings: Settings) -> Part:
    """Return the part, with its fault when what it is configured to do is prohibited: it is not even started."""
    refusals = () if part.fault else prohibitions(settings, part.id)
    return replace(part, fault=say(refusals)) if refusals else part


def prohibitions(settings: Settings, tool: str) -> tuple[Refusal, ...]:
    """Return the prohibited uses a tool of this site meets, alone or wired to the others; nothing configurable changes it."""
    switched_on = {*settings.tools, tool}
    parts = {
        str(name): ToolPart(id=str(name), manifest=found.manifest, settings=settings.tool_settings.get(name, {}))
        for name, found in installed(switched_on).items()
        if name in switched_on
    }
    return judge_tool(tool, parts, switched_on, {})


def _tool_part(name: str) -> Part:
    """Return the part of a tool; one that is missing or broken keeps its row and says why."""
    role = f"tool:{name}"
    try:
        tool = find_tool(name)
    except Unknown as error:
        return Part(id=ToolId(name), role=role, name=name, fault=f"{error.detail}; installed: {error.limit}")
    if tool.manifest is None:
        return Part(id=ToolId(name), role=role, name=name, fault=tool.fault)
    if tool.manifest.senses is Senses.POSTS and name not in DEMONSTRATED:
        fault = "nothing feeds posts to tools yet; the demonstration's own part alone has a feed, an invented one"
        return Part(id=tool.id, role=role, name=tool.manifest.name, fault=fault)
    role = {Senses.FINDINGS: "fusion", Senses.POSTS: "posts"}.get(tool.manifest.senses, role)
    return Part(id=tool.id, role=role, name=tool.manifest.name, limits=tool.manifest.limits)
