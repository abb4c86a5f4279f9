"""Which tools are installed: see `adapters/installed_tools.py`, which the wiring reads too."""

from impetus.adapters.installed_tools import GROUP, MANIFEST_FILE, InstalledTool, find_tool, installed, read_tool

__all__ = ["GROUP", "MANIFEST_FILE", "InstalledTool", "find_tool", "installed", "read_tool"]
