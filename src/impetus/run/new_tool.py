"""Write the package of a new tool from the template."""

import re
from pathlib import Path
from string import Template

from impetus.core.errors import Conflict, Malformed
from impetus.core.manifest import TOOL_ID

TEMPLATE = Path(__file__).parent / "template"
ENDING = ".tmpl"


def write_new_tool(name: str, directory: Path) -> list[Path]:
    """Write the package of a tool under `directory` and return its files; it passes the conformance suite as it is.

    `name` is the tool's id; `Malformed` when it is no slug, `Conflict` when the directory is there already.
    """
    if not TOOL_ID.fullmatch(name):
        raise Malformed(
            f"tool id {name!r}",
            value=name,
            limit=TOOL_ID.pattern,
            remedy="use a short lower-case slug such as night_noise",
        )
    if directory.exists():
        raise Conflict(f"{directory} is there already", value=str(directory), remedy="name another directory")
    package = f"impetus_{name}"
    words = {
        "name": name,
        "package": package,
        "distribution": package.replace("_", "-"),
        "title": name.replace("_", " ").capitalize(),
    }
    written = []
    for source in sorted(TEMPLATE.rglob(f"*{ENDING}")):
        place = re.sub(r"\bpackage\b|(?<=test_)package", package, str(source.relative_to(TEMPLATE)))
        target = directory / place.removesuffix(ENDING)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(source.read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
        written.append(target)
    return written
