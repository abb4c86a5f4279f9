"""What is configured in a home: its settings, its register file, and the tools that are installed.

Whatever cannot be read becomes the `fault` of what is returned, so that a broken file stops tools instead of being passed
over. How texts are parsed is handed in, because parsing them is not this layer's.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from impetus.adapters.durable_file import write_durably
from impetus.adapters.installed_tools import InstalledTool, installed
from impetus.core.errors import ImpetusError
from impetus.core.ids import ToolId
from impetus.core.register import Configured, SiteFacts, SiteRegister, ToolPart

ASSESSMENT_FILE = "assessment.toml"
MOST_BYTES = 1 << 20
"""Bytes of a register file read at most; one for a hundred tools has about 60 KiB. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsers:
    """How the three texts are understood: the settings, the register file, a tool's part of its assessment."""

    facts: Callable[[], SiteFacts]
    register: Callable[[str], SiteRegister]
    answers: Callable[[str], Mapping[str, str]]


class HomeConfiguration:
    """Fulfils `impetus.ports.register.Configuration` over the files of one home."""

    def __init__(self, settings_file: Path, register_file: Path, parsers: Parsers) -> None:
        """Remember where to look; nothing is read yet."""
        self._settings_file, self._register_file, self._parsers = settings_file, register_file, parsers
        self._watched: tuple[Path, ...] = (settings_file, register_file)
        self._lock = threading.Lock()
        self._kept: tuple[str, Configured] | None = None

    def read(self) -> Configured:
        """Return what is configured, from memory while no file changed."""
        with self._lock:
            stamp = self.stamp()
            if self._kept is None or self._kept[0] != stamp:
                made = self._read()
                self._kept = self.stamp(), made
            return self._kept[1]

    def stamp(self) -> str:
        """Return size, time and number of each file that matters, as one text."""
        return "|".join(_stamp(file) for file in self._watched)

    def register_text(self) -> str:
        """Return the register file as it is, empty when there is none."""
        try:
            with self._register_file.open("rb") as file:
                return file.read(MOST_BYTES).decode("utf-8")
        except FileNotFoundError:
            return ""

    def write_register(self, text: str) -> None:
        """Replace the register file, whole and durably."""
        self._register_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(self._register_file, text.encode("utf-8"))

    def _read(self) -> Configured:
        """Read everything; the first thing that cannot be read is the fault."""
        try:
            facts = self._parsers.facts()
        except (ImpetusError, OSError) as error:
            self._watch(installed())
            return Configured(site="", switched_on=(), installed={}, fault=f"settings that can be read: {error}")
        tools = installed(facts.switched_on)
        self._watch(tools)
        made = Configured(
            site=facts.site,
            switched_on=facts.switched_on,
            installed={name: self._part(tool, facts) for name, tool in tools.items()},
            days=facts.days,
            is_exercise=facts.is_exercise,
            listens=facts.listens,
        )
        try:
            return replace(made, register=self._parsers.register(self.register_text()))
        except (ImpetusError, OSError, UnicodeDecodeError) as error:
            return replace(made, fault=f"a register file that can be read: {error}")

    def _watch(self, tools: Mapping[ToolId, InstalledTool]) -> None:
        """Remember which files matter: the settings, the register, and what each tool brings."""
        files = [tool.directory / name for tool in tools.values() if tool.directory for name in _FILES]
        self._watched = (self._settings_file, self._register_file, *files)

    def _part(self, tool: InstalledTool, facts: SiteFacts) -> ToolPart:
        """Return what a tool brings; an assessment that cannot be read is its fault and has no answers."""
        settings = facts.settings.get(tool.id, {})
        if tool.manifest is None or tool.directory is None:
            return ToolPart(id=tool.id, settings=settings, fault=tool.fault)
        try:
            file = tool.directory / ASSESSMENT_FILE
            text = file.read_text(encoding="utf-8") if file.exists() else ""
            return ToolPart(id=tool.id, manifest=tool.manifest, answers=self._parsers.answers(text), settings=settings)
        except (ImpetusError, OSError, UnicodeDecodeError) as error:
            return ToolPart(id=tool.id, manifest=tool.manifest, settings=settings, fault=str(error))


_FILES = ("manifest.toml", ASSESSMENT_FILE)


def _stamp(file: Path) -> str:
    """Return what changes when a file does, `-` for one that is not there."""
    try:
        found = file.stat()
    except OSError:
        return "-"
    return f"{found.st_mtime_ns}.{found.st_size}.{found.st_ino}"
