"""Each check of the suite in this very process: silent about a sound tool, and saying what is wrong with another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

import pytest

from impetus.core.evidence import Evidence
from impetus.core.finding import Finding, Kind, Severity
from impetus.core.ids import DatastreamId, FindingKey, ToolId
from impetus.core.observation import Batch, Catalogue
from impetus.core.text import Phrase
from impetus.core.tool import Setting
from impetus.testing import tool_checks
from impetus.testing.tool_checks import MAX_GLUE_LINES, SENSING
from testing.toys import MANIFEST, Toy, faults, subject

IN_PROCESS = [check for check in SENSING if check.__name__ != "touches_nothing_outside"]
"""All but the one that changes the process it runs in."""


@pytest.mark.parametrize("check", IN_PROCESS, ids=lambda check: check.__name__)
def test_a_sound_tool_passes(tmp_path: Path, check: object) -> None:
    """The toy keeps to every rule, so what the other tests find is what they broke."""
    assert faults(check, subject(tmp_path)) == []


@pytest.mark.parametrize("check", SENSING, ids=lambda check: check.__name__)
def test_every_check_states_its_rule_as_a_demand(check: object) -> None:
    """The first sentence is what the tool must do."""
    sentence = (check.__doc__ or "").partition("\n")[0]
    assert sentence.endswith(".")
    assert sentence[0].isupper()


@pytest.mark.parametrize("name", tool_checks.FILES)
def test_a_file_that_is_missing_is_named(tmp_path: Path, name: str) -> None:
    """A reader knows where to look in every tool."""
    tested = subject(tmp_path)
    (tmp_path / name).unlink()
    assert faults(tool_checks.has_its_files, tested) == [f"{name} is missing"]


@pytest.mark.parametrize(("lines", "found"), [(MAX_GLUE_LINES, 0), (MAX_GLUE_LINES + 1, 1)])
def test_glue_that_grows_is_found(tmp_path: Path, lines: int, found: int) -> None:
    """A hundred and fifty lines are the most."""
    tested = subject(tmp_path)
    (tmp_path / "tool.py").write_text("x = 1\n" * lines)
    assert len(faults(tool_checks.has_its_files, tested)) == found


@pytest.mark.parametrize(("changes", "said"), [({"emits": frozenset()}, "emits.kinds"), ({"purposes": ()}, "purposes")])
def test_a_manifest_without_kinds_or_purposes_is_unsound(
    tmp_path: Path, changes: Mapping[str, object], said: str
) -> None:
    """What a tool emits, and what for, is not left open."""
    tested = subject(tmp_path, manifest=replace(MANIFEST, **changes))  # type: ignore[arg-type]  # the field under test
    [fault] = faults(tool_checks.has_a_sound_manifest, tested)
    assert said in fault


class Careless(Toy):
    """Takes any setting."""

    @classmethod
    def create(cls, settings: Mapping[str, Setting], catalogue: Catalogue) -> Self:
        """Build one, whatever was asked."""
        del settings
        return cls(catalogue)


def test_a_tool_that_takes_any_setting_is_found(tmp_path: Path) -> None:
    """A misspelt setting would look as if it were set."""
    [fault] = faults(tool_checks.refuses_unknown_settings, subject(tmp_path, Careless))
    assert fault == "create accepted the setting no_such_setting"


class Mute(Toy):
    """Says nothing."""

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Listen."""
        super().observe(batch, at=at)
        return ()


def test_a_tool_that_says_nothing_cannot_be_checked(tmp_path: Path) -> None:
    """And is told how to bring input of its own."""
    [fault] = faults(tool_checks.speaks, subject(tmp_path, Mute))
    assert "ship a module sample" in fault


WRONG_FINDINGS = {
    "is of tool other": {"tool": ToolId("other")},
    "is of kind fault, which the manifest does not declare": {"kind": Kind.FAULT},
    "names undeclared datastreams [77]": {"datastreams": (DatastreamId(77),)},
    "only a person calls anything extreme": {"severity": Severity.EXTREME},
}


@pytest.mark.parametrize("said", sorted(WRONG_FINDINGS))
def test_a_finding_a_tool_may_not_make_is_found(tmp_path: Path, said: str) -> None:
    """Another's name, another kind, another's datastreams, or a word that is a person's."""

    class Wrong(Toy):
        def loud(self, which: int, time_us: int, at: datetime) -> Finding:
            return replace(super().loud(which, time_us, at), **WRONG_FINDINGS[said])  # type: ignore[arg-type]

    found = faults(tool_checks.emits_only_what_it_declares, subject(tmp_path, Wrong))
    assert found
    assert all(said in fault for fault in found)


