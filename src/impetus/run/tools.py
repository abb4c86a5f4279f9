"""Which tools are installed: see `adapters/installed_tools.py`, which the wiring reads too."""

from impetus.adapters.installed_tools import (
    DEMONSTRATED,
    GROUP,
    MANIFEST_FILE,
    InstalledTool,
    find_tool,
    installed,
    read_tool,
)

__all__ = ["DEMONSTRATED", "GROUP", "MANIFEST_FILE", "InstalledTool", "find_tool", "installed", "read_tool"]
