"""Processes at run time: the supervisor, its children, the host of a tool."""
