"""The page on prohibited uses, written from the rules."""

from pathlib import Path

from impetus.ethics.outputs import FOLLOWED, KEPT_UP, LONGEST_TRACK, PICTURE, SHORTEST_VECTOR, VECTOR
from impetus.ethics.prohibited import RULES, SMALL_CELL, SMALLEST_GROUP
from impetus.run.output_guard import TRIES

DOCUMENT = Path(__file__).parents[2] / "docs" / "explain" / "prohibited-uses.md"
HEAD = """# Prohibited uses

Written from the rules in `src/impetus/ethics/prohibited.py`; a test compares this page with them. To write it anew: `make docs`.

Some uses no city may make of this platform, whatever it configures. What a tool takes in, does and gives is read from its
manifest (properties, fields, model, the table `[capabilities]`), its settings, its wiring and its places, in English, Norwegian
and Italian, plain or disguised. Tools are judged with everything that feeds them: two harmless ones wired together may be a
prohibited use. The same judgement stands in the supervisor's plan, in the host of each tool and in the register's gate, and
no setting, variable, option or plugin reaches it (`tests/laws/test_nothing_disables.py`). Red team:
`tests/ethics/red_team.toml`, 64 configurations that must be refused and 30 near the border that must not.

It is no legal advice, and it reads names, not minds: a tool that lies about everything it says of itself meets the second
guard, over what it actually gives.

## Rules
| rule | article | why it is refused | what would be allowed |
|---|---|---|---|
"""
TAIL = f"""
## What leaves a tool
Each finding with its explanation is looked at before it reaches the bus. Refused are lists of {SHORTEST_VECTOR} or more numbers
of length 1 (L2) in values, texts, base64, hexadecimal or a series; pictures inside texts; names of what no tool may give; the same
identifier for two places; and an identifier of a person that lives longer than {LONGEST_TRACK.seconds // 60} minutes. A refusal is
logged without what was refused, people are told once, and at the {TRIES}rd the tool is [stopped](../how-to/stop-something.md).

| rule | article | why |
|---|---|---|
"""


def page() -> str:
    """Return the whole page."""
    rows = [f"| {rule.name} | {rule.article} | {rule.why} | {rule.allowed} |" for rule in (*RULES, SMALL_CELL)]
    outputs = [f"| {each.rule} | {each.article} | {each.why} |" for each in (VECTOR, PICTURE, FOLLOWED, KEPT_UP)]
    assert SMALLEST_GROUP > 1
    return HEAD + "\n".join(rows) + "\n" + TAIL + "\n".join(outputs) + "\n"
