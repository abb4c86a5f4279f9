"""The conformance suite as the project's own law: `python tests/laws/check_tool.py TOOL…`, all installed ones by default."""

import sys

from impetus.run.tools import installed
from impetus.testing.check_tool import Fault, check_tool

__all__ = ["Fault", "check_tool"]


def main(names: list[str]) -> int:
    """Check tools and print their faults."""
    faults = [(name, fault) for name in names or installed() for fault in check_tool(name)]
    for name, fault in faults:
        sys.stdout.write(f"{name}: {fault.check}: {fault.detail}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
