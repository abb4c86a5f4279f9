"""Reads the labelled sentences and scores the masks on them. Run this file as a program to write the table anew.

A line is a sentence in which `{kind:words}` marks what points at a person. Recall counts a label found when every one of its
letters and digits lies under masks; precision counts a mask right when it touches a label. Sentences without labels are there
to be left alone.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from impetus.adapters.text_masks import LibraryTextMasks
from impetus.ethics.mask_text import Clues, find

FOLDER = Path(__file__).parent / "text_cases"
DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "masking.md"
LABEL = re.compile(r"\{(?P<kind>[a-z]+):(?P<words>[^}]*)\}")
KINDS = {
    "name": "name",
    "email": "e-mail",
    "handle": "handle",
    "phone": "phone",
    "plate": "plate",
    "id": "identity number",
    "iban": "account",
    "ip": "network address",
    "url": "link",
}
BEGIN, END = "<!-- scores: written by tests/ethics/text_scores.py -->", "<!-- end of scores -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A sentence without its marks, and what they marked: kind, begin, end."""

    language: str
    text: str
    labels: tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class Scores:
    """Counts by kind."""

    labels: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    masks: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def recall(self, kind: str) -> float:
        """Return the share of labels wholly under masks."""
        return self.found[kind] / self.labels[kind]

    def precision(self, kind: str) -> float:
        """Return the share of masks that touch a label."""
        return self.right[kind] / self.masks[kind]


def cases() -> Iterator[Case]:
    """Yield every labelled sentence."""
    for file in sorted(FOLDER.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            text, labels, at = "", [], 0
            for match in LABEL.finditer(line):
                text += line[at : match.start()]
                labels.append((KINDS[match["kind"]], len(text), len(text) + len(match["words"])))
                text += match["words"]
                at = match.end()
            yield Case(language=file.stem, text=text + line[at:], labels=tuple(labels))


def scores(clues: Clues) -> Scores:
    """Return the counts over all sentences."""
    result = Scores()
    for case in cases():
        spans = find(case.text, clues)
        covered = {place for span in spans for place in range(span.start, span.end)}
        for kind, start, end in case.labels:
            is_found = all(place in covered for place in range(start, end) if case.text[place].isalnum())
            result.labels[kind] += 1
            result.found[kind] += is_found
            if not is_found:
                result.missed.append(f"{case.language} {kind}: {case.text[start:end]!r} in {case.text!r}")
        for span in spans:
            is_right = any(start < span.end and span.start < end for _, start, end in case.labels)
            result.masks[span.kind.value] += 1
            result.right[span.kind.value] += is_right
            if not is_right:
                result.wrong.append(f"{case.language} {span.kind.value}: {case.text[span.start : span.end]!r}")
    return result


def table(result: Scores) -> str:
    """Return the table of the documentation."""
    lines = [
        "| kind | labelled | found whole | recall | masks | of them right | precision |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {kind} | {result.labels[kind]} | {result.found[kind]} | {result.recall(kind):.2f} "
        f"| {result.masks[kind]} | {result.right[kind]} | {result.precision(kind):.2f} |"
        for kind in KINDS.values()
    ]
    total = [sum(counter.values()) for counter in (result.labels, result.found, result.masks, result.right)]
    lines.append(
        f"| all | {total[0]} | {total[1]} | {total[1] / total[0]:.2f} | {total[2]} | {total[3]} | {total[3] / total[2]:.2f} |"
    )
    return "\n".join(lines)


def written(result: Scores) -> str:
    """Return the page with the table in its place."""
    page = DOCUMENT.read_text(encoding="utf-8")
    head, rest = page.split(BEGIN)
    return f"{head}{BEGIN}\n{table(result)}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    outcome = scores(LibraryTextMasks())
    sys.stdout.write("\n".join([table(outcome), "missed:", *outcome.missed, "wrong:", *outcome.wrong]) + "\n")
    if DOCUMENT.exists():
        DOCUMENT.write_text(written(outcome), encoding="utf-8")
