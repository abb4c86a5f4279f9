"""Which tools are installed: built-in ones and a third party's are found alike, by entry points of `impetus.tools`.

The value of an entry point is a package that holds `manifest.toml` and a module `tool` with a class `Tool`. A tool that
cannot be read becomes an entry with its fault; it never keeps the others from being found.
"""

import hashlib
import importlib
import importlib.util
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

from impetus.core.errors import Misconfigured, Unknown
from impetus.core.ids import ToolId
from impetus.core.manifest import Manifest, read_manifest
from impetus.core.tool import SensingTool

GROUP = "impetus.tools"
MANIFEST_FILE = "manifest.toml"
DEMONSTRATED: Mapping[str, str] = {"square_posts": "impetus.demo.posts"}
"""Parts of the demonstration that stand in the register like any tool, where the settings name them and nowhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledTool:
    """One entry point. `manifest` is None and `fault` says why when the tool cannot be read; `directory` is its package."""

    id: ToolId
    package: str
    directory: Path | None = None
    manifest: Manifest | None = None
    manifest_hash: str = ""
    fault: str = ""

    def factory(self) -> type[SensingTool]:
        """Import the tool and return its class; `Misconfigured` says what is missing."""
        if self.manifest is None:
            raise Misconfigured(f"tool {self.id} is broken: {self.fault}", value=self.id, remedy="mend or remove it")
        module = importlib.import_module(f"{self.package}.tool")
        found = getattr(module, "Tool", None)
        if not isinstance(found, type):
            raise Misconfigured(
                f"{self.package}.tool has no class Tool",
                value=self.package,
                limit="a class named Tool",
                remedy="write one; see docs/how-to/add-a-tool.md",
            )
        return cast("type[SensingTool]", found)


def installed(named: Collection[str] = ()) -> Mapping[ToolId, InstalledTool]:
    """Return every installed tool by id, sorted; nothing of a tool's own code is run, only its package is looked up.

    The package around a tool's package, when there is one, is imported to look it up. `named` are tools the settings switch
    on: parts of the demonstration among them are found too.
    """
    packages = {entry.name: entry.module for entry in entry_points(group=GROUP)}
    packages = {name: package for name, package in DEMONSTRATED.items() if name in named} | packages
    return {ToolId(name): read_tool(name, packages[name]) for name in sorted(packages)}


def find_tool(tool: str) -> InstalledTool:
    """Return one installed tool, or raise `Unknown` naming those that are."""
    tools = installed([tool])
    found = tools.get(ToolId(tool))
    if found is None:
        raise Unknown(
            f"no tool {tool!r} is installed",
            value=tool,
            limit=", ".join(tools) or "none installed",
            remedy="install its package, or mend the name",
        )
    return found


def read_tool(identity: str, package: str) -> InstalledTool:
    """Read the manifest of the tool in a package; whatever is wrong with it becomes the fault of the entry."""
    directory: Path | None = None
    try:
        directory = _directory(package)
        manifest, text = _manifest(directory, identity)
    except Exception as error:  # noqa: BLE001  # the package around it is imported to find it, and may raise anything
        return InstalledTool(id=ToolId(identity), package=package, directory=directory, fault=str(error) or repr(error))
    return InstalledTool(
        id=ToolId(identity),
        package=package,
        directory=directory,
        manifest=manifest,
        manifest_hash=hashlib.sha256(text.encode()).hexdigest(),
    )


def _directory(package: str) -> Path:
    """Return where a package lies."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured(f"{package} is no package", value=package, remedy="name a package with manifest.toml")
    return Path(spec.submodule_search_locations[0])


def _manifest(directory: Path, identity: str) -> tuple[Manifest, str]:
    """Return the manifest in a package, and its text; it must be that of the tool asked for."""
    text = (directory / MANIFEST_FILE).read_text(encoding="utf-8")
    manifest = read_manifest(text)
    if manifest.id != identity:
        raise Misconfigured(
            f"entry point {identity!r}, manifest {manifest.id!r}",
            value=manifest.id,
            limit=identity,
            remedy="give both one name",
        )
    return manifest, text