class Meddler(Toy):
    """Writes into what it is given."""

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Change one reading."""
        findings = super().observe(batch, at=at)
        batch.result[:1] = 0.0
        return findings


def test_a_tool_that_writes_into_its_input_is_found(tmp_path: Path) -> None:
    """The next tool would see what this one left."""
    [fault] = faults(tool_checks.leaves_its_input_alone, subject(tmp_path, Meddler))
    assert fault.startswith("observe changed its input at")


def test_a_tool_that_says_something_else_the_second_time_is_found(tmp_path: Path) -> None:
    """State outside the instance makes two of them differ."""
    calls: list[int] = []

    class Moody(Toy):
        def loud(self, which: int, time_us: int, at: datetime) -> Finding:
            calls.append(which)
            return replace(super().loud(which, time_us, at), score=len(calls) / 1e6)

    [fault] = faults(tool_checks.is_deterministic, subject(tmp_path, Moody))
    assert fault == "two instances said different things to the same input"


def test_a_digest_is_told_so_that_another_process_can_be_compared(tmp_path: Path) -> None:
    """The same findings give the same digest, others another."""
    first, second, other = (subject(tmp_path, kind) for kind in (Toy, Toy, Mute))
    for tested in (first, second, other):
        faults(tool_checks.is_deterministic, tested)
    assert first.digest == second.digest != other.digest


def test_keys_that_are_used_twice_are_found(tmp_path: Path) -> None:
    """One key is one noticing: the second would be taken for a resend and lost."""

    class Reusing(Toy):
        def loud(self, which: int, time_us: int, at: datetime) -> Finding:
            return replace(super().loud(which, time_us, at), key=FindingKey("toy:same"))

    [fault] = faults(tool_checks.has_unique_keys, subject(tmp_path, Reusing))
    assert fault.startswith("key toy:same was given")


EXPLANATIONS = {
    "is about another": Evidence(finding=FindingKey("another"), summary=Phrase(template="x")),
    "has no words": None,
    "leaves a gap": Phrase(template="{nobody} was loud"),
    "cannot be sent": Phrase(template="x" * 100_000),
}


@pytest.mark.parametrize("said", sorted(EXPLANATIONS))
def test_an_explanation_nobody_can_use_is_found(tmp_path: Path, said: str) -> None:
    """About something else, empty, with a gap in it, or too large to be sent."""
    instead = EXPLANATIONS[said]

    class Mumbling(Toy):
        def explain(self, finding: Finding) -> Evidence:
            if isinstance(instead, Evidence):
                return instead
            return Evidence(finding=finding.key, summary=instead or Phrase(template=" "))

    found = faults(tool_checks.explains_every_finding, subject(tmp_path, Mumbling))
    assert found
    assert all(said in fault for fault in found)


class Fragile(Toy):
    """Cannot take a batch without readings."""

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Look at the largest, also where there is none."""
        batch.result.max()
        return super().observe(batch, at=at)


def test_a_tool_that_raises_on_hostile_input_is_found(tmp_path: Path) -> None:
    """What it raises comes out of the check, whose runner tells it as a fault."""
    with pytest.raises(ValueError, match="zero-size array"):
        faults(tool_checks.survives_hostile_input, subject(tmp_path, Fragile))


class Believing(Toy):
    """Takes readings of whatever datastream, from whatever time."""

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Remember the newest time, however far ahead."""
        for which, time_us in zip(batch.datastream.tolist(), batch.time_us.tolist(), strict=True):
            if time_us > self.newest_us.get(which, -1) + 10**14:
                self.newest_us[which] = time_us
        return super().observe(batch, at=at)


def test_a_tool_that_one_wild_time_silences_is_found(tmp_path: Path) -> None:
    """A clock gone mad on one sensor must not end what is said about it."""
    tested = subject(tmp_path, Believing)
    assert faults(tool_checks.speaks, tested) == []
    assert faults(tool_checks.survives_hostile_input, tested) == [
        "after hostile input the tool no longer says anything"
    ]


class Forgetful(Toy):
    """Begins anew with each catalogue."""

    def learn(self, catalogue: Catalogue) -> None:
        """Forget."""
        self.__init__(catalogue)  # type: ignore[misc]  # a fault on purpose

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Say the first loud reading of each datastream only."""
        before = set(self.newest_us)
        return [one for one in super().observe(batch, at=at) if not set(one.datastreams) & before]


def test_a_tool_that_forgets_when_the_catalogue_changes_is_found(tmp_path: Path) -> None:
    """Declaring a new sensor must not start everything anew."""
    tested = subject(tmp_path, Forgetful)
    tested = replace(tested, steps=tested.steps[20:])
    assert any("changed what it said" in fault for fault in faults(tool_checks.learns_a_changed_catalogue, tested))


class Unpickled(Toy):
    """Comes back from its snapshot with half of what it knew."""

    def __getstate__(self) -> dict[str, object]:
        return {"catalogue": self.catalogue, "newest_us": {}, "told": 0}

    def loud(self, which: int, time_us: int, at: datetime) -> Finding:
        """Give each finding the number of those said so far."""
        self.told = getattr(self, "told", 0) + 1
        return replace(super().loud(which, time_us, at), score=self.told / 1e6)


def test_a_tool_that_loses_something_in_its_snapshot_is_found(tmp_path: Path) -> None:
    """Killed and started again, it would say something else."""
    [fault] = faults(tool_checks.resumes_from_its_snapshot, subject(tmp_path, Unpickled))
    assert "or different ones" in fault


class Hindsight(Toy):
    """Says only what stays the loudest of its batch."""

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Compare with what comes later in the same batch."""
        findings = super().observe(batch, at=at)
        return findings[-1:] if len(batch) > 6 else findings


def test_a_tool_that_looks_ahead_is_found(tmp_path: Path) -> None:
    """Replayed by the day, it would know in the morning what the evening brings."""
    found = faults(tool_checks.never_looks_ahead, subject(tmp_path, Hindsight))
    assert found
    assert all("with more to come it did not" in fault for fault in found)


def test_what_a_tool_says_to_the_sample_is_asked_once(tmp_path: Path) -> None:
    """The suite takes seconds, not minutes."""
    tested = subject(tmp_path)
    assert tested.findings() is tested.findings()
    assert tested.findings()
