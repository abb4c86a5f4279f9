"""Each check of a joining tool: silent about fusion, and saying what is wrong with one that is not sound."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from impetus.core.alert import Alert
from impetus.core.finding import Finding
from impetus.core.manifest import Manifest
from impetus.core.observation import Catalogue
from impetus.core.tool import Joined, Raise, Repeat
from impetus.run.tools import InstalledTool, find_tool
from impetus.testing import joiner_checks
from impetus.testing.joiner_checks import JOINING
from impetus.tools.fusion.tool import Tool
from testing.toys import faults

IN_PROCESS = [check for check in JOINING if check.__name__ != "joins_without_the_outside"]
"""All but the one that changes the process it runs in."""


@dataclass(slots=True, kw_only=True)
class Subject:
    """A joining tool under test."""

    installed: InstalledTool
    manifest: Manifest
    catalogue: Catalogue
    digest: str = ""


class Fitted(InstalledTool):
    """Fusion's entry with another class behind it."""

    __slots__ = ("made",)

    def factory(self) -> type:  # type: ignore[override]  # a joining tool is made the same way
        """Return the class under test."""
        return self.made  # type: ignore[no-any-return]  # set below


def subject(kind: type[Tool] = Tool) -> Subject:
    """Return a joining tool under test."""
    found = find_tool("fusion")
    assert found.manifest is not None
    installed = Fitted(id=found.id, package=found.package, directory=found.directory, manifest=found.manifest)
    object.__setattr__(installed, "made", kind)
    return Subject(installed=installed, manifest=found.manifest, catalogue=Catalogue())


@pytest.mark.parametrize("check", IN_PROCESS, ids=lambda check: check.__name__)
def test_fusion_passes(check: object) -> None:
    """So what the other tests find is what they broke."""
    assert faults(check, subject()) == []


def test_the_sample_holds_what_makes_joining_hard() -> None:
    """Repeats, two tools, no place, hostile words, old times, and a fault among anomalies."""
    findings = joiner_checks._findings()
    assert len({finding.tool for finding in findings}) == 2
    assert len({finding.kind for finding in findings}) == 2
    assert {finding.point is None for finding in findings} == {True, False}
    assert any(finding.noticed - finding.began > finding.noticed - findings[0].noticed for finding in findings)
    assert len({finding.key for finding in findings}) == len(findings)


COUNTED: list[int] = []


class Moody(Tool):
    """Scores by how often anybody was asked."""

    def join(self, finding: Finding, recent: Sequence[Alert], *, at: datetime) -> Joined:
        """Join, and count in a place of everybody's."""
        COUNTED.append(1)
        answer = super().join(finding, recent, at=at)
        return replace(answer, alert=replace(answer.alert, score=len(COUNTED) / 1e6))


def test_a_joiner_with_a_memory_of_its_own_is_found() -> None:
    """The same findings must make the same alerts, whoever asked before."""
    found = faults(joiner_checks.joins_deterministically, subject(Moody))
    assert "two instances made different alerts of the same findings" in found
    assert "a pickled instance made different alerts of the same findings" in found


def test_a_joiner_tells_a_digest_for_another_process_to_compare() -> None:
    """The same tool, the same digest; it is what a second hash seed is held against."""
    first, second = subject(), subject()
    for tested in (first, second):
        faults(joiner_checks.joins_deterministically, tested)
    assert first.digest == second.digest != ""


class Meddler(Tool):
    """Empties the list it was handed."""

    def join(self, finding: Finding, recent: Sequence[Alert], *, at: datetime) -> Joined:
        """Join, and take away what was given."""
        answer = super().join(finding, recent, at=at)
        if isinstance(recent, list):
            recent.clear()
        return answer


def test_a_joiner_that_changes_what_it_is_given_is_found() -> None:
    """The alerts it may join to are the desk's."""
    assert faults(joiner_checks.keeps_what_it_is_given, subject(Meddler)) == ["join changed what it was given"]


class Unsteady(Tool):
    """Fingerprints by the words as well."""

    def fingerprint(self, finding: Finding) -> str:
        """Mix in what changes from one repeat to the next."""
        return super().fingerprint(finding) + finding.key


class Blind(Tool):
    """Gives everything one fingerprint."""

    def fingerprint(self, finding: Finding) -> str:
        """Say the same of all."""
        assert finding.key
        return "same"


def test_a_fingerprint_that_is_not_an_identity_is_found() -> None:
    """One identity with several, or several subjects with one."""
    [unsteady] = faults(joiner_checks.has_stable_fingerprints, subject(Unsteady))
    [blind] = faults(joiner_checks.has_stable_fingerprints, subject(Blind))
    assert "has several fingerprints" in unsteady
    assert blind == "different subjects share a fingerprint"


class Alarmist(Tool):
    """Never counts a repeat."""

    def join(self, finding: Finding, recent: Sequence[Alert], *, at: datetime) -> Joined:
        """Make everything news."""
        answer = super().join(finding, recent, at=at)
        return Raise(alert=answer.alert, finding=finding) if isinstance(answer, Repeat) else answer


def test_a_joiner_that_makes_news_of_a_repeat_is_found() -> None:
    """The same thing said again a second later is one alert."""
    [fault] = faults(joiner_checks.never_repeats_a_repeat_as_news, subject(Alarmist))
    assert "became a new alert" in fault
