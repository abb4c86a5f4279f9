"""The page on lifecycles is drawn from the tables. Run this file as a program to write it anew."""

from collections.abc import Iterator
from pathlib import Path

from impetus.core.action import ACTION_LIFECYCLE
from impetus.core.alert import ALERT_LIFECYCLE
from impetus.core.custody import SAMPLE_LIFECYCLE
from impetus.core.effect import EFFECT_LIFECYCLE
from impetus.core.effects import Step
from impetus.core.hand_over import HAND_OVER_LIFECYCLE
from impetus.core.identity import IDENTITY_LIFECYCLE
from impetus.core.incident import INCIDENT_LIFECYCLE
from impetus.core.lifecycle import Lifecycle
from impetus.core.notice import DELIVERY_LIFECYCLE
from impetus.core.reveal import REVEAL_LIFECYCLE
from impetus.core.situation import OBJECTIVE_LIFECYCLE, TASK_LIFECYCLE
from impetus.core.stop import STOP_LIFECYCLE
from impetus.core.warning import WARNING_LIFECYCLE

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "lifecycles.md"
HEAD = """# Lifecycles

Drawn from the tables in `src/impetus/core/`; a test compares this page with them. To write it anew:
`.venv/bin/python tests/laws/test_lifecycle_docs.py`. What the words mean is explained in
[alerts](../explain/alerts.md).
"""


def _section(lifecycle: Lifecycle) -> Iterator[str]:
    """Yield the diagram, then every cell in words."""
    yield f"\n## {lifecycle.name.capitalize()}\n"
    yield f"```mermaid\n{lifecycle.mermaid()}\n```\n"
    for state in lifecycle.states:
        yield f"### {state}\n"
        yield "| event | becomes | effects, or why not |\n|---|---|---|"
        for event in lifecycle.events:
            cell = lifecycle.table[state, event]
            if isinstance(cell, Step):
                yield f"| {event} | {cell.state} | {', '.join(cell.effects)} |"
            else:
                yield f"| {event} | refused | {cell} |"
        yield ""


def page() -> str:
    """Return the whole page."""
    lines = [
        HEAD,
        *_section(ALERT_LIFECYCLE),
        *_section(INCIDENT_LIFECYCLE),
        *_section(ACTION_LIFECYCLE),
        *_section(STOP_LIFECYCLE),
        *_section(DELIVERY_LIFECYCLE),
        *_section(HAND_OVER_LIFECYCLE),
        *_section(REVEAL_LIFECYCLE),
        *_section(IDENTITY_LIFECYCLE),
        *_section(OBJECTIVE_LIFECYCLE),
        *_section(TASK_LIFECYCLE),
        *_section(EFFECT_LIFECYCLE),
        *_section(WARNING_LIFECYCLE),
        *_section(SAMPLE_LIFECYCLE),
    ]
    return "\n".join(lines).rstrip() + "\n"


def test_the_page_on_lifecycles_says_what_the_tables_say() -> None:
    """A changed table shows in the documentation, or this fails."""
    assert DOCUMENT.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
    DOCUMENT.write_text(page(), encoding="utf-8")
