"""Fusion's figures from a labelled set of findings: whether the right ones are grouped, and only those.

The set is a JSON document `{"findings": [...]}`; each finding has `key`, `tool`, `kind`, `subject`, `began`, `noticed`
(RFC 3339), `severity`, optionally `ended`, `lon`, `lat`, `zone`, and `truth`: the name of what really happened. Findings
with equal `truth` belong into one alert. Grouping is judged by pairs: of all pairs put together, how many belong together
(precision), and of all that belong together, how many were put together (recall).

**Source**: pair counting for clusterings, Rand, Objective criteria for the evaluation of clustering methods, JASA 66
(1971); precision and recall of pairs as in Manning, Raghavan, Schütze, Introduction to Information Retrieval, 16.3.
"""

import json
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from math import comb
from pathlib import Path
from typing import TypeVar

from impetus.core.alert import Alert
from impetus.core.errors import Malformed
from impetus.core.finding import Finding, Kind, Severity
from impetus.core.ids import AlertId, FindingKey, ToolId, ZoneId
from impetus.core.place import Point
from impetus.core.text import Phrase
from impetus.core.tool import Raise
from impetus.tools.fusion import detect
from impetus.tools.fusion.config import Config

_T = TypeVar("_T")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A finding and the name of what really happened."""

    finding: Finding
    truth: str


def evaluate(directory: Path, progress: Progress) -> dict[str, object]:
    """Evaluate fusion on every `*.json` under a directory and return its figures beside the baselines', per set."""
    files = sorted(directory.glob("*.json"))
    if not files:
        raise Malformed(
            f"{directory} holds no labelled set", value=str(directory), limit="*.json", remedy="see the card of fusion"
        )
    figures: dict[str, object] = {}
    for number, file in enumerate(files, 1):
        progress(f"{number} of {len(files)}: {file.name}")
        figures[file.stem] = figures_of(read_labelled(file.read_text(encoding="utf-8")))
    return figures


def figures_of(labelled: Sequence[Labelled], config: Config | None = None) -> dict[str, dict[str, float]]:
    """Return figures of fusion and of three baselines: never join, join equal identities, join all within a window."""
    config = config or Config()
    ordered = sorted(labelled, key=lambda each: (each.finding.noticed, each.finding.key))
    truths = [each.truth for each in ordered]
    findings = [each.finding for each in ordered]
    groupings: dict[str, Sequence[Hashable]] = {
        "fusion": group(config, findings),
        "never_join": range(len(findings)),
        "same_identity": [detect.fingerprint(finding) for finding in findings],
        "all_in_window": _by_window(findings, config.group_s),
    }
    return {name: pair_figures(groups, truths) for name, groups in groupings.items()}


def group(config: Config, findings: Sequence[Finding]) -> list[int]:
    """Return the number of the alert each finding becomes, when nobody acts; findings in the order they were noticed."""
    alerts: dict[int, Alert] = {}
    numbers = []
    for finding in findings:
        newest_first = sorted(alerts.values(), key=lambda alert: alert.id, reverse=True)
        answer = detect.join(config, finding, newest_first, at=finding.noticed)
        number = len(alerts) + 1 if isinstance(answer, Raise) else answer.alert.id
        alerts[number] = replace(answer.alert, id=AlertId(number))
        numbers.append(number)
    return numbers


def pair_figures(groups: Sequence[Hashable], truths: Sequence[str]) -> dict[str, float]:
    """Return precision, recall and F1 over pairs (1.0 where there is no pair to judge), and the number of alerts.

    >>> pair_figures([1, 1, 2, 2], ["a", "a", "a", "b"])["precision"]
    0.5
    """
    together = _pairs(Counter(groups))
    belong = _pairs(Counter(truths))
    right = _pairs(Counter(zip(groups, truths, strict=True)))
    precision = right / together if together else 1.0
    recall = right / belong if belong else 1.0
    total = precision + recall
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / total if total else 0.0,
        "alerts": float(len(set(groups))),
        "findings": float(len(groups)),
        "happenings": float(len(set(truths))),
    }


def read_labelled(text: str) -> list[Labelled]:
    """Parse a labelled set; `Malformed` names the finding and field that is wrong."""
    try:
        items = json.loads(text)["findings"]
        return [_labelled(item) for item in items]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(
            f"not a labelled set: {error!r}", limit='{"findings": [...]}', remedy="see the docstring of evaluate"
        ) from error


def _labelled(item: Mapping[str, str | float]) -> Labelled:
    """Build one labelled finding."""
    point = Point(lon=float(item["lon"]), lat=float(item["lat"])) if "lon" in item else None
    finding = Finding(
        key=FindingKey(str(item["key"])),
        tool=ToolId(str(item["tool"])),
        kind=Kind(str(item["kind"])),
        subject=str(item["subject"]),
        headline=Phrase(template="{subject}", values={"subject": str(item["subject"])}),
        why=Phrase(template=""),
        began=_time(item["began"]),
        noticed=_time(item["noticed"]),
        ended=_time(item["ended"]) if "ended" in item else None,
        severity=Severity(str(item["severity"])),
        point=point,
        zone=ZoneId(str(item["zone"])) if "zone" in item else None,
    )
    return Labelled(finding=finding, truth=str(item["truth"]))


def _time(value: str | float) -> datetime:
    """Return an aware time."""
    at = datetime.fromisoformat(str(value))
    if at.tzinfo is None:
        raise ValueError(f"time {value} has no zone")
    return at


def _by_window(findings: Sequence[Finding], window_s: float) -> list[int]:
    """Return the number of the burst of each finding; a burst ends when nothing was noticed for the window."""
    gaps = [(later.noticed - earlier.noticed).total_seconds() > window_s for earlier, later in pairwise(findings)]
    return [sum(gaps[:position]) for position in range(len(findings))]


def _pairs(counts: Mapping[_T, int]) -> int:
    """Return how many pairs lie within groups of these sizes."""
    return sum(comb(size, 2) for size in counts.values())
